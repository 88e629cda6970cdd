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
        f"a |{' ' * 20_000}x",
        f"| a |\n|{'-' * 20_000}x",
        "- 1. " * 5_000,
        f"1.{' ' * 20_000}-",
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
        "| a | b |\n|---|---|",
        "| 1 | 2 |",
    ]


@pytest.mark.parametrize(
    "row",
    ["| Month | 2024 (mm) | 2025 (mm) |", "Jan. | Dry. Cold. | 2024 (mm)", "Levels in 2025 (mm) |"],
)
def test_a_table_row_is_one_sentence_whatever_it_says(row: str) -> None:
    assert sentences(f"{row}\n| a | b |") == [row, "| a | b |"]


def test_a_row_that_holds_a_paragraph_has_its_sentences() -> None:
    prose = "The tram runs on rails. " * 30
    assert len(sentences(f"| {prose}| b |")) == 31


def test_no_line_below_a_row_belongs_to_it_but_the_rule() -> None:
    text = "| a | b |\n|:--|--:|\n| 1 | 2 |\nA tram\nruns."
    assert sentences(text) == ["| a | b |\n|:--|--:|", "| 1 | 2 |", "A tram\nruns."]
    assert sentences("a | b\n--- | ---\n1 | 2") == ["a | b\n--- | ---", "1 | 2"]


@pytest.mark.parametrize(
    ("item", "expected"),
    [
        ("1. The port is 80. It was 8080.", ["1. The port is 80.", "It was 8080."]),
        ("- 2) One. Two.", ["- 2) One.", "Two."]),
        ("> 3. One. Two.", ["> 3. One.", "Two."]),
    ],
)
def test_the_number_of_an_item_belongs_to_its_first_sentence(
    item: str, expected: list[str]
) -> None:
    assert sentences(item) == expected


# Headings of plain text

CLUB = "Ebbing Ramblers\n\nThe club meets weekly.\n\nFees this year\n\nThey rise to £20.\n"


def titles(text: str) -> list[str]:
    return [words for words, level in blocks(text) if level]


def test_a_short_line_alone_without_an_end_mark_is_a_heading_of_plain_text() -> None:
    assert titles(CLUB) == ["Ebbing Ramblers", "Fees this year"]


def test_a_text_with_headings_in_markdown_has_no_others() -> None:
    assert titles(f"{CLUB}\n# Notes\n\nNone.") == ["# Notes"]


@pytest.mark.parametrize(
    "line",
    [
        "The fees rise.",
        "The fees:",
        "Fees: twenty pounds",
        "Passport photo £6",
        "Telephone 01632 960960",
        "12 High Street",
        "fees",
        "- Fees",
        "By Jane Doe",
        "Open daily. Closed in May",
        "Fees\nand more",
        "Fees " * 20,
    ],
)
def test_a_line_that_says_something_is_no_heading(line: str) -> None:
    assert titles(f"It meets weekly.\n\n{line}\n\nIt is old.") == []


def test_lines_alone_one_after_the_other_are_no_headings_but_for_the_title() -> None:
    lines = "\n\n".join(["The sea", "The sea is calm", "The tide is full", "It is night."])
    assert titles(lines) == ["The sea"]


def test_what_nothing_stands_below_is_no_heading() -> None:
    assert titles("It meets weekly.\n\nThe secretary") == titles("The secretary") == []


# Lines with figures


def test_short_lines_that_each_say_a_figure_are_sentences_below_their_heading() -> None:
    prices = ["Passport photo £6", "Marriage certificate £14", "Parking permit £55 a year"]
    assert sentences("\n".join(["Fees", *prices])) == ["Fees", *prices]
    assert titles("\n".join(["Fees", *prices])) == ["Fees"]
    assert sentences("\n".join(prices)) == prices


@pytest.mark.parametrize(
    "text",
    [
        "In 2021 the town had\nEbbing Mill, 40 shops and\nTarn Bridge 2 of the river.",
        "Ebbing Ramblers\n12 High Street\nEbbing",
        "The council met on 4\nSeptember 2025 in Ebbing",
        "The tide is full\nThe moon lies fair\nUpon the straits",
    ],
    ids=["wrapped prose", "address", "wrapped title", "verse"],
)
def test_other_short_lines_stay_together(text: str) -> None:
    assert sentences(text) == [text]


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
