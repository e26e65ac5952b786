"""LibreOffice opens the audit workbook without repair and shows every cell as the database has it."""

from __future__ import annotations

import csv
import io
import re
import shutil
import subprocess
from datetime import date, datetime
from pathlib import Path

import pytest
from openpyxl import load_workbook

from tests.reports.opening import FIRST, Opened
from tests.reports.story import Story
from tracker.reports.layout import BOARD, TITLES
from tracker.reports.proving.page import PROOF

NO_OFFICE = "LibreOffice (soffice) is not installed, so the workbook cannot be opened with it"
EVERY_SHEET = "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,true,false,false,false,-1"


def _convert(folder: Path, data: bytes, *targets: str) -> str:
    (folder / "book.xlsx").write_bytes(data)
    said = ""
    for target in targets:
        command = ["soffice", f"-env:UserInstallation=file://{folder}/profile", "--headless", "--convert-to", target, "--outdir", str(folder / "out")]
        done = subprocess.run([*command, str(folder / "book.xlsx")], check=True, capture_output=True, text=True, timeout=240)
        said += done.stdout + done.stderr
    return said


def _read(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file))


def _shown(value: object) -> str:
    """Say a value as LibreOffice writes it when it is told to give values and not their formats."""
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d %H:%M:%S")
    return value.isoformat() if isinstance(value, date) else str(value)


def _board(opened: Opened) -> list[object]:
    """Return what stands on the board's page, shares to twelve places."""
    found = [cell.value for row in opened.book[BOARD].iter_rows() for cell in row if cell.value is not None]
    return [round(value, 12) if isinstance(value, float) else opened._plain(value) for value in found]


@pytest.mark.skipif(shutil.which("soffice") is None, reason=NO_OFFICE)
def test_libreoffice_opens_it_without_repair_and_shows_what_the_database_holds(story: Story, tmp_path: Path) -> None:
    opened, _written, _kept = story.export()
    said = _convert(tmp_path, opened.data, EVERY_SHEET, "xlsx:Calc MS Excel 2007 XML")
    assert not re.search("repair|corrupt|error", said, re.IGNORECASE)
    for title in TITLES:
        lines = _read(tmp_path / "out" / f"book-{title}.csv")
        rows = opened.rows(title)
        assert len(lines) == len(rows) + FIRST - 1
        heads = lines[FIRST - 2]
        for line, row in zip(lines[FIRST - 1:], rows, strict=True):
            assert dict(zip(heads, line, strict=True)) == {head: _shown(value) for head, value in row.items()}
    saved = Opened((tmp_path / "out" / "book.xlsx").read_bytes(), escapes=False)
    for title in TITLES:
        assert [list(row.values()) for row in saved.rows(title)] == [list(row.values()) for row in opened.rows(title)]
    # The board's charts and the cover's links are LibreOffice's own by then.
    assert len(saved.book[BOARD]._charts) == 3
    assert _board(saved) == _board(opened)
    links = [cell.hyperlink.location for row in saved.book["封面"].iter_rows() for cell in row if cell.hyperlink]
    assert [re.sub("['#$]", "", link).split("!")[0] for link in links] == [BOARD, *TITLES, PROOF]
    assert {cell.data_type for page in load_workbook(io.BytesIO(saved.data)) for row in page.iter_rows() for cell in row} <= {"s", "n", "d"}
