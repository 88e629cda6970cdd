from __future__ import annotations

from pathlib import Path

import pytest

from rag.generate.check.claims import split_plain
from rag.ingest.article import Limits, ReadError
from rag.ingest.webpage import parse_webpage, read_webpage

SENTENCE = "The river rose by 2.4 metres on Monday and the low road was closed until the evening."
PAGE = f"""<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>River floods rise | Example News</title>
<meta property="og:title" content="River floods rise">
<meta property="og:site_name" content="Example News">
<meta name="author" content="Jane Roe">
<link rel="canonical" href="https://news.example.org/floods">
<meta property="article:published_time" content="2025-03-04T23:00:00+05:00">
<style>p {{color: red}}</style><script>var tracked = true;</script></head>
<body><nav><ul><li><a href="/">Home</a></li><li><a href="/w">World</a></li></ul></nav>
<div class="cookie-banner">We use cookies to improve your visit. <button>Accept</button></div>
<main><article><h1>River floods rise</h1>
<p>{SENTENCE} It had <b>2 *stars*</b> and x_y [1].</p>
<h2>What happens next</h2>
<p>The water should fall by <a href="/x">Friday</a>, officials
   said, but a second wave may follow from the hills.</p>
<ul><li>Stay inside<ul><li>upstairs</li></ul></li><li>Keep a radio</li></ul>
<table><tr><th>Day</th><th>Level</th></tr><tr><td>Monday</td><td>2.4 m</td></tr></table>
<blockquote><p>We have never seen this before, and my mother is ninety-two.</p></blockquote>
<p>{SENTENCE}<br>{SENTENCE}</p>
</article></main>
<footer><p>© 2025 Example News. All rights reserved. Follow us on X</p></footer></body></html>"""


def page(head: str = "", body: str = f"<p>{SENTENCE}</p>") -> str:
    return f"<html><head>{head}</head><body><article>{body}</article></body></html>"


def test_the_article_is_read_as_markdown_without_its_page() -> None:
    assert (
        parse_webpage(PAGE).text
        == f"""# River floods rise

{SENTENCE} It had 2 *stars* and x_y [1].

## What happens next

The water should fall by Friday, officials said, but a second wave may follow from the hills.

- Stay inside
  - upstairs
- Keep a radio

- Day: Monday; Level: 2.4 m

We have never seen this before, and my mother is ninety-two.

{SENTENCE}
{SENTENCE}"""
    )


def test_the_page_says_its_title_site_address_author_and_date() -> None:
    article = parse_webpage(PAGE)
    assert (article.title, article.source, article.url, article.author, article.published) == (
        "River floods rise",
        "Example News",
        "https://news.example.org/floods",
        "Jane Roe",
        "2025-03-04T23:00:00+05:00",
    )


@pytest.mark.parametrize(
    ("head", "body"),
    [
        ('<meta property="article:published_time" content="2025-03-04">', ""),
        ('<meta name="DC.date" content="2025-03-04">', ""),
        ('<meta itemprop="datePublished" content="2025-03-04">', ""),
        (
            '<script type="application/ld+json">'
            '{"@graph": [{"a": [1]}, {"datePublished": "2025-03-04"}]}</script>',
            "",
        ),
        ("", '<time datetime="2025-03-04">Tuesday</time>'),
        ("", '<span itemprop="datePublished" datetime="2025-03-04">Tuesday</span>'),
    ],
    ids=["property", "name", "itemprop", "JSON-LD", "time", "span"],
)
def test_a_date_is_taken_from_metadata(head: str, body: str) -> None:
    assert parse_webpage(page(head, f"{body}<p>{SENTENCE}</p>")).published == "2025-03-04"


@pytest.mark.parametrize(
    ("head", "body"),
    [
        ("", "<p>Published on 4 March 2025. © 2024</p>"),
        ('<link rel="canonical" href="https://example.org/2025/03/04/floods">', ""),
        ('<meta name="date" content="soon">', ""),
        ('<script type="application/ld+json">{broken 2025-03-04</script>', ""),
        ('<meta property="article:modified_time" content="2025-03-04">', ""),
    ],
    ids=["text", "address", "word", "broken JSON-LD", "modified"],
)
def test_a_date_is_never_guessed(head: str, body: str) -> None:
    assert parse_webpage(page(head, f"{body}<p>{SENTENCE}</p>")).published == ""


def test_a_short_page_is_read_without_its_menu() -> None:
    html = (
        "<html><head><title>Notes</title><script>x()</script></head><body><nav>Menu</nav>"
        "<div>One<div>two <b>words</b></div>three</div><p>four<footer>Imprint</footer></body>"
    )
    article = parse_webpage(html)
    assert (article.title, " ".join(article.text.split())) == ("Notes", "One two words three four")


@pytest.mark.parametrize(
    ("html", "text"),
    [("<p>Only a fragment</p>", "Only a fragment"), ("no tags at all", "no tags at all")],
)
def test_a_fragment_is_read(html: str, text: str) -> None:
    assert parse_webpage(html).text == text


@pytest.mark.parametrize(
    "html",
    [
        "",
        "<html></html>",
        "<html><body><nav>Menu</nav><script>x</script></body></html>",
        "<!-- -->",
    ],
)
def test_a_page_without_text_gives_none(html: str) -> None:
    assert parse_webpage(html).text == ""


def test_code_keeps_its_lines() -> None:
    html = page(
        body=f"<p>{SENTENCE}</p><pre><code># no heading\n\nx = 1\n</code></pre><p>{SENTENCE}</p>"
    )
    assert (
        parse_webpage(html).text == f"{SENTENCE}\n\n```\n# no heading\n\nx = 1\n```\n\n{SENTENCE}"
    )


def test_code_within_a_sentence_stays_in_it() -> None:
    html = page(body=f"<p>Call <code>rain()</code> twice, then once more. {SENTENCE}</p>")
    assert parse_webpage(html).text == f"Call rain() twice, then once more. {SENTENCE}"


def test_a_quotation_within_a_sentence_stays_in_it_with_its_marks() -> None:
    html = page(body=f"<p>She said <q>it <b>rose</b></q> twice. {SENTENCE}</p>")
    assert parse_webpage(html).text == f"She said “it rose” twice. {SENTENCE}"


def test_nesting_without_end_is_survived() -> None:
    article = parse_webpage(f"<html><body><p>{SENTENCE}</p>{'<div>' * 3000}deep{'</div>' * 3000}")
    assert SENTENCE in article.text


def test_an_external_entity_is_not_read(tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("the secret")
    declaration = f'<!DOCTYPE html [<!ENTITY x SYSTEM "{secret.as_uri()}">]>'
    article = parse_webpage(declaration + page(body=f"<p>{SENTENCE} &x;</p>"))
    assert "the secret" not in article.text


def test_the_declared_encoding_is_used(tmp_path: Path) -> None:
    path = tmp_path / "a.html"
    text = "A magyarországi művészek főként ősszel állítják ki műveiket, ahogy eddig is tették."
    path.write_bytes(page('<meta charset="iso-8859-2">', f"<p>{text}</p>").encode("iso-8859-2"))
    assert read_webpage(path, Limits()).text == text


def test_a_page_over_the_limit_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.html"
    path.write_text(PAGE)
    with pytest.raises(ReadError, match="bytes, more than the limit of 100$"):
        read_webpage(path, Limits(n_html_bytes=100))


def test_the_names_of_columns_are_told_with_each_row_and_are_no_answer_alone() -> None:
    html = (
        "<table><caption>Levels</caption><thead><tr><th>Day</th><th>Level</th></tr></thead>"
        "<tr><td>Monday</td><td>2.4 m</td></tr></table>"
    )
    page = f"<html><body><article><h1>Floods</h1><p>{SENTENCE}</p>{html}</article></body></html>"
    table = parse_webpage(page).text.partition(f"{SENTENCE}\n\n")[2]
    assert table == "Levels\n- Day: Monday; Level: 2.4 m"
    assert [words for _, _, words in split_plain(table)] == ["Levels", "Day: Monday; Level: 2.4 m"]


def test_a_short_page_keeps_its_headings_items_and_rows() -> None:
    html = (
        "<div><h1>Prices</h1><ul><li>Delivery is free</li><li>Closed on Mondays</li></ul>"
        "<table><tr><th>Bag</th><th>Price</th></tr><tr><td>small</td><td>4.90</td></tr></table>"
        "</div>"
    )
    assert parse_webpage(f"<html><head></head><body>{html}</body></html>").text == (
        "# Prices\n\n- Delivery is free\n- Closed on Mondays\n\n- Bag: small; Price: 4.90"
    )
