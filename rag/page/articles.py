"""The lists of the articles, and what became of files that were added, as HTML."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence

from rag.index import DocumentRow, Progress
from rag.page import wording
from rag.page.cleaning import clean
from rag.page.markup import escape_line, escape_text
from rag.page.shelf import Outcome, belongs_to
from rag.page.sources import MAX_LISTED

OWN, CORPUS = "own", "corpus"


def draw_lists(
    own: Sequence[DocumentRow],
    own_files: Sequence[str],
    everybodys: Sequence[DocumentRow],
    added_files: Sequence[str],
) -> str:
    """Return the person's own articles and everybody's; what was added here has a button."""
    mine = _draw_list(own, own_files, OWN)
    mine = mine or f'<p class="more">{escape_text(wording.YOURS_NONE)}</p>'
    return clean(
        f'<div class="library"><h2>{escape_text(wording.YOURS)}</h2>{mine}'
        f"<h2>{escape_text(wording.EVERYBODYS)}</h2>"
        f"{_draw_list(everybodys, added_files, CORPUS)}"
        f'<p class="more">{escape_text(wording.HOW_TO_REMOVE)}</p></div>'
    )


def draw_adding(
    names: Sequence[str], progress: Progress | None, faults: Mapping[str, str] | None = None
) -> str:
    """Return how far the files are, each of them and all together.

    ``faults`` says of some by name why they will not be read.
    """
    faults = faults or {}
    names_read = sorted(name for name in names if name not in faults)  # the order of reading
    sentence = wording.ADDING_FIRST
    n_read = 0
    if progress is not None and progress.total:
        phase = wording.PHASES.get(progress.phase, progress.phase)
        sentence = wording.ADDING.format(phase=phase, done=progress.done, total=progress.total)
        n_read = progress.done if progress.phase == "reading" else len(names)
    order = {name: place for place, name in enumerate(names_read)}
    items = []
    for name in names:
        if name in faults:
            state = wording.NOT_ADDED.format(reason=faults[name])
            items.append(_draw_state(name, state, "skipped"))
            continue
        state = wording.READ_FILE if order[name] < n_read else wording.WAITING_FILE
        state = wording.READING_FILE if order[name] == n_read else state
        items.append(_draw_state(name, state, "busy"))
    return clean(
        f'<div class="outcomes busy" role="status"><p>{escape_text(sentence)}</p>'
        f"<ul>{''.join(items)}</ul></div>"
    )


def draw_outcomes(outcomes: Sequence[Outcome]) -> str:
    """Return what became of each file."""
    items = "".join(map(_draw_outcome, outcomes))
    return clean(f'<div class="outcomes" role="status"><ul>{items}</ul></div>') if items else ""


def draw_trouble(sentence: str) -> str:
    """Return why something could not be done."""
    return clean(f'<p class="note trouble" role="alert">{escape_line(sentence)}</p>')


def draw_done(sentence: str) -> str:
    """Return that something has been done."""
    return clean(f'<p class="note" role="status">{escape_line(sentence)}</p>')


def file_key(relative: str) -> str:
    """Return a short name for a file that can stand in an id.

    >>> file_key("added/a.md")
    '7beaeffb69a6'
    """
    return hashlib.sha256(relative.encode("utf-8", "replace")).hexdigest()[:12]


def _draw_list(rows: Sequence[DocumentRow], removable: Sequence[str], kind: str) -> str:
    """Return the documents as a list; those of ``removable`` files with a button."""
    items = []
    for row in rows[:MAX_LISTED]:
        file = next((each for each in removable if belongs_to(row.doc_id, each)), None)
        title = escape_line(row.title or row.doc_id)
        facts = [row.source, row.published, row.doc_id, wording.count(row.n_passages, "passage")]
        about = "".join(f"<span>{escape_line(fact)}</span>" for fact in facts if fact)
        button = "" if file is None else _draw_button(kind, file, row.title or row.doc_id)
        items.append(
            f'<li><span class="what"><span class="title">{title}</span>'
            f'<span class="about">{about}</span></span>{button}</li>'
        )
    if len(rows) > MAX_LISTED:
        more = wording.MORE_ARTICLES.format(n=len(rows) - MAX_LISTED)
        items.append(f'<li class="more">{escape_text(more)}</li>')
    return f'<ul class="articles">{"".join(items)}</ul>' if items else ""


def _draw_button(kind: str, file: str, title: str) -> str:
    # Gradio's sanitizer keeps ids and titles; the page's script reads both.
    sure = wording.REMOVE_SURE.format(file=file) if kind == CORPUS else ""
    return (
        f'<button class="remove" type="button" id="remove-{kind}-{file_key(file)}" '
        f'title="{escape_line(sure or wording.REMOVE_NAMED.format(title=title))}">'
        f'{escape_text(wording.REMOVE)}<span class="unseen"> {escape_line(title)}</span></button>'
    )


def _draw_outcome(outcome: Outcome) -> str:
    if not outcome.relative:
        return _draw_state(outcome.name, wording.NOT_ADDED.format(reason=outcome.reason), "skipped")
    passages = wording.count(outcome.n_passages, "passage")
    state = wording.READY.format(passages=passages)
    if outcome.n_documents > 1:
        documents = wording.count(outcome.n_documents, "article")
        state = wording.READY_MANY.format(documents=documents, passages=passages)
    return _draw_state(outcome.name, "; ".join(filter(None, [state, outcome.reason])), "ready")


def _draw_state(name: str, state: str, kind: str) -> str:
    return (
        f'<li class="{kind}"><span class="title">{escape_line(name)}</span> '
        f'<span class="state">{escape_line(state)}</span></li>'
    )
