import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rag.ingest.sentences import find_blocks, find_sentences


def blocks(text: str) -> list[tuple[str, int]]:
    return [(text[block.start : block.end], block.level) for block in find_blocks(text)]


def sentences(text: str) -> list[str]:
    return [text[start:end] for start, end in find_sentences(text)]


def test_headings_items_and_rows_are_blocks_and_lines_of_a_paragraph_are_one() -> None:
    text = "# A #\nb\nc\n\n- d\n  e\n* f\n1. g\n2) h\n| i | j |\nk | l\n###### M"
    assert blocks(text) == [
        ("# A #", 1),
        ("b\nc", 0),
        ("- d\n  e", 0),
        ("* f", 0),
        ("1. g", 0),
        ("2) h", 0),
        ("| i | j |", 0),
        ("k | l", 0),
        ("###### M", 6),
    ]


@pytest.mark.parametrize(
    "line", ["#A", "####### seven", "    # code", "# ", "#", "\\# escaped", "a # b"]
)
def test_what_only_looks_like_a_heading_is_none(line: str) -> None:
    assert [level for _, level in blocks(line)] == [0]


@pytest.mark.parametrize(
    ("line", "level"), [("# A", 1), ("   ## A", 2), ("###\tA ###", 3), ("# #", 1)]
)
def test_a_heading_has_one_to_six_hashes_and_a_gap(line: str, level: int) -> None:
    assert [level for _, level in blocks(line)] == [level]


def test_items_of_one_list_share_a_paragraph_and_blank_lines_part_paragraphs() -> None:
    text = "- a\n- b\n\nc\n# D\ne\n\n\n\nf"
    numbers = {text[block.start : block.end]: block.paragraph for block in find_blocks(text)}
    assert numbers["- a"] == numbers["- b"] < numbers["c"] < numbers["# D"] < numbers["e"]
    assert numbers["e"] < numbers["f"]


def test_every_line_of_fenced_code_stands_alone_and_none_is_a_heading() -> None:
    text = "```sh\n# a comment\nmake\n\nmake install\n```\n# Heading"
    assert blocks(text) == [
        ("```sh", 0),
        ("# a comment", 0),
        ("make", 0),
        ("make install", 0),
        ("```", 0),
        ("# Heading", 1),
    ]


def test_code_that_closes_on_its_own_line_opens_no_fence() -> None:
    # CommonMark, section 4.5: the info string of a fence of backticks holds no backtick.
    assert blocks("```make``` builds it.\n\n# Heading")[-1] == ("# Heading", 1)


def test_a_fence_is_closed_by_its_own_kind_only() -> None:
    # CommonMark, section 4.5, examples 122 and 123.
    assert [level for _, level in blocks("```\n~~~\n# comment\n```\n# Heading")] == [0, 0, 0, 0, 1]


@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"], ids=ascii)
def test_line_ends_of_all_systems_give_the_same_blocks(line_end: str) -> None:
    text = line_end.join(["# A", "", "b c.", "", "- d", "- e"])
    assert blocks(text) == [("# A", 1), ("b c.", 0), ("- d", 0), ("- e", 0)]


@pytest.mark.parametrize("text", ["", " ", "\n\n\r\n\t\n", "\u2028\u3000"], ids=ascii)
def test_a_blank_text_has_neither_blocks_nor_sentences(text: str) -> None:
    assert blocks(text) == []
    assert sentences(text) == []


# Time of the processor, not of the clock: other work on the machine does not count.
@pytest.mark.parametrize(
    "line",
    [
        f"# a{' ' * 1_000}b",
        f"# a{' #' * 2_000}b",
        f"# a{'#' * 20_000}b",
        f"|{' ' * 20_000}x",
        f"{'| ' * 10_000}x",
        f"{'a ' * 10_000}|",
        f"-{' ' * 20_000}",
        "1" * 20_000,
        "`" * 20_000,
    ],
    ids=lambda line: f"{line[:5]!r} {len(line)}",
)
def test_a_hostile_line_takes_no_time(line: str) -> None:
    started = time.process_time()
    assert blocks(f"{line}\nb") != []
    assert time.process_time() - started < 0.5


def test_sentences_end_where_a_reader_would_say_so() -> None:
    text = (
        "Dr. Khan came to the U.S. on Sept. 4. He paid $3.50! Why? “No idea,” said Prof. Iqbal. "
        "E.g. trams cost 1.5 million."
    )
    assert sentences(text) == [
        "Dr. Khan came to the U.S. on Sept. 4.",
        "He paid $3.50!",
        "Why?",
        "“No idea,” said Prof. Iqbal.",
        "E.g. trams cost 1.5 million.",
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("今日は晴れ。明日は雨！", ["今日は晴れ。", "明日は雨！"]),
        ("यह एक है। वह दो है।", ["यह एक है।", "वह दो है।"]),
        ("هل أنت هنا؟ نعم.", ["هل أنت هنا؟", "نعم."]),
        ("Naïve 🚋🚋. Yes 👩‍🚀! No.", ["Naïve 🚋🚋.", "Yes 👩‍🚀!", "No."]),
    ],
    ids=["Japanese", "Hindi", "Arabic", "emoji"],
)
def test_sentences_of_other_scripts_end_at_their_own_marks(text: str, expected: list[str]) -> None:
    assert sentences(text) == expected


def test_a_line_end_within_a_paragraph_ends_no_sentence() -> None:
    assert sentences("A tram\nruns on\r\nrails. It is\nred.") == [
        "A tram\nruns on\r\nrails.",
        "It is\nred.",
    ]


def test_a_heading_is_one_sentence_whatever_it_says() -> None:
    assert sentences("## Who? Dr. No. And why?\nText.") == ["## Who? Dr. No. And why?", "Text."]


def test_items_and_rows_are_sentences_without_a_full_stop() -> None:
    assert sentences("Costs:\n- one\n- two. Three.\n| a | b |\n|---|---|\n| 1 | 2 |") == [
        "Costs:",
        "- one",
        "- two.",
        "Three.",
        "| a | b |",
        "|---|---|",
        "| 1 | 2 |",
    ]


def test_sentences_of_a_part_are_spans_of_the_whole() -> None:
    text = "One. Two. 🚋 three. Four."
    assert find_sentences(text, 5, 18) == [(5, 9), (10, 18)]
    assert [text[start:end] for start, end in find_sentences(text, 5, 18)] == ["Two.", "🚋 three."]


# Letters, marks of sentences, Markdown, line ends and gaps of every kind, and what tears bytes.
PIECES = st.sampled_from(
    [
        *"aB1.!?。|#-*`~> \t\n\r",
        "\r\n",
        "\n\n",
        "\x0b",
        "\x85",
        "\u2028",
        "\u3000",
        "é",
        "ß",
        "ا",
        "ก",
    ]
    + [
        "🚋",
        "👩\u200d🚀",
        "e\u0301",
        "# ",
        "\n# ",
        "\n- ",
        "\n1. ",
        "\n```\n",
        "\n~~~\n",
        "Dr. ",
        "U.S. ",
    ]
    + ["…", "।", "؟", "\ufeff", "\x00", "\u200b", "(a)", "“", "”", "http://a.b/c?d=e", " said. "]
)


@given(st.lists(PIECES, max_size=40).map("".join) | st.text(max_size=80))
@settings(derandomize=True, deadline=None, max_examples=400)
def test_sentences_of_any_text_are_trimmed_in_order_and_hold_all_of_it(text: str) -> None:
    spans = find_sentences(text)
    end = 0
    for start, following in spans:
        assert end <= start < following
        assert not text[end:start].strip()
        assert text[start:following].strip()
        assert not text[following - 1].isspace()
        end = following
    assert not text[end:].strip()


@given(st.lists(PIECES, max_size=40).map("".join) | st.text(max_size=80))
@settings(derandomize=True, deadline=None, max_examples=400)
def test_blocks_of_any_text_are_in_order_and_hold_all_of_it(text: str) -> None:
    end = 0
    paragraph = 0
    for block in find_blocks(text):
        assert end <= block.start < block.end
        assert not text[end : block.start].strip()
        assert text[block.start : block.end].strip()
        assert paragraph <= block.paragraph
        end, paragraph = block.end, block.paragraph
    assert not text[end:].strip()
