from dataclasses import replace

from rag.page import wording
from rag.page.article import Reading, Target, draw_article, find_reading, parse_target
from rag.page.sources import Exchange
from rag.records import Document
from tests.fakes_page import RIVER, ROWS, make_answer, refusal

DOCUMENT = Document("river.md", "The river", RIVER)


def test_only_links_of_the_page_are_followed() -> None:
    for text in ["", "cite", "cite-1-1-1", "cite-x-1", "#cite-1-1", "evil cite-1-1", "cite-1-1\n"]:
        assert parse_target(text) is None, text
    assert parse_target("cards-12 3") == Target("cards", 12)
    assert parse_target("near-1-2") == Target("near", 1, 2)


def test_a_citation_is_read_with_all_its_spans() -> None:
    answer = make_answer()
    reading = find_reading(Exchange(1, "?", answer), Target("cite", 1, 1))
    assert reading == Reading(answer.citations[0].passage, ((13, 36),))
    assert RIVER[13:36] == "The river rises in May."


def test_a_hit_is_read_as_a_whole() -> None:
    answer = refusal()
    reading = find_reading(Exchange(1, "?", answer), Target("near", 1, 2))
    assert reading == Reading(answer.hits[1].passage, ((0, 35),))


def test_a_source_that_the_answer_does_not_have_is_not_found() -> None:
    assert find_reading(Exchange(1, "?", make_answer()), Target("cite", 1, 2)) is None
    assert find_reading(Exchange(1, "?", make_answer()), Target("near", 1, 3)) is None


def test_the_whole_article_is_drawn_with_the_first_span_to_scroll_to() -> None:
    reading = Reading(make_answer().citations[0].passage, ((13, 36), (37, 54)))
    html = draw_article(reading, Target("cite", 4, 1), DOCUMENT, ROWS)
    assert '<mark class="cited" id="cited">The river rises in May.</mark>' in html
    assert '<mark class="cited">It falls in June.</mark>' in html
    assert html.count('id="cited"') == 1
    assert "Boats &lt;wait&gt; &amp; watch." in html
    assert 'href="#cards-4"' in html
    assert 'href="#mark-4-1"' in html


def test_an_article_that_changed_is_not_passed_off_as_the_cited_one() -> None:
    reading = Reading(make_answer().citations[0].passage, ((13, 36),))
    changed = replace(DOCUMENT, text="Something new. " + RIVER)
    for document in (changed, None):
        html = draw_article(reading, Target("cite", 1, 1), document, ROWS)
        assert wording.CHANGED in html
        assert "Something new" not in html
        assert '<mark class="cited" id="cited">The river rises in May.</mark>' in html
