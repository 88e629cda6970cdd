import re
from dataclasses import replace

from rag.index import DocumentRow
from rag.page import wording
from rag.page.sources import Exchange, draw_articles, draw_sources
from tests.fakes_page import ROWS, cite, make_answer, refusal


def test_a_card_shows_title_outlet_date_and_the_cited_sentence() -> None:
    html = draw_sources(Exchange(3, "When?", make_answer()), ROWS)
    assert '<article class="card" id="source-3-1">' in html
    assert '<span class="number">1</span><a href="#cite-3-1">The river</a>' in html
    assert "<span>The Gazette</span><span>2024-05-01</span><span>river.md</span>" in html
    assert '<mark class="cited">The river rises in May.</mark> It falls in June.' in html
    assert "Boats &lt;wait&gt; &amp; watch." in html


def test_all_spans_of_a_source_are_marked_on_one_card() -> None:
    answer = make_answer()
    second = cite(answer.citations[0].passage, "It falls in June.")
    html = draw_sources(
        Exchange(1, "?", replace(answer, citations=(*answer.citations, second))), ROWS
    )
    assert html.count('<article class="card" id="source-') == 1
    assert html.count('<mark class="cited">') == 2


def test_what_was_found_and_not_cited_is_folded_below() -> None:
    html = draw_sources(Exchange(3, "When?", make_answer()), ROWS)
    fold = html[html.index('<details class="fold others">') :]
    assert "Also found, not cited (1)" in fold
    assert 'id="hit-3-2"' in fold
    assert "<mark" not in fold


def test_a_card_says_why_its_passage() -> None:
    html = draw_sources(Exchange(3, "When?", make_answer()), ROWS)
    facts = re.findall(r"<dt>(.*?)</dt><dd>(.*?)</dd>", html)
    assert facts == [
        ("Words in common", "river, rises"),
        ("Rank by meaning", "1"),
        ("Rank by words", "2"),
        ("Score", "0.900"),
        ("Words in common", wording.NO_MATCH),
        ("Rank by meaning", wording.NO_RANK),
        ("Rank by words", "3"),
        ("Score", "0.200"),
    ]


def test_a_refusal_shows_the_nearest_passages_as_such() -> None:
    html = draw_sources(Exchange(2, "Who?", refusal()), ROWS)
    assert '<h2 tabindex="-1">Nearest passages – not an answer</h2>' in html
    assert 'href="#near-2-1"' in html
    assert 'href="#near-2-2"' in html
    assert "<mark" not in html
    assert "#cite-" not in html


def test_a_question_is_escaped() -> None:
    html = draw_sources(Exchange(1, "<script>x</script>", make_answer()), ROWS)
    assert "<q>&lt;script&gt;x&lt;/script&gt;</q>" in html


def test_the_articles_are_listed_before_the_first_answer() -> None:
    html = draw_articles(list(ROWS.values()))
    assert html.count('<span class="title">') == 2
    assert "<span>1 passage</span>" in html


def test_a_long_list_of_articles_ends_with_how_many_more() -> None:
    rows = [DocumentRow(f"{n}.md", "", "", "", 1) for n in range(1_103)]
    assert "and 1,003 more" in draw_articles(rows)


def test_no_articles_give_no_list() -> None:
    assert "<ul" not in draw_articles([])
