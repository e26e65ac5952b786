"""reports work and reports jobs: what was asked for on the pages, by command."""

from __future__ import annotations

from sqlalchemy import func, select

from tests.cli.conftest import Terminal
from tests.work import Company
from tracker.assignments.queries import TaskFilter
from tracker.audit.models import AuditEvent
from tracker.reports.jobs import actions
from tracker.reports.jobs.asking import Asked
from tracker.reports.models import Export
from tracker.words import JobState


def _ask(company: Company) -> int:
    officer = company.world.officer
    with company.database.writing(officer.entities) as s:
        return actions.ask(s, officer, Asked((company.world.ours,), TaskFilter(state="done"))).id


def test_what_waits_is_worked_off_in_the_foreground(terminal: Terminal, company: Company) -> None:
    assert "没有等待中的导出" in terminal.said("reports", "work")
    _ask(company), _ask(company)
    assert terminal.said("reports", "work") == "导出：已完成 2 份。\n"
    with company.database.reading("every entity") as s:
        assert s.scalar(select(func.count()).select_from(Export)) == 2
        built = s.scalars(select(AuditEvent.actor).where(AuditEvent.action == "report.built")).all()
    assert built == [f"u_{company.world.officer.person_id}"] * 2, "whoever works it off, it was built for who asked"


def test_they_are_listed_with_who_when_filter_and_moment(terminal: Terminal, company: Company) -> None:
    assert terminal.said("reports", "jobs") == "还没有人发起过导出。\n"
    first = _ask(company)
    with company.database.writing("every entity") as s:
        actions.claim(s, "w.1", 1)
        actions.fail(s, first, "w.1", "磁盘空间不足。")
    _ask(company)
    listed = terminal.said("reports", "jobs")
    assert JobState.QUEUED.label in listed.splitlines()[0] and JobState.FAILED.label in listed
    for words in ("海川", "任务状态：已完成", "林合规 2026-11-22 10:00:00", "截至 开始生成时", "磁盘空间不足。"):
        assert words in listed, words
