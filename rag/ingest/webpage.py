"""Web pages: the main text of HTML and what the page says about itself."""

from __future__ import annotations

import json
import re
from collections import deque
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from rag.ingest.article import Article, Limits, ReadError
from rag.ingest.frames import open_frames
from rag.ingest.plain import decode
from rag.ingest.tables import AGAIN, write_rows
from rag.ingest.visible import hold_in_article, make_visible
from rag.ingest.web_tables import mark_names

_CHARSET = re.compile(rb"""<meta[^>]+?charset\s*=\s*["']?\s*([\w-]+)""", re.IGNORECASE)
_SAID_IN = 2048  # bytes in which a page declares its encoding (1024 by the standard)
_DATE_NAMES = (
    *("article:published_time", "og:published_time", "datepublished", "citation_publication_date"),
    *("dcterms.issued", "dc.date.issued", "dcterms.date", "dc.date", "parsely-pub-date"),
    *("sailthru.date", "pubdate", "publishdate", "publish_date", "publication_date", "date"),
)
_NOT_TEXT = (
    *("script", "style", "noscript", "template", "title", "svg", "iframe"),
    *("nav", "header", "footer", "aside", "button", "select"),
)
_BLOCKS = (
    *("p", "div", "li", "ul", "ol", "tr", "table", "section", "article", "main", "blockquote"),
    *("h1", "h2", "h3", "h4", "h5", "h6", "dt", "dd", "pre", "br", "hr", "figure", "figcaption"),
)
# In the tree that trafilatura gives back.
_BODY_BLOCKS = frozenset({"p", "head", "list", "item", "table", "row", "quote", "code", "div"})
_SOFT_HYPHEN = "\u00ad"  # where a word may be cut, which no reader sees and no search finds
_ENOUGH = 0.8  # of a page's words; fewer may lack more than menus
_PARAGRAPH = "\u2029"  # a mark that is legal in XML and gone after cleaning


def read_webpage(path: Path, limits: Limits) -> Article:
    """Return the main text of a page as Markdown, and its title, site, author, date and URL.

    The main text is that which trafilatura finds, else all text outside menus, headers and
    footers. The date is taken from the page's metadata only, never guessed from its text.
    """
    data = path.read_bytes()
    if len(data) > limits.n_html_bytes:
        raise ReadError(f"{len(data):,} bytes, more than the limit of {limits.n_html_bytes:,}")
    declared = _CHARSET.search(data[:_SAID_IN])
    return parse_webpage(decode(data, declared[1].decode("ascii") if declared else ""))


def parse_webpage(html: str) -> Article:
    """Return the article of a page.

    Raises:
        ReadError: the page has no text.
    """
    from trafilatura import load_html

    tree = load_html(html)
    if tree is None:  # a fragment rather than a page
        tree = load_html(f"<html><body><div>{html}</div></body></html>")
    if tree is None:
        raise ReadError("no text found")
    published = _find_date(tree)
    make_visible(tree)
    open_frames(tree)
    mark_names(tree)
    found = _extract(tree)
    text = "" if found is None else _write(found.body)
    if found is None or not text:
        return Article(_all_text(tree), title=tree.findtext(".//title") or "", published=published)
    if len(found.body) == 1 and len(found.body[0]) == 0:
        text = _undo_heap(tree, "".join(found.body.itertext()).strip(), text)
    return Article(
        text=text,
        title=found.title or "",
        source=found.sitename or "",
        url=found.url or "",
        author=found.author or "",
        published=published,
    )


def _extract(tree: Any) -> Any:
    """Return what trafilatura finds in a page, which it does not change; ``None`` for nothing."""
    from trafilatura import bare_extraction

    return bare_extraction(
        tree,
        with_metadata=True,
        include_formatting=True,
        include_comments=False,
        prune_xpath=["//nav", "//footer"],  # of a short page it would keep them
        date_extraction_params={"extensive_search": False},  # its date is not used
    )


def _write(body: Any) -> str:
    return "\n\n".join(_blocks(body)).replace(_SOFT_HYPHEN, "").strip()


def _undo_heap(tree: Any, heap: str, text: str) -> str:
    """Return in its blocks what trafilatura made one paragraph, else the text.

    Where it finds less than it wants, as in a short page, it takes all text of the article, or of
    the page, then in lines.
    """
    if "\n" in heap:
        hold_in_article(tree)
        again = _extract(tree)
        if again is not None and len(again.body) > 1 and _says_as_much(again.body, heap):
            return _write(again.body)
    blocks = _all_text(tree)
    is_same = "".join(blocks.split()) == "".join(heap.split())
    return blocks if is_same else text


def _says_as_much(body: Any, heap: str) -> bool:
    """Return whether a body has most words of the heap, and none that two of them make."""
    words = " ".join(body.itertext()).split()
    return len(words) > _ENOUGH * len(heap.split()) and set(words) <= set(heap.split())


def _find_date(tree: Any) -> str:
    """Return when the page says that it was published; empty where it does not."""
    said: dict[str, str] = {}
    for meta in tree.iter("meta"):
        name = meta.get("property") or meta.get("name") or meta.get("itemprop") or ""
        said.setdefault(name.lower(), meta.get("content") or "")
    first, *others = _DATE_NAMES
    times = [
        *tree.xpath('//*[@itemprop="datePublished"]/@datetime'),
        *tree.xpath("//time[@pubdate]/@datetime"),
        *tree.xpath("(//article//time | //main//time)[1]/@datetime"),
    ]
    dates = (said.get(first), _linked_date(tree), *(said.get(name) for name in others), *times)
    return next((date for date in dates if date and any(map(str.isdigit, date))), "")


def _linked_date(tree: Any) -> str:
    """Return the first ``datePublished`` of the page's JSON-LD."""
    for script in tree.xpath('//script[@type="application/ld+json"]/text()'):
        try:
            waiting = deque([json.loads(script)])
        except (ValueError, RecursionError):
            continue
        while waiting:
            node = waiting.popleft()
            if isinstance(node, dict):
                if isinstance(date := node.get("datePublished"), str):
                    return date
                waiting.extend(node.values())
            elif isinstance(node, list):
                waiting.extend(node)
    return ""


def _blocks(element: Any) -> Iterator[str]:
    """Yield the Markdown blocks of an element of the extracted body, in order."""
    inline = [_unwrap(element.text)]
    for child in element:
        if child.tag in _BODY_BLOCKS and not _is_inline_code(child):
            yield from _paragraph(inline)
            yield from _block(child)
            inline = [_unwrap(child.tail)]
        else:
            inline.append(_inline(child))
    yield from _paragraph(inline)


def _is_inline_code(element: Any) -> bool:
    return bool(element.tag == "code" and "\n" not in (element.text or "") and len(element) == 0)


def _block(element: Any) -> Iterator[str]:
    if element.tag == "head":
        level = (element.get("rend") or "h2")[-1]
        heading = " ".join(_inline(element, tail=False).split())
        if heading:
            yield f"{'#' * (int(level) if level in '123456' else 2)} {heading}"
    elif element.tag == "list":
        if items := list(_items(element)):
            yield "\n".join(items)
    elif element.tag == "table":
        if table := "\n".join(_rows(element.findall("row"))):
            yield table
    elif element.tag == "code":
        for line_break in element.iter("lb"):
            line_break.text = "\n"
        yield f"```\n{''.join(element.itertext()).strip()}\n```"
    else:
        yield from _blocks(element)


def _items(element: Any) -> Iterator[str]:
    for item in element:
        first, *rest = list(_blocks(item)) or [""]
        if first:
            # The lines of a list within the item stay lines of their own, two spaces further in.
            yield f"{'' if first.startswith('- ') else '- '}{first}"
            yield from (f"  {line}" for block in rest for line in block.split("\n"))


def _rows(rows: Sequence[Any]) -> Iterator[str]:
    """Yield the rows that say something, in words where those at the top name the columns."""
    named = [all(map(_names_column, row.findall("cell"))) for row in rows]
    n_names = next((n for n, is_named in enumerate(named) if not is_named), 0)
    cells = [list(_cells(row)) for row in rows]
    has_names = n_names > 0 and any(cells[n_names - 1][1:])  # what is alone is the caption
    said = list(write_rows(cells[n_names - 1], cells[n_names:])) if has_names else []
    if said:
        yield from (" ".join(filter(None, row)) for row in cells[: n_names - 1] if any(row))
        yield from said
    else:
        yield from (" | ".join(row) for row in cells if any(row))


def _names_column(cell: Any) -> bool:
    return cell.get("role") == "head" or not "".join(cell.itertext()).strip()


def _cells(row: Any) -> Iterator[str]:
    for cell in row.findall("cell"):
        yield " ".join(" ".join(_blocks(cell)).split())


def _inline(element: Any, tail: bool = True) -> str:
    """Return the text of an element and its children, lines broken only where the page does."""
    text = "\n" if element.tag == "lb" else _unwrap(element.text)
    text += "".join(_inline(child) for child in element)
    return text + _unwrap(element.tail) if tail else text


def _unwrap(text: str | None) -> str:
    return (text or "").replace("\n", " ")


def _paragraph(inline: list[str]) -> Iterator[str]:
    lines = (" ".join(line.split()) for line in "".join(inline).split("\n"))
    if text := "\n".join(line for line in lines if line):
        yield text


def _all_text(tree: Any) -> str:
    """Return the text of a page outside its furniture, a paragraph for each block."""
    for element in list(tree.iter(*_NOT_TEXT)):
        element.drop_tree()
    for element in tree.iter(*_BLOCKS):
        element.tail = _PARAGRAPH + (element.tail or "")
        element.text = _PARAGRAPH + (element.text or "")
    text = tree.text_content().replace(_SOFT_HYPHEN, "").replace(AGAIN, "")
    paragraphs = (" ".join(part.split()) for part in text.split(_PARAGRAPH))
    return "\n\n".join(paragraph for paragraph in paragraphs if paragraph)
