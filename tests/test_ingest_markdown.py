from __future__ import annotations

from pathlib import Path

import pytest

from rag.ingest.article import Article, Limits
from rag.ingest.front_matter import MAX_FRONT_MATTER
from rag.ingest.markdown import drop_unseen, parse_markdown, read_markdown

BODY = "# Heading\n\nText with **bold** and a [link](https://example.org).\n"


def test_front_matter_becomes_fields_and_the_body_stays(tmp_path: Path) -> None:
    path = tmp_path / "a.md"
    path.write_text(
        "---\ntitle: 'Floods: a report'\nsource: Example News\nurl: https://example.org/1\n"
        f"author: Ann Lee\ndate: 2025-08-30\n---\n\n{BODY}"
    )
    assert read_markdown(path, Limits()) == Article(
        BODY, "Floods: a report", "Example News", "https://example.org/1", "Ann Lee", "2025-08-30"
    )


def test_windows_line_ends_do_not_hide_front_matter(tmp_path: Path) -> None:
    path = tmp_path / "a.md"
    path.write_bytes(b"\xef\xbb\xbf---\r\ntitle: T\r\n---\r\nOne.\r\nTwo.\r\n")
    assert read_markdown(path, Limits()) == Article("One.\nTwo.\n", title="T")


def test_values_stand_as_they_are_written() -> None:
    article = parse_markdown("---\ntitle: 1984\nsource: no\npublished: 2025-02-31\n---\nx")
    assert (article.title, article.source, article.published) == ("1984", "no", "2025-02-31")


@pytest.mark.parametrize(
    ("value", "author"),
    [
        ("[Ann Lee, Bo Ek]", "Ann Lee, Bo Ek"),
        ("\n- Ann\n- Bo", "Ann, Bo"),
        ("{name: Ann}", ""),
        ("~", ""),
        ("", ""),
    ],
)
def test_authors_may_be_a_list(value: str, author: str) -> None:
    assert parse_markdown(f"---\nAuthors: {value}\n---\nx").author == author


@pytest.mark.parametrize(
    "text",
    [
        BODY,
        f"---\n- a\n- list\n---\n{BODY}",
        f"---\njust words\n---\n{BODY}",
        f"---\n---\n{BODY}",
        f"---\n{BODY}",
        f"---\nNote: the bridge is closed.\n\nMore of it.\n\n---\n{BODY}",
        f"---\nThe bridge is closed: nobody may cross it.\n---\n{BODY}",
        f"+++\njust words\n+++\n{BODY}",
        f"...\ntitle: T\n---\n{BODY}",
        f"\n---\ntitle: not at the start\n---\n{BODY}",
        "",
    ],
    ids=lambda text: text[:20].encode("unicode_escape").decode(),
)
def test_what_is_not_front_matter_stays_in_the_body(text: str) -> None:
    assert parse_markdown(text) == Article(text)


def test_tags_in_yaml_make_no_objects() -> None:
    article = parse_markdown("---\ntitle: !!python/object/apply:os.getcwd []\n---\nx")
    assert article == Article("x")


@pytest.mark.parametrize(
    ("block", "title"),
    [
        (
            "---\ntitle: Guide to the Farrow Valley: paths and inns\n---",
            "Guide to the Farrow Valley: paths and inns",
        ),
        ("---\ntitle: @x\n---", "@x"),
        ("---\ntitle:\tA tab\n---", "A tab"),
        ("---\ntitle: [broken\n---", "[broken"),
        ("---\ntitle: *undefined\n---", "*undefined"),
        ("---\ntitle: 'Quoted'\nother: x: y\n---", "Quoted"),
        ("---\n# comment\nTitle: x: y\n\ntags:\n  - a: b\n---", "x: y"),
        (f"---\ntitle: {'x' * MAX_FRONT_MATTER}\n---", "x" * MAX_FRONT_MATTER),
        (f"---\ntitle: {'[' * 2000}{']' * 2000}\n---", f"{'[' * 1999}{']' * 1999}"),
        ("---\ntitle: Dots end it\n...", "Dots end it"),
        ("---\ntitle: Never closed\n", "Never closed"),
        ("+++\ntitle = 'TOML'\n[extra]\nx = 1\n+++", "TOML"),
        ("+++\ntitle = No: TOML\n+++", "No: TOML"),
    ],
    ids=lambda value: value[:30].encode("unicode_escape").decode(),
)
def test_front_matter_that_is_not_strict_yaml_is_read_and_is_no_text(
    block: str, title: str
) -> None:
    article = parse_markdown(f"{block}\n{BODY}")
    assert (article.title, article.text) == (title, BODY)


def test_the_days_and_authors_of_toml_are_read() -> None:
    article = parse_markdown('+++\ndate = 2024-07-09T10:00:00Z\nauthors = ["Ann", "Bo"]\n+++\nx')
    assert (article.published, article.author) == ("2024-07-09T10:00:00+00:00", "Ann, Bo")


def test_authors_may_be_a_list_where_another_field_is_not_yaml() -> None:
    for authors in ("[Ann, 'Bo']", "\n- Ann\n- Bo"):
        assert parse_markdown(f"---\ntitle: @x\nauthors: {authors}\n---\nx").author == "Ann, Bo"


def test_of_front_matter_that_is_never_closed_only_the_first_lines_are_fields() -> None:
    article = parse_markdown("---\ntitle: T\ndate: 2024\n\nNote: it rose.\n\n- one\n\n---\nMore.")
    assert (article.title, article.published) == ("T", "2024")
    assert article.text == "Note: it rose.\n\n- one\n\n---\nMore."


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("One. <!-- TODO --> Two.", "One.  Two."),
        ("One.\n\n<!-- TODO:\n\n```\n~~x~~ -->\n\nTwo.", "One.\n\n\nTwo."),
        (
            "It rose.[^1] It fell[^b], too.\n\n[^1]: A survey.\n[^b]: Another",
            "It rose. It fell, too.\n\n- A survey.\n- Another",
        ),
        ("The fee is ~~£30~~ £25 and ~~not\nthat~~.", "The fee is £25 and ."),
        ("The fee is <del>£30</del> <ins>£25</ins>.", "The fee is <ins>£25</ins>."),
        (
            "1,200<sup>1</sup> on 10<sup>6</sup> m<sup>2</sup> of CO<sub>2</sub>",
            "1,200 on 10⁶ m² of CO2",
        ),
        ('It is 12<sup><a href="#n">2</a></sup>.', "It is 12."),
        ("The **2**<SUP>nd</SUP> of 10**<sup>6</sup> `x`<sup>2</sup>", "The **2**nd of 10**⁶ `x`²"),
    ],
)
def test_what_a_reader_does_not_see_is_left_out(text: str, seen: str) -> None:
    assert drop_unseen(text) == seen


@pytest.mark.parametrize(
    "text",
    [
        BODY,
        "[^a-z] is a class, and [^1] no note.",
        "`<!-- x -->` and ``~~y~~[^1]``\n\n[^2]",
        "```html\n<!-- x -->\n~~y~~ [^1]: z\n```\n",
        "~~~\n<sup>1</sup>\n```\n<!-- x -->",
        "An arrow <!-- that is never closed, and --> before.".replace("-->", "->"),
        "--> An end <!-- without a start",
        "About ~5 or ~~ 6 and ~~~7~~~ in a ~~line\n\nand~~ another",
        "a \\~~b~~",
    ],
)
def test_code_and_what_only_looks_like_a_mark_stay_as_they_stand(text: str) -> None:
    assert drop_unseen(text) == text


@pytest.mark.timeout(20)
@pytest.mark.parametrize(
    "part",
    [
        "<!--",
        "<!-- -->",
        "~~a",
        "`",
        "`` ` ",
        "[^",
        "[^1]: ",
        "<sup>",
        "<sup><a ",
        "<s>a",
        "~~ ",
        "```\n",
        "<del>",
        "  ",
    ],
)
def test_hostile_markdown_is_read_in_time(part: str) -> None:
    assert drop_unseen(part * 200_000) is not None


def test_the_tags_of_blocks_are_not_read_but_part_paragraphs() -> None:
    text = (
        "<div align=center>\n\n# Keys\n</div>\n<details><summary>Who has it?</summary>Mr Brown.\n"
        "</details>\n\n`<p>` is <b>code</b>, 1 <p 2.\n"
    )
    said = parse_markdown(text).text
    assert [" ".join(each.split()) for each in said.split("\n\n") if each.strip()] == [
        "# Keys",
        "Who has it?",
        "Mr Brown.",
        "`<p>` is <b>code</b>, 1 <p 2.",
    ]
