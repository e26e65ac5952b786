"""Every text can be read: contrast of the colours in tokens.css, computed as WCAG 2.2 does, in light and dark."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import tracker.web

TOKENS = Path(tracker.web.__file__).parent / "static" / "css" / "tokens.css"
COLOUR = re.compile(r"--([a-z0-9-]+): (#[0-9a-f]{6})\b")
GROUNDS = ("ground", "paper", "raised", "hover", "picked")
TEXTS = ("ink", "ink-2", "ink-3", "accent", "accent-strong", "red", "amber", "green", "brown", "violet", "blue")
ON = [("on-accent", "accent"), ("on-accent", "accent-strong"), ("on-brown", "brown"), ("ink", "red-soft"), ("red", "red-soft"), ("ink", "amber-soft")]


def _themes() -> dict[str, dict[str, str]]:
    light, dark = TOKENS.read_text(encoding="utf-8").split("@media", 1)
    return {"light": dict(COLOUR.findall(light)), "dark": dict(COLOUR.findall(dark))}


def _brightness(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _contrast(one: str, other: str) -> float:
    low, high = sorted((_brightness(one), _brightness(other)))
    return (high + 0.05) / (low + 0.05)


def test_both_themes_name_the_same_colours() -> None:
    themes = _themes()
    assert themes["light"].keys() == themes["dark"].keys()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_text_stands_out_from_every_ground(theme: str) -> None:
    colours = _themes()[theme]
    pairs = [(text, ground) for text in TEXTS for ground in GROUNDS] + ON
    weak = {pair: round(_contrast(colours[pair[0]], colours[pair[1]]), 2) for pair in pairs}
    assert {pair: value for pair, value in weak.items() if value < 4.5} == {}


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_edges_of_fields_and_the_focus_ring_can_be_seen(theme: str) -> None:
    colours = _themes()[theme]
    pairs = [(line, ground) for line in ("edge", "focus") for ground in ("ground", "paper", "raised")]
    assert [pair for pair in pairs if _contrast(colours[pair[0]], colours[pair[1]]) < 3] == []
