import logging
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import closing

import pytest

from rag.generate.model.breaker import CircuitBreaker
from rag.generate.model.faults import Deadlines, Fault, ModelFaultError
from rag.generate.model.language_model import LanguageModel
from rag.generate.model.prompt import Message
from tests.fakes_model import DONE, KEY, ModelServer, Reply, event, fail, say, serving

MESSAGES: tuple[Message, ...] = ({"role": "user", "content": "SECRET PROMPT"},)
QUICK = Deadlines(connect=2, first_token=8, between_tokens=4, total=12)  # for what will succeed
SHORT = Deadlines(connect=2, first_token=0.5, between_tokens=0.5, total=2)
GRACE = 10.0  # seconds: what a busy machine may add to a deadline


@pytest.fixture(scope="module", autouse=True)
def _loaded() -> None:
    """Import the client before any deadline counts: it takes seconds on a busy machine."""
    import openai  # noqa: F401


def model_at(url: str, deadlines: Deadlines = QUICK, **how: CircuitBreaker) -> LanguageModel:
    return LanguageModel(url, "small", KEY, deadlines, **how)


def read(server: ModelServer, deadlines: Deadlines = QUICK) -> str:
    return "".join(model_at(server.url, deadlines).stream(MESSAGES))


def fault_of(server: ModelServer, deadlines: Deadlines = QUICK) -> Fault:
    with pytest.raises(ModelFaultError) as caught:
        read(server, deadlines)
    return caught.value.fault


# What a server may do right


def test_the_text_comes_in_its_pieces() -> None:
    with serving(say("It ", "rose", ".")) as server:
        assert list(model_at(server.url).stream(MESSAGES)) == ["It ", "rose", "."]
        (request,) = server.requests
        assert server.keys == [f"Bearer {KEY}"]
    assert (request["model"], request["stream"]) == ("small", True)
    assert request["messages"] == [{"role": "user", "content": "SECRET PROMPT"}]


def test_a_server_that_does_not_stream_is_understood() -> None:
    body = b'{"choices": [{"message": {"content": "It rose."}, "finish_reason": "stop"}]}'
    with serving(Reply([(0, body)], kind="application/json")) as server:
        assert read(server) == "It rose."


def test_too_many_requests_are_tried_again_after_the_pause_that_the_server_asks_for() -> None:
    with serving(fail(429, retry_after="0.2"), say("Fine.")) as server:
        started = time.monotonic()
        assert read(server) == "Fine."
        assert time.monotonic() - started >= 0.2
        assert len(server.requests) == 2


def test_a_failing_server_is_tried_three_times() -> None:
    with serving(fail(500)) as server:
        assert fault_of(server) is Fault.FAILED
        assert len(server.requests) == 3


def test_a_pause_longer_than_the_deadline_is_not_waited_for() -> None:
    with serving(fail(503, retry_after="3600")) as server:
        started = time.monotonic()
        assert fault_of(server) is Fault.FAILED
        assert time.monotonic() - started < QUICK.first_token
        assert len(server.requests) == 1


def test_a_model_that_takes_no_temperature_is_asked_without_one() -> None:
    with serving(fail(400), say("Fine.")) as server:
        assert read(server) == "Fine."
        assert ["temperature" in request for request in server.requests] == [True, False]


@pytest.mark.parametrize(
    ("status", "fault"),
    [
        (401, Fault.KEY),
        (403, Fault.KEY),
        (404, Fault.UNKNOWN),
        (413, Fault.REJECTED),
        (302, Fault.REJECTED),
    ],
)
def test_what_will_not_change_is_not_tried_again(status: int, fault: Fault) -> None:
    with serving(fail(status, location="http://127.0.0.1:1/elsewhere")) as server:
        assert fault_of(server) is fault
        assert len(server.requests) == 1


# Deadlines


def test_a_refused_connection_is_told() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{unused.getsockname()[1]}/v1"
        with pytest.raises(ModelFaultError) as caught:
            list(model_at(url).stream(MESSAGES))
    assert caught.value.fault is Fault.UNREACHABLE


SILENT = Reply([(60.0, event("late"))])
TOKENS = Reply(endless=event("and "))
COMMENTS = Reply(endless=b": still there\n\n")
SLOW = {
    "no answer": (SILENT, Fault.SLOW),
    "comments and no token": (COMMENTS, Fault.SLOW),
    "a stall after the first token": (
        Reply([(0.0, event("It ")), (60.0, event("rose"))]),
        Fault.BROKEN,
    ),
    "tokens without end": (TOKENS, Fault.SLOW),
}
# Where a token is to come, it has the time that it takes on a busy machine.
SHORT_AFTER = Deadlines(connect=2, first_token=2, between_tokens=0.5, total=2.5)


@pytest.mark.parametrize("name", SLOW)
def test_nobody_waits_longer_than_the_deadlines(name: str) -> None:
    reply, fault = SLOW[name]
    with serving(reply) as server:
        started = time.monotonic()
        deadlines = SHORT if fault is Fault.SLOW and reply is not TOKENS else SHORT_AFTER
        assert fault_of(server, deadlines) is fault
        assert time.monotonic() - started < deadlines.total + GRACE


def test_a_shorter_total_counts_for_the_first_token_too() -> None:
    with serving(SILENT) as server:
        started = time.monotonic()
        with pytest.raises(ModelFaultError):
            list(model_at(server.url).stream(MESSAGES, total=0.3))
        assert time.monotonic() - started < QUICK.first_token


def test_who_has_read_enough_closes_the_connection() -> None:
    with serving(Reply(endless=event("and "))) as server:
        with closing(model_at(server.url).stream(MESSAGES)) as pieces:
            assert next(pieces) == "and "
        until = time.monotonic() + GRACE
        while threads_of_models() and time.monotonic() < until:
            time.sleep(0.05)
        assert threads_of_models() == []


def threads_of_models() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name == "language model"]


@pytest.mark.parametrize("name", ["connect", "first_token", "between_tokens", "total", "rewriting"])
@pytest.mark.parametrize("seconds", [0.0, -1.0, float("inf"), float("nan")])
def test_a_deadline_is_a_time_above_zero(name: str, seconds: float) -> None:
    with pytest.raises(ValueError, match=f"^{name} must be above 0 seconds, got"):
        Deadlines(**{name: seconds})


# What a server may do wrong

WRONG = {
    "a stream that is cut": (Reply([(0, event("It "))], cut=True), Fault.BROKEN),
    "a stream without an end": (say("It ", "rose", done=False), Fault.BROKEN),
    "an event that is no JSON": (Reply([(0, b'data: {"choi\n\n')]), Fault.GARBLED),
    "an event that is a list": (Reply([(0, b"data: []\n\n")]), Fault.GARBLED),
    "an event of another shape": (Reply([(0, b'data: {"choices": [3]}\n\n')]), Fault.GARBLED),
    "text that is a number": (
        Reply([(0, b'data: {"choices": [{"delta": {"content": 3}}]}\n\n')]),
        Fault.GARBLED,
    ),
    "nesting without end": (Reply([(0, b"data: " + b"[" * 100_000 + b"\n\n")]), Fault.GARBLED),
    "bytes that are no text": (Reply([(0, b"data: \xff\xfe\n\n")]), Fault.GARBLED),
    "an error in the stream": (
        Reply([(0, b'data: {"error": {"message": "SECRET PROMPT"}}\n\n')]),
        Fault.FAILED,
    ),
    "a page": (Reply([(0, b"<html>Log in</html>")], kind="text/html"), Fault.GARBLED),
    "JSON of something else": (Reply([(0, b"[]")], kind="application/json"), Fault.GARBLED),
    "one line without an end": (Reply(endless=b"data: " + b"x" * 65_536), Fault.ENDLESS),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_is_no_completion_is_told_from_one(name: str) -> None:
    reply, fault = WRONG[name]
    with serving(reply) as server:
        assert fault_of(server) is fault


# The circuit breaker


class Clock:
    """Seconds that pass when they are told to."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def test_after_failures_in_a_row_there_is_a_pause_and_then_one_more_try() -> None:
    clock = Clock()
    breaker = CircuitBreaker(n_failures=2, pause=30, clock=clock)
    breaker.note_failure()
    assert breaker.allows
    breaker.note_failure()
    assert not breaker.allows
    clock.now += 29
    assert not breaker.allows
    clock.now += 1
    assert breaker.allows
    breaker.note_failure()
    assert not breaker.allows


def test_a_success_forgets_the_failures() -> None:
    breaker = CircuitBreaker(n_failures=2)
    breaker.note_failure()
    breaker.note_success()
    breaker.note_failure()
    assert breaker.allows


def test_a_model_that_failed_often_is_left_alone_and_then_asked_again() -> None:
    clock = Clock()
    breaker = CircuitBreaker(n_failures=2, pause=30, clock=clock)
    with serving(fail(401), fail(401), say("Fine.")) as server:
        model = model_at(server.url, breaker=breaker)
        for fault in (Fault.KEY, Fault.KEY, Fault.PAUSED, Fault.PAUSED):
            with pytest.raises(ModelFaultError) as caught:
                list(model.stream(MESSAGES))
            assert caught.value.fault is fault
        assert len(server.requests) == 2
        clock.now += 30
        assert list(model.stream(MESSAGES)) == ["Fine."]


def test_who_stops_reading_is_no_failure_of_the_model() -> None:
    breaker = CircuitBreaker(n_failures=1)
    with serving(say("It ", "rose.")) as server:
        pieces = model_at(server.url, breaker=breaker).stream(MESSAGES)
        next(pieces)
        pieces.close()
    assert breaker.allows


@pytest.mark.parametrize("how", [{"n_failures": 0}, {"pause": -1.0}, {"pause": float("nan")}])
def test_a_breaker_that_makes_no_sense_is_an_error(how: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="must be at least"):
        CircuitBreaker(**how)  # type: ignore[arg-type]


# What nobody is to see


def test_no_key_address_or_prompt_reaches_a_log_an_error_or_a_repr(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    said = []
    with serving(fail(429, retry_after="0.1"), fail(500), fail(401), say("Fine.")) as server:
        model = model_at(server.url)
        for _ in range(2):
            try:
                said.append("".join(model.stream(MESSAGES)))
            except ModelFaultError as error:
                said.append(f"{error!r} {error.__cause__!r}")
        said += [repr(model), caplog.text]
        port = server.url.rsplit(":", 1)[1].partition("/")[0]
    assert said[1] == "Fine."
    for secret in (KEY, "SECRET", "127.0.0.1", port):
        assert secret not in "\n".join(said)


@pytest.mark.parametrize(
    ("name", "title"),
    [("llama3", "llama3"), ("/home/ann/models/llama.gguf", "llama.gguf"), ("org/tiny", "tiny")],
)
def test_of_a_model_that_is_a_path_a_person_sees_the_last_part(name: str, title: str) -> None:
    assert LanguageModel("http://localhost:1/v1", name).title == title


# How it is configured


@pytest.mark.parametrize(
    "url", ["localhost:8080", "file:///etc/passwd", "http://", "", "http://a:b:c", "ftp://a/b"]
)
def test_an_address_that_is_none_is_an_error_that_does_not_repeat_it(url: str) -> None:
    with pytest.raises(ValueError, match="^llm must be a URL, got something else; ") as caught:
        LanguageModel(url, "small")
    assert "passwd" not in str(caught.value)


def test_a_blank_name_and_an_unprintable_key_are_errors_that_do_not_repeat_them() -> None:
    with pytest.raises(ValueError, match="^llm model must be a name"):
        LanguageModel("http://localhost/v1", " ")
    with pytest.raises(ValueError, match="^llm key must be printable ASCII") as caught:
        LanguageModel("http://localhost/v1", "small", "secret\n")
    assert "secret" not in str(caught.value)


def test_the_environment_configures_a_model_only_by_its_name() -> None:
    full = {"OPENAI_MODEL": "m", "OPENAI_BASE_URL": "http://a/v1", "OPENAI_API_KEY": KEY}
    assert LanguageModel.from_environment({}) is None
    unnamed = {name: value for name, value in full.items() if name != "OPENAI_MODEL"}
    assert LanguageModel.from_environment(unnamed) is None
    model = LanguageModel.from_environment(full)
    assert model is not None
    assert (model.url, model.name, model.api_key) == ("http://a/v1", "m", KEY)
    model = LanguageModel.from_environment({"OPENAI_MODEL": "m"})
    assert model is not None
    assert (model.url, model.api_key) == ("https://api.openai.com/v1", None)


def test_what_is_named_goes_before_the_environment() -> None:
    full = {"OPENAI_MODEL": "m", "OPENAI_BASE_URL": "http://a/v1"}
    model = LanguageModel.from_environment(full, url="http://b/v1", name="n")
    assert model is not None
    assert (model.url, model.name) == ("http://b/v1", "n")
    with pytest.raises(ValueError, match="^llm must come with a model, got none; name it with"):
        LanguageModel.from_environment({}, url="http://b/v1")


def test_threads_share_a_model() -> None:
    def texts(server: ModelServer) -> Iterator[str]:
        model = model_at(server.url)
        found: list[str] = []

        def ask() -> None:
            found.append("".join(model.stream(MESSAGES)))

        threads = [threading.Thread(target=ask) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        yield from found

    with serving(Reply([(0, event("It rose.")), (0, DONE)])) as server:
        assert list(texts(server)) == ["It rose."] * 4
