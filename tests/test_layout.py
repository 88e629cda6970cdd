"""Where things are: the rooms, what each may import, and what no module does."""

import ast
import importlib.util
import re
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
MODULES = sorted((ROOT / "rag").rglob("*.py"))
SOURCES = [*MODULES, ROOT / "ui.py"]
SCRIPTS = sorted([*(ROOT / "benchmarks").glob("*.py"), *(ROOT / "training").glob("*.py")])

# In the order of the path of a question; a room imports from itself and the ones before it.
ROOMS = (
    "records",
    "ingest",
    "index",
    "read",
    "parts",
    "retrieve",
    "generate",
    "chatbot",
    "evaluate",
    "export",
    "failures",
    "page",
    "blocks",
    "cli",
    "__main__",
)

# What is not of Python itself, and the only rooms that may import it.
OWNERS = {
    "charset_normalizer": {"ingest"},
    "docx": {"ingest"},
    "faiss": {"index"},
    "filelock": {"index", "page", "read"},
    "frontmatter": {"ingest"},
    "gradio": {"blocks"},
    "grpc": {"index"},
    "httpx2": {"generate"},
    "huggingface_hub": {"index"},
    "ir_measures": {"evaluate"},
    "nh3": {"page"},
    "openai": {"generate"},
    "numpy": {"records", "index", "read", "retrieve", "generate", "evaluate"},
    "openvino": {"index"},
    "pymilvus": {"index"},
    "pypdf": {"ingest"},
    "python_multipart": {"page"},
    "rich": {"cli"},
    "safetensors": {"index", "read"},
    "sentence_transformers": {"index"},
    "sentencex": {"ingest"},
    "starlette": {"blocks"},
    "tantivy": {"index"},
    "tiktoken": {"ingest"},
    "tokenizers": {"index", "read"},
    "torch": {"index", "read"},
    "trafilatura": {"ingest"},
    "transformers": {"index", "read"},
    "typer": {"cli"},
    "yaml": {"ingest"},
}


def room(path: Path) -> str:
    """The room of a module: the folder or the file right under ``rag``, or the file itself."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    return parts[1] if parts[0] == "rag" else path.name


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), str(path))


def called(node: ast.AST) -> str:
    """The name of the function that a node calls, as it is written; empty if it calls none."""
    return ast.unparse(node.func) if isinstance(node, ast.Call) else ""


def imports(path: Path) -> Iterator[str]:
    """The full names of all modules that a file imports anywhere, also within functions."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield "." * node.level + (node.module or "")
        elif called(node) in ("importlib.import_module", "__import__"):
            assert isinstance(node, ast.Call)
            yield ast.literal_eval(node.args[0])


def where(path: Path, node: ast.AST) -> str:
    return f"{path.relative_to(ROOT)}:{getattr(node, 'lineno', 0)}"


def test_every_module_is_in_a_room() -> None:
    assert {room(path) for path in MODULES} == {*ROOMS, "__init__"}


@pytest.mark.parametrize("name", ROOMS)
def test_a_room_imports_from_itself_and_the_rooms_before_it(name: str) -> None:
    allowed = {f"rag.{earlier}" for earlier in ROOMS[: ROOMS.index(name) + 1]}
    wrong = [
        f"{path.relative_to(ROOT)}: {module}"
        for path in MODULES
        if room(path) == name
        for module in imports(path)
        if module.split(".")[0] in ("rag", "", "tests", "benchmarks")
        and ".".join(module.split(".")[:2]) not in allowed
    ]
    assert wrong == []


def test_only_the_command_line_starts_the_page() -> None:
    assert {room(path) for path in MODULES if "ui" in imports(path)} == {"cli"}


def test_the_page_of_the_browser_neither_searches_nor_answers_itself() -> None:
    wiring = [ROOT / "ui.py", *(path for path in MODULES if room(path) == "blocks")]
    names = {name for path in wiring for name in imports(path)}
    rooms = {name.split(".")[1] for name in names if name.startswith("rag.")}
    assert rooms & {"retrieve", "generate"} == set()
    assert {"chatbot", "page"} <= rooms


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_nothing_imports_the_whole_package(path: Path) -> None:
    assert [name for name in imports(path) if name == "rag" or name.startswith(".")] == []


def test_every_other_package_has_the_rooms_that_may_import_it() -> None:
    found: dict[str, set[str]] = {}
    for path in SOURCES:
        for name in imports(path):
            package = name.split(".")[0]
            if package not in sys.stdlib_module_names and package not in ("rag", "ui"):
                found.setdefault(package, set()).add(room(path))
    unknown = {package: rooms - OWNERS.get(package, set()) for package, rooms in found.items()}
    assert {package: rooms for package, rooms in unknown.items() if rooms} == {}
    assert OWNERS.keys() - found.keys() == set()


def test_only_the_command_line_prints_and_the_page_tells_its_address() -> None:
    found = {
        room(path)
        for path in SOURCES
        for node in ast.walk(tree(path))
        if called(node) in ("print", "pprint.pprint", "sys.stdout.write", "sys.stderr.write")
    }
    assert found <= {"cli", "ui.py"}
    assert "print" not in [called(node) for node in ast.walk(tree(ROOT / "ui.py"))]


def test_only_the_command_line_and_the_page_read_the_environment() -> None:
    found = [
        where(path, node)
        for path in SOURCES
        if room(path) not in ("cli", "blocks", "ui.py")
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Attribute)
        and ast.unparse(node) in ("os.environ", "os.getenv", "os.putenv")
    ]
    assert found == []


def catches(handler: ast.ExceptHandler) -> set[str]:
    if handler.type is None:
        return {"BaseException"}
    types = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    return {ast.unparse(kind) for kind in types}


# The outermost boundaries of a server, where anything that is left must end.
BOUNDARIES = {ROOT / "rag/page/guard.py", ROOT / "rag/blocks/discreet.py"}


def test_no_error_is_caught_that_was_not_expected() -> None:
    found = []
    for path in SOURCES:
        for node in ast.walk(tree(path)):
            if not isinstance(node, ast.ExceptHandler):
                continue
            last = node.body[-1]
            goes_on = isinstance(last, ast.Raise) and last.exc is None
            if "Exception" in catches(node) or ("BaseException" in catches(node) and not goes_on):
                found.append((path, where(path, node)))
    assert [place for path, place in found if path not in BOUNDARIES] == []
    assert {path for path, _ in found} == BOUNDARIES


def test_no_error_of_any_kind_is_passed_over() -> None:
    found = [
        where(path, node)
        for path in SOURCES
        for node in ast.walk(tree(path))
        if called(node) in ("suppress", "contextlib.suppress")
        and {"Exception", "BaseException"} & set(map(ast.unparse, getattr(node, "args", ())))
    ]
    assert found == []


def test_nothing_is_checked_by_an_assertion_or_left_to_be_done() -> None:
    found = [
        where(path, node)
        for path in SOURCES
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Assert)
        or (isinstance(node, ast.Name) and node.id == "NotImplementedError")
    ]
    assert found == []


def test_nothing_is_read_or_run_that_could_run_anything() -> None:
    unsafe = {"pickle", "marshal", "shelve", "dill", "joblib"}
    assert [str(path) for path in SOURCES if unsafe & set(imports(path))] == []
    calls = {"eval", "exec", "os.system", "yaml.unsafe_load", "torch.load"}
    found = [
        where(path, node)
        for path in SOURCES
        for node in ast.walk(tree(path))
        if called(node) in calls
    ]
    assert found == []


def test_every_script_that_is_named_is_there() -> None:
    named = {
        name
        for path in SOURCES
        for name in re.findall(r"\bbenchmarks/\w+\.py\b", path.read_text(encoding="utf-8"))
    }
    assert sorted(name for name in named if not (ROOT / name).is_file()) == []


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_script_imports_what_is_there(path: Path) -> None:
    missing = [
        f"{node.module}.{name.name}"
        for node in ast.walk(tree(path))
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("rag")
        for name in node.names
        if not hasattr(importlib.import_module(node.module or ""), name.name)
        and importlib.util.find_spec(f"{node.module}.{name.name}") is None
    ]
    assert missing == []


def test_a_module_is_named_for_what_it_holds() -> None:
    vague = {"utils", "util", "helpers", "common", "misc", "manager", "base", "info", "process"}
    assert [str(path) for path in SOURCES if vague & set(path.with_suffix("").parts)] == []


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_module_says_what_it_holds(path: Path) -> None:
    assert ast.get_docstring(tree(path))
