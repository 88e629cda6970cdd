"""A conversation as a file to take away: Markdown for people, JSON for programs."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from rag.page import wording
from rag.page.conversations import SavedExchange

Changed = Mapping[int, Sequence[int]]
"""Turn → the numbers of its citations whose words no longer stand in their article."""

_SPECIAL = re.compile(r"(\[\d{1,4}\](?![(:\[]))|[\\`*_<|~\[\]]")
_STEM_LENGTH = 60  # characters that every file system takes, whatever bytes they are


def write_json(title: str, when: str, exchanges: Sequence[SavedExchange], changed: Changed) -> str:
    """Return the conversation as one JSON object, each answer as the endpoint ``answer`` gives it.

    Each citation has ``changed``: whether its words no longer stand where they did.
    """
    answers = []
    for each in exchanges:
        gone = set(changed.get(each.turn, ()))
        citations = [{**row, "changed": row["number"] in gone} for row in each.answer["citations"]]
        answers.append({**each.answer, "citations": citations, "edition": each.edition})
    told = {"title": title, "saved": when, "exchanges": answers}
    return json.dumps(told, ensure_ascii=False, allow_nan=False, indent=1) + "\n"


def write_markdown(
    title: str, when: str, exchanges: Sequence[SavedExchange], changed: Changed
) -> str:
    """Return the conversation as Markdown: question, answer, and its sources with their quotes.

    Characters that Markdown would take for its own are escaped, but for the ``[n]`` and the lists
    of an answer.
    """
    about = wording.EXPORTED_FROM.format(title=wording.TITLE, when=when)
    parts = [f"# {_escape(title)}", f"*{_escape(about)}*"]
    for each in exchanges:
        parts.append(f"## {_escape(each.question)}")
        parts.append(_answer_lines(each.answer))
        parts.extend(f"> {_escape(notice)}" for notice in each.answer["notices"])
        lines = _source_lines(each.answer, set(changed.get(each.turn, ())))
        if lines:
            parts.append(f"{wording.EXPORT_SOURCES}:\n\n" + "\n".join(lines))
    return "\n\n".join(parts) + "\n"


def name_file(title: str, ending: str) -> str:
    """Return a name for the file that is safe on any system.

    >>> name_file("When does it rise?/..", "md")
    'When does it rise.md'
    """
    stem = re.sub(r"[^\w -]+", " ", title)
    stem = " ".join(stem.split())[:_STEM_LENGTH].strip(" -")
    return f"{stem or wording.TITLE}.{ending}"


def _answer_lines(answer: Mapping[str, Any]) -> str:
    """Return the text of an answer; lines of a list stay such, all others are paragraphs."""
    if answer["abstained"]:
        return f"*{_escape(answer['answer'])}*"
    pieces: list[str] = []
    in_list = False
    for line in filter(None, map(str.strip, str(answer["answer"]).splitlines())):
        is_item = line.startswith("- ")
        if pieces:
            pieces.append("\n" if is_item and in_list else "\n\n")
        text = _escape(line.removeprefix("- "))
        pieces.append(f"- {text}" if is_item else text)
        in_list = is_item
    return "".join(pieces)


def _source_lines(answer: Mapping[str, Any], gone: set[int]) -> list[str]:
    """Return a line for each cited span."""
    lines = []
    for row in answer["citations"]:
        about = ", ".join(_escape(row[key]) for key in ("title", "source", "published") if row[key])
        quote = _escape(row["quote"])
        note = f" ({wording.EXPORT_CHANGED})" if row["number"] in gone else ""
        lines.append(
            f"- [{row['number']}] {about} (`{row['doc_id'].replace('`', '')}`): "
            f"\N{LEFT DOUBLE QUOTATION MARK}{quote}\N{RIGHT DOUBLE QUOTATION MARK}{note}"
        )
    return lines


def _escape(text: str) -> str:
    r"""Return the text on one line, for Markdown to show as it is.

    >>> print(_escape("# 2 * <b>\n_x_ [1] [y](z)"))
    \# 2 \* \<b> \_x\_ [1] \[y\](z)
    """
    line = " ".join(str(text).split())
    line = _SPECIAL.sub(lambda match: match[1] or f"\\{match[0]}", line)
    return re.sub(r"^(?:\d+(?=[.)])|(?=[#>+-]))", r"\g<0>\\", line)
