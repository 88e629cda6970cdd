import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from rag.index import default_folder

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_the_first_example_prints_what_it_says(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    lend_models: Callable[[Path], None],
) -> None:
    shutil.copytree(ROOT / "corpus", tmp_path / "corpus")
    lend_models(default_folder(tmp_path / "corpus"))
    monkeypatch.chdir(tmp_path)
    (example, *_) = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
    exec(compile(example, "README.md", "exec"), {})
    printed = capsys.readouterr().out.splitlines()
    told = re.findall(r"^print\(.*\)  # (.*)$", example, re.MULTILINE)
    for line, comment in zip((printed[0], printed[2]), (told[0], told[2]), strict=True):
        assert re.fullmatch(re.escape(comment).replace("…", ".*"), line)
    assert printed[1] in (ROOT / "corpus/pakistan-china-sodium-ion-batteries.md").read_text("utf-8")


def test_the_tests_are_run_by_the_second_command() -> None:
    commands = re.findall(r"```sh\n(.*?)\n```", README, re.DOTALL)
    assert len(commands) == 2
    assert all("-c constraints.txt" in command for command in commands)
    assert commands[0].endswith("python ui.py")
    assert commands[1].endswith("pytest")


def test_every_picture_of_the_readme_is_there() -> None:
    pictures = re.findall(r"!\[[^\]]+\]\(([^)]+)\)", README)
    assert pictures
    assert [name for name in pictures if not (ROOT / name).is_file()] == []
