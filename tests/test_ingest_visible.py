from __future__ import annotations

import pytest

from rag.ingest.webpage import parse_webpage

SENTENCE = "The river rose by 2.4 metres on Monday and the low road was closed until the evening."
AROUND = "".join(f"<p>On day {day} of it, {SENTENCE}</p>" for day in range(1, 8))
BEFORE, AFTER = "On day 7 of it, ", "\n\nOn day 1 of it, "


def read(html: str, around: str = "<article>{}</article>") -> str:
    """What becomes of a part of a long page."""
    page = around.format(f"{AROUND}{html}{AROUND}")
    text = parse_webpage(f"<html><head></head><body>{page}</body></html>").text
    return text.split(f"{BEFORE}{SENTENCE}\n\n")[1].partition(AFTER)[0]


def test_raised_figures_become_no_other_numbers() -> None:
    html = (
        "<p>They made 1,200<sup>1</sup> cars, or 10<sup>6</sup> m<sup>2</sup>, in 2019"
        '<sup><a href="#n2">2</a></sup>, the 4<sup>th</sup> time, of CO<sub>2</sub>.</p>'
    )
    assert read(html) == "They made 1,200 cars, or 10⁶ m², in 2019, the 4th time, of CO2."


def test_raised_figures_are_known_by_their_style_too() -> None:
    html = '<p>It was 10<span style="vertical-align: super">6</span> by the end of that.</p>'
    assert read(html) == "It was 10⁶ by the end of that."


def test_what_stands_before_a_raised_figure_may_be_marked_up_itself() -> None:
    html = "<p>It was <b>1<i>0</i></b><sup><b>6</b></sup>, <b>1,200</b><!-- x --><sup>1</sup>.</p>"
    assert read(html) == "It was 10⁶, 1,200."


def test_marks_of_notes_and_the_ways_back_go_and_other_links_stay() -> None:
    html = (
        '<p>Cars<a href="#n1" role="doc-noteref">1</a> and ships<sup class="reference">'
        '<a href="#n2">[2]</a></sup>, see section <a href="#s3">3</a>.</p>'
        '<ol><li id="n1">A survey. <a href="#r1">↩</a></li></ol>'
    )
    assert read(html) == "Cars and ships, see section 3.\n\n- A survey."


@pytest.mark.parametrize(
    "struck",
    [
        "<s>£30</s>",
        "<del>£30</del>",
        "<strike>£30</strike>",
        '<span style="text-decoration: line-through red">£30</span>',
    ],
)
def test_struck_text_is_not_read(struck: str) -> None:
    assert read(f"<p>The fee is {struck} <ins>£25</ins> a day.</p>") == "The fee is £25 a day."


@pytest.mark.parametrize(
    "hidden",
    [
        "<p hidden>The budget is 999.</p>",
        '<p style="color: red; display:none">The budget is 999.</p>',
        '<div style="visibility: hidden"><p>The budget is 999.</p></div>',
    ],
)
def test_hidden_text_is_not_read(hidden: str) -> None:
    assert read(f"{hidden}<p>It is not known.</p>") == "It is not known."


def test_what_can_be_found_by_a_search_is_not_hidden() -> None:
    assert read('<p hidden="until-found">It is folded away.</p>') == "It is folded away."


def test_a_page_that_is_hidden_until_a_script_has_run_is_read() -> None:
    html = f'<html><body style="display: none"><main hidden>{AROUND}</main></body></html>'
    assert parse_webpage(html).text.count(SENTENCE) == 7


def test_a_day_within_a_sentence_stays_in_it() -> None:
    html = '<p>He visited in <time datetime="2020-01-03">January</time>.</p>'
    assert read(html) == "He visited in January."
    assert parse_webpage(f"<html><body>{html}</body></html>").text == "He visited in January."


def test_a_formula_is_read_once() -> None:
    drawn = '<span aria-hidden="true">E=mc2</span>'
    formula = "<math><mi>E</mi><mo>=</mo><mi>m</mi><msup><mi>c</mi><mn>2</mn></msup></math>"
    hidden = f'<span style="display: none">{formula}</span>'
    html = f"<p>Then <span>{hidden}{drawn}</span> holds.</p>"
    assert read(html) == "Then E=mc² holds."
    assert read('<p>Then <math alttext="E=mc^2"></math> holds.</p>') == "Then E=mc^2 holds."


@pytest.mark.parametrize("around", ["<article>{}</article>", "{}", "<div>{}</div>"])
def test_a_term_stands_with_what_is_said_of_it(around: str) -> None:
    html = (
        "<dl><div><dt>Opened<dd>1931</dd></div><dt>Length</dt><dd>12 km</dd><dd>of it two wide"
        "</dd><dt>Who built it?</dt><dd>Ann Lee</dd><dt>Red</dt><dt>Blue</dt><dd>colours</dd></dl>"
    )
    assert read(html, around) == (
        "- Opened: 1931\n- Length: 12 km; of it two wide\n- Who built it? Ann Lee\n"
        "- Red, Blue: colours"
    )


@pytest.mark.parametrize("around", ["<article>{}</article>", "{}", "<div>{}</div>"])
def test_items_without_a_list_are_read_as_one(around: str) -> None:
    html = "<li>First of all</li> <li>Second of all</li>"
    assert read(html, around) == "- First of all\n- Second of all"


def test_text_between_items_without_a_list_is_not_in_them() -> None:
    html = "<li>First of all</li>In between<li>Second of all</li>"
    assert read(html) == "- First of all\n\nIn between\n\n- Second of all"


def test_lists_and_tables_of_an_undivided_page_are_read() -> None:
    html = (
        "<ul><li><p>Stay inside</p><p>and wait</p></li></ul>"
        "<table><tr><th>Day</th><th>Level</th></tr><tr><td>Mon<br>day</td><td>2</td></tr></table>"
        "<center>In the middle</center>"
    )
    assert read(html, "<h1>Floods</h1>{}") == (
        "- Stay inside\n  and wait\n\n- Day: Mon day; Level: 2\n\nIn the middle"
    )


def test_a_word_that_may_be_cut_is_whole() -> None:
    assert read("<p>The engi&shy;neer came and left a<wbr>gain.</p>") == (
        "The engineer came and left again."
    )
