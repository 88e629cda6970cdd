"""A language model behind an OpenAI-compatible server: messages in, pieces of its text out."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import PurePath
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, cast
from urllib.parse import urlsplit

from rag.generate.model.breaker import CircuitBreaker
from rag.generate.model.completion import read_completion
from rag.generate.model.faults import (
    Deadlines,
    Fault,
    ModelFaultError,
    read_retry_after,
    read_status,
)

if TYPE_CHECKING:
    import openai
    from openai.types.chat import ChatCompletionMessageParam

    from rag.generate.model.prompt import Message

OPENAI = "https://api.openai.com/v1"
N_TRIES = 3
BACK_OFF = 0.5  # seconds before the second try; twice as many before each one after it
"""What the person waits for is a first token, so tries are few and pauses short."""


@dataclass(frozen=True)
class LanguageModel:
    """A model ``name`` on the server at ``url``, such as ``http://localhost:11434/v1``.

    Any server that speaks OpenAI's chat completions will do. May be shared by threads. The
    address and the key are in no error, notice, log or ``repr``.
    """

    url: str = field(repr=False)
    name: str
    api_key: str | None = field(default=None, repr=False)
    deadlines: Deadlines = Deadlines()
    breaker: CircuitBreaker = field(default_factory=CircuitBreaker, repr=False, compare=False)

    def __post_init__(self) -> None:
        if not is_url(self.url):
            raise ValueError(
                "llm must be a URL, got something else; write it like http://localhost:11434/v1"
            )
        if not self.name.strip():
            raise ValueError("llm model must be a name, got a blank one; name one of the server's")
        if self.api_key is not None and not (self.api_key.isascii() and self.api_key.isprintable()):
            raise ValueError("llm key must be printable ASCII, got something else; copy it again")

    @classmethod
    def from_environment(
        cls, environment: Mapping[str, str], *, url: str | None = None, name: str | None = None
    ) -> LanguageModel | None:
        """Return the model of ``OPENAI_MODEL``, ``OPENAI_BASE_URL`` and ``OPENAI_API_KEY``.

        ``url`` and ``name`` go before those. Without a name there is no model: that a key or an
        address is set for other programs must not send the articles there.

        Raises:
            ValueError: There is a ``url`` without a name, or one of them is wrong.
        """
        name = name or environment.get("OPENAI_MODEL") or None
        if name is None:
            if url is not None:
                raise ValueError("llm must come with a model, got none; name it with --llm-model")
            return None
        url = url or environment.get("OPENAI_BASE_URL") or OPENAI
        return cls(url, name, environment.get("OPENAI_API_KEY") or None)

    @property
    def title(self) -> str:
        """The name as a person may see it: of a path, only the last part."""
        return PurePath(self.name.replace("\\", "/")).name or self.name

    @cached_property
    def _client(self) -> openai.OpenAI:
        """The client, made when it is first needed: its import takes a second."""
        import logging

        import openai

        # At these levels they write addresses and prompts into whatever log there is.
        for logger in ("openai", "httpx2", "httpcore2", "httpx", "httpcore"):
            logging.getLogger(logger).setLevel(logging.ERROR)
        waits = max(self.deadlines.first_token, self.deadlines.between_tokens)
        return openai.OpenAI(
            base_url=self.url,
            api_key=self.api_key or "none",  # local servers want none, the client wants one
            max_retries=0,  # it would wait up to two minutes, whatever our deadline is
            timeout=openai.Timeout(waits, connect=self.deadlines.connect),
            # Nobody is to be sent on, with a prompt, to where nobody asked to send it.
            http_client=openai.DefaultHttpxClient(follow_redirects=False),
        )

    def stream(
        self, messages: Sequence[Message], *, total: float | None = None
    ) -> Generator[str, None, None]:
        """Yield the pieces of what the model writes, as they come.

        It takes no longer than its deadlines; ``total`` replaces the one of that name. Too many
        requests (429) and failures of the server (5xx) are tried again while there is time.
        Whoever has read enough closes the iterator, and the connection is closed.

        Raises:
            ModelFaultError: The text did not come, or not to its end.
        """
        if not self.breaker.allows:
            raise ModelFaultError(Fault.PAUSED)
        request = _Request(self, messages, self.deadlines.total if total is None else total)
        try:
            yield from request.pieces()
        except ModelFaultError:
            self.breaker.note_failure()
            raise
        finally:
            request.cancel()
        self.breaker.note_success()


def is_url(text: str) -> bool:
    """Return whether the text is an address of a web server.

    >>> is_url("http://localhost:8080/v1"), is_url("localhost:8080"), is_url("file:///etc")
    (True, False, False)
    """
    try:
        parts = urlsplit(text)
        _ = parts.port  # raises where it is no number
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname)


class _Request:
    """One request in a thread of its own, so that nothing the network does can hold up an answer.

    A socket has a limit for each read, and none for a name that is not resolved or a server that
    sends a byte now and then; who waits for a queue has one for all.
    """

    def __init__(self, model: LanguageModel, messages: Sequence[Message], total: float) -> None:
        self._model = model
        self._messages = messages
        self._cancelled = threading.Event()
        self._queue: SimpleQueue[str | Fault | None] = SimpleQueue()
        now = time.monotonic()
        self._end = now + total
        self._first = min(now + model.deadlines.first_token, self._end)

    def pieces(self) -> Iterator[str]:
        """Yield what comes until it ends; see `LanguageModel.stream`."""
        threading.Thread(target=self._run, name="language model", daemon=True).start()
        has_begun = False
        due = self._first
        while True:
            try:
                item = self._queue.get(timeout=max(0.0, due - time.monotonic()))
            except Empty:
                stalled = has_begun and time.monotonic() < self._end
                raise ModelFaultError(Fault.BROKEN if stalled else Fault.SLOW) from None
            if item is None:
                return
            if isinstance(item, Fault):
                raise ModelFaultError(item)
            if time.monotonic() > self._end:
                raise ModelFaultError(Fault.SLOW)
            yield item
            has_begun = True
            due = min(time.monotonic() + self._model.deadlines.between_tokens, self._end)

    def cancel(self) -> None:
        """Have the thread end; it notices with the next bytes, or when its socket gives up."""
        self._cancelled.set()

    def _run(self) -> None:
        outcome: Fault | None = Fault.GARBLED  # if what follows has a bug, nobody waits for long
        try:
            outcome = self._try_often()
        finally:
            self._queue.put(outcome)

    def _try_often(self) -> Fault | None:
        """Send the request until it succeeds; return what is wrong, or None."""
        import openai

        options: dict[str, float] = {"temperature": 0.0}
        n_tries = 0
        while True:
            try:
                self._try_once(options)
            except (openai.BadRequestError, openai.UnprocessableEntityError):
                if not options:
                    return Fault.REJECTED
                options = {}  # some models take none but their own temperature
                continue
            except openai.APIStatusError as error:
                n_tries += 1
                fault, again = read_status(error.status_code)
                if not again or n_tries == N_TRIES or not self._pause(n_tries, error):
                    return fault
                continue
            except openai.APITimeoutError:
                return Fault.SLOW
            except openai.OpenAIError:
                return Fault.UNREACHABLE
            except ModelFaultError as error:
                return error.fault
            return None

    def _try_once(self, options: Mapping[str, float]) -> None:
        import httpx2

        with self._model._client.chat.completions.with_streaming_response.create(
            model=self._model.name,
            messages=cast("list[ChatCompletionMessageParam]", list(self._messages)),
            stream=True,
            extra_body=dict(options),
        ) as response:
            kind = response.headers.get("content-type", "")
            try:
                for piece in read_completion(self._receive(response.iter_bytes()), kind):
                    self._queue.put(piece)
            except httpx2.HTTPError:  # the client translates what goes wrong until here
                raise ModelFaultError(Fault.BROKEN) from None

    def _receive(self, chunks: Iterator[bytes]) -> Iterator[bytes]:
        """Yield what arrives as long as somebody wants it."""
        for chunk in chunks:
            if self._cancelled.is_set():
                raise ModelFaultError(Fault.BROKEN)
            yield chunk

    def _pause(self, n_tries: int, error: openai.APIStatusError) -> bool:
        """Wait before the next try; return whether there is time for one."""
        seconds = BACK_OFF * 2 ** (n_tries - 1) * random.uniform(0.75, 1.0)  # noqa: S311
        seconds = max(seconds, read_retry_after(error.response.headers.get("retry-after", "")))
        if time.monotonic() + seconds >= self._first:
            return False
        return not self._cancelled.wait(seconds)
