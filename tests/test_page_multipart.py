from __future__ import annotations

import pytest

from rag.page.multipart import MAX_FILES, check_upload, find_names

KIND = "multipart/form-data; boundary=b"
SUFFIXES = (".md", ".pdf")


def body(*names: str, field: str = "files") -> bytes:
    parts = [
        f'--b\r\nContent-Disposition: form-data; name="{field}"; filename="{name}"\r\n'
        "Content-Type: text/plain\r\n\r\ntext\r\n"
        for name in names
    ]
    return ("".join(parts) + "--b--\r\n").encode()


def status(kind: str, data: bytes) -> int | None:
    refusal = check_upload(kind, data, SUFFIXES)
    return refusal.status if refusal else None


def test_files_of_the_right_kind_are_let_in() -> None:
    assert find_names(KIND, body("a.md", "Ä b.PDF")) == ["a.md", "Ä b.PDF"]
    assert status(KIND, body("a.md", "Ä b.PDF")) is None


@pytest.mark.parametrize(
    "name", ["a.exe", "a.svg", "a.html", "a", ".md", "a.md.sh", "a.md/b.sh", "a.md\\b.sh", "a.md "]
)
def test_files_of_another_kind_are_refused(name: str) -> None:
    assert status(KIND, body("a.md", name)) == 415


@pytest.mark.parametrize(
    ("kind", "data"),
    [
        ("application/json", body("a.md")),
        ("multipart/form-data", body("a.md")),
        ("multipart/form-data; boundary=other", body("a.md")),
        (KIND, body()),
        (KIND, body("")),
        (KIND, body("a.md").removesuffix(b"--b--\r\n")),
        (KIND, b"--b\r\nContent-Disposition: form-data; name=x\r\n\r\n1\r\n--b--\r\n"),
        (KIND, b"\x00\xff" * 100),
        (KIND, b""),
    ],
)
def test_what_is_no_upload_is_refused(kind: str, data: bytes) -> None:
    assert status(kind, data) == 400


def test_only_so_many_files_come_at_once() -> None:
    assert status(KIND, body(*["a.md"] * MAX_FILES)) is None
    assert status(KIND, body(*["a.md"] * (MAX_FILES + 1))) == 413
