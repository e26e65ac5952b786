"""The second step of the schema, on rows as a database of the first one holds them: nothing lost, everything in the main register."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import MetaData, select

from tests.schema_words import schema_words
from tracker import migrate
from tracker.db import Database
from tracker.errors import RuleBroken

NOW, DAY = datetime(2026, 10, 1, 8, 0), date(2026, 10, 31)
OLD, NEW = "a" * 64, "b" * 64


@pytest.fixture(params=["sqlite", "postgresql"])
def bare(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """Give a database with nothing in it, of each kind."""
    if request.param == "postgresql":
        yield request.getfixturevalue("postgres_database")
        return
    database = Database(f"sqlite:///{tmp_path / 'bare.db'}")
    yield database
    database.close()


def rows_of_the_first_schema(database: Database) -> None:
    """Put in one company at work: a task accepted twice on two texts, and one that is still open."""
    tables = MetaData()
    tables.reflect(database.engine)
    person = {"login": "x", "name": "甲", "pinyin": "jia", "department": "", "post": "", "email": "", "is_admin": False, "active": True, "created_at": NOW, "version": 1}
    duty = {
        "document_id": "d", "clause_no": 3, "position": 0, "anchor": "第一项应当做到的事情", "modality": "must", "basis": "implied", "title": "义务", "statement": "要求。",
        "en": "Duty", "domain": "x", "severity": "high", "consequences": [], "law": [], "evidence": ["记录"], "cadence": "annual", "trigger": "", "digest": NEW, "withdrawn": False,
    }
    task = {
        "assignment_id": 1, "obligation_id": "OB-03-01", "intended_on": DAY, "due_on": DAY, "owner_id": 1, "reviewer_id": 2, "department": "", "occasion": "",
        "note": "", "created_at": NOW, "version": 1, "entity_id": 1,
    }
    handed_in = {"submitted_by": 1, "submitted_at": NOW, "note": "", "pinned": [], "outcome": "accepted", "decided_by": 2, "decided_at": NOW, "reason": "", "entity_id": 1}
    given: list[tuple[str, list[dict[str, Any]]]] = [
        ("edition", [{"id": 1, "edition": "2026.12", "digest": OLD, "source": b"x", "size": 1, "obligations": 1, "loaded_at": NOW}]),
        ("domain", [{"code": "x", "label": "领域", "en": "Domain", "position": 0}]),
        ("subject", [{"code": "y", "label": "主体", "en": "Subject", "held_by": [], "position": 0}]),
        ("document", [{"id": "d", "title": "意见", "title_en": "Opinion", "number": "", "issuers": ["机关"], "issued": DAY, "nature": "文件", "position": 0}]),
        ("clause", [{"document_id": "d", "no": 3, "title": "第三条"}]),
        ("obligation", [{"id": "OB-03-01", **duty}]),
        ("obligation_subject", [{"obligation_id": "OB-03-01", "subject": "y", "position": 0}]),
        ("obligation_text", [{"obligation_id": "OB-03-01", "digest": digest, "edition_id": 1, "content": {}} for digest in (OLD, NEW)]),
        ("person", [{"id": n, **person, "login": f"p{n}"} for n in (1, 2)]),
        ("entity", [{"id": 1, "name": "公司", "short_name": "公司", "code": "", "active": True, "created_at": NOW, "version": 1}]),
        ("assignment", [{
            "id": 1, "obligation_id": "OB-03-01", "owner_id": 1, "reviewer_id": 2, "department": "", "cadence": "annual", "first_due": DAY, "next_n": 2, "planned": 2,
            "active": True, "created_at": NOW, "version": 1, "entity_id": 1,
        }]),
        ("task", [{"id": 1, **task, "n": 0, "state": "done", "closed_at": NOW}, {"id": 2, **task, "n": 1, "state": "in_progress", "closed_at": None}]),
        ("submission", [
            {"id": n, "task_id": at, "n": number, "obligation_digest": digest, **handed_in}
            for n, (at, number, digest) in enumerate([(1, 1, OLD), (1, 2, NEW), (2, 1, OLD)], 1)
        ]),
        ("export", [{
            "id": 1, "file_name": "r.xlsx", "sha256": OLD, "size": 1, "filter_words": "", "edition": "2026.12", "counts": {}, "as_of": NOW, "made_by": 1, "entity_id": 1,
        }]),
    ]
    with database.engine.begin() as connection:
        for name, rows in given:
            connection.execute(tables.tables[name].insert(), rows)


def test_what_was_there_belongs_to_the_main_register_and_acceptances_keep_the_text_they_stand_on(bare: Database) -> None:
    migrate.upgrade(bare, "0001")
    first = schema_words(bare)
    rows_of_the_first_schema(bare)
    migrate.upgrade(bare)
    tables = MetaData()
    tables.reflect(bare.engine)
    with bare.engine.connect() as connection:
        def held(table: str, *columns: str) -> list[tuple[Any, ...]]:
            found = tables.tables[table]
            return [tuple(row) for row in connection.execute(select(*(found.c[name] for name in columns)).order_by(*found.primary_key.columns))]

        assert held("register", "key", "name") == [("main", "主登记册")]
        for table in ("edition", "domain", "subject", "document"):
            assert held(table, "register_key") == [("main",)]
        (changes,) = held("edition", "changes")[0]
        assert changes == {"added": ["OB-03-01"], "changed": [], "withdrawn": [], "unchanged": 0}
        assert held("obligation", "id", "origin", "withdrawn") == [("OB-03-01", "OB-03-01", False)]
        # The open task was accepted once and then reopened: nothing is accepted of it now.
        assert held("task", "id", "accepted_digest", "state") == [(1, NEW, "done"), (2, None, "in_progress")]
        assert held("export", "edition") == [("2026.12",)]
        assert len(held("submission", "id")) == 3
    migrate.downgrade(bare, "0001")
    assert schema_words(bare) == first
    migrate.upgrade(bare)


def test_a_renamed_obligation_takes_its_references_along_in_the_database_itself(bare: Database) -> None:
    migrate.upgrade(bare, "0001")
    rows_of_the_first_schema(bare)
    migrate.upgrade(bare)
    with bare.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE obligation SET id = 'OB-03-07' WHERE id = 'OB-03-01'")
    with bare.engine.connect() as connection:
        for table in ("assignment", "task", "obligation_text", "obligation_subject"):
            assert {row[0] for row in connection.exec_driver_sql(f"SELECT obligation_id FROM {table}")} == {"OB-03-07"}


def test_a_database_with_two_registers_does_not_go_back_to_a_schema_that_holds_one(bare: Database) -> None:
    migrate.upgrade(bare)
    with bare.engine.begin() as connection:
        connection.exec_driver_sql("INSERT INTO register (key, name, position) VALUES ('main', '甲', 0), ('own', '乙', 1)")
    before = schema_words(bare)
    with pytest.raises(RuleBroken, match="holds one register"):
        migrate.downgrade(bare, "0001")
    assert schema_words(bare) == before


def test_a_database_without_a_register_gets_none(bare: Database) -> None:
    migrate.upgrade(bare)
    with bare.engine.connect() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM register").scalar() == 0
