"""Write a workbook in the house style: openpyxl makes all of it but the rows, which are streamed.

Public interface, knowing nothing of the database or of any door:

    book = Book(cover=Cover(...), sheets=[Sheet(title, columns, rows, ...), ...], made_at=now(), author="林合规")
    counts = write_book(book, path_or_binary_stream)        # {sheet title: number of rows}

- `Column(heading, width, kind, tones)`: width in half-width characters (an ideograph takes two). For A4 landscape
  keep a sheet's widths below 220 together, or the print becomes too small to read; a row is at most 26 lines high.
- `rows`: any iterable of tuples with a value per column: str, int, date, aware datetime (shown in Asia/Shanghai),
  None, Hint (suggested, not filled in), Share (a percentage), or Link in a column of Kind.LINK. Read once and never held, so a generator is right. A moment shows its
  seconds from a width of 21 on.
- Each text cell is text: never a formula, number or date. What no cell can hold raises BadInput naming sheet and cell;
  `stream.shortened` cuts what may be cut. `stream.text_cell` is the one door for text, `stream.text_of` its inverse.
- `write_book(book, out, told)` tells (done, total) in rows, as far as the sheets say how many are `foreseen`.
- The same Book with the same rows gives the same bytes: `made_at` is the only moment in the file.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import ExitStack
from datetime import UTC
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, Any, BinaryIO, cast
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from openpyxl import Workbook
from openpyxl.writer.excel import ExcelWriter

from ..progress import Told, silent
from .board import draw_board
from .covering import draw_cover
from .drawing import close_sheet, draw_sheet, width_of
from .proving import draw_proof, proof_sums
from .sheets import Book, Column, Proof, Sheet, check_titles
from .stream import Streamed, outer_links, splice, stream_rows, text_cell
from .style import dress, font
from .summing import add_page
from .sums import HEADINGS, SUMS, Sums, sums_rows

SPEED_OVER_SIZE = 3
BOUNDLESS = 1_000_000.0


def write_book(book: Book, out: Path | BinaryIO, told: Told = silent) -> dict[str, int]:
    """Write the workbook and return the number of rows by title of the sheets that people see; raises BadInput for what no workbook can hold."""
    check_titles(book)
    package, total, before = _new_package(book), sum(sheet.foreseen for sheet in book.sheets), 0
    with ExitStack() as spools:
        writing = _Writing(package, book)
        for sheet in book.sheets:
            writing.add(sheet, spools.enter_context(TemporaryFile()), _within(told, before, sheet.foreseen, total))
            before += sheet.foreseen
            told(before, total)
        counts = {sheet.title: writing.streamed[sheet.title][0].count for sheet in book.shown}
        if book.board:
            draw_board(package[book.board_title], book.board(), book.cover.owner)
        draw_cover(package.worksheets[0], book, counts)
        if book.proof:
            writing.prove(book.proof, counts, spools.enter_context(TemporaryFile()))
        _write_package(package, writing.streamed, out, lambda: told(total, total))
    return counts


class _Writing:
    """The sheets of one workbook whose rows were streamed, and the digests of what all of them show, which only a page of proof asks for."""

    def __init__(self, package: Workbook, book: Book) -> None:
        self._package, self._book = package, book
        self.streamed: dict[str, tuple[Streamed, IO[bytes]]] = {}
        self._sums = {page.title: Sums(page.title) for page in package.worksheets if page.title != SUMS} if book.proof else {}

    def add(self, sheet: Sheet, spool: IO[bytes], told: Callable[[int], None]) -> None:
        """Stream the rows of a sheet."""
        page, sums = self._package[sheet.title], self._sums.get(sheet.title)
        first, styles = draw_sheet(page, sheet, self._book.cover.owner)
        if sums:
            add_page(sums, page)
        # What nobody sees needs no height.
        widths = [BOUNDLESS if column.hidden or sheet.hidden else width_of(column) for column in sheet.columns]
        done = stream_rows(sheet, widths, styles, first, spool, told, sums)
        close_sheet(page, sheet, done)
        if sums and not done.count:
            add_page(sums, page, first)
        self.streamed[sheet.title] = (done, spool)

    def prove(self, asked: Callable[[Mapping[str, int], Mapping[str, str]], Proof], counts: Mapping[str, int], spool: IO[bytes]) -> None:
        """Draw the page of proof, of which only the digest of itself is not known yet, and write down the digests of rows."""
        drawn = (self._package.worksheets[0].title, *([self._book.board_title] if self._book.board else []))
        for title in drawn:
            add_page(self._sums[title], self._package[title])
        proof = asked(counts, {title: one.digest for title, one in self._sums.items()})
        self._sums[proof.title] = proof_sums(proof)
        draw_proof(self._package[proof.title], proof, self._book.cover.owner)
        self.add(Sheet(SUMS, [Column(heading, 16) for heading in HEADINGS], sums_rows(self._sums), hidden=True), spool, lambda _rows: None)


def _within(told: Told, before: int, foreseen: int, total: int) -> Callable[[int], None]:
    """Tell of the rows of one sheet; never more than were foreseen, so that nothing goes backwards."""
    return lambda rows: told(before + min(rows, foreseen), total)


def _new_package(book: Book) -> Workbook:
    package = Workbook()
    package.worksheets[0].title = book.cover.sheet_title
    shown = [sheet.title for sheet in book.shown]
    for title in (*([book.board_title] if book.board else []), *shown, *([book.proof_title] if book.proof else [])):
        package.create_sheet(title)
    for sheet in book.sheets:
        if sheet.hidden:
            package.create_sheet(sheet.title).sheet_state = "hidden"
    if book.proof:
        package.create_sheet(SUMS).sheet_state = "hidden"
    dress(package, font())
    about = package.properties
    about.creator = about.lastModifiedBy = text_cell(book.author)
    about.title, about.subject = text_cell(book.cover.title), text_cell(book.cover.owner)
    about.created = about.modified = book.made_at.astimezone(UTC).replace(tzinfo=None, microsecond=0)
    return package


def _write_package(package: Workbook, streamed: Mapping[str, tuple[Streamed, IO[bytes]]], out: Path | BinaryIO, going: Callable[[], None]) -> None:
    saved = BytesIO()
    ExcelWriter(package, ZipFile(saved, "w")).save()
    with ZipFile(saved) as source:
        parts = {name: source.read(name) for name in source.namelist()}
    rows = {f"xl/worksheets/sheet{package.index(package[title]) + 1}.xml": found for title, found in streamed.items()}
    for name, (done, _) in rows.items():
        relations = name.replace("worksheets/", "worksheets/_rels/") + ".rels"
        if part := outer_links(done.links, parts.get(relations)):
            parts[relations] = part
    with ZipFile(out, "w", ZIP_DEFLATED) as target:
        # Programs that guess the type of a file look at the first entry.
        for name in sorted(parts, key=lambda part: part != "[Content_Types].xml"):
            found = rows.get(name)
            with target.open(_entry(name, len(parts[name]) + (found[1].tell() if found else 0)), "w") as member:
                if found and found[0].count:
                    splice(parts[name], *found, member, going)
                else:
                    member.write(parts[name])


def _entry(name: str, size: int) -> ZipInfo:
    """Describe a member of the archive without the moment, the machine or the user that made it."""
    entry: Any = ZipInfo(name)
    # An entry described by hand takes its own level, not the archive's.
    entry._compresslevel = SPEED_OVER_SIZE
    entry.compress_type, entry.create_system, entry.external_attr = ZIP_DEFLATED, 3, 0o644 << 16
    entry.file_size = size
    return cast(ZipInfo, entry)
