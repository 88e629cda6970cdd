"""Tables that only place the parts of a page, as in letters."""

import pytest

from rag.ingest.webpage import parse_webpage

SENTENCES = [  # of other paragraphs that say the same, one would be left
    "The river rose by 2.4 metres on Monday and the low road was closed until the evening.",
    "A bridge of the railway was damaged by a tree, and trains from the coast ran a day late.",
    "Schools in both valleys stay closed on Thursday, since the buses cannot reach the villages.",
]
DATA = "<table><tr><th>Bag</th><th>Price</th></tr><tr><td>small</td><td>4.90</td></tr></table>"


def read(body: str) -> str:
    return parse_webpage(f"<html><head></head><body>{body}</body></html>").text


def test_a_letter_in_one_cell_has_headings_and_paragraphs() -> None:
    first, second, third = SENTENCES
    html = f"<h1>News</h1><p>{first}</p><h2>People</h2><p>{second}</p><p>{third}</p>"
    text = f"# News\n\n{first}\n\n## People\n\n{second}\n\n{third}"
    assert read(f"<table><tr><td>{html}</td></tr></table>") == text


def test_tables_in_tables_are_read_in_their_order() -> None:
    said = list(zip(("Roses", "Peas", "Beans"), SENTENCES, strict=True))
    parts = [f"<h2>{name}</h2><p>{sentence}</p>" for name, sentence in said]
    columns = f"<table><tr><td>{parts[0]}</td><td>{parts[1]}</td></tr></table>"
    rows = "".join(f"<tr><td>{part}</td></tr>" for part in (columns, parts[2] + DATA))
    text = "\n\n".join(f"## {name}\n\n{sentence}" for name, sentence in said)
    frame = f"<table><colgroup><col></colgroup><tbody>{rows}</tbody></table>"
    assert read(frame) == f"{text}\n\n- Bag: small; Price: 4.90"


def test_one_row_of_paragraphs_is_a_menu_beside_the_text() -> None:
    said = "".join(f"<p>{sentence}</p>" for sentence in SENTENCES)
    html = f"<table><tr><td>By Ann Lee</td><td>{said}</td></tr></table>"
    assert read(html) == "\n\n".join(["By Ann Lee", *SENTENCES])


def test_rows_of_one_cell_are_paragraphs() -> None:
    rows = "".join(f"<tr><td></td><td>{sentence}</td></tr>" for sentence in SENTENCES)
    assert read(f"<table>{rows}</table>") == "\n\n".join(SENTENCES)


def test_a_short_page_in_a_frame_is_read_in_paragraphs() -> None:
    menu = "<td><a href=a>Home</a><br><a href=b>News</a><br><a href=c>Contact</a></td>"
    html = f"<h1>Elmham</h1><p>{SENTENCES[0]}</p><p>{SENTENCES[1]}</p><ul><li>Bus 22</li></ul>"
    text = "\n\n".join(["Home", "News", "Contact", "Elmham", *SENTENCES[:2], "Bus 22"])
    assert read(f"<table><tr>{menu}<td>{html}</td></tr></table>") == text


@pytest.mark.parametrize(
    ("rows", "text"),
    [
        ("<tr><td>Order</td><td>1</td></tr><tr><td>Sum</td><td>9</td></tr>", "Order | 1\nSum | 9"),
        ("<tr><td><h3>Order</h3></td><td>123</td></tr>", "### Order | 123"),
        ("<tr><th>Order</th><td><h3>One</h3><p>of two</p></td></tr>", "Order | ### One of two"),
    ],
)
def test_a_table_of_facts_stays_one(rows: str, text: str) -> None:
    around = "".join(f"<p>{sentence}</p>" for sentence in SENTENCES)
    whole = read(f"<article>{around}<table>{rows}</table></article>")
    assert whole.rpartition(f"{SENTENCES[-1]}\n\n")[2] == text
