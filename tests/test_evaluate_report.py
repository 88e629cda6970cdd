import re
from html.parser import HTMLParser
from pathlib import Path

from rag.evaluate.evaluation import Evaluation, QuestionResult
from rag.evaluate.questions import Evidence, TestQuestion
from rag.evaluate.report import render_html, write_html
from rag.records import Answer, Citation, Hit, Passage, Turn

NASTY = "<script>alert('&')</script>"
VOID = {"meta"}


class TagChecker(HTMLParser):
    """Holds the tags that are open and every attribute that was seen."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


def make_evaluation() -> Evaluation:
    passage = Passage(NASTY, NASTY, 0, len(NASTY), NASTY, NASTY, NASTY)
    answered = Answer(
        f"{NASTY} [1]",
        (Citation(1, passage, 0, len(NASTY)),),
        (Hit(passage, 1.0, 1),),
        confidence=0.75,
        query=NASTY,
    )
    question = TestQuestion(
        NASTY,
        "first question",
        (Turn(NASTY, NASTY),),
        (NASTY,),
        (Evidence(NASTY, NASTY),),
        (),
        NASTY,
    )
    return Evaluation.from_results(
        [
            QuestionResult(
                question, answered, {"contains": 1.0}, 12.0, passed=True, supported=True
            ),
            QuestionResult(
                TestQuestion("b", "second question"), None, {}, None, passed=False, error=NASTY
            ),
            QuestionResult(
                TestQuestion("c", "third question", evidence=(Evidence("x.md"),)),
                Answer("They do not say.", abstained=True, confidence=0.25),
                {"refused_answerable": 1.0},
                8.0,
                passed=False,
            ),
        ],
        {NASTY: NASTY},
    )


def test_all_text_is_escaped_and_every_tag_is_closed() -> None:
    page = render_html(make_evaluation())
    assert "<script" not in page
    checker = TagChecker()
    checker.feed(page)
    checker.close()
    assert checker.open == []
    assert "script" not in checker.tags
    # the facts twice; id, kind, turn twice, expected, answer, query; place and text of the
    # citation and of the hit; the error; the name of the kind in the table
    assert checker.text.count(NASTY) == 2 + 7 + 4 + 1 + 1


def test_the_page_asks_for_nothing_from_outside() -> None:
    page = render_html(make_evaluation())
    assert not re.search(r"https?:|url\(|@import", page)
    checker = TagChecker()
    checker.feed(page)
    assert not {"src", "href", "srcset", "action", "data"} & checker.attributes
    assert not {"link", "img", "iframe", "object", "base"} & checker.tags
    assert "default-src 'none'" in page


def test_failures_come_first_and_are_open() -> None:
    page = render_html(make_evaluation())
    order = [page.index(f"{name} question</b>") for name in ("second", "third", "first")]
    assert order == sorted(order)
    assert page.count("<details open>") == 2
    assert "1 passed" in page
    assert "2 failed" in page


def test_the_page_has_both_colour_schemes_and_the_plots() -> None:
    page = render_html(make_evaluation())
    assert "prefers-color-scheme: dark" in page
    assert page.count("<svg") == 3


def test_an_article_with_addresses_and_lone_surrogates_is_written(tmp_path: Path) -> None:
    question = TestQuestion("a", "see \ud800 \U0001f642")
    result = QuestionResult(question, Answer("no", abstained=True), {}, 1.0, passed=True)
    path = tmp_path / "report.html"
    write_html(Evaluation.from_results([result]), path)
    assert "see &#55296; \U0001f642" in path.read_text(encoding="utf-8")


def test_the_words_that_answer_are_bold() -> None:
    answer = Answer("It rose by **2.4 metres** <b>at 5 ** 2</b>. [1]")
    result = QuestionResult(TestQuestion("q", "How much?"), answer, {}, 1.0, False)
    html = render_html(Evaluation.from_results([result], {}))
    assert "It rose by <strong>2.4 metres</strong> &lt;b&gt;at 5 ** 2&lt;/b&gt;. [1]" in html
