"""The bytes of a chat completion, streamed or whole → the pieces of its text."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Literal

from rag.generate.model.faults import Fault, ModelFaultError

# Of a reply with all its envelopes, which are 300 bytes a token: room for the longest thoughts and
# the longest answer; most take a hundredth.
MAX_BYTES = 4_000_000
EVENTS, WHOLE = "text/event-stream", "application/json"


def read_completion(chunks: Iterable[bytes], kind: str) -> Iterator[str]:
    """Yield the pieces of the text of one completion.

    ``kind`` is the content type: events as they stream, or one JSON object from a server that
    does not stream. Both are read here rather than by the client package, which puts no limit on
    the length of a line and takes a stream that was cut off for one that has ended.

    Raises:
        ModelFaultError: The reply is neither, is too long, has no text or ends too early.
    """
    kind = kind.partition(";")[0].strip().lower()
    if kind == WHOLE:
        body = b"".join(_limit(chunks))
        text, _ = read_choice(_parse(body), "message")
        if text:
            yield text
        return
    if kind != EVENTS:
        raise ModelFaultError(Fault.GARBLED)
    has_ended = False
    for line in _split_lines(_limit(chunks)):
        if not line.startswith(b"data:"):
            continue  # the names of events, comments that keep a connection open, blank lines
        content = line[5:].strip()
        if content == b"[DONE]":
            return
        text, ends = read_choice(_parse(content), "delta")
        has_ended = has_ended or ends
        if text:
            yield text
    if not has_ended:
        raise ModelFaultError(Fault.BROKEN)


def read_choice(event: object, where: Literal["message", "delta"]) -> tuple[str, bool]:
    """Return the text of an event's first choice, and whether the text ends with it.

    An event without choices, such as one that tells the use of tokens, has no text.

    >>> read_choice({"choices": [{"delta": {"content": "Yes"}, "finish_reason": None}]}, "delta")
    ('Yes', False)

    Raises:
        ModelFaultError: The event is no part of a chat completion, or tells of an error.
    """
    if not isinstance(event, dict) or event.get("error"):
        raise ModelFaultError(Fault.GARBLED if not isinstance(event, dict) else Fault.FAILED)
    choices = event.get("choices")
    if choices == [] or (choices is None and "usage" in event):
        return "", False
    choice = choices[0] if isinstance(choices, list) else None
    part = choice.get(where) if isinstance(choice, dict) else None
    text = part.get("content") if isinstance(part, dict) else None
    if not isinstance(choice, dict) or not isinstance(text, str | None):
        raise ModelFaultError(Fault.GARBLED)
    return text or "", bool(choice.get("finish_reason"))


def _parse(content: bytes) -> object:
    try:
        parsed: object = json.loads(content)
    except (ValueError, RecursionError):
        raise ModelFaultError(Fault.GARBLED) from None
    return parsed


def _limit(chunks: Iterable[bytes]) -> Iterator[bytes]:
    n_bytes = 0
    for chunk in chunks:
        n_bytes += len(chunk)
        if n_bytes > MAX_BYTES:
            raise ModelFaultError(Fault.ENDLESS)
        yield chunk


def _split_lines(chunks: Iterable[bytes]) -> Iterator[bytes]:
    r"""Yield the lines, ended by ``\n``, ``\r\n`` or ``\r``, whatever the chunks are.

    A last line without an end was cut off, and is not a line.
    """
    parts: list[bytes] = []
    for chunk in chunks:
        *lines, rest = chunk.replace(b"\r", b"\n").split(b"\n")  # \r\n leaves a blank line: no harm
        for line in lines:
            yield b"".join([*parts, line])
            parts = []
        if rest:
            parts.append(rest)
