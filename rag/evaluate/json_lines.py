"""JSON lines → objects, with errors that name the file and the line."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any


def read_json_lines(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield the line number, from 1, and the object of every line that is not blank.

    The file is UTF-8, with or without a byte order mark. Only the line feed ends a line: a JSON
    string may hold U+2028 and the like as they are.

    Raises:
        FileNotFoundError: if there is no such file.
        ValueError: if the file is not UTF-8, or a line is not a JSON object.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise FileNotFoundError(f"no file {str(path)!r}; name a file of JSON lines") from None
    except UnicodeDecodeError as error:
        raise ValueError(
            f"{path} must be UTF-8, got the byte 0x{error.object[error.start]:02x} at "
            f"{error.start}; save it as UTF-8"
        ) from None
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except json.JSONDecodeError as error:
            raise ValueError(
                f"{path}:{number}: the line must be JSON, got {error.msg} at character "
                f"{error.pos + 1}; write one object a line"
            ) from None
        except RecursionError:
            raise ValueError(
                f"{path}:{number}: the line must be a flat JSON object, got one nested too deeply"
            ) from None
        if not isinstance(row, dict):
            raise ValueError(
                f"{path}:{number}: the line must be a JSON object, got {type(row).__name__}; "
                "write one object a line"
            )
        yield number, row
