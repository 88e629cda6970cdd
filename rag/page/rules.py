"""What may be asked of the server of the page, and by whom: decided from the head of a request."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from ipaddress import ip_address
from urllib.parse import urlsplit

from rag.page import wording

API = "/gradio_api"
SMALL_BODY = 64 * 1024  # bytes: a question of 2,000 characters is 8 kB at most
# The page sends the whole conversation with each question, about 5 kB an answer; a pasted text has
# up to a million characters of any script.
CONVERSATION_BODY = 4 * 1024 * 1024
UPLOAD_BODY = 20 * 1024 * 1024 + 64 * 1024  # the largest file, and what is around it
MAX_TARGET = 2_048  # bytes of path and query: the page's own have 200

_READ = re.compile(
    r"/(?:config/?|theme\.css|robots\.txt|favicon\.ico|manifest\.json|logout)?"
    r"|/(?:assets|static)/.+"
    rf"|{API}/(?:info/?|startup-events|queue/data|upload_progress|heartbeat/\w+)"
)
_CALL = re.compile(rf"{API}/call/(?:v2/)?(?P<name>[\w-]+)(?:/(?P<event>\w+))?/?")
_CONVERSATION = re.compile(rf"{API}/(?:queue/join|run/predict)/?")
_SMALL = re.compile(rf"/login/?|{API}/(?:cancel|reset)/?")
_UPLOAD = f"{API}/upload"
_HOST = re.compile(r"(?:\[[0-9A-Fa-f:.]+\]|[\w.-]+)(?::\d{1,5})?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a request is not answered: a status of HTTP, and one sentence with the way out."""

    status: int
    sentence: str
    retry_after: int | None = None  # seconds


@dataclass(frozen=True, slots=True)
class Head:
    """The head of a request; the names of ``headers`` are in lower case."""

    method: str
    path: str
    query: str
    headers: Mapping[str, str]

    @property
    def is_upload(self) -> bool:
        """Whether the body is a file."""
        return self.method == "POST" and self.path.rstrip("/") == _UPLOAD

    @property
    def is_queued(self) -> bool:
        """Whether what is asked for has to wait in the queue."""
        return self.method == "POST" and self.path.startswith((f"{API}/call/", f"{API}/queue/"))

    @property
    def is_login(self) -> bool:
        """Whether the body is a name and a password."""
        return self.method == "POST" and self.path.rstrip("/") == "/login"


@dataclass(frozen=True, slots=True)
class Rules:
    """What this page offers.

    ``endpoints`` are the names that programs may call. ``local_only`` refuses requests that were
    sent to another name than this machine's: a page elsewhere whose name was made to lead here.
    ``suffixes`` are of the files that may be uploaded, in lower case and with their dot; none
    where nothing may be. ``more`` are paths of further parts of the server, open as they are
    except for who may ask and how much.
    """

    endpoints: Sequence[str]
    local_only: bool
    suffixes: Sequence[str] = ()
    more: Sequence[str] = ()

    def find_refusal(self, head: Head) -> Refusal | None:
        """Return why a request is refused on sight, or None where it may go on."""
        if len(head.path) + len(head.query) > MAX_TARGET:
            return Refusal(414, wording.ADDRESS_TOO_LONG)
        host = head.headers.get("host", "")
        if not _HOST.fullmatch(host) or (self.local_only and not is_this_machine(host)):
            return Refusal(421, wording.WRONG_HOST)
        if is_foreign(head, host):
            return Refusal(403, wording.FOREIGN)
        if self.body_limit(head) is None:
            return Refusal(404, wording.NOT_THERE)
        length = head.headers.get("content-length", "0")
        if not length.isascii() or not length.isdigit():
            return Refusal(400, wording.BAD_REQUEST)
        return None

    def body_limit(self, head: Head) -> int | None:
        """Return how many bytes the body may have, or None for what is not offered."""
        method, path = head.method, head.path
        if any(path == part or path.startswith(f"{part}/") for part in self.more):
            return SMALL_BODY
        call = _CALL.fullmatch(path)
        if call and call["name"] in self.endpoints:
            return SMALL_BODY if (method == "GET") == bool(call["event"]) else None
        if method in ("GET", "HEAD"):
            return 0 if _READ.fullmatch(path) and ".." not in path else None
        if method != "POST":
            return None
        if head.is_upload:
            return UPLOAD_BODY if self.suffixes else None
        if _CONVERSATION.fullmatch(path):
            return CONVERSATION_BODY
        return SMALL_BODY if _SMALL.fullmatch(path) else None


def too_large(limit: int) -> Refusal:
    """Return the refusal of a body above the limit.

    >>> too_large(SMALL_BODY).status
    413
    """
    if limit == UPLOAD_BODY:
        return Refusal(413, wording.FILE_TOO_LARGE)
    if limit == CONVERSATION_BODY:
        return Refusal(413, wording.CONVERSATION_TOO_LONG)
    return Refusal(413, wording.BODY_TOO_LARGE)


def is_loopback(host: str) -> bool:
    """Return whether a name or an address, without a port, is this machine's own.

    >>> [is_loopback(host) for host in ("localhost", "127.0.0.9", "::1", "0.0.0.0", "example.org")]
    [True, True, True, False, False]
    """
    try:
        return host == "localhost" or ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def is_this_machine(host: str) -> bool:
    """Return whether a header ``Host`` names this machine, at any port.

    >>> is_this_machine("localhost:7860"), is_this_machine("[::1]:7860"), is_this_machine("a.org")
    (True, True, False)
    """
    name = host if host.endswith("]") else host.rpartition(":")[0] or host
    return is_loopback(name.lower())


def is_foreign(head: Head, host: str) -> bool:
    """Return whether a browser sent the request on behalf of another site.

    A link from elsewhere to the page itself is none. Programs do not say where they come from, and
    need no protection from it.

    Source: "Protect your resources from web attacks with Fetch Metadata", L. Weichselbaum, 2020.
    """
    origin = head.headers.get("origin")
    if origin is not None and urlsplit(origin).netloc.lower() != host.lower():
        return True
    if head.headers.get("sec-fetch-site", "none") in ("none", "same-origin"):
        return False
    is_link = (
        head.method == "GET"
        and head.headers.get("sec-fetch-mode") == "navigate"
        and head.headers.get("sec-fetch-dest") == "document"
    )
    return not (is_link and head.path == "/")
