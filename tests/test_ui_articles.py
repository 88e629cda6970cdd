"""People bring their own articles, in a browser. One server answers all tests."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from rag.page import wording
from rag.page.folder import private_folder
from tests.serving import SIZE, serve_quotations
from tests.test_ui import Visit, in_browser, visit

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Dialog

PIKE = "Where do pike live?"


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path]]:
    folder = tmp_path_factory.mktemp("added")
    with serve_quotations(folder) as address:
        yield address, folder


@pytest.fixture
def come(browser: Browser, served: tuple[str, Path]) -> Iterator[Callable[[], Visit]]:
    """Bring somebody to the page, which asks for nothing outside and complains of nothing."""
    address, _ = served
    people: list[Visit] = []

    def bring() -> Visit:
        people.append(visit(browser, address, viewport=SIZE))
        people[-1].page.wait_for_selector("#panel .articles")
        return people[-1]

    yield bring
    for each in people:
        each.page.context.close()
        assert each.outside == []
        # What Gradio's field for files says of a method that it has not.
        assert [text for text in each.complaints if text != "Method not implemented."] == []


def write(folder: Path, name: str, text: str) -> str:
    path = folder / name
    path.write_text(text)
    return str(path)


def turn_to(seen: Visit, view: str) -> None:
    seen.page.click(f'button[role="tab"][data-tab-id="{view}"]')


def add(seen: Visit, *paths: str) -> list[str]:
    """Add files, and return what the page says of each."""
    turn_to(seen, "articles")
    seen.page.set_input_files("#drop input[type=file]", list(paths))
    seen.page.wait_for_selector("#outcome .outcomes:not(.busy)")
    return [" ".join(text.split()) for text in seen.page.locator("#outcome li").all_inner_texts()]


def titles(seen: Visit) -> list[str]:
    return seen.page.locator("#library .title").all_inner_texts()


@pytest.mark.slow
@in_browser
def test_what_a_person_adds_answers_this_person_alone(
    tmp_path: Path, come: Callable[[], Visit]
) -> None:
    ann, ben = come(), come()
    said = add(
        ann,
        write(tmp_path, "lake.md", "# The lake\n\nPike live in the lake."),
        write(tmp_path, "broken.pdf", "no pdf"),
        write(tmp_path, "empty.txt", ""),
    )
    assert said[0] == "lake.md ready: 1 passage"
    assert said[1].startswith("broken.pdf skipped: ")
    assert said[2] == f"empty.txt skipped: {wording.EMPTY_FILE}"
    ann.page.wait_for_selector("#library button.remove")
    assert titles(ann) == ["The lake", "The river", "The wood"]
    turn_to(ann, "chat")
    assert ann.ask(PIKE, 1) == "Pike live in the lake. 1"
    ann.page.click("#answer-1 a.cite")
    ann.page.wait_for_selector("#panel .reader")
    assert ann.page.inner_text("#cited") == "Pike live in the lake."
    assert "yours/lake.md" in ann.page.inner_text("#panel .about")

    assert "Pike" not in ben.ask(PIKE, 1)
    assert "lake" not in ben.page.inner_text("#panel")
    turn_to(ben, "articles")
    assert titles(ben) == ["The river", "The wood"]
    assert ben.page.locator("#library button.remove").count() == 0
    assert ben.page.locator("#scope").count() == 0


@pytest.mark.slow
@in_browser
def test_only_ones_own_articles_can_be_asked_and_they_can_be_removed(
    tmp_path: Path, come: Callable[[], Visit]
) -> None:
    ann = come()
    page = ann.page
    add(ann, write(tmp_path, "lake.md", "Pike live in the lake."))
    turn_to(ann, "chat")
    assert ann.ask("How old is the wood?", 1) == "The wood is old. 1"
    page.click(f"#scope label:has-text('{wording.SCOPE_OWN}')")
    assert ann.ask("How old is the wood?", 2) == "Pike live in the lake. 1"
    turn_to(ann, "articles")
    page.click("#library button.remove")
    page.wait_for_selector(f"text={wording.REMOVED.format(file='yours/lake.md')}")
    page.wait_for_selector(f"text={wording.YOURS_NONE}")
    turn_to(ann, "chat")
    page.wait_for_selector("#scope", state="detached")
    assert ann.ask("How old is the wood?", 3) == "The wood is old. 1"
    page.click("#answer-2 a.cite")  # its article is gone, the passage is still there
    page.wait_for_selector("#panel .reader")
    assert wording.CHANGED in page.inner_text("#panel")
    assert page.inner_text("#cited") == "Pike live in the lake."


@pytest.mark.slow
@in_browser
def test_what_is_kept_answers_everybody_and_is_deleted_only_when_that_is_confirmed(
    tmp_path: Path, come: Callable[[], Visit], served: tuple[str, Path]
) -> None:
    ann, ben = come(), come()
    _, folder = served
    asked: list[str] = []
    turn_to(ann, "articles")
    ann.page.check("#keep input")
    add(ann, write(tmp_path, "moon.md", "# The moon\n\nThe moon is far."))
    assert (folder / "corpus" / "added" / "moon.md").is_file()
    ann.page.wait_for_selector("text=3 articles, 3 passages")
    assert ben.ask("How far is the moon?", 1) == "The moon is far. 1"
    ben.page.reload()
    ben.complaints.clear()  # of the connection that was given up
    ben.page.wait_for_selector("#panel .card")
    turn_to(ben, "articles")

    def decline(dialog: Dialog) -> None:
        asked.append(dialog.message)
        dialog.dismiss()

    ben.page.once("dialog", decline)
    ben.page.click("#library button.remove")
    assert asked == [wording.REMOVE_SURE.format(file="added/moon.md")]
    assert (folder / "corpus" / "added" / "moon.md").is_file()

    ben.page.once("dialog", lambda dialog: dialog.accept())
    ben.page.click("#library button.remove")
    ben.page.wait_for_selector(f"text={wording.REMOVED.format(file='added/moon.md')}")
    assert not (folder / "corpus" / "added" / "moon.md").exists()
    turn_to(ann, "chat")
    assert ann.ask("How far is the moon?", 1) != "The moon is far. 1"


@pytest.mark.slow
@in_browser
def test_a_text_is_pasted(come: Callable[[], Visit]) -> None:
    ann = come()
    page = ann.page
    turn_to(ann, "articles")
    page.click("#paste button")
    page.get_by_label(wording.PASTE_TITLE).fill("The hill")
    page.get_by_label(wording.PASTE_TEXT).fill("Snow lies on the hill.")
    page.click(f"text={wording.PASTE_ADD}")
    page.wait_for_selector("text=ready: 1 passage")
    page.wait_for_selector("#library button.remove")
    assert titles(ann)[0] == "The hill"
    assert page.get_by_label(wording.PASTE_TEXT).input_value() == ""
    turn_to(ann, "chat")
    assert ann.ask("Where lies snow?", 1) == "Snow lies on the hill. 1"


@pytest.mark.slow
@in_browser
def test_nothing_stays_of_what_was_sent(tmp_path: Path, come: Callable[[], Visit]) -> None:
    ann = come()
    add(ann, write(tmp_path, "lake.md", "Pike live in the lake."), write(tmp_path, "x.txt", ""))
    uploads = private_folder() / "uploads"
    # Gradio makes an empty file for each that it has received.
    assert sum(path.stat().st_size for path in uploads.rglob("*") if path.is_file()) == 0
    assert private_folder().stat().st_mode & 0o077 == 0


@pytest.mark.slow
@in_browser
def test_a_file_of_another_kind_is_refused_before_it_is_sent(
    tmp_path: Path, come: Callable[[], Visit]
) -> None:
    ann = come()
    said = add(
        ann, write(tmp_path, "lake.md", "Pike live there."), write(tmp_path, "run.exe", "MZ")
    )
    assert said == ["lake.md ready: 1 passage"]
    assert re.search(r"run\.exe|Invalid file type", ann.page.inner_text("body"))
