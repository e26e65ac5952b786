"""A sheet of two thousand rows: read, looked at and carried out as one, in few statements and little time."""

from __future__ import annotations

import io
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from openpyxl import load_workbook
from sqlalchemy import event

from tests.bench import many
from tracker import clock
from tracker.assignments.models import Task
from tracker.assignments.queries import TaskFilter
from tracker.assignments.workflow import OPEN
from tracker.audit.queries import faults
from tracker.bringing import actions, sheets
from tracker.bringing.queries import compared
from tracker.db import EVERY_ENTITY, Database
from tracker.people.access import operator

TASKS, HOST, HEAD = 2000, operator("操作员"), 3


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    """Give a company with two thousand tasks."""
    path: Path = tmp_path_factory.mktemp("many") / "many.db"
    many.build(path, 1, TASKS)
    database = Database(f"sqlite:///{path}")
    yield database
    database.close()


def filled(database: Database) -> bytes:
    """Send all tasks out and write another department into the rows of those that are open."""
    out = io.BytesIO()
    with database.reading(HOST.entities) as s:
        assert sheets.write_tasks(s, HOST, 1, TaskFilter(), "全部", out) == TASKS
    book = load_workbook(out)
    page = book.worksheets[0]
    place = {cell.value: cell.column for cell in page[HEAD]}
    for row in range(HEAD + 1, page.max_row + 1):
        if page.cell(row, place["状态"]).value in {state.label for state in OPEN}:
            page.cell(row, place["部门"]).value = f"第 {row % 7} 业务部"
    back = io.BytesIO()
    book.save(back)
    return back.getvalue()


def test_two_thousand_rows_come_back_as_one(large: Database) -> None:
    data = filled(large)
    statements: list[str] = []
    event.listen(large.engine, "before_cursor_execute", lambda _c, _k, statement, *_rest: statements.append(statement))
    taken = actions.read(HOST, 1, data, "任务表.xlsx")
    with large.reading(HOST.entities) as s:
        open_now = s.query(Task).filter(Task.state.in_(OPEN)).count()
        statements.clear()
        found = compared(s, HOST, 1, taken.lines, clock.today())
    assert taken.looked_at == TASKS
    assert len(found.changed_rows) == open_now > TASKS // 3
    assert len(statements) < 60
    with large.writing(HOST.entities) as s:
        draft = actions.keep(s, HOST, 1, taken)
        began = time.process_time()
        did = actions.apply(s, HOST, draft.id, found.seen, {}, False, 100)
    assert time.process_time() - began < 120
    assert (did.rows, did.cells, did.left_out) == (open_now, open_now, 0)
    with large.reading(EVERY_ENTITY) as s:
        assert faults(s) == []
        assert {name for (name,) in s.query(Task.department).filter(Task.state.in_(OPEN))} == {f"第 {n} 业务部" for n in range(7)}
