"""Bringing in on PostgreSQL: both sheets out and back, decided and carried out, and its trail sound."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
import time_machine

from tests.bringing.paper import Desk
from tests.cast import World
from tests.test_postgresql import database
from tests.work import REGISTER, Company
from tracker.audit.queries import faults
from tracker.db import EVERY_ENTITY, Database
from tracker.errors import RuleBroken
from tracker.evidence.store import Store
from tracker.people.access import operator
from tracker.register.loading import load
from tracker.register.queries import ObligationFilter
from tracker.scope.actions import confirm_suggestions
from tracker.scope.queries import scope_ids

__all__ = ["database"]


@pytest.fixture
def desk(database: Database, tmp_path: Path, frozen_clock: time_machine.Traveller) -> Desk:
    """Give 林合规's desk, three obligations assigned."""
    host, world = operator("操作员"), World.read(database)
    with database.writing(host.entities) as s:
        load(s, host, REGISTER.read_bytes(), REGISTER.name)
    with database.writing(world.officer.entities) as s:
        confirm_suggestions(s, world.officer, world.ours, scope_ids(s, world.officer, world.ours, ObligationFilter()))
    company = Company(database, world, Store(tmp_path / "store", 10**6))
    company.assign(company.applicable(3))
    return Desk(company)


def test_both_sheets_go_out_and_come_back(desk: Desk) -> None:
    first, second, _third, spare = desk.company.applicable()[:4]
    old = desk.duties().put(first, 部门="表中部").put(second, 部门="〔清空〕").put(spare, 责任人="王责任", 复核人="赵复核", 首个截止日=date(2026, 12, 24))
    data = old.data
    desk.company.assign([first], desk.company.terms(department="系统部"))
    did = desk.apply(desk.bring(data), lambda _cell: True)
    assert (did.rows, did.mine, did.left_out) == (3, 1, 0)
    assert [desk.assignment(one).department for one in (first, second, spare)] == ["表中部", "", ""]
    with pytest.raises(RuleBroken, match="这份文件已于"):
        desk.bring(data)
    task = desk.tasks().refs[0]
    desk.through(desk.tasks().put(task, 截止日="2027-01-20", 改期理由="监管要求补充底稿").data)
    assert desk.task(int(task)).due_on == date(2027, 1, 20)
    with desk.company.database.reading(EVERY_ENTITY) as s:
        assert faults(s) == []
