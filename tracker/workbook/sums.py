"""Digests of what a sheet shows, row by row and as a whole: the same after any spreadsheet program saved it again, another when any cell is."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from hashlib import sha256

SUMS, SUM, HEADINGS = "行校验值", "校验值：", ("工作表", "起始行", "各行校验值")
# So many hexadecimal digits name a row that was changed; what proves it is the digest of the sheet, over all digits of all rows.
SHORT, ROWS_IN_A_CELL = 8, 4_000
BLANK = "-" * SHORT
_ESCAPED = re.compile("_x([0-9A-Fa-f]{1,4})_")
_DAY_ZERO = date(1899, 12, 30).toordinal()


def plain(text: str) -> str:
    """Return a text as programs show it: escapes decoded, which some of them store and some do not, and line ends alike."""
    while "_x" in text:
        decoded = _ESCAPED.sub(_character, text)
        if decoded == text:
            break
        text = decoded
    return text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text


def _character(found: re.Match[str]) -> str:
    # Half a character can be hashed by nobody.
    code = int(found[1], 16)
    return "\ufffd" if 0xD800 <= code < 0xE000 else chr(code)


def said_text(letters: str, text: str) -> str:
    """Return the line of a cell that holds a text; nothing for an empty one."""
    text = plain(text)
    if "\\" in text or "\n" in text:
        text = text.replace("\\", "\\\\").replace("\n", "\\n")
    return f"{letters} {text}\n" if text else ""


def said_number(letters: str, number: float) -> str:
    """Return the line of a cell that holds a number; a day counts from 1899-12-30, and no program keeps fewer than seven decimals."""
    return f"{letters}={number:.7f}\n"


def days(value: date) -> float:
    """Return a date, or a datetime without a zone, as spreadsheet programs count it."""
    seconds = value.hour * 3600 + value.minute * 60 + value.second if isinstance(value, datetime) else 0
    return value.toordinal() - _DAY_ZERO + seconds / 86_400


class Sums:
    """The digests of one sheet, taken while its rows come."""

    def __init__(self, title: str) -> None:
        self.short: list[str] = []
        self._whole = sha256(f"CA1 sheet\n{title}\n".encode())

    def add(self, number: int, said: str) -> None:
        """Take the lines of the cells of a row, in the order of the columns; rows come in their order, and one without cells counts for nothing."""
        if not said:
            return
        digest = sha256(f"CA1 row\n{number}\n{said}".encode()).hexdigest()
        if (blank := number - 1 - len(self.short)) > 0:
            self.short += [BLANK] * blank
        self.short.append(digest[:SHORT])
        self._whole.update(f"{digest}\n".encode())

    @property
    def digest(self) -> str:
        """Return the digest of the rows so far."""
        return self._whole.hexdigest()


def sums_rows(sums: Mapping[str, Sums]) -> Iterator[Sequence[str]]:
    """Yield the rows of the sheet by which a changed row is named: title, first row, the short digests of some thousand rows."""
    for title, one in sums.items():
        for start in range(0, len(one.short), ROWS_IN_A_CELL):
            yield title, str(start + 1), "".join(one.short[start : start + ROWS_IN_A_CELL])
