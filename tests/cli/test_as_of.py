"""reports build --as-of: the workbook of a past moment, by command."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
import time_machine
from sqlalchemy import select

from tests.cli.conftest import Terminal
from tests.reports.opening import Opened
from tests.work import Company
from tracker import clock
from tracker.assignments import working
from tracker.reports.models import Export


def _build(terminal: Terminal, out: Path, *more: str) -> Opened:
    assert "已导出" in terminal.said("reports", "build", "--entity", "海川证券", "--out", out, *more)
    return Opened(out.read_bytes())


def test_the_workbook_shows_what_stood_then_and_the_list_says_when_it_was_made(
    terminal: Terminal, company: Company, frozen_clock: time_machine.Traveller, tmp_path: Path
) -> None:
    task_id, officer = company.task(), company.world.officer
    frozen_clock.shift(3600)
    with company.database.writing(officer.entities) as s:
        working.reschedule(s, officer, task_id, date(2027, 3, 31), "节前盘点")
    frozen_clock.shift(86_400)
    then, now = _build(terminal, tmp_path / "then.xlsx", "--as-of", "2026-11-22 10:30"), _build(terminal, tmp_path / "now.xlsx")
    assert [str(row["截止日"]) for book in (then, now) for row in book.rows("责任分派与任务")] == ["2026-12-31", "2027-03-31"]
    assert "2026-11-22 10:30:00（北京时间）" in then.texts and "2026-11-23 11:00:00（北京时间）" in now.texts
    with company.database.reading("every entity") as s:
        first = s.scalars(select(Export).order_by(Export.id)).first()
    assert first is not None
    assert (clock.stamp(first.as_of), clock.stamp(first.made_at)) == ("2026-11-22T02:30:00.000000Z", "2026-11-23T03:00:00.000000Z")
    assert _build(terminal, tmp_path / "again.xlsx", "--as-of", "2026-11-22 10:30").data == then.data


@pytest.mark.parametrize(("moment", "sentence"), [
    ("去年", "截至时点“去年”不是有效的时间。请写成 2026-11-01 18:00，或只写日期 2026-11-01（指当日终了）。"),
    ("2026-11-22", "截至时点 2026-11-22 23:59:59（北京时间）还没有到。"), ("2026-08-01 00:00", "早于历史记录开始的时刻，当时的内容没有保存。最早可以填 2026-09-01 09:00:00"),
])
def test_a_moment_that_cannot_be_shown_is_refused_and_nothing_is_exported(terminal: Terminal, company: Company, tmp_path: Path, moment: str, sentence: str) -> None:
    out = tmp_path / "r.xlsx"
    assert sentence in terminal.refused("reports", "build", "--entity", "海川证券", "--out", out, "--as-of", moment)
    assert not out.exists()
    with company.database.reading("every entity") as s:
        assert s.scalars(select(Export)).all() == []


def test_several_entities_and_a_moment_to_compare_with(terminal: Terminal, company: Company, frozen_clock: time_machine.Traveller, tmp_path: Path) -> None:
    task_id, officer = company.task(), company.world.officer
    frozen_clock.shift(3600)
    with company.database.writing(officer.entities) as s:
        working.reschedule(s, officer, task_id, date(2027, 3, 31), "节前盘点")
    book = _build(terminal, tmp_path / "both.xlsx", "--entity", "别家", "--since", "2026-11-22 10:30")
    assert {row["主体"] for row in book.rows("适用性说明")} == {"海川", "别家"}
    told = [(row["主体"], row["编号"], row["变更类型"], row["栏目"], row["先前内容"], row["现在内容"]) for row in book.rows("版本差异")]
    assert ("海川", str(task_id), "变更", "截止日", "2026-12-31", "2027-03-31") in told
    late = terminal.refused("reports", "build", "--entity", "海川证券", "--out", tmp_path / "no.xlsx", "--since", "2027-01-01")
    assert "比较时点须早于截至时点" in late and not (tmp_path / "no.xlsx").exists()
