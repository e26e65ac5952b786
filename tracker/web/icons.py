"""The few icons the pages use, taken at run time from the sprite inside the installed Bootstrap-Flask."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from functools import cache
from importlib.resources import files

NAMES: tuple[str, ...] = (
    "arrow-down-short", "arrow-repeat", "arrow-return-left", "arrow-up-short", "bar-chart", "bell",
    "box-arrow-right", "building", "calendar-event", "check-circle", "check-circle-fill", "check-lg",
    "check2-square", "chevron-down", "chevron-left", "chevron-right", "chevron-up", "circle",
    "circle-half", "clock-history", "cloud-upload", "dash-circle", "diagram-3", "download",
    "exclamation-circle", "exclamation-circle-fill", "exclamation-triangle", "eye", "file-earmark",
    "file-earmark-excel", "file-earmark-image", "file-earmark-pdf", "file-earmark-text", "file-earmark-zip",
    "file-earmark-word", "filter", "folder2-open", "gear", "hourglass-split",
    "inbox", "info-circle", "journal-text", "key", "keyboard", "link-45deg", "lock",
    "paperclip", "pencil", "people", "person", "person-check", "person-plus", "plus-lg",
    "printer", "question-circle", "search", "shield-check", "slash-circle", "speedometer2",
    "three-dots", "trash", "ui-checks", "upload", "x-circle", "x-lg", "archive",
)  # fmt: skip

_SPRITE = "static/bootstrap5/icons/bootstrap-icons.svg"
_SYMBOL = re.compile(r'<symbol[^>]*viewBox="([^"]+)"[^>]*id="([^"]+)"[^>]*>(.*?)</symbol>', re.DOTALL)


@cache
def _symbols() -> dict[str, tuple[str, str]]:
    text = files("flask_bootstrap").joinpath(_SPRITE).read_text(encoding="utf-8")
    return {name: (box, drawing) for box, name, drawing in _SYMBOL.findall(text)}


def sprite(names: Iterable[str]) -> bytes:
    """One SVG document with a symbol per name, in the order given; KeyError names an icon that does not exist."""
    known = _symbols()
    drawn = [(name, *known[name]) for name in names]
    symbols = "".join(f'<symbol id="{name}" viewBox="{box}">{drawing}</symbol>' for name, box, drawing in drawn)
    return f'<svg xmlns="http://www.w3.org/2000/svg">{symbols}</svg>'.encode()


@cache
def served() -> tuple[bytes, str]:
    """The sprite of all `NAMES` and a short digest of it, so that its address changes when it does."""
    body = sprite(NAMES)
    return body, hashlib.sha256(body).hexdigest()[:12]
