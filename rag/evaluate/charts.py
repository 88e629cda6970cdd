"""Plots of shares against shares, as SVG to stand inside a page; colours are the page's."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

SIZE = 240  # of the plotting area, both ways, in units of the drawing
LEFT, RIGHT, TOP, BOTTOM = 60, 16, 36, 44
TICKS = (0.0, 0.25, 0.5, 0.75, 1.0)
POINT_RADIUS = 4.0


@dataclass(frozen=True, slots=True)
class Series:
    """Points ``(x, y, label)``, both from 0 to 1; the label shows when one rests on the point."""

    name: str
    points: Sequence[tuple[float, float, str]]


def draw_chart(
    title: str, x_label: str, y_label: str, series: Sequence[Series], *, diagonal: bool = False
) -> str:
    """Return a plot of up to three series as an ``<svg>`` element, each joined by a line.

    Its classes are ``chart name axis grid line1 … line3``; the page gives them colours.
    With ``diagonal`` a line marks where y equals x.
    """
    width, height = LEFT + SIZE + RIGHT, TOP + SIZE + BOTTOM + 16 * len(series)
    parts = [
        f'<svg class="chart" role="img" viewBox="0 0 {width} {height}" width="{width}">',
        f"<title>{escape(title)}</title>",
        f'<text class="name" x="{LEFT}" y="{TOP - 16}">{escape(title)}</text>',
        *(_draw_ticks(tick) for tick in TICKS),
        f'<text class="axis" x="{LEFT + SIZE / 2:g}" y="{TOP + SIZE + 34}" '
        f'text-anchor="middle">{escape(x_label)}</text>',
        f'<text class="axis" transform="translate(12 {TOP + SIZE / 2:g}) rotate(-90)" '
        f'text-anchor="middle">{escape(y_label)}</text>',
    ]
    if diagonal:
        line = f"M{LEFT} {TOP + SIZE}l{SIZE} {-SIZE}"
        parts.append(f'<path class="grid" stroke-dasharray="4 4" d="{line}"/>')
    for number, one in enumerate(series, start=1):
        parts.append(_draw_series(one, number))
        y = TOP + SIZE + BOTTOM + 16 * number - 8
        parts.append(
            f'<circle class="line{number}" cx="{LEFT + 6}" cy="{y - 4}" r="{POINT_RADIUS}"/>'
            f'<text class="axis" x="{LEFT + 18}" y="{y}">{escape(one.name)}</text>'
        )
    return "".join([*parts, "</svg>"])


def _draw_ticks(tick: float) -> str:
    """Return the grid lines at one value and the numbers beside them."""
    x, y = LEFT + SIZE * tick, TOP + SIZE * (1 - tick)
    return (
        f'<path class="grid" d="M{x:g} {TOP}v{SIZE}M{LEFT} {y:g}h{SIZE}"/>'
        f'<text class="axis" x="{x:g}" y="{TOP + SIZE + 16}" text-anchor="middle">{tick:g}</text>'
        f'<text class="axis" x="{LEFT - 8}" y="{y + 4:g}" text-anchor="end">{tick:g}</text>'
    )


def _draw_series(series: Series, number: int) -> str:
    """Return the line through the points and the points."""
    places = [
        (f"{LEFT + SIZE * x:.1f}", f"{TOP + SIZE * (1 - y):.1f}", label)
        for x, y, label in series.points
    ]
    line = "L".join(f"{x} {y}" for x, y, _ in places)
    drawn = f'<path class="line{number}" fill="none" d="M{line}"/>' if places else ""
    return drawn + "".join(
        f'<circle class="line{number}" cx="{x}" cy="{y}" r="{POINT_RADIUS}">'
        f"<title>{escape(label)}</title></circle>"
        for x, y, label in places
    )
