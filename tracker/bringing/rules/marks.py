"""Pure rule of the hidden marks: which row it is, what its cells for filling in said when it went out, and whether the others still say so."""

from __future__ import annotations

import hashlib
import json
import re
import string
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta, timezone
from operator import getitem
from typing import Any
from zlib import crc32

from ...words import ListKind
from ...workbook.sheets import Hint, Link

Known = tuple[Any, str]
_BEIJING = timezone(timedelta(hours=8))
_ALPHABET = string.ascii_letters + string.digits + ".~"
_REMEMBERED = 512
_PAIRS = [first + second for first in _ALPHABET for second in _ALPHABET]
# Made once: an encoder costs more than what it encodes.
_told = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode
# What spreadsheet programs decode, drop or draw otherwise is written out.
_DELICATE = re.compile("_(?=x)|[\x7f-\xa0\u2028\u2029\ufff0-\uffff]")


def key_text(what: ListKind, entity_id: int, ref: str) -> str:
    """Return the hidden id of a row."""
    return f"{what}/{entity_id}/{ref}"


def base_text(key: str, version: int, values: Mapping[str, Known]) -> str:
    """Return what the hidden column keeps of a row: each value with its text, and a check that ties them to the row."""
    told = _told(values)
    told = _DELICATE.sub(lambda found: f"\\u{ord(found.group()):04x}", told)
    return f"{told}#{_check(key, version, told)}"


def _check(key: str, version: int, told: str) -> str:
    return hashlib.sha256(f"row\n{key}\n{version}\n{told}".encode()).hexdigest()[:16]


def base_of(text: str, key: str, version: int) -> dict[str, Known] | None:
    """Return what `base_text` kept, or None when a letter of it, the row's id or its version is another."""
    told, _, check = text.rpartition("#")
    if check != _check(key, version, told):
        return None
    try:
        return {str(code): (value, str(shown)) for code, (value, shown) in json.loads(told).items()}
    except (ValueError, TypeError, AttributeError, RecursionError):
        return None


def said(value: Any) -> str:
    """Return what a cell says as one text, whether it is about to be written or was read: moments in Shanghai, to the second."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value.replace("\r", "").strip()
    if isinstance(value, Hint | Link):
        return value.text.replace("\r", "").strip()
    if isinstance(value, datetime):
        here = (value.astimezone(_BEIJING) if value.tzinfo else value).replace(microsecond=0, tzinfo=None)
        return here.isoformat(" ") if here.hour or here.minute or here.second else here.date().isoformat()
    return value.isoformat() if isinstance(value, date) else str(value)


def _short(text: str) -> str:
    number = crc32(text.encode("utf-8", "surrogatepass")) & 0x3FFFF
    return _PAIRS[number >> 6] + _ALPHABET[number & 63]


class _Shorts(dict[Any, str]):
    """The three letters of a column's cells by their value: most values of a column stand there often."""

    def __missing__(self, value: Any) -> str:
        found = _short(value if type(value) is str and value.isalnum() else said(value))
        if len(self) >= _REMEMBERED:
            self.clear()
        self[value] = found
        return found


def checker(headings: Mapping[int, str]) -> Callable[[Sequence[Any]], str]:
    """Return what makes the check of a row: three letters for each of these columns (by place from 0), then three for each of its cells."""
    places, names = list(headings), "".join(_short(heading) for heading in headings.values())
    shorts = [_Shorts() for _ in places]
    return lambda row: f"{names}|{''.join(map(getitem, shorts, [row[place] for place in places]))}"


def altered(check: str, cells: Mapping[int, tuple[str, Any]]) -> Iterator[int]:
    """Yield the columns whose cell, given as (heading, value), is not blank and says something else than when its row went out."""
    names, _, kept = check.partition("|")
    if len(names) != len(kept) or len(names) % 3:
        return
    known = {names[at:at + 3]: kept[at:at + 3] for at in range(0, len(names), 3)}
    for column, (heading, value) in cells.items():
        was, text = known.get(_short(heading)), said(value)
        if was is not None and text and _short(text) != was:
            yield column
