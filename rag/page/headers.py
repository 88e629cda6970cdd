"""What the server of the page tells a browser not to do."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterable, Sequence

Header = tuple[bytes, bytes]

_SCRIPT = re.compile(rb"<script\b([^>]*)>(.*?)</script>", re.DOTALL | re.IGNORECASE)
_SAME_SITE = re.compile(r";\s*samesite=\w+", re.IGNORECASE)
_HTTP_ONLY = re.compile(r";\s*httponly", re.IGNORECASE)

PERMISSIONS = (
    "accelerometer=(), camera=(), display-capture=(), geolocation=(), gyroscope=(), "
    "microphone=(), payment=(), usb=(), clipboard-write=(self)"
)
COMMON = (
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"no-referrer"),
    (b"permissions-policy", PERMISSIONS.encode()),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
)
NOTHING = "default-src 'none'; frame-ancestors 'none'"
"""For what is no page: nothing in it may run, or load anything."""


def write_policy(scripts: Iterable[str]) -> str:
    """Return the Content-Security-Policy of the page, in which only these inline scripts run.

    ``scripts`` are hashes as `hash_script` returns them. Styles may stand in the page, because
    Gradio writes its own into it and sets sizes in attributes; what a style can load is limited to
    this server like all else.
    """
    rules = {
        "default-src": "'none'",
        "script-src": " ".join(["'self'", *scripts]),
        "style-src": "'self' 'unsafe-inline'",
        "img-src": "'self' data:",
        "font-src": "'self'",
        "connect-src": "'self'",
        "manifest-src": "'self'",
        "base-uri": "'self'",
        "form-action": "'self'",
        "frame-ancestors": "'none'",
    }
    return "; ".join(f"{name} {sources}" for name, sources in rules.items())


def hash_script(script: bytes) -> str:
    """Return the source expression of an inline script.

    >>> hash_script(b"alert(1)")
    "'sha256-bhHHL3z2vDgxUt0W3dWQOrprscmda2Y5pLsLg4GF+pI='"
    """
    digest = base64.b64encode(hashlib.sha256(script).digest()).decode("ascii")
    return f"'sha256-{digest}'"


def find_scripts(html: bytes) -> list[str]:
    """Return the hashes of the inline scripts of a page, in order.

    The page must be one in which no other's text stands unescaped: what is found may run.

    >>> find_scripts(b"<script src=a></script><script>alert(1)</script>")
    ["'sha256-bhHHL3z2vDgxUt0W3dWQOrprscmda2Y5pLsLg4GF+pI='"]
    """
    found = [
        (attributes, script.replace(b"\r\n", b"\n").replace(b"\r", b"\n"))  # as a browser reads it
        for attributes, script in _SCRIPT.findall(html)
    ]
    return [hash_script(script) for attributes, script in found if b"src=" not in attributes]


def secure(headers: Sequence[Header], policy: str, *, keep: bool = False) -> list[Header]:
    """Return the headers of an answer with those that protect it, in place of its own of the name.

    Cookies are out of reach of scripts, and stay at home when another site links here. Unless
    ``keep``, nobody keeps a copy: what is said in a conversation is not for the next at the desk.
    """
    ours = [*COMMON, (b"content-security-policy", policy.encode("ascii"))]
    if not keep:
        ours.append((b"cache-control", b"no-store"))
    names = {name for name, _ in ours} | {b"server"}
    theirs = [
        (name, _seal(value) if name.lower() == b"set-cookie" else value)
        for name, value in headers
        if name.lower() not in names
    ]
    return [*theirs, *ours]


def _seal(cookie: bytes) -> bytes:
    text = _HTTP_ONLY.sub("", _SAME_SITE.sub("", cookie.decode("latin-1")))
    return f"{text}; HttpOnly; SameSite=Strict".encode("latin-1")
