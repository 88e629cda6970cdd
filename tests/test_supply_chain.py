"""What is installed: pinned, hashed, licensed, and nothing in it that runs what it reads."""

import ast
import importlib.util
import re
import tomllib
from collections.abc import Callable, Iterator
from importlib.metadata import PackageNotFoundError, requires, version
from pathlib import Path
from types import ModuleType

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from rag.index.encoder import SentenceEncoder

ROOT = Path(__file__).parents[1]


def pins(name: str) -> dict[str, str]:
    """The version of each package that a file of requirements pins."""
    found = re.findall(
        r"^([\w.-]+)==([\w.!+]+)", (ROOT / name).read_text(encoding="utf-8"), re.MULTILINE
    )
    return {canonicalize_name(package): pinned for package, pinned in found}


def installed(*extras: str) -> dict[str, str]:
    """The packages that the project needs here, directly or not, with their versions."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    waiting = [*map(Requirement, project["dependencies"])]
    for extra in extras:
        waiting += map(Requirement, project["optional-dependencies"][extra])
    found: dict[str, str] = {}
    seen: set[tuple[str, str]] = set()
    while waiting:
        wanted = waiting.pop()
        name = canonicalize_name(wanted.name)
        for extra in ("", *wanted.extras):
            if (name, extra) not in seen:
                seen.add((name, extra))
                found[name] = version(name)
                waiting += (
                    part
                    for part in map(Requirement, requires(name) or [])
                    if part.marker is None or part.marker.evaluate({"extra": extra})
                )
    return found


def test_every_package_that_is_installed_is_pinned() -> None:
    extras = ("test", "bench")
    try:
        needed = installed(*extras)
    except PackageNotFoundError:  # without what only benchmarks need
        needed = installed("test")
    pinned = pins("constraints.txt")
    unpinned = {name for name, found in needed.items() if found.split("+")[0] != pinned.get(name)}
    assert len(needed) > 80
    assert unpinned <= {"footnote-rag"}  # whose test extra asks for another extra


def test_the_lock_holds_every_package_of_an_installation_as_it_is_pinned() -> None:
    locked, pinned = pins("requirements.lock"), pins("constraints.txt")
    assert installed().keys() <= locked.keys()
    assert {name: pinned.get(name) for name in locked} == locked


def test_every_package_of_the_lock_has_its_hashes_and_no_place_to_come_from() -> None:
    text = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    entries = re.split(r"\n(?=[A-Za-z])", text[text.index("\nannotated") :].strip())
    assert len(entries) == len(pins("requirements.lock"))
    for entry in entries:
        first, *hashes = entry.splitlines()
        assert hashes, first
        assert all(re.fullmatch(r"    --hash=sha256:[0-9a-f]{64}( \\)?", line) for line in hashes)
    for word in ("://", "--index", "--find-links", "--extra"):
        assert word not in text


@pytest.fixture(scope="module")
def licences() -> ModuleType:
    spec = importlib.util.spec_from_file_location("licences", ROOT / ".ci" / "licences.py")
    if spec is None or spec.loader is None:
        raise RuntimeError("the script is missing")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def rows() -> Iterator[tuple[str, str]]:
    text = (ROOT / "LICENCES.md").read_text(encoding="utf-8")
    yield from re.findall(r"^\| ([a-z0-9.-]+) \| (.+) \|$", text, re.MULTILINE)


def test_every_package_of_the_lock_has_its_licence_in_the_list(licences: ModuleType) -> None:
    listed = dict(rows())
    assert listed.pop("package") == "licence"
    assert listed.keys() == pins("requirements.lock").keys()
    for name in installed():
        assert listed[name].removesuffix(r" **\***") == licences.licence(name)


def test_what_is_not_permissive_is_marked(licences: ModuleType) -> None:
    marked = {name for name, licence in rows() if licence.endswith(r" **\***")}
    assert {"certifi", "orjson", "tqdm", "nvidia-cublas"} <= marked
    for name, licence in rows():
        if name != "package":
            assert licences.is_permissive(licence) == (name not in marked), name
    assert not any("GPL" in licence for name, licence in rows() if " OR " not in licence)


def test_no_code_that_comes_with_a_model_is_run_and_no_pickle_read() -> None:
    given: dict[str, set[str]] = {}
    for path in (ROOT / "rag").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.keyword) and node.arg == "trust_remote_code":
                given.setdefault(node.arg, set()).add(ast.unparse(node.value))
            if isinstance(node, ast.Dict):
                for key, value in zip(node.keys, node.values, strict=True):
                    if isinstance(key, ast.Constant) and key.value == "use_safetensors":
                        given.setdefault(key.value, set()).add(ast.unparse(value))
    assert given == {"trust_remote_code": {"False"}, "use_safetensors": {"True"}}


def test_a_model_that_brings_its_own_code_does_not_run_it(
    make_model: Callable[..., Path], tmp_path: Path
) -> None:
    model, mark = make_model(), tmp_path / "mark"
    (model / "evil.py").write_text(f"open({str(mark)!r}, 'w')\nclass Transformer: ...\n")
    modules = model / "modules.json"
    modules.write_text(
        re.sub(r'"type": "[\w.]+Transformer"', '"type": "evil.Transformer"', modules.read_text())
    )
    assert "evil.Transformer" in modules.read_text()
    with pytest.raises((ValueError, ImportError)):
        SentenceEncoder(str(model))
    assert not mark.exists()


def test_pickled_weights_are_not_read(make_model: Callable[..., Path]) -> None:
    import torch

    model = make_model()
    (weights,) = model.rglob("*.safetensors")
    torch.save({}, weights.with_name("pytorch_model.bin"))
    weights.unlink()
    with pytest.raises(ValueError, match=r"must hold \.safetensors weights"):
        SentenceEncoder(str(model))
