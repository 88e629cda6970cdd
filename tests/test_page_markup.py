import re
from html import unescape

from hypothesis import given
from hypothesis import strategies as st

from rag.page.markup import draw_text, escape_line, escape_text

HOSTILE = [
    "<script>alert(1)</script>",
    '<img src=x onerror="alert(1)">',
    "![x](http://evil.example/x.png)",
    "[click](javascript:alert(1))",
    '"><svg onload=alert(1)>',
    "</mark></p><iframe src=//evil.example>",
]


def test_hostile_text_leaves_no_tag_of_its_own() -> None:
    for text in HOSTILE:
        tags = set(re.findall(r"</?(\w+)", draw_text(text, marked=[(0, len(text))])))
        assert tags == {"p", "mark"}, text


def test_a_quote_cannot_end_an_attribute() -> None:
    assert escape_text("\"x\" 'y'") == "&quot;x&quot; &#x27;y&#x27;"


def test_a_lone_surrogate_can_be_sent() -> None:
    assert escape_line("a\ud800b").encode("utf-8") == "a\N{REPLACEMENT CHARACTER}b".encode()


def test_a_span_over_two_lines_is_marked_on_both() -> None:
    assert draw_text("one\ntwo", marked=[(2, 5)]) == (
        '<p>on<mark class="cited">e</mark><br><mark class="cited">t</mark>wo</p>'
    )


def test_overlapping_spans_are_one_mark() -> None:
    assert draw_text("abcdef", marked=[(3, 5), (1, 4)]) == (
        '<p>a<mark class="cited">bcde</mark>f</p>'
    )


def test_spans_count_from_the_start_of_the_document() -> None:
    assert draw_text("cdef", offset=2, marked=[(0, 3), (5, 99)]) == (
        '<p><mark class="cited">c</mark>de<mark class="cited">f</mark></p>'
    )


def test_a_marked_heading_keeps_its_mark_and_loses_its_signs() -> None:
    assert draw_text("## The plan\ntext", marked=[(0, 6)]) == (
        '<h3><mark class="cited">The</mark> plan</h3><p>text</p>'
    )


def test_windows_line_ends_do_not_shift_marks() -> None:
    text = "one\r\n\r\ntwo three"
    start = text.index("three")
    assert draw_text(text, marked=[(start, start + 5)]) == (
        '<p>one</p><p>two <mark class="cited">three</mark></p>'
    )


def test_no_heading_is_deeper_than_html_has_them() -> None:
    text = "## high\n###### deep\n"
    assert draw_text(text) == "<h3>high</h3><h6>deep</h6>"
    assert draw_text(text, top=5) == "<h5>high</h5><h6>deep</h6>"


@given(
    text=st.text(alphabet=st.sampled_from("ab <>&\"'#\n\r\u2028é漢🙂 "), max_size=60),
    start=st.integers(0, 60),
    length=st.integers(0, 60),
)
def test_what_is_marked_is_what_the_span_has(text: str, start: int, length: int) -> None:
    html = draw_text(text, marked=[(start, start + length)])
    marked = "".join(re.findall(r'<mark class="cited">(.*?)</mark>', html))
    spanned = text[start : start + length]
    assert _letters(unescape(marked)) == _letters(_without_headings(text, start, spanned))
    assert "\n" not in html


def _letters(text: str) -> list[str]:
    return [character for character in text if character not in " \n\r\u2028"]


def _without_headings(text: str, start: int, spanned: str) -> str:
    """The span without the signs in front of headings, which are not shown."""
    hidden = set()
    place = 0
    for line in text.splitlines(keepends=True):
        match = re.match(r"#{1,6}[ \t]+", line)
        hidden |= set(range(place, place + (match.end() if match else 0)))
        if not line.strip():
            hidden |= set(range(place, place + len(line)))
        place += len(line)
    return "".join(each for n, each in enumerate(spanned, start) if n not in hidden)
