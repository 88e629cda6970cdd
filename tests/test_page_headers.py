from __future__ import annotations

from rag.page.headers import NOTHING, find_scripts, hash_script, secure, write_policy


def test_only_the_scripts_of_the_page_run() -> None:
    html = b'<script>one()</script><script type="module" src="./a.js"></script>'
    html += b"<SCRIPT>two()\r\n</SCRIPT>"
    assert find_scripts(html) == [hash_script(b"one()"), hash_script(b"two()\n")]
    policy = write_policy(find_scripts(html))
    assert (
        f"script-src 'self' {hash_script(b'one()')} {hash_script(b'two()' + bytes([10]))};"
        in policy
    )
    assert "unsafe-eval" not in policy
    assert policy.count("unsafe-inline") == 1


def test_nothing_of_a_page_comes_from_elsewhere_or_goes_there() -> None:
    rules = dict(rule.split(" ", 1) for rule in write_policy([]).split("; "))
    assert rules["default-src"] == "'none'"
    assert rules["connect-src"] == rules["form-action"] == rules["font-src"] == "'self'"
    assert rules["img-src"] == "'self' data:"
    assert rules["frame-ancestors"] == "'none'"
    assert "http" not in write_policy([])


def test_a_cookie_is_out_of_reach_of_scripts_and_of_other_sites() -> None:
    cookies = [b"a=1; HttpOnly; Path=/; SameSite=none; Secure", b"b=2; Path=/; samesite=lax"]
    sealed = [
        v for n, v in secure([(b"set-cookie", c) for c in cookies], NOTHING) if n == b"set-cookie"
    ]
    assert sealed == [
        b"a=1; Path=/; Secure; HttpOnly; SameSite=Strict",
        b"b=2; Path=/; HttpOnly; SameSite=Strict",
    ]


def test_an_answer_cannot_weaken_what_protects_it() -> None:
    theirs = [
        (b"X-Frame-Options", b"ALLOWALL"),
        (b"Content-Security-Policy", b"default-src *"),
        (b"Server", b"uvicorn"),
        (b"Content-Type", b"text/plain"),
        (b"Cache-Control", b"public"),
    ]
    found = dict(secure(theirs, NOTHING))
    assert found[b"x-frame-options"] == b"DENY"
    assert found[b"content-security-policy"] == NOTHING.encode()
    assert found[b"x-content-type-options"] == b"nosniff"
    assert found[b"cache-control"] == b"no-store"
    assert found[b"Content-Type"] == b"text/plain"
    assert {b"Server", b"X-Frame-Options", b"Content-Security-Policy"} & found.keys() == set()


def test_the_page_s_own_code_may_be_kept() -> None:
    assert dict(secure([(b"cache-control", b"max-age=9")], NOTHING, keep=True))[
        b"cache-control"
    ] == (b"max-age=9")
