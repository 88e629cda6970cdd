"""The look of the page: the style sheets of ``look`` over the toolkit's own, in our colours."""

from __future__ import annotations

from importlib.resources import files

from rag.page.colours import DARK, LIGHT

LOOK = files("rag.page") / "look"

# For what is above the page's own parts, where `draw_css` does not reach: clipped instead of
# hidden, so that what is above an article can stay in view while it scrolls.
_ABOVE = "@media (max-width: 860px) { .gradio-container { overflow: clip !important; } }"


def draw_css() -> str:
    """Return the CSS of the page: its colours, then the style sheets in order of their names."""
    light = "".join(f"--{name}: {value};" for name, value in LIGHT.items())
    dark = "".join(f"--{name}: {value};" for name, value in DARK.items())
    sheets = sorted(
        (each for each in LOOK.iterdir() if each.name.endswith(".css")), key=lambda each: each.name
    )
    rules = "\n".join(each.read_text(encoding="utf-8") for each in sheets)
    return f":root{{{light}}}\n.dark{{{dark}}}\n{rules}"


def draw_head_style() -> str:
    """Return the rules for what is above the page's own parts, where `draw_css` does not reach."""
    return f"<style>{_ABOVE}</style>"
