import dataclasses
import inspect
import re
import subprocess
import sys
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

import rag

ROOT = Path(__file__).parent.parent
HEAVY = (
    *("torch", "transformers", "sentence_transformers", "tokenizers", "openvino", "faiss"),
    *("tantivy", "tiktoken", "pypdf", "docx", "trafilatura", "lxml", "ir_measures", "pandas"),
    *("gradio", "typer", "rich", "scipy", "sklearn", "matplotlib", "yaml", "openai", "httpx2"),
)
RECORDS = (rag.Answer, rag.Citation, rag.Document, rag.Hit, rag.Passage, rag.Turn, rag.Unsupported)


def test_the_exports_are_these_and_sorted() -> None:
    assert rag.__all__ == [
        "Answer",
        "Chatbot",
        "Citation",
        "Document",
        "Encoder",
        "ExtractiveGenerator",
        "Generator",
        "Hit",
        "Index",
        "IndexRetriever",
        "LanguageModel",
        "Passage",
        "Retriever",
        "Turn",
        "Unsupported",
        "answer",
        "run_evaluation",
    ]
    assert sorted(rag.__all__) == rag.__all__


def test_every_export_is_there_and_there_is_nothing_else() -> None:
    public = {
        name
        for name in dir(rag)
        if not name.startswith("_") and not isinstance(getattr(rag, name), ModuleType)
    }
    assert public == set(rag.__all__)


def test_what_is_no_export_is_told_as_python_tells_it() -> None:
    with pytest.raises(AttributeError, match="module 'rag' has no attribute 'Chatbott'"):
        rag.Chatbott  # type: ignore[attr-defined]  # noqa: B018


@pytest.mark.parametrize("name", rag.__all__)
def test_every_export_says_what_it_is(name: str) -> None:
    held = getattr(rag, name)
    assert inspect.getdoc(held)
    assert getattr(import_module(held.__module__), name) is held


def loaded_by(code: str) -> set[str]:
    """The packages that a fresh interpreter has loaded after running the code."""
    code += "\nimport sys; print(*sys.modules)"
    found = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT,
        timeout=60,
    )
    return {name.split(".")[0] for name in found.stdout.split()}


@pytest.mark.parametrize(
    "code",
    [
        "import rag",
        "from rag import *",
        "import rag.records, rag.retrieve.retriever, rag.generate.extractive, rag.evaluate",
        "import ui",
    ],
)
def test_importing_loads_nothing_heavy(code: str) -> None:
    assert loaded_by(code) & set(HEAVY) == set()


@pytest.mark.parametrize("record", RECORDS, ids=lambda record: record.__name__)
def test_records_cannot_be_changed_and_have_no_room_for_more(record: type) -> None:
    blank: Any = object.__new__(record)
    for field in dataclasses.fields(record):
        with pytest.raises(dataclasses.FrozenInstanceError):
            setattr(blank, field.name, None)
    assert not hasattr(blank, "__dict__")


PASSAGE = rag.Passage("id", "a.md", 10, 20, "Trams > Costs", "0123456789", "Trams")


def test_a_citation_quotes_its_characters_of_the_document() -> None:
    assert rag.Citation(1, PASSAGE, 12, 15).quote == "234"
    assert rag.Citation(1, PASSAGE, 10, 20).quote == PASSAGE.text


@pytest.mark.parametrize(("start", "end"), [(9, 15), (12, 21), (15, 15), (16, 15), (0, 5)])
def test_a_citation_beyond_its_passage_is_an_error(start: int, end: int) -> None:
    message = f"the cited span must lie within its passage [10, 20), got [{start}, {end})"
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        rag.Citation(1, PASSAGE, start, end)


@pytest.mark.parametrize(
    ("title", "heading", "context"),
    [
        ("Trams", "Trams > Costs", "Trams > Costs"),
        ("Trams", "Costs > 2025", "Trams > Costs > 2025"),
        ("Trams", "", "Trams"),
        ("", "Costs > 2025", "Costs > 2025"),
        ("", "", ""),
        ("Trams", "Trams", "Trams"),
    ],
)
def test_the_context_of_a_passage_says_the_title_once(
    title: str, heading: str, context: str
) -> None:
    assert dataclasses.replace(PASSAGE, title=title, heading=heading).context == context
