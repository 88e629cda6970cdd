"""The files in the body of an upload, looked at before any of it is stored."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import PurePosixPath

from rag.page import wording
from rag.page.rules import Refusal

MAX_FILES = 10  # in one request: each of them is read by a process of its own
_BAD = Refusal(400, wording.BAD_UPLOAD)


def check_upload(content_type: str, body: bytes, suffixes: Sequence[str]) -> Refusal | None:
    """Return why an upload is refused, or None where every file may be stored.

    ``suffixes`` are in lower case, with their dot. What is in a file is judged by its reader.
    """
    names = find_names(content_type, body)
    if not names:
        return _BAD
    if len(names) > MAX_FILES:
        return Refusal(413, wording.TOO_MANY_FILES.format(limit=MAX_FILES))
    for name in names:
        if PurePosixPath(name.replace("\\", "/")).suffix.lower() not in suffixes:
            return Refusal(415, wording.WRONG_FILE.format(suffixes=", ".join(suffixes)))
    return None


def find_names(content_type: str, body: bytes) -> list[str]:
    """Return the names of the files in a body of ``multipart/form-data``; none if it is not one.

    A part that is no file makes the whole body another thing than an upload.
    """
    from python_multipart.exceptions import FormParserError
    from python_multipart.multipart import MultipartParser, parse_options_header

    kind, options = parse_options_header(content_type)
    if kind != b"multipart/form-data" or b"boundary" not in options:
        return []
    field, value = bytearray(), bytearray()
    names: list[str] = []
    ended = False

    def end_header() -> None:
        if bytes(field).lower() == b"content-disposition":
            _, parameters = parse_options_header(bytes(value))
            names.append(parameters.get(b"filename", b"").decode("utf-8", "replace"))
        field.clear()
        value.clear()

    def end() -> None:
        nonlocal ended
        ended = True

    parser = MultipartParser(
        options[b"boundary"],
        {
            "on_header_field": lambda data, start, stop: field.extend(data[start:stop]),
            "on_header_value": lambda data, start, stop: value.extend(data[start:stop]),
            "on_header_end": end_header,
            "on_end": end,
        },
    )
    try:
        parser.write(body)
    except FormParserError:
        return []
    return names if ended and all(names) else []
