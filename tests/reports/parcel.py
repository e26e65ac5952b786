"""An audit package of the story, made once for all the tests that change something in it, and ways to change it."""

from __future__ import annotations

import io
import re
import subprocess
import tempfile
import zipfile
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from tests.reports.story import Story
from tracker import verify
from tracker.assignments.queries import TaskFilter
from tracker.reports.actions import Written, export_store, write

ROWS = re.compile(rb"<sheetData\s*/>|<sheetData>.*</sheetData>", re.DOTALL)
ASIDE = ("合规义务清单", "适用性说明", "合规风险识别清单", "岗位合规职责清单", "流程管控清单")
_KEPT: dict[str, dict[str, bytes]] = {}


def written(story: Story, wanted: TaskFilter | None = None, who: Any = None) -> tuple[bytes, Written]:
    """Write the package of the story and return its bytes."""
    who, store = who or story.company.world.officer, export_store(story.folder)
    with story.company.database.reading(who.entities) as s:
        done = write(s, who, [story.company.world.ours], wanted or TaskFilter(), store, evidence=story.company.store)
    return store.path(done.stored.sha256).read_bytes(), done


def unpacked(data: bytes) -> dict[str, bytes]:
    """Return the files of a package by their paths."""
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        return {name: package.read(name) for name in package.namelist()}


def book_name(files: dict[str, bytes]) -> str:
    """Return which of the files is the workbook."""
    return next(name for name in files if name.endswith(".xlsx"))


@pytest.fixture
def parcel(request: pytest.FixtureRequest) -> dict[str, bytes]:
    """Give the files of the package, of everything and (under `part.xlsx`) the workbook of a filter."""
    if not _KEPT:
        story: Story = request.getfixturevalue("story")
        _KEPT["whole"] = unpacked(written(story)[0])
        _KEPT["part"] = {"part.xlsx": story.export(TaskFilter(state="done"))[0].data}
    return dict(_KEPT["whole"])


@pytest.fixture
def part(parcel: dict[str, bytes]) -> bytes:
    """Give the workbook of a filter, which carries only some events."""
    return _KEPT["part"]["part.xlsx"]


@lru_cache(maxsize=100)
def changed_book(data: bytes, change: Callable[[Any], object]) -> bytes:
    """Return a workbook with something changed in it, as one would with a spreadsheet program.

    The long lists that no change is about are laid aside meanwhile: that program takes longer over them than over all else.
    """
    aside = {} if change is unchanged else {title: _rows_of(data, title) for title in ASIDE if title in verify.Workbook(io.BytesIO(data)).parts}
    book = load_workbook(io.BytesIO(_with_rows(data, dict.fromkeys(aside, b"<sheetData/>"))))
    change(book)
    assert not any(cell.value for title in aside for row in book[title].iter_rows() for cell in row), "the change is about a list that was laid aside"
    out = io.BytesIO()
    book.save(out)
    return _with_rows(out.getvalue(), aside)


def _rows_of(data: bytes, title: str) -> bytes:
    found = ROWS.search(unpacked(data)[verify.Workbook(io.BytesIO(data)).parts[title]])
    assert found
    return found.group()


def _with_rows(data: bytes, rows: dict[str, bytes]) -> bytes:
    """Return a workbook with other rows in some of its sheets."""
    if not rows:
        return data
    places, out = {part: title for title, part in verify.Workbook(io.BytesIO(data)).parts.items()}, io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as package:
        for name, content in unpacked(data).items():
            other = rows.get(places.get(name, ""))
            package.writestr(name, content if other is None else ROWS.sub(lambda _found, other=other: other, content, count=1))
    return out.getvalue()


@lru_cache(maxsize=8)
def office_saved(data: bytes) -> bytes:
    """Return a workbook as LibreOffice saves it, unchanged."""
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "b.xlsx").write_bytes(data)
        command = ["soffice", f"-env:UserInstallation=file://{folder}/profile", "--headless", "--convert-to", "xlsx:Calc MS Excel 2007 XML", "--outdir", f"{folder}/out"]
        subprocess.run([*command, f"{folder}/b.xlsx"], check=True, capture_output=True, timeout=240)
        return (Path(folder) / "out" / "b.xlsx").read_bytes()


def unchanged(_book: Any) -> None:
    """Change nothing: the program that saves it writes it its own way."""


def older(book: Any) -> None:
    """Make of it what an earlier version exported, or an attacker who takes the digests of the sheets away: nothing of them is left."""
    page = book[verify.PROOF]
    for row in [cell.row for cell in page["B"] if cell.value in verify.SHEETS or str(cell.value).startswith(verify.SUM)]:
        for cell in page[row]:
            if cell.value:
                cell.value = None
    del book[verify.SUMS]


def column(page: Any, heading: str) -> int:
    """Return the number of the column with this heading."""
    return next(int(cell.column) for cell in page[2] if cell.value == heading)


def laid_out(folder: Path, files: dict[str, bytes]) -> Path:
    """Put the files of a package into a folder, as unpacking does."""
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    return folder


def zipped(path: Path, files: dict[str, bytes]) -> Path:
    """Put the files of a package into a ZIP."""
    with zipfile.ZipFile(path, "w") as package:
        for name, content in files.items():
            package.writestr(name, content)
    return path


@pytest.fixture
def verified(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, str]]:
    """Give the check as people run it: returns its status and what it says."""
    def run(*arguments: object) -> tuple[int, str]:
        monkeypatch.setattr("sys.argv", ["verify.py", *map(str, arguments)])
        status = verify.main()
        return status, capsys.readouterr().out

    return run
