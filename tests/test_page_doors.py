"""Who gets in: the page with a password, on every address, on IPv6, and when it is ended."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

import ui
from rag.page import wording
from rag.page.attempts import MAX_FAILURES
from rag.page.folder import private_folder
from rag.page.loading import Loading
from rag.page.rules import API
from tests.fakes_page import quoting_bot, write_articles
from tests.serving import launch_page

ROOT = Path(__file__).parent.parent
HAS_IPV6 = socket.has_ipv6 and Path("/proc/net/if_inet6").exists()


@pytest.fixture(scope="session")
def locked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a page on all addresses of the machine, behind a password."""
    folder = tmp_path_factory.mktemp("locked")
    loading = Loading(lambda tell: quoting_bot(folder, tell))
    page, address = launch_page(loading, [folder], host="0.0.0.0", auth=("ann", "se:cret"))
    yield address.replace("localhost", "127.0.0.1").rstrip("/")
    page.close(verbose=False)


@pytest.fixture(scope="session")
def unlocked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a page on the loopback of IPv6, or of IPv4 where there is no other."""
    folder = tmp_path_factory.mktemp("unlocked")
    loading = Loading(lambda tell: quoting_bot(folder, tell))
    page, address = launch_page(loading, [folder], host="::1" if HAS_IPV6 else "127.0.0.1")
    yield address.rstrip("/")
    page.close(verbose=False)


def log_in(address: str, password: str) -> httpx.Response:
    return httpx.post(f"{address}/login", data={"username": "ann", "password": password})


def test_without_the_password_there_is_nothing_to_see(locked: str) -> None:
    for path in ("/config", f"{API}/info", f"{API}/queue/data?session_hash=a"):
        assert httpx.get(f"{locked}{path}").status_code == 401, path
    for path in ("queue/join", "call/answer", "run/predict"):
        body = {"data": ["When does the river rise?"], "fn_index": 0, "session_hash": "a"}
        assert httpx.post(f"{locked}{API}/{path}", json=body).status_code == 401, path
    files = {"files": ("a.md", b"text")}
    assert httpx.post(f"{locked}{API}/upload", files=files).status_code == 401
    shown = httpx.get(locked)
    assert shown.status_code == 200
    assert '"auth_required":true' in shown.text
    assert "river" not in shown.text


def test_with_the_password_there_is_and_its_cookies_are_sealed(locked: str) -> None:
    let_in = log_in(locked, "se:cret")
    assert let_in.status_code == 200
    cookies = let_in.headers.get_list("set-cookie")
    assert cookies
    assert all(each.endswith("; HttpOnly; SameSite=Strict") for each in cookies)
    token = {"cookie": "; ".join(each.split(";")[0] for each in cookies)}
    assert httpx.get(f"{locked}/config", headers=token).status_code == 200
    foreign = {**token, "origin": "https://evil.example"}
    body = {"data": ["When does the river rise?"]}
    refused = httpx.post(f"{locked}{API}/call/answer", json=body, headers=foreign)
    assert (refused.status_code, refused.json()["detail"]) == (403, wording.FOREIGN)
    assert httpx.post(f"{locked}{API}/call/answer", json=body, headers=token).status_code == 200


def test_the_page_may_have_any_name_behind_a_password(locked: str) -> None:
    assert httpx.get(locked, headers={"host": "articles.example.org"}).status_code == 200


def test_a_guesser_has_to_wait_even_for_the_right_password(locked: str) -> None:
    assert log_in(locked, "se:cret").status_code == 200  # makes up for failures before
    assert [log_in(locked, "wrong").status_code for _ in range(MAX_FAILURES)] == [400] * 5
    refused = log_in(locked, "se:cret")
    assert refused.status_code == 429
    assert "try again in" in refused.json()["detail"]


def test_what_is_uploaded_lies_in_the_private_folder_and_other_kinds_nowhere(
    unlocked: str,
) -> None:
    upload = f"{unlocked}{API}/upload"
    before = set(private_folder().rglob("*"))
    for name in ("a.exe", "a.svg", "a.html.js", "passwd"):
        reply = httpx.post(upload, files={"files": (name, b"text")})
        assert reply.status_code == 415, name
    assert httpx.post(upload, files={"files": ("a.md", b"x" * 22_000_000)}).status_code == 413
    assert set(private_folder().rglob("*")) == before
    (path,) = httpx.post(upload, files={"files": ("../../a.md", b"text")}).json()
    assert private_folder() in Path(path).resolve().parents
    assert httpx.get(f"{unlocked}{API}/file={path}").status_code == 404


@pytest.mark.skipif(not HAS_IPV6, reason="there is no IPv6 on this machine")
def test_the_page_is_served_on_the_new_loopback_as_on_the_old(unlocked: str) -> None:
    ui.check_use("::1", None, None)
    assert unlocked.startswith("http://[::1]:")
    assert httpx.get(unlocked).status_code == 200
    assert httpx.get(unlocked, headers={"host": "evil.example"}).status_code == 421


@pytest.mark.slow
@pytest.mark.parametrize("ending", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL])
def test_nothing_that_was_uploaded_outlives_the_page(tmp_path: Path, ending: int) -> None:
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    corpus = write_articles(tmp_path / "corpus")
    process, address = start(corpus, temporary)
    (path,) = httpx.post(f"{address}{API}/upload", files={"files": ("a.md", b"text")}).json()
    assert Path(path).is_relative_to(temporary)
    process.send_signal(ending)
    _, errors = process.communicate(timeout=60)
    assert "Traceback" not in errors
    if ending == signal.SIGKILL:
        assert Path(path).exists()
        process, _ = start(corpus, temporary)
        assert not Path(path).exists()
        process.terminate()
        process.communicate(timeout=60)
    assert process.returncode == 0
    # Where the encoder is compiled, torch makes an empty folder of its own, once for a machine.
    left = [path for path in temporary.rglob("*") if not path.name.startswith("torchinductor_")]
    assert left == []


def start(corpus: Path, temporary: Path) -> tuple[subprocess.Popen[str], str]:
    process = subprocess.Popen(
        [sys.executable, str(ROOT / "ui.py"), "--corpus", str(corpus)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "TMPDIR": str(temporary)},
        # Where the tests run in the background, a shell has told them to be deaf to interrupts.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    assert process.stdout is not None
    line = process.stdout.readline()
    found = re.search(r"http://[\w.:]+", line)
    if found is None:
        process.kill()
        pytest.fail(f"the page said {line!r} and {process.communicate()[1]!r}")
    return process, found[0]
