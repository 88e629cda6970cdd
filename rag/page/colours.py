"""The colours of the page, light and dark, and its fonts, which are those of the system."""

from __future__ import annotations

FONT = ("ui-sans-serif", "system-ui", "-apple-system", "Segoe UI", "Roboto", "sans-serif")
MONO = ("ui-monospace", "SFMono-Regular", "Menlo", "Consolas", "monospace")

# Every pair of text and ground below has a contrast of 4.5 or more (WCAG AA).
LIGHT = {
    "ground": "#f6f5f1",
    "surface": "#ffffff",
    "raised": "#efede6",
    "line": "#d9d6cc",
    "ink": "#1d2226",
    "muted": "#59626a",
    "accent": "#0b5f66",
    "on-accent": "#ffffff",
    "soft": "#e1eeee",
    "mark": "#ffec9e",
    "on-mark": "#2b2300",
    "warn": "#8a3b12",
    "warn-soft": "#fbeee6",
}
DARK = {
    "ground": "#14181b",
    "surface": "#1c2226",
    "raised": "#252c31",
    "line": "#39434a",
    "ink": "#e7e9e8",
    "muted": "#a4afb6",
    "accent": "#7fd0cd",
    "on-accent": "#0d2526",
    "soft": "#1d3638",
    "mark": "#66540f",
    "on-mark": "#fff6d6",
    "warn": "#f2b394",
    "warn-soft": "#37251c",
}
# The toolkit's variables that take one of our colours, in light and in dark.
_THEME = {
    "body_background_fill": "ground",
    "background_fill_primary": "surface",
    "background_fill_secondary": "surface",
    "block_background_fill": "surface",
    "body_text_color": "ink",
    "body_text_color_subdued": "muted",
    "block_label_text_color": "muted",
    "block_info_text_color": "muted",
    "block_title_text_color": "ink",
    "border_color_primary": "line",
    "border_color_accent": "accent",
    "border_color_accent_subdued": "line",
    "block_border_color": "line",
    "color_accent_soft": "soft",
    "link_text_color": "accent",
    "link_text_color_hover": "accent",
    "link_text_color_active": "accent",
    "link_text_color_visited": "accent",
    "input_background_fill": "surface",
    "input_background_fill_focus": "surface",
    "input_border_color": "line",
    "input_border_color_focus": "accent",
    "input_placeholder_color": "muted",
    "checkbox_background_color": "surface",
    "checkbox_background_color_focus": "surface",
    "checkbox_background_color_hover": "surface",
    "checkbox_background_color_selected": "accent",
    "checkbox_border_color": "muted",
    "checkbox_border_color_focus": "accent",
    "checkbox_border_color_hover": "accent",
    "checkbox_border_color_selected": "accent",
    "checkbox_label_background_fill": "surface",
    "checkbox_label_background_fill_hover": "raised",
    "checkbox_label_background_fill_selected": "soft",
    "checkbox_label_border_color": "line",
    "checkbox_label_border_color_selected": "accent",
    "checkbox_label_text_color": "ink",
    "checkbox_label_text_color_selected": "ink",
    "button_primary_background_fill": "accent",
    "button_primary_background_fill_hover": "accent",
    "button_primary_text_color": "on-accent",
    "button_primary_text_color_hover": "on-accent",
    "button_primary_border_color": "accent",
    "button_secondary_background_fill": "surface",
    "button_secondary_background_fill_hover": "raised",
    "button_secondary_text_color": "ink",
    "button_secondary_text_color_hover": "ink",
    "button_secondary_border_color": "line",
}


def theme_variables() -> dict[str, str]:
    """Return the toolkit's theme variables, each in light and, with ``_dark``, in dark."""
    light = {name: LIGHT[colour] for name, colour in _THEME.items()}
    dark = {f"{name}_dark": DARK[colour] for name, colour in _THEME.items()}
    return {**light, **dark}
