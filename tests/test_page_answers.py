import re
from dataclasses import replace

from rag.page import wording
from rag.page.answers import draw_answer, draw_note, plain_text
from rag.page.history import read_answer
from rag.records import Answer, Unsupported
from tests.fakes_page import ROWS, cite, make_answer, make_passage, refusal


def test_a_mark_leads_to_its_source_in_its_turn() -> None:
    html = draw_answer(make_answer(), 7, ROWS)
    assert '<a class="cite" id="mark-7-1" href="#cite-7-1"' in html
    assert 'title="Source 1: The river rises in May."' in html


def test_ids_are_unique_where_a_source_is_cited_twice() -> None:
    html = draw_answer(replace(make_answer(), text="One. [1] Two. [1]"), 1, ROWS)
    ids = re.findall(r' id="([^"]+)"', html)
    assert sorted(set(ids)) == sorted(ids)
    assert html.count('href="#cite-1-1"') == 3  # two marks and the row of sources


def test_a_number_without_a_citation_stays_text() -> None:
    html = draw_answer(replace(make_answer(), text="It rises. [2]"), 1, ROWS)
    assert "<p>It rises. [2]</p>" in html


def test_lines_with_a_dash_are_a_list() -> None:
    html = draw_answer(replace(make_answer(), text="Two:\n- one [1]\n- two"), 1, ROWS)
    assert re.search(r"<p>Two:</p><ul><li>one <a [^>]+>1</a></li><li>two</li></ul>", html)


def test_stars_are_bold_and_everything_else_is_escaped() -> None:
    html = draw_answer(replace(make_answer(), text="**30%** of <b>all</b>"), 1, ROWS)
    assert "<p><strong>30%</strong> of &lt;b&gt;all&lt;/b&gt;</p>" in html


def test_a_hostile_quote_stays_inside_its_title() -> None:
    passage = make_passage('He said "><img src=x onerror=alert(1)> twice.')
    answer = replace(make_answer(), citations=(cite(passage, passage.text),))
    assert "<img" not in draw_answer(answer, 1, ROWS)


def test_the_confidence_and_the_query_are_told() -> None:
    html = draw_answer(make_answer(), 1, ROWS)
    assert '<dd><span class="meter tenths-9"></span>87 %</dd>' in html
    assert "<dd><q>river rises</q>" in html
    assert 'href="#again"' in html


def test_notices_are_shown() -> None:
    html = draw_answer(replace(make_answer(), notices=("The model did not <answer>.",)), 1, ROWS)
    assert '<p class="note">The model did not &lt;answer&gt;.</p>' in html


def test_a_refusal_looks_different_and_has_no_source() -> None:
    html = draw_answer(refusal(), 1, ROWS)
    assert html.startswith('<div class="answer abstained" id="answer-1" tabindex="-1">')
    assert "#cite-" not in html
    assert 'href="#cards-1"' in html
    assert '<a href="#near-1-2">The wood</a> <span class="about">Wolves live there.</span>' in html
    assert html.index(wording.NEAREST_MORE) < html.index("Wolves live there.")
    assert 'href="#view-articles"' in html


def test_a_refusal_without_any_passage_says_so() -> None:
    html = draw_answer(replace(refusal(), hits=()), 1, ROWS)
    assert wording.NOTHING_NEAR in html
    assert "#near-" not in html
    assert "#cards-" not in html


def test_an_answer_is_copied_with_its_sources() -> None:
    answer = replace(make_answer(), text="It rises in **May**. [1]")
    assert plain_text(answer, ROWS) == (
        "It rises in May. [1]\n\n[1] The river, The Gazette, 2024-05-01: “The river rises in May.”"
    )


def test_a_refusal_is_copied_as_it_is() -> None:
    assert plain_text(refusal(), ROWS) == "The articles do not say."


def test_a_note_is_no_answer() -> None:
    assert draw_note("a <b>\nc") == '<p class="note" role="status">a &lt;b&gt; c</p>'


def unsupported_answer() -> Answer:
    """An answer whose second sentence no passage supports."""
    wrong = "It is 900 km long. (not supported by [1])"
    answer = make_answer()
    return replace(
        answer,
        text=f"{answer.text} {wrong} It falls. [1]",
        unsupported=(Unsupported(wrong, 'the passage has no "900"'),),
    )


def test_a_sentence_that_is_not_supported_is_told_from_the_others() -> None:
    html = draw_answer(unsupported_answer(), 1, ROWS)
    assert (
        '<span class="unsupported" title="Not supported: the passage has no &quot;900&quot;">'
        "It is 900 km long. (not supported by <a " in html
    )
    assert html.count('class="unsupported"') == 1
    assert re.search(r"</span> It falls\. <a ", html)


def test_what_is_not_supported_is_marked_in_a_list_too() -> None:
    wrong = "two (not supported by the articles)"
    answer = replace(make_answer(), text=f"- one [1]\n- {wrong}", unsupported=(Unsupported(wrong),))
    html = draw_answer(answer, 1, ROWS)
    assert f'<li><span class="unsupported" title="">{wrong}</span></li>' in html


def test_what_is_not_supported_is_no_part_of_what_was_said() -> None:
    html = draw_answer(unsupported_answer(), 1, ROWS)
    assert read_answer(html) == "The river rises in May. [1] It falls. [1]"
    assert read_answer(html) == unsupported_answer().stated
