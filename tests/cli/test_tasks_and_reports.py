"""tasks plan, reports build, audit verify on a company at work."""

from __future__ import annotations

from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

import pytest
from openpyxl import load_workbook
from sqlalchemy import func, select, text

from tests.cli.conftest import Terminal
from tests.work import DUE, TODAY, Company
from tracker.assignments.models import Task
from tracker.audit import guards
from tracker.audit.models import AuditEvent
from tracker.reports.layout import BOARD, TITLES
from tracker.reports.models import Export
from tracker.reports.proving.page import LINKS, PROOF
from tracker.workbook.sums import SUMS

SHEETS = ["封面", BOARD, *TITLES, PROOF, LINKS, SUMS]


def _count(company: Company, model: type[Task] | type[Export]) -> int:
    with company.database.reading("every entity") as s:
        return s.scalar(select(func.count()).select_from(model)) or 0


def _exports(company: Company) -> list[Export]:
    with company.database.reading("every entity") as s:
        return list(s.scalars(select(Export)))


def test_planning_makes_each_task_once_however_often_it_runs(typed: Callable[..., str], company: Company) -> None:
    company.assign(company.applicable(3), horizon_days=(DUE - TODAY).days)
    assert _count(company, Task) == 3
    assert "新生成 6 项任务" in typed("tasks", "plan", "--days", "101")
    assert "新生成 0 项任务" in typed("tasks", "plan", "--days", "101", "--entity", "海川")
    assert _count(company, Task) == 9


def test_planning_one_entity_leaves_the_others_alone_and_an_unknown_one_is_named(terminal: Terminal, company: Company) -> None:
    company.assign(company.applicable(2), horizon_days=(DUE - TODAY).days)
    assert "新生成 0 项任务" in terminal.said("tasks", "plan", "--days", "200", "--entity", "别家私募")
    assert "没有名为“没有的”的主体" in terminal.refused("tasks", "plan", "--entity", "没有的", status=1)
    assert "应为 1 到 800 之间的整数" in terminal.refused("tasks", "plan", "--days", "0")


def test_a_report_is_written_kept_and_recorded(typed: Callable[..., str], company: Company, tmp_path: Path) -> None:
    company.hand_in(company.task())
    out = tmp_path / "海川 审计报告.xlsx"
    said = typed("reports", "build", "--entity", "海川证券", "--out", out)
    digest = sha256(out.read_bytes()).hexdigest()
    assert digest in said and "责任分派与任务 1 行" in said
    book = load_workbook(out, read_only=True)
    assert book.sheetnames == SHEETS
    book.close()
    (kept,) = _exports(company)
    assert (kept.sha256, kept.entity_id, kept.made_by) == (digest, company.world.ours, None)
    with company.database.reading() as s:
        last = s.scalars(select(AuditEvent).where(AuditEvent.action == "report.built")).one()
    assert digest in last.record and '"actor":"operator"' in last.record
    assert sorted(one.name for one in tmp_path.glob("*.part")) == []


def test_a_report_takes_the_filter_that_was_asked(typed: Callable[..., str], company: Company, tmp_path: Path) -> None:
    company.assign(company.applicable(2), horizon_days=(DUE - TODAY).days)
    typed("reports", "build", "--entity", "海川", "--out", tmp_path / "r.xlsx", "--domain", "投资者适当性", "--state", "open")
    (kept,) = _exports(company)
    assert "领域：投资者适当性" in kept.filter_words and "任务状态：未完成" in kept.filter_words


@pytest.mark.parametrize(("changes", "status", "sentence"), [
    ({"--entity": "不存在"}, 1, "没有名为“不存在”的主体。现有主体：海川证券、别家私募。"),
    ({"--entity": " "}, 2, "选项 --entity 不能为空。"),
    ({"--out": "missing/r.xlsx"}, 2, "写不了文件"),
    ({"--out": "."}, 2, "应为文件，不能是文件夹。"),
    ({"--domain": "不存在"}, 2, "没有“不存在”这个领域"),
    ({"--document": "不存在"}, 2, "没有编号为“不存在”的文件"),
    ({"--state": "不存在"}, 2, "可用的值：open、overdue、reconfirm、not_started"),
])
def test_a_report_that_cannot_be_built_says_why_and_leaves_no_trace(
    terminal: Terminal, company: Company, tmp_path: Path, changes: dict[str, str], status: int, sentence: str
) -> None:
    asked = {"--entity": "海川证券", "--out": "r.xlsx", **changes}
    asked["--out"] = str(tmp_path / asked["--out"])
    said = terminal.refused("reports", "build", *(word for pair in asked.items() for word in pair), status=status)
    assert sentence in said
    assert _exports(company) == []
    assert list(tmp_path.glob("*.xlsx*")) == []


def test_a_sound_trail_is_verified(typed: Callable[..., str], company: Company) -> None:
    company.hand_in(company.task())
    said = typed("audit", "verify")
    assert "校验通过：3 条链" in said and "链 system：" in said


def test_a_record_changed_behind_the_application_is_found_and_named(terminal: Terminal, company: Company) -> None:
    company.hand_in(company.task())
    chain = f"ent_{company.world.ours}"
    with company.database.engine.begin() as connection:
        connection.execute(text("DROP TRIGGER audit_event_no_update"))
        connection.execute(text("UPDATE audit_event SET record = replace(record, 'task.submitted', 'task.accepted') WHERE action = 'task.submitted'"))
        seq = connection.execute(text("SELECT seq FROM audit_event WHERE action = 'task.submitted'")).scalar_one()
    said = terminal.refused("audit", "verify", status=1)
    assert f"链 {chain} 第 {seq} 条：记录与其校验值不符。" in said
    assert "校验未通过：1 处有问题，见上。" in said


def test_a_chain_that_claims_more_than_it_holds_is_found(terminal: Terminal, company: Company) -> None:
    with company.database.engine.begin() as connection:
        connection.execute(text("UPDATE audit_chain SET size = size + 1 WHERE chain_id = 'system'"))
    assert "条数与链头不符" in terminal.refused("audit", "verify", status=1)


def test_a_chain_that_was_removed_altogether_is_named(terminal: Terminal, company: Company) -> None:
    chain, tables = f"ent_{company.world.ours}", ("audit_disclosure", "audit_event", "audit_chain")
    with company.database.engine.begin() as connection:
        for statement in (*guards.dropping("sqlite"), *(f"DELETE FROM {table} WHERE chain_id = '{chain}'" for table in tables)):
            connection.exec_driver_sql(statement)
    assert f"链 {chain} 第 0 条" in terminal.refused("audit", "verify", status=1)
