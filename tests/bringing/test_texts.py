"""Texts that spreadsheet programs like to misread: out, through LibreOffice, and back they are what the database holds."""

from __future__ import annotations

import io
import re
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.bringing.paper import Desk, Paper
from tests.reports.test_office import NO_OFFICE
from tests.work import whole_template as working_template
from tests.workbook.samples import HOSTILE
from tracker.audit.trail import UNHOLDABLE
from tracker.bringing import sheets
from tracker.bringing.fields import LONGEST_DEPARTMENT, is_clear
from tracker.errors import RuleBroken
from tracker.register.queries import ObligationFilter
from tracker.workbook.reading import Page, read_workbook
from tracker.workbook.stream import text_cell

__all__ = ["working_template"]
# What a department can be called: nothing around it, and nothing that no workbook could hold.
CALLED = list(dict.fromkeys(text.strip() for text in HOSTILE if 0 < len(text.strip()) <= LONGEST_DEPARTMENT and not UNHOLDABLE.search(text)))
# LibreOffice drops carriage returns, and of two escapes that share a mark it writes but the first.
CHANGED = {text for text in CALLED if "\r" in text or re.search("_x[0-9A-Fa-f]{4}_x[0-9A-Fa-f]{4}_", text)}


@pytest.fixture
def named(desk: Desk) -> dict[str, str]:
    """Give each of these names to the department of one obligation: obligation → name."""
    given = dict(zip(desk.company.applicable(), CALLED, strict=False))
    assert len(given) == len(CALLED) >= 60
    for obligation, name in given.items():
        desk.company.assign([obligation], desk.company.terms(department=name), 40)
    return given


def cells(page: Page, key: str, *headings: str) -> dict[str, tuple[object, ...]]:
    """Read columns by their headings: what the row is about → its cells."""
    head = next(row for row in page.rows if key in row.values)
    places = [list(head.values).index(one) + 1 for one in (key, *headings)]
    return {str(row.at(places[0])): tuple(row.at(place) or "" for place in places[1:]) for row in page.rows if row.number > head.number}


def resaved(data: bytes, folder: Path) -> bytes:
    """Open a workbook in LibreOffice and save it again."""
    (folder / "in.xlsx").write_bytes(data)
    command = ["soffice", f"-env:UserInstallation=file://{folder}/profile", "--headless", "--convert-to", "xlsx:Calc MS Excel 2007 XML", "--outdir", str(folder / "out")]
    subprocess.run([*command, str(folder / "in.xlsx")], check=True, capture_output=True, timeout=240)
    return (folder / "out" / "in.xlsx").read_bytes()


def check(desk: Desk, data: bytes, named: Mapping[str, str]) -> None:
    """Check every text of a sheet against the database, and that it brings nothing in."""
    page = next(one for one in read_workbook(data, "x.xlsx").sheets if not one.hidden)
    told = cells(page, "编号", "部门", "标题", "责任人")
    assert {obligation: told[obligation][0] for obligation in named} == named
    assert {obligation: desk.assignment(obligation).department for obligation in named} == named
    with pytest.raises(RuleBroken, match="没有可以导入的更改"):
        desk.bring(data)


def test_what_is_written_and_read_back_is_what_is_stored(desk: Desk, named: dict[str, str]) -> None:
    out = desk.duties()
    data = _sent(desk)
    check(desk, data, named)
    assert {out.cell(one, "部门").data_type for one in named} == {"s"}


def _sent(desk: Desk) -> bytes:
    out = io.BytesIO()
    with desk.company.database.reading(desk.viewer.entities) as s:
        sheets.write_duties(s, desk.viewer, desk.entity_id, ObligationFilter(), None, "全部", out)
    return out.getvalue()


@pytest.mark.skipif(shutil.which("soffice") is None, reason=NO_OFFICE)
def test_what_libreoffice_has_saved_again_is_what_is_stored(desk: Desk, named: dict[str, str], tmp_path: Path) -> None:
    spared = {obligation: name for obligation, name in named.items() if name not in CHANGED}
    assert len(spared) >= 60
    for obligation in set(named) - set(spared):
        desk.company.assign([obligation], desk.company.terms(department="别名"), 40)
    check(desk, resaved(_sent(desk), tmp_path), spared)


@pytest.mark.skipif(shutil.which("soffice") is None, reason=NO_OFFICE)
def test_what_is_filled_in_and_saved_by_libreoffice_is_stored_as_typed(desk: Desk, tmp_path: Path) -> None:
    given = dict(zip(desk.company.applicable(), [name for name in CALLED if name not in CHANGED], strict=False))
    desk.company.assign(list(given), desk.company.terms(department="旧部门"), 40)
    desk.through(resaved(_filled(desk.duties(), given), tmp_path))
    assert {obligation: desk.assignment(obligation).department for obligation in given} == given


def test_what_is_filled_in_is_stored_as_typed(desk: Desk) -> None:
    given = dict(zip(desk.company.applicable(), CALLED, strict=False))
    desk.company.assign(list(given), desk.company.terms(department="旧部门"), 40)
    desk.through(_filled(desk.duties(), given))
    assert {obligation: desk.assignment(obligation).department for obligation in given} == given


def _filled(paper: Paper, given: Mapping[str, str]) -> bytes:
    for obligation, name in given.items():
        assert not is_clear(name)
        cell = paper.cell(obligation, "部门")
        # As Excel stores what somebody types into a cell for text.
        cell.value, cell.data_type = text_cell(name), "s"
    return paper.data
