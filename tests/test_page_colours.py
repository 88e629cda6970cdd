import re

import pytest

from rag.page.colours import DARK, LIGHT, theme_variables
from rag.page.style import draw_css

TEXT_ON_GROUND = [
    ("ink", "ground"),
    ("ink", "surface"),
    ("ink", "raised"),
    ("ink", "soft"),
    ("muted", "ground"),
    ("muted", "surface"),
    ("muted", "raised"),
    ("accent", "ground"),
    ("accent", "surface"),
    ("accent", "raised"),
    ("accent", "soft"),
    ("on-accent", "accent"),
    ("on-mark", "mark"),
    ("warn", "surface"),
]


def luminance(colour: str) -> float:
    """WCAG 2.2, relative luminance."""
    parts = [int(colour[n : n + 2], 16) / 255 for n in (1, 3, 5)]
    red, green, blue = [
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    ]
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    dark, light = sorted([luminance(one), luminance(other)])
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize(("text", "ground"), TEXT_ON_GROUND)
@pytest.mark.parametrize("palette", [LIGHT, DARK], ids=["light", "dark"])
def test_text_can_be_read_on_its_ground(palette: dict[str, str], text: str, ground: str) -> None:
    assert contrast(palette[text], palette[ground]) >= 4.5


def test_black_on_white_has_the_contrast_that_the_standard_gives() -> None:
    assert contrast("#000000", "#ffffff") == 21.0


def test_light_and_dark_have_the_same_colours() -> None:
    assert LIGHT.keys() == DARK.keys()
    assert {name for name in theme_variables() if not name.endswith("_dark")} == {
        name.removesuffix("_dark") for name in theme_variables() if name.endswith("_dark")
    }


def test_every_colour_that_the_style_names_is_there() -> None:
    assert set(re.findall(r"var\(--([\w-]+)\)", draw_css())) <= LIGHT.keys()


def test_the_style_loads_nothing() -> None:
    assert "url(" not in draw_css()
    assert "@import" not in draw_css()
