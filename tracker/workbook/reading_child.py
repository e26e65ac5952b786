"""The child process that reads the cells of a hostile workbook from standard input and writes them to standard output.

It stands alone, imports nothing of the application and is given no environment: `reading_child.py SHEETS ROWS COLUMNS CELLS
CHARACTERS`, the most of each. One JSON value per line: per sheet `{"sheet": title, "hidden": true}`,
rows as `[number, [values from column A on]]`, `{"merged": [[top, left, bottom, right], …]}`. A text, a number, true, false stand
for themselves; `{"d": "2026-11-22"}` is a date or moment, `{"e": "#REF!"}` an error, `{"f": 1}` a formula without its result.
Exit codes: 0 all is well, 3 damaged, 4 too much of something, 5 entities; the last line then says `{"refused": what, …}`.
"""

from __future__ import annotations

import json
import posixpath
import re
import struct
import sys
import zlib
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import lru_cache, reduce
from io import BytesIO
from typing import Any, NoReturn
from xml.parsers import expat
from zipfile import BadZipFile, ZipFile

DAMAGED, TOO_MUCH, ENTITIES = 3, 4, 5
PIECE, LONGEST_TEXT, LAST_ROW, LAST_COLUMN = 64 * 1024, 32_767, 1_048_576, 16_384
MOST_STRINGS, MOST_STYLES, MOST_MERGED, MOST_PARTS = 500_000, 70_000, 10_000, 5_000
_REFERENCE = re.compile(r"([A-Za-z]{1,3})([1-9][0-9]{0,6})")
_QUOTED = re.compile(r'"[^"]*"|\[[^\]]*\]|\\.|_.|\*.')
_DATED = re.compile("[dmhysDMHYS年月日]")
_BUILT_IN_DATES = {str(number) for number in (*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59))}
_FAULTS = (BadZipFile, expat.ExpatError, zlib.error, struct.error, EOFError, OSError, ValueError, ArithmeticError, RuntimeError)
_column = lru_cache(1 << 15)(lambda letters: reduce(lambda found, letter: found * 26 + ord(letter) - 64, letters.upper(), 0))
_dumps = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


class Refused(Exception):
    """The workbook is not read: an exit code, and what is wrong where."""


def refuse(code: int, what: str, where: str = "", row: int = 0, column: int = 0) -> NoReturn:
    """Stop reading."""
    raise Refused(code, {"refused": what, "where": where, "row": row, "column": column})


def write(value: Any) -> None:
    """Write one line."""
    sys.stdout.write(_dumps(value) + "\n")


class Package:
    """The parts of the workbook and the relations between them."""

    def __init__(self, data: bytes) -> None:
        self.zip = ZipFile(BytesIO(data))
        self.names = {name.lstrip("/").lower(): name for name in self.zip.namelist()}

    def parse(self, part: str, start: Callable[[str, dict[str, str]], None], end: Callable[[str], None] | None = None, text: Callable[[str], None] | None = None) -> None:
        """Parse a part as a stream; names come without their namespace."""
        if part.lower() not in self.names:
            refuse(DAMAGED, "part", part)
        parser = expat.ParserCreate()
        parser.buffer_text = True

        def first(tag: str, given: dict[str, str]) -> None:
            # Only where the document's own element has a prefix do the others need theirs taken off.
            parser.StartElementHandler, parser.EndElementHandler = start, end
            if ":" in tag:
                parser.StartElementHandler = lambda tag, given: start(tag.rpartition(":")[2], given)
                parser.EndElementHandler = (lambda tag: end(tag.rpartition(":")[2])) if end else None
            start(tag.rpartition(":")[2], given)

        parser.StartElementHandler, parser.CharacterDataHandler = first, text
        parser.StartDoctypeDeclHandler = lambda *_: refuse(ENTITIES, "entities", part)
        with self.zip.open(self.names[part.lower()]) as file:
            while piece := file.read(PIECE):
                parser.Parse(piece, False)
        parser.Parse(b"", True)

    def has_more(self, part: str, mark: bytes, most: int) -> bool:
        """Tell, without parsing, whether a mark stands in a part more than `most` times: millions are refused before they cost much."""
        with self.zip.open(self.names[part.lower()]) as file:
            return any((most := most - piece.count(mark)) < 0 for piece in iter(lambda: file.read(PIECE), b""))

    def relations(self, part: str) -> dict[str, tuple[str, str]]:
        """Return what a part refers to: id → (kind, part); links out of the workbook are left out."""
        folder, name = posixpath.split(part)
        found: dict[str, tuple[str, str]] = {}

        def start(tag: str, given: dict[str, str]) -> None:
            if tag == "Relationship" and given.get("TargetMode") != "External" and len(found) < MOST_PARTS:
                target = given.get("Target", "")
                whole = posixpath.normpath(posixpath.join("/", folder, target)).lstrip("/")
                found[given.get("Id", "")] = (given.get("Type", "").rpartition("/")[2], whole)

        if (place := posixpath.join(folder, "_rels", f"{name}.rels")).lower() in self.names:
            self.parse(place, start)
        return found

    def texts(self, part: str, most: int) -> list[str]:
        """Collect the texts that cells share: the parts of rich ones put together, readings of names left out."""
        found, pieces = list[str](), list[str]()
        inside, reading, left = False, False, most

        def start(tag: str, _given: dict[str, str]) -> None:
            nonlocal inside, reading
            reading = reading or tag == "rPh"
            inside = tag == "t" and not reading

        def text(piece: str) -> None:
            nonlocal left
            if inside:
                left -= len(piece)
                if left < 0:
                    refuse(TOO_MUCH, "characters")
                pieces.append(piece)

        def end(tag: str) -> None:
            nonlocal inside, reading
            inside, reading = False, reading and tag != "rPh"
            if tag == "si":
                found.append("".join(pieces))
                pieces.clear()
                if len(found) > MOST_STRINGS:
                    refuse(TOO_MUCH, "strings")

        self.parse(part, start, end, text)
        return found

    def date_styles(self, part: str) -> list[bool]:
        """Tell of each cell style whether it shows a number as a date."""
        formats, found, inside = dict[str, str](), list[bool](), False

        def start(tag: str, given: dict[str, str]) -> None:
            nonlocal inside
            if tag == "numFmt" and len(formats) < MOST_STYLES:
                formats[given.get("numFmtId", "")] = given.get("formatCode", "")[:255].split(";")[0]
            inside = tag == "cellXfs" or (inside and tag != "cellStyles")
            if inside and tag == "xf":
                number = given.get("numFmtId", "0")
                shown = _QUOTED.sub("", formats[number]) if number in formats else None
                found.append(number in _BUILT_IN_DATES if shown is None else bool(_DATED.search(shown)) and "General" not in shown)
                if len(found) > MOST_STYLES:
                    refuse(TOO_MUCH, "styles")

        self.parse(part, start)
        return found


def place_of(reference: str, title: str) -> tuple[int, int]:
    """Return row and column of a reference, A being 1, or refuse it."""
    match = _REFERENCE.fullmatch(reference)
    column = _column(match[1]) if match else 0
    if match is None or int(match[2]) > LAST_ROW or column > LAST_COLUMN:
        refuse(DAMAGED, "reference", f"{title}!{reference[:20]}")
    return int(match[2]), column


class Sheet:
    """One sheet, its rows written as they come."""

    def __init__(self, reader: Reader, title: str, part: str) -> None:
        self.reader, self.title, self.row, self.column, self.kind, self.style = reader, title, 0, 0, "", ""
        self.values: list[Any] = []
        self.merged: list[list[int]] = []
        self.text: list[str] = []
        self.collecting = self.formula = False
        if part.lower() in reader.package.names and reader.package.has_more(part, b"<v>", reader.cells):
            refuse(TOO_MUCH, "cells")
        reader.package.parse(part, self._start, self._end, lambda piece: self.text.append(piece) if self.collecting else None)

    def _start(self, tag: str, given: dict[str, str]) -> None:
        if tag == "c":
            self._begin_cell(given)
        elif tag in ("v", "t"):
            # A formula whose result is an empty text says so; one with an empty result of no kind was never worked out.
            self.collecting, self.formula = True, self.formula and self.kind != "str"
        elif tag == "f":
            self.formula = True
        elif tag == "row":
            text = given.get("r", "") or str(self.row + 1)
            if not re.fullmatch("[0-9]{1,7}", text) or not self.row < int(text) <= LAST_ROW:
                refuse(DAMAGED, "row", f"{self.title}!{text[:20]}")
            self.row, self.column, self.values = int(text), 0, []
        elif tag == "mergeCell":
            first, _, last = given.get("ref", "").partition(":")
            if len(self.merged) >= MOST_MERGED:
                refuse(TOO_MUCH, "merged", self.title)
            self.merged.append([*place_of(first, self.title), *place_of(last or first, self.title)])

    def _begin_cell(self, given: dict[str, str]) -> None:
        reference = given.get("r", "")
        row, column = place_of(reference, self.title) if reference else (self.row, self.column + 1)
        if row != self.row or column <= self.column or row == 0:
            refuse(DAMAGED, "reference", f"{self.title}!{reference}")
        self.column, self.kind, self.style, self.text, self.formula = column, given.get("t", "n"), given.get("s", ""), [], False

    def _end(self, tag: str) -> None:
        if tag == "c":
            self._put(self._value("".join(self.text)))
        elif tag in ("v", "t"):
            self.collecting = False
        elif tag == "row" and self.values:
            write([self.row, self.values])

    def _put(self, value: Any) -> None:
        if value is None:
            return
        reader, size = self.reader, len(value) if isinstance(value, str) else 0
        reader.cells -= 1
        reader.characters -= size
        if self.column > reader.columns or self.row > reader.rows:
            refuse(TOO_MUCH, "columns" if self.column > reader.columns else "rows", self.title, self.row, self.column)
        if reader.cells < 0 or reader.characters < 0:
            refuse(TOO_MUCH, "cells" if reader.cells < 0 else "characters")
        if size * 2 > LONGEST_TEXT and len(value.encode("utf-16-le", "surrogatepass")) > 2 * LONGEST_TEXT:
            refuse(TOO_MUCH, "text", self.title, self.row, self.column)
        self.values.extend([None] * (self.column - 1 - len(self.values)))
        self.values.append(value)

    def _value(self, text: str) -> Any:
        if not text:
            return {"f": 1} if self.formula else None
        if self.kind == "s":
            number, strings = int(text), self.reader.strings
            return strings[number] or None if 0 <= number < len(strings) else refuse(DAMAGED, "string", self.title, self.row, self.column)
        if self.kind in ("n", "b"):
            return self._number(text) if self.kind == "n" else text.strip() == "1"
        return {self.kind: text[:30]} if self.kind in ("e", "d") else text

    def _number(self, text: str) -> Any:
        number, style = float(text), self.style
        if not abs(number) < 1e308:
            refuse(DAMAGED, "number", self.title, self.row, self.column)
        dates = self.reader.dates
        # Excel believes that 1900 was a leap year; what is no date there stays a number.
        if 61 <= number < 2_958_466 and style.isdigit() and len(style) < 7 and int(style) < len(dates) and dates[int(style)]:
            moment = self.reader.day_zero + timedelta(days=int(number), seconds=round((number - int(number)) * 86_400))
            return {"d": moment.date().isoformat() if number.is_integer() else moment.isoformat()}
        return int(number) if number.is_integer() and abs(number) < 1e15 else number


class Reader:
    """Reads a workbook within bounds and writes what it finds."""

    strings: list[str]
    dates: list[bool]
    day_zero = datetime(1899, 12, 30)

    def __init__(self, data: bytes, *bounds: int) -> None:
        self.package = Package(data)
        self.sheets, self.rows, self.columns, self.cells, self.characters = bounds

    def read(self) -> None:
        """Read the whole workbook."""
        package = self.package
        root = next((part for kind, part in package.relations("").values() if kind == "officeDocument"), "xl/workbook.xml")
        relations, listed = package.relations(root), self._listed(root)
        if len(listed) > self.sheets:
            refuse(TOO_MUCH, "sheets")
        parts = dict(relations.values())
        self.strings = package.texts(parts["sharedStrings"], self.characters) if "sharedStrings" in parts else []
        self.dates = package.date_styles(parts["styles"]) if "styles" in parts else []
        for title, hidden, relation in listed:
            kind, part = relations.get(relation, ("", ""))
            if kind == "worksheet":
                write({"sheet": title, "hidden": hidden})
                write({"merged": Sheet(self, title, part).merged})

    def _listed(self, root: str) -> list[tuple[str, bool, str]]:
        found: list[tuple[str, bool, str]] = []

        def start(tag: str, given: dict[str, str]) -> None:
            if tag == "sheet" and len(found) <= self.sheets:
                relation = next((given[key] for key in given if key.endswith(":id")), "")
                found.append((given.get("name", "")[:40], given.get("state", "visible") != "visible", relation))
            elif given.get("date1904") in ("1", "true"):
                self.day_zero = datetime(1904, 1, 1)

        self.package.parse(root, start)
        return found


def main(*bounds: int) -> int:
    """Write everything, or what was refused; return the exit code."""
    sys.stdout.reconfigure(encoding="utf-8", errors="surrogatepass")  # type: ignore[union-attr]
    try:
        Reader(sys.stdin.buffer.read(), *bounds).read()
        return 0
    except Refused as refused:
        code, why = refused.args
    except _FAULTS as error:
        code, why = DAMAGED, {"refused": "broken", "where": type(error).__name__}
    write(why)
    return int(code)


if __name__ == "__main__":
    sys.exit(main(*(int(word) for word in sys.argv[1:])))
