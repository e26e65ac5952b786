"""A workbook taken apart without any spreadsheet program: its cells as places in the XML text, to be changed one by one."""

from __future__ import annotations

import io
import re
import zipfile
from dataclasses import dataclass
from html import unescape
from xml.sax.saxutils import escape

# As the application writes cells; a value is what stands between the innermost tags.
CELL = re.compile(r'<c r="([A-Z]+)(\d+)"[^>]*?(?:/>|>(?:<is><t[^>]*>([^<]*)</t></is>|<v>([^<]*)</v>)</c>)')
_SHEET = re.compile(r'<sheet [^>]*?name="([^"]+)"[^>]*?r:id="([^"]+)"')


@dataclass(frozen=True)
class Cell:
    """One cell that holds something: sheet, letters, row, text, whether it is a text, and where its value stands in the part."""

    title: str
    letters: str
    row: int
    text: str
    is_text: bool
    start: int
    end: int

    @property
    def place(self) -> str:
        """Return the place as the checks name it."""
        return f"{self.title}!{self.letters}{self.row}"


class Parts:
    """The parts of a workbook by their names."""

    def __init__(self, data: bytes) -> None:
        with zipfile.ZipFile(io.BytesIO(data)) as book:
            self.parts = {name: book.read(name) for name in book.namelist()}
        relations = self.parts["xl/_rels/workbook.xml.rels"].decode()
        targets = {}
        for one in re.findall("<Relationship [^>]*>", relations):
            told = dict(re.findall(r'(\w+)="([^"]*)"', one))
            targets[told["Id"]] = "xl/" + told["Target"].removeprefix("/xl/")
        self.sheets = {title: targets[identity] for title, identity in _SHEET.findall(self.parts["xl/workbook.xml"].decode())}
        self._texts = {title: self.parts[part].decode() for title, part in self.sheets.items()}

    def cells(self, title: str) -> list[Cell]:
        """List the cells of a sheet that hold something."""
        found = []
        for one in CELL.finditer(self._texts[title]):
            group = 3 if one[3] is not None else 4
            if one[group]:
                found.append(Cell(title, one[1], int(one[2]), unescape(one[group]), group == 3, *one.span(group)))
        return found

    def with_value(self, cell: Cell, value: str) -> bytes:
        """Return the workbook with another value in one cell."""
        text = self._texts[cell.title]
        return self.with_sheet(cell.title, f"{text[:cell.start]}{escape(value)}{text[cell.end:]}")

    def with_lines(self, title: str, lines: list[tuple[str, str]]) -> bytes:
        """Return the workbook with further labels and texts below a sheet."""
        number = max(cell.row for cell in self.cells(title))
        rows = ""
        for label, text in lines:
            number += 1
            cells = (f'<c r="{letter}{number}" t="inlineStr"><is><t>{escape(value)}</t></is></c>' for letter, value in (("B", label), ("E", text)))
            rows += f'<row r="{number}">{"".join(cells)}</row>'
        return self.with_sheet(title, self._texts[title].replace("</sheetData>", f"{rows}</sheetData>"))

    def with_sheet(self, title: str, text: str) -> bytes:
        """Return the workbook with another text of one sheet's part."""
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w") as book:
            for name, content in self.parts.items():
                book.writestr(name, text.encode() if name == self.sheets[title] else content)
        return out.getvalue()
