"""Names of files as people's programs send them: the last part alone, and nothing in it that cannot be seen."""

from __future__ import annotations

import re
import unicodedata


def last_part(given: str) -> str:
    """Return a file's name without the folders, whichever way they are written."""
    return re.split(r"[/\\]", given)[-1]


def unseen(character: str) -> bool:
    """Tell whether a character cannot be seen, or cannot be kept in a workbook."""
    # Cf holds the bidi overrides that make `gpj.exe` read `exe.jpg`; the last test finds the 66 noncharacters.
    odd = unicodedata.category(character) in {"Cc", "Cf", "Cs", "Zl", "Zp"}
    return odd or ord(character) & 0xFFFE == 0xFFFE or 0xFDD0 <= ord(character) <= 0xFDEF


def harmless(given: str, instead: str = "", most: int = 200) -> str:
    """Return a file's name as it may be kept and shown, of a long one the end; `instead` when nothing of it is left."""
    return "".join(one for one in last_part(given) if not unseen(one)).strip()[-most:] or instead
