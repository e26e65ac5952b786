"""Pure rule of the names inside a package: safe on every system, short, and no two alike."""

from __future__ import annotations

import re
import unicodedata

FOLDER = "证据"
# Half of what a path may have in Windows, so that there is room for the folder into which people unpack.
LONGEST = 120
# Linux takes 255 bytes for one name, in which an ideograph has three; the rest is for the index number before it.
MOST_BYTES = 240
# What Windows refuses; of `#` and `%` spreadsheet programs make something else in links.
_REFUSED = re.compile(r'[<>:"/\\|?*#%\x00-\x1f\x7f]')
_DEVICES = re.compile(r"(CON|PRN|AUX|NUL|COM\d|LPT\d|CONIN\$|CONOUT\$|CLOCK\$)(\.|$)", re.IGNORECASE)


def safe(name: str, most: int = LONGEST) -> str:
    """Return a file name that every system takes: of a long one the beginning, and its extension."""
    clean = _REFUSED.sub("_", unicodedata.normalize("NFC", name)).strip().rstrip(". ")
    if _DEVICES.match(clean):
        clean = f"_{clean}"
    stem, dot, extension = clean.rpartition(".")
    if dot and len(extension) <= 10 and _cut(clean, most, MOST_BYTES) != clean:
        left = most - len(extension) - 1, MOST_BYTES - len(extension.encode(errors="replace")) - 1
        return f"{_cut(stem, *left)}.{extension}"
    return _cut(clean, most, MOST_BYTES) or "_"


def _cut(text: str, most: int, most_bytes: int) -> str:
    # An ideograph that is cut in two goes altogether.
    return text[:most].encode(errors="replace")[:most_bytes].decode(errors="ignore").rstrip(". ")


def evidence_path(number: str, name: str) -> str:
    """Return where a piece of evidence lies in the package: its index number makes the name unique, whatever the letters' case."""
    return f"{FOLDER}/{number}_{safe(name)}"
