"""The messages of the page → the exchanges of the conversation."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from html import escape, unescape
from html.parser import HTMLParser
from typing import Any

from rag.page.answers import PENDING, TEXT_CLASS, UNSUPPORTED_CLASS
from rag.page.cleaning import clean
from rag.records import Turn

Message = Mapping[str, Any]
"""``role`` and ``content``; the content is text, or a list of blocks of which some are text."""

_ANSWER_ID = re.compile(r'id="answer-(\d+)"')
_BLOCKS = frozenset({"p", "li", "ul"})


def question_message(question: str) -> dict[str, Any]:
    """Return the message that shows a question, character for character."""
    return _message("user", escape(question, quote=False))


def answer_message(html: str) -> dict[str, Any]:
    """Return the message that shows what `rag.page.answers` drew."""
    return _message("assistant", clean(html))


def read_question(message: Message) -> str:
    """Return the question that a message shows."""
    return unescape(_read_content(message))


def read_history(messages: Sequence[Message]) -> list[Turn]:
    """Return the questions that were answered, each with its answer as plain text with ``[n]``.

    Left out are questions without an answer, notes, and messages with a title in their metadata,
    which tell of steps on the way to an answer.
    """
    turns: list[Turn] = []
    question = ""
    for message in messages:
        if (message.get("metadata") or {}).get("title"):
            continue
        if message["role"] == "user":
            question = read_question(message)
        elif question and (answer := read_answer(_read_content(message))):
            turns.append(Turn(question, answer))
            question = ""
    return turns


def read_turns(messages: Sequence[Message]) -> set[int]:
    """Return the numbers of the answers that the messages show."""
    contents = [_read_content(each) for each in messages if each["role"] == "assistant"]
    return {int(number) for content in contents for number in _ANSWER_ID.findall(content)}


def is_pending(message: Message) -> bool:
    """Return whether a message only says that an answer is on its way."""
    return message["role"] == "assistant" and f'class="{PENDING}"' in _read_content(message)


def last_question(messages: Sequence[Message]) -> int | None:
    """Return where the last question of the messages is, or None if there is none."""
    places = [place for place, message in enumerate(messages) if message["role"] == "user"]
    return places[-1] if places else None


def read_answer(html: str) -> str:
    """Return the words of a drawn answer, empty for a message that is none.

    >>> read_answer('<div class="answer-text"><p>It is <strong>30%</strong>. '
    ...             '<a class="cite" href="#cite-1-1">1</a></p></div><p>more</p>')
    'It is 30%. [1]'
    """
    reader = _AnswerReader()
    reader.feed(html)
    reader.close()
    lines = [" ".join(line.split()) for line in "".join(reader.pieces).split("\n")]
    return "\n".join(line for line in lines if line not in ("", "-"))


def _message(role: str, content: str) -> dict[str, Any]:
    # A block, since text that stands alone would be stripped of its indentation.
    return {"role": role, "content": [{"type": "text", "text": content}]}


def _read_content(message: Message) -> str:
    content = message["content"]
    if isinstance(content, str):
        return content
    texts = [block.get("text") or "" for block in content if block.get("type") == "text"]
    return "\n".join(texts)


class _AnswerReader(HTMLParser):
    """Collects the text of the element that holds the words of an answer."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.pieces: list[str] = []
        self._depth = 0  # of divs, counted from that element
        self._unsupported = False  # in a sentence that the answer does not say as a fact

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note where the element starts, and write what a tag means in plain text."""
        attributes = dict(attrs)
        if tag == "div" and (self._depth or attributes.get("class") == TEXT_CLASS):
            self._depth += 1
        elif self._depth and attributes.get("class") == UNSUPPORTED_CLASS:
            self._unsupported = True
        elif self._unsupported:
            return
        elif self._depth and tag == "li":
            self.pieces.append("\n- ")
        elif self._depth and tag == "a":
            self.pieces.append("[")

    def handle_endtag(self, tag: str) -> None:
        """Note where the element ends, and write what a tag means in plain text."""
        if tag == "div" and self._depth:
            self._depth -= 1
        elif tag == "span":
            self._unsupported = False
        elif self._unsupported:
            return
        elif self._depth and tag == "a":
            self.pieces.append("]")
        elif self._depth and tag in _BLOCKS:
            self.pieces.append("\n")

    def handle_data(self, data: str) -> None:
        """Keep text that stands in the element."""
        if self._depth and not self._unsupported:
            self.pieces.append(data)
