"""The last look at what the page is given to show: only tags of its own, and links within it.

All text is escaped where it is drawn (``markup``); this holds even where that was forgotten once.
Text is not read as Markdown: an article is shown character for character, or its marks would not
stand where its citations are.
"""

from __future__ import annotations

import nh3

TAGS = frozenset(
    ("a", "article", "b", "br", "button", "code", "dd", "details", "div", "dl", "dt", "em")
    + ("h2", "h3", "h4", "h5", "h6", "i", "li", "mark", "nav", "ol", "p", "pre", "q", "section")
    + ("small", "span", "strong", "summary", "table", "tbody", "td", "th", "thead", "tr", "ul")
)
ATTRIBUTES = frozenset(
    ("class", "colspan", "hidden", "href", "id", "open", "role", "scope", "tabindex", "title")
)


def clean(html: str) -> str:
    """Return the HTML without anything that runs, loads, looks or leads elsewhere.

    >>> clean('<p class="note"><a href="#cite-1-1">1</a> <a href="//a.example">2</a></p>')
    '<p class="note"><a href="#cite-1-1">1</a> <a>2</a></p>'
    """
    return nh3.clean(
        html,
        tags=set(TAGS),
        attributes={"*": set(ATTRIBUTES), "button": {"type", "disabled"}},
        attribute_filter=_keep_within,
        generic_attribute_prefixes={"aria-"},
        url_schemes=set(),
        link_rel=None,
        clean_content_tags={"script", "style", "svg", "math", "template", "noscript", "iframe"},
    )


def _keep_within(tag: str, attribute: str, value: str) -> str | None:
    """Return the value of an attribute, None for a link that leaves the page."""
    return value if attribute != "href" or value.startswith("#") else None
