from pathlib import Path

import pytest

from rag.evaluate.json_lines import read_json_lines


def test_blank_lines_are_passed_over_and_counted(tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    path.write_text('\n{"a": 1}\r\n\n{"a": 2}', encoding="utf-8")
    assert list(read_json_lines(path)) == [(2, {"a": 1}), (4, {"a": 2})]


def test_a_byte_order_mark_and_a_line_separator_in_a_string_are_no_trouble(tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    path.write_bytes('\ufeff{"a": "one\u2028two"}\n'.encode())
    assert list(read_json_lines(path)) == [(1, {"a": "one\u2028two"})]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b'{"a": 1}\n{"a": }\n', r":2: the line must be JSON, got Expecting value at character 7"),
        (b"[1]\n", r":1: the line must be a JSON object, got list"),
        (b"{}\n\xff\n", r"must be UTF-8, got the byte 0xff at 3; save it as UTF-8"),
        (b"[" * 100_000, r":1: the line must be a flat JSON object, got one nested too deeply"),
    ],
    ids=["no json", "no object", "no utf-8", "too deep"],
)
def test_a_bad_line_is_an_error_of_one_line_that_names_it(
    tmp_path: Path, content: bytes, message: str
) -> None:
    path = tmp_path / "rows.jsonl"
    path.write_bytes(content)
    with pytest.raises(ValueError, match=message) as raised:
        list(read_json_lines(path))
    assert "rows.jsonl" in str(raised.value)
    assert "\n" not in str(raised.value)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"no file .*rows\.jsonl"):
        list(read_json_lines(tmp_path / "rows.jsonl"))
