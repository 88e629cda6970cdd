"""What the index holds, and whether it is there yet, as a line on the page."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from rag.chatbot import Chatbot
from rag.index import Progress
from rag.ingest.article import SkippedFile
from rag.page import wording
from rag.page.cleaning import clean
from rag.page.loading import Loading
from rag.page.markup import escape_line, escape_text


def draw_status(loading: Loading) -> str:
    """Return the line as things are now: warming up, what is indexed, or why nothing is."""
    if loading.failed:
        return draw_failure(loading.failed)
    if not loading.wait(0):
        return draw_warming_up(loading.progress)
    return draw_indexed(loading.chatbot())


def draw_warming_up(progress: Progress | None) -> str:
    """Return that the articles are being read, and how many of them have been."""
    sentence = wording.WARMING_UP
    if progress is not None and progress.total:
        phase = wording.PHASES.get(progress.phase, progress.phase)
        sentence = wording.WARMING_UP_FURTHER.format(
            phase=phase, done=progress.done, total=progress.total
        )
    return f'<div class="status busy" role="status"><span>{escape_text(sentence)}</span></div>'


def draw_failure(reason: str) -> str:
    """Return why the articles cannot be read."""
    sentence = escape_line(wording.NOT_LOADED.format(reason=reason))
    return clean(f'<div class="status failed" role="alert"><span>{sentence}</span></div>')


def draw_indexed(bot: Chatbot) -> str:
    """Return what the index holds, when it was built, what was skipped, and notices."""
    sentence = wording.INDEXED.format(
        documents=wording.count(bot.index.n_documents, "article"),
        passages=wording.count(bot.index.n_passages, "passage"),
        when=format_time(bot.index.built_at),
    )
    skipped = bot.report.skipped if bot.report is not None else ()
    notices = tuple(dict.fromkeys((*bot.notices, *bot.index.notices)))
    return clean(
        f'<div class="status" role="status"><span>{escape_text(sentence)}</span>'
        f"{_draw_skipped(skipped)}{_draw_notices(notices)}</div>"
    )


def format_time(moment: str) -> str:
    """Return a moment in ISO 8601 to the minute, in UTC.

    >>> format_time("2026-11-21T20:00:59+02:00")
    '2026-11-21 18:00 UTC'
    """
    return f"{datetime.fromisoformat(moment).astimezone(UTC):%Y-%m-%d %H:%M} UTC"


def _draw_skipped(skipped: Sequence[SkippedFile]) -> str:
    if not skipped:
        return ""
    summary = wording.SKIPPED.format(files=wording.count(len(skipped), "file"))
    items = [f"{each.relative}: {each.reason}" for each in skipped]
    return _draw_fold(summary, items)


def _draw_notices(notices: Sequence[str]) -> str:
    return _draw_fold(wording.NOTICES, notices) if notices else ""


def _draw_fold(summary: str, items: Sequence[str]) -> str:
    rows = "".join(f"<li>{escape_line(item)}</li>" for item in items)
    return (
        f'<details class="fold"><summary>{escape_text(summary)}</summary><ul>{rows}</ul></details>'
    )
