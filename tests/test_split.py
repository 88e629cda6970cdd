import hashlib
import random
import re
import time
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from pathlib import Path

import frontmatter
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rag.ingest.split import (
    EACH_PASSAGE,
    INSIDE_PARAGRAPH,
    SIZE,
    Unit,
    embedded_text,
    find_before,
    find_sections,
    make_passage,
    pack,
    split_document,
)
from rag.ingest.tokens import count_tokens
from rag.records import Document, Encoder, Passage

CORPUS = Path(__file__).parent.parent / "corpus"
ARTICLES = {
    path.name: frontmatter.loads(path.read_text(encoding="utf-8")).content
    for path in sorted(CORPUS.glob("*.md"))
}

EMOJI = "🚋 👩‍🚀 🏳️‍🌈 🇵🇰 e\u0301 "
CODE = "Before.\n\n```python\n# not a heading\n\ndef f():\n    return '''x'''\n```\n\nAfter.\n"
TABLE = "| city | line | year |\n|------|------|------|\n" + "| Lahore | Orange | 2020 |\n" * 60
LIST = "".join(
    f"{'  ' * (i % 4)}{mark} item {i} says this. And that\n" for i, mark in enumerate("-*+-" * 30)
)
HOSTILE = {
    "Arabic, right to left": "تريد باكستان تعاونًا أوثق مع الصين في مجال التكنولوجيا. " * 40,
    "Hebrew in English": "The sign said ״שלום, עולם״ (peace). " * 50,
    "Hindi": "पाकिस्तान चीन के साथ मिलकर बैटरी बनाना चाहता है। " * 40,
    "Chinese without spaces": "巴基斯坦希望与中国合作开发电池，价格下降了三成。会议于九月举行！"
    * 40,
    "Chinese without any mark": "巴基斯坦希望与中国合作开发钠离子电池" * 60,
    "Thai without spaces": "ประเทศไทยต้องการพัฒนาแบตเตอรี่โซเดียมไอออน" * 40,
    "Korean": "파키스탄은 중국과 나트륨 이온 배터리를 개발하려 한다. " * 40,
    "emoji and combining marks": EMOJI * 150,
    "CRLF": "# Trams\r\n\r\nA tram runs\r\non rails.\r\n\r\n## Costs\r\n\r\n- low\r\n- high\r\n"
    * 20,
    "old Mac line ends": "# Trams\r\rA tram runs on rails.\r## Costs\rThey fell. " * 20,
    "one line of 50 kB": "The tram runs on rails, it is red and it is slow; " * 1_000,
    "one word of 5 kB": "".join(chr(97 + i * i % 26) for i in range(5_000)),
    "only headings": "".join(f"{'#' * (1 + i % 6)} Heading {i}\n" for i in range(80)),
    "nested lists": LIST,
    "a table": TABLE,
    "fenced code": CODE * 10,
    "fence that never ends": f"```\n{CODE * 5}",
    "gaps of every kind": "a\u3000b\u2003c\xa0d\x0be\x0cf\x85g\u2028h\u2029i " * 60,
    "gaps only between two words": f"first{' ' * 3_000}\n\n\n\t\t second",
    "null and zero-width characters": "a\x00b\u200b\ufeffc\u00add. " * 100,
    "special tokens": "<|endoftext|><|im_start|> " * 50,
    "links": "See https://example.com/a/b-c_d?e=f&g=%20h#i and [this](http://x.y/z_(w)). " * 40,
    "many short sentences": "No. " * 500,
    "one sentence": "It rose",
}


def document(text: str, title: str = "Trams", doc_id: str = "trams.md") -> Document:
    return Document(doc_id=doc_id, title=title, text=text)


def check_law(text: str, passages: Sequence[Passage]) -> None:
    """Every passage is its span; they are in order, apart, and together all but the gaps."""
    end = 0
    for passage in passages:
        assert passage.text == text[passage.start : passage.end]
        assert passage.text.strip()
        assert passage.start >= end
        assert not text[end : passage.start].strip()
        end = passage.end
    assert not text[end:].strip()


@pytest.mark.parametrize("size", [8, 40, SIZE, 1_000])
@pytest.mark.parametrize("name", ARTICLES)
def test_passages_of_a_real_article_hold_all_of_it_and_none_is_too_long(
    name: str, size: int
) -> None:
    passages = split_document(document(ARTICLES[name]), size=size)
    check_law(ARTICLES[name], passages)
    assert max(count_tokens(passage.text) for passage in passages) <= size


@pytest.mark.parametrize("size", [40, SIZE])
@pytest.mark.parametrize("name", HOSTILE)
def test_passages_of_a_hostile_text_hold_all_of_it_and_none_is_too_long(
    name: str, size: int
) -> None:
    passages = split_document(document(HOSTILE[name]), size=size)
    check_law(HOSTILE[name], passages)
    assert max(count_tokens(passage.text) for passage in passages) <= size


# Letters, marks of sentences, Markdown, line ends and gaps of every kind, and what tears bytes.
PIECES = st.sampled_from(
    [*"aB1.!?。|#-*`~> \t\n\r", "\r\n", "\n\n", "\x0b", "\x85", "\u2028", "\u3000", "ß", "ا", "ก"]
    + ["🚋", "👩\u200d🚀", "e\u0301", "\n# ", "\n- ", "\n1. ", "\n```\n", "Dr. ", "\ufeff", "\x00"]
    + ["The tram runs. ", "It fell by 3.5%! ", "電気自動車", "ไทยแลนด์", "http://a.b/c?d=e "]
)
TEXTS = st.lists(PIECES, max_size=60).map("".join) | st.text(max_size=100)


@given(TEXTS, st.sampled_from([8, 13, 30]))
@settings(derandomize=True, deadline=None, max_examples=300)
def test_passages_of_any_text_hold_all_of_it(text: str, size: int) -> None:
    passages = split_document(document(text), size=size)
    check_law(text, passages)
    assert [passage.passage_id for passage in passages] == [
        passage.passage_id for passage in split_document(document(text), size=size)
    ]


@pytest.mark.parametrize("text", ["1a١١?  ！ ", "a가-a?  กก1", "🚋ม-١。-a", "🚋?  国🚋"], ids=ascii)
@pytest.mark.parametrize("size", [8, 9])
def test_sentences_whose_tokens_do_not_add_up_give_no_passage_over_the_size(
    text: str, size: int
) -> None:
    # Bytes merge otherwise where two sentences without a gap come together.
    passages = split_document(document(text), size=size)
    check_law(text, passages)
    assert max(count_tokens(passage.text) for passage in passages) <= size


def test_no_passage_over_the_size_comes_of_a_thousand_random_texts() -> None:
    generator = random.Random(5)
    pieces = [
        "。",
        "！",
        "? ",
        ".",
        " ",
        "\n",
        "国",
        "是",
        "a",
        "the",
        "🚋",
        "١",
        "ا",
        "ม",
        "-",
        "1",
    ]
    for _ in range(1_000):
        text = "".join(generator.choices(pieces, k=generator.randrange(10, 80)))
        for passage in split_document(document(text), size=8):
            assert count_tokens(passage.text) <= 8, (text, passage.text)


@pytest.mark.parametrize("text", ["", " ", "\n\n\r\n\t", "\u3000\u2028"], ids=ascii)
def test_a_blank_document_has_no_passages(text: str) -> None:
    assert split_document(document(text)) == []


@pytest.mark.parametrize("size", [7, 0, -1])
def test_a_size_that_is_too_small_is_an_error(size: int) -> None:
    with pytest.raises(ValueError, match=rf"^size must be at least 8 tokens, got {size}$"):
        split_document(document("A tram."), size=size)


def test_a_short_document_is_one_passage_with_all_that_is_known_of_it() -> None:
    (passage,) = split_document(document("\n  A tram runs.\nIt is red.\n\n"))
    assert (passage.doc_id, passage.title, passage.heading) == ("trams.md", "Trams", "")
    assert passage.text.strip() == "A tram runs.\nIt is red."


def test_a_heading_is_in_its_section_and_no_passage_holds_text_before_one() -> None:
    text = "Lead.\n\n# A\n\none\n\n## B\n\ntwo\n\n## C\n\nthree\n\n# D\n\nfour"
    assert [(p.heading, p.text) for p in split_document(document(text))] == [
        ("", "Lead."),
        ("A", "# A\n\none"),
        ("A > B", "## B\n\ntwo"),
        ("A > C", "## C\n\nthree"),
        ("D", "# D\n\nfour"),
    ]


def test_a_heading_right_under_a_heading_stays_with_it() -> None:
    text = "# A\n\n## B\n\ntwo\n\n## C\n### D"
    assert [(p.heading, p.text) for p in split_document(document(text))] == [
        ("A > B", "# A\n\n## B\n\ntwo"),
        ("A > C > D", "## C\n### D"),
    ]


def test_a_heading_of_plain_text_opens_its_section() -> None:
    text = "Ramblers\n\nThey meet.\n\nFees\n\nThey rise.\n\nThey rose."
    assert [(p.heading, p.text) for p in split_document(document(text))] == [
        ("Ramblers", "Ramblers\n\nThey meet."),
        ("Fees", "Fees\n\nThey rise.\n\nThey rose."),
    ]


def test_a_skipped_level_and_a_heading_without_words_leave_no_gap_in_the_path() -> None:
    text = "### A\none\n# #\ntwo\n## B\nthree\n#### C\nfour\n## D\nfive"
    assert [name for name, _, _ in find_sections(text)] == ["A", "", "B", "B > C", "D"]


@pytest.mark.parametrize("name", ["CRLF", "fenced code", "nested lists", "a table", *ARTICLES])
def test_no_passage_crosses_a_heading(name: str) -> None:
    text = {**HOSTILE, **ARTICLES}[name]
    for passage in split_document(document(text), size=400):
        code = re.sub(r"```.*?```", lambda found: "x" * len(found[0]), passage.text, flags=re.S)
        before, *after = re.split(r"^#{1,6} .*$", code.replace("\r\n", "\n"), flags=re.MULTILINE)
        assert len(after) <= 1
        assert not (after and before.strip())


@given(st.lists(st.sampled_from(["# A", "## B", "### C", "text", "- item", ""]), max_size=30))
@settings(derandomize=True, deadline=None, max_examples=200)
def test_the_path_of_a_passage_is_that_of_a_slow_reading_of_all_headings(lines: list[str]) -> None:
    text = "\n".join(lines)
    for passage in split_document(document(text), size=8):
        path: dict[int, str] = {}
        # The headings that open the passage belong to it, and so do those right before it.
        opening = re.match(r"(?:#+ \w\s*)+", passage.text)
        n_before = passage.start + (opening.end() if opening else 0)
        for level, name in re.findall(r"^(#+) (\w)$", text[:n_before], flags=re.MULTILINE):
            path = {at: title for at, title in path.items() if at < len(level)}
            path[len(level)] = name
        following = re.match(r"(?:\s*#+ \w\s*$)+", text[n_before:], flags=re.MULTILINE)
        if opening and following:  # a passage of headings only, followed by more of them
            continue
        assert passage.heading == " > ".join(path.values())


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ("## Costs ##", "Costs"),
        ("# C#", "C#"),
        ("# C #", "C"),
        ("# No. 1 #2", "No. 1 #2"),
        ("# #", ""),
    ],
)
def test_hashes_that_close_a_heading_are_not_its_words_and_all_others_are(
    line: str, name: str
) -> None:
    # CommonMark, section 4.2: hashes that close a heading stand after a gap.
    assert [section[0] for section in find_sections(f"{line}\ntext")] == [name]


def test_a_passage_ends_with_a_sentence_unless_one_alone_is_too_long() -> None:
    text = "The tram runs on rails. It is red and slow. Nobody knows why it was built here. " * 9
    for passage in split_document(document(text), size=30):
        assert re.fullmatch(r"(The|It|Nobody).*[a-z]\.", passage.text)


def test_a_long_sentence_is_cut_between_words() -> None:
    words = [f"word{i}" for i in range(300)]
    passages = split_document(document(" ".join(words)), size=20)
    assert [word for passage in passages for word in passage.text.split()] == words


def test_a_word_without_gaps_is_cut_where_the_size_ends() -> None:
    passages = split_document(document("x" * 2_000), size=10)
    assert "".join(passage.text for passage in passages) == "x" * 2_000
    assert {count_tokens(passage.text) for passage in passages[:-1]} == {9}


def test_no_character_is_torn_from_its_text_and_no_pair_of_bytes_is_cut() -> None:
    text = "👩‍🚀🇵🇰" * 200
    passages = split_document(document(text), size=8)
    assert "".join(passage.text for passage in passages) == text
    assert all(passage.text.encode().decode() == passage.text for passage in passages)


@pytest.mark.parametrize(
    "unit", ["tram ", "line\r\n", "qxzjkv", "ไทยแลนด์", "שלום עולם "], ids=ascii
)
def test_the_time_for_a_long_text_without_full_stops_is_in_proportion_to_it(unit: str) -> None:
    def seconds(n_characters: int) -> float:
        text = (unit * n_characters)[:n_characters]
        started = time.process_time()
        split_document(document(text))
        return time.process_time() - started

    seconds(1_000)
    # Four times the text: four times the time, where the square would be sixteen times.
    assert seconds(40_000) < 8 * seconds(10_000) + 0.05


# Packing


def cost(units: Sequence[Unit], ranges: Sequence[tuple[int, int]], size: int) -> float:
    """The cost of a packing, as the docstring of `pack` has it."""
    total = 0.0
    for first, last in ranges:
        filled = min(1, sum(unit.n_tokens for unit in units[first:last]) / size)
        total += (1 - filled) ** 2 + EACH_PASSAGE
        if last < len(units) and units[last].paragraph == units[last - 1].paragraph:
            total += INSIDE_PARAGRAPH
    return total


def packings(units: Sequence[Unit], size: int, first: int = 0) -> Iterator[list[tuple[int, int]]]:
    """All packings from a unit on in which no passage of several units is over the size."""
    if first == len(units):
        yield []
    for last in range(first + 1, len(units) + 1):
        if last - first == 1 or sum(unit.n_tokens for unit in units[first:last]) <= size:
            for rest in packings(units, size, last):
                yield [(first, last), *rest]


@given(
    st.lists(st.tuples(st.integers(1, 14), st.booleans()), max_size=8), st.sampled_from([8, 10, 20])
)
@settings(derandomize=True, deadline=None, max_examples=300)
def test_no_packing_costs_less_than_the_one_that_is_taken(
    rows: list[tuple[int, bool]], size: int
) -> None:
    paragraph = 0
    units = []
    for i, (n_tokens, opens) in enumerate(rows):
        paragraph += opens
        units.append(Unit(i, i + 1, n_tokens, paragraph))
    taken = pack(units, size)
    every = list(packings(units, size))
    assert taken in every
    assert cost(units, taken, size) == pytest.approx(min(cost(units, one, size) for one in every))


def test_nothing_is_packed_into_nothing() -> None:
    assert pack([], 10) == []


def test_a_paragraph_is_kept_whole_rather_than_the_passage_before_it_filled() -> None:
    units = [Unit(0, 1, 5, 0), Unit(1, 2, 5, 1), Unit(2, 3, 5, 1)]
    assert pack(units, 10) == [(0, 1), (1, 3)]


def test_a_unit_over_the_size_is_a_passage_of_its_own() -> None:
    units = [Unit(0, 1, 3, 0), Unit(1, 2, 30, 0), Unit(2, 3, 3, 0)]
    assert pack(units, 10) == [(0, 1), (1, 2), (2, 3)]


def test_many_units_are_packed_in_no_time() -> None:
    units = [Unit(i, i + 1, 1, i) for i in range(5_000)]
    started = time.process_time()
    ranges = pack(units, SIZE)
    assert time.process_time() - started < 5
    assert [first for first, _ in ranges] == [0, *(last for _, last in ranges[:-1])]
    assert ranges[-1][1] == len(units)


# What stands before


def before(text: str, size: int = 8) -> list[str]:
    return [passage.before for passage in split_document(document(text), size=size)]


def test_a_passage_knows_the_sentences_above_it() -> None:
    text = "Ada Byrne ran the depot. Her son drove. They left in 1990. She is 80 now."
    passages = split_document(document(text), size=8)
    assert [passage.text for passage in passages] == [
        *("Ada Byrne ran the depot.", "Her son drove.", "They left in 1990.", "She is 80 now.")
    ]
    assert [passage.before for passage in passages] == [
        *("", "Ada Byrne ran the depot.", "Ada Byrne ran the depot. Her son drove."),
        "Her son drove. They left in 1990.",
    ]


def test_nothing_stands_before_the_first_passage_of_a_section() -> None:
    text = "# Depot\n\nAda ran it well.\n\n## Trams\n\nIt has four of them. All run."
    assert before(text)[0] == ""
    assert not any("Ada" in each for each in before(text)[1:])
    assert not any("#" in each for each in before(text))


def test_what_is_too_long_to_be_read_twice_is_left_out() -> None:
    long = "The depot " + "and the depot " * 40 + "closed."
    assert find_before(f"It was cold. {long} She left.", 0, len(f"It was cold. {long}")) == ""
    short = "She was 40. "
    assert find_before(long + " " + short, 0, len(long) + 1 + len(short)) == "She was 40."
    assert len(find_before(f"{'x' * 200}. {'y' * 100}. ", 0, 306)) == 101


def test_what_stands_before_is_of_the_text_in_every_script() -> None:
    text = "東京タワー。大阪城。名古屋。" * 30
    for passage in split_document(document(text), size=20):
        assert text[: passage.start].rstrip().endswith(passage.before.rpartition(" ")[2])


def test_what_stands_before_is_found_in_a_long_text_without_reading_all_of_it() -> None:
    text = "The tram left. " * 40_000
    started = time.process_time()
    assert find_before(text, 0, len(text)) == "The tram left. The tram left."
    assert time.process_time() - started < 1


# Identity


def test_an_id_is_that_of_document_span_heading_and_text_and_of_nothing_else() -> None:
    here = document("A tram. A bus.")
    base = make_passage(here, 0, 7, "A")
    assert make_passage(document("A tram. A lorry.", title="Other"), 0, 7, "A").passage_id == (
        base.passage_id
    )
    others = [
        make_passage(document("A tram. A bus.", doc_id="buses.md"), 0, 7, "A"),
        make_passage(here, 0, 6, "A"),
        make_passage(here, 1, 7, "A"),
        make_passage(here, 0, 7, "B"),
        make_passage(document("A TRAM. A bus."), 0, 7, "A"),
    ]
    assert len({passage.passage_id for passage in [base, *others]}) == 6
    assert re.fullmatch(r"[0-9a-f]{32}", base.passage_id)


def test_an_id_is_the_same_in_every_version_that_splits_the_same() -> None:
    (passage,) = split_document(document("# A\ntram"))
    key = "\0".join(["trams.md", "0", "8", "A", "# A\ntram"])
    assert passage.passage_id == hashlib.sha256(key.encode()).hexdigest()[:32]


def test_ids_of_one_document_are_unique_even_where_it_repeats_itself() -> None:
    passages = split_document(document("# A\n\nThe same.\n\n" * 50))
    assert len({passage.passage_id for passage in passages}) == len(passages) == 50


def test_a_lone_surrogate_does_not_stop_the_naming() -> None:
    assert len(make_passage(document("\udcff"), 0, 1).passage_id) == 32


# What the encoder sees


def test_the_title_and_the_path_of_headings_stand_before_the_text() -> None:
    text = "# Trams\n\n## Costs\n\nLow."
    (passage,) = split_document(document(text))
    assert embedded_text(passage) == f"Trams > Costs\n{text}"


def test_without_title_and_headings_only_the_text_is_seen() -> None:
    (passage,) = split_document(document("Low.", title=""))
    assert embedded_text(passage) == "Low."


@pytest.fixture(scope="session")
def fits(encoder: Encoder) -> Callable[[str], bool]:
    return lambda text: encoder.count_tokens([text])[0] <= encoder.max_tokens


def check_seen(text: str, title: str, encoder: Encoder, fits: Callable[[str], bool]) -> None:
    passages = split_document(document(text, title=title), fits=fits)
    check_law(text, passages)
    longest = max(encoder.count_tokens([embedded_text(passage) for passage in passages]))
    assert longest <= encoder.max_tokens


@pytest.mark.parametrize("name", [*HOSTILE, *ARTICLES])
def test_the_encoder_sees_every_passage_whole(
    name: str, encoder: Encoder, fits: Callable[[str], bool]
) -> None:
    check_seen({**HOSTILE, **ARTICLES}[name], "Pakistan's trams", encoder, fits)


@pytest.mark.parametrize(
    "title",
    [
        "A long title about trams, " * 50,
        "巴基斯坦希望与中国合作开发钠离子电池" * 20,
        "한국의 전기차 정책과 배터리 산업의 미래에 대한 분석 " * 10,
        "!" * 300,
        "🚋 " * 200,
    ],
    ids=["English", "Chinese", "Korean", "marks", "emoji"],
)
def test_the_encoder_sees_a_passage_whole_under_a_title_of_any_length(
    title: str, encoder: Encoder, fits: Callable[[str], bool]
) -> None:
    text = "본문입니다. 내용이 있습니다. The tram runs on rails. 今日は晴れ。"
    check_seen(text, title, encoder, fits)


@pytest.mark.parametrize(
    "text",
    [
        "-" * 300,
        "=" * 3_000,
        f"|{'-' * 100}|{'-' * 200}|",
        f"Costs {'.' * 300} 7",
        "#!@$%^&*()" * 99,
    ],
    ids=["rule", "long rule", "head of a wide table", "dots to a page number", "marks"],
)
def test_the_encoder_sees_a_line_of_marks_whole(
    text: str, encoder: Encoder, fits: Callable[[str], bool]
) -> None:
    # tiktoken has a token for 64 marks of a kind, where each is a word piece.
    check_seen(text, "Trams", encoder, fits)


def test_a_passage_that_fits_stays_as_it_is() -> None:
    text = "The tram runs on rails. " * 60
    assert split_document(document(text), fits=lambda text: True) == split_document(document(text))


def test_a_passage_that_does_not_fit_is_split_until_it_does() -> None:
    text = "The tram runs on rails. It is red. " * 30
    passages = split_document(document(text), fits=lambda text: len(text) <= 200)
    check_law(text, passages)
    assert len(passages) > len(split_document(document(text)))
    assert max(len(embedded_text(passage)) for passage in passages) <= 200


def test_an_encoder_that_nothing_fits_ends_the_splitting_at_the_smallest_size() -> None:
    text = "The tram runs on rails. It is red. " * 10
    passages = split_document(document(text), fits=lambda text: False)
    check_law(text, passages)
    assert max(count_tokens(passage.text) for passage in passages) <= 8


def test_neighbours_in_one_section_do_not_share_a_character() -> None:
    passages = split_document(document("The tram runs on rails. " * 200))
    assert len(passages) > 3
    assert all(first.end <= second.start for first, second in pairwise(passages))
