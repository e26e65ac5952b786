"""The eighth step of the schema: notes and new kinds of lists go, what there was before stays, in both directions."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import MetaData, select
from sqlalchemy.exc import IntegrityError

from tests.test_migration_registers import rows_of_the_first_schema
from tracker import migrate
from tracker.db import Database

NOW, STEP = datetime(2026, 11, 22, 2, 0), "0008"


@pytest.fixture(params=["sqlite", "postgresql"])
def bare(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """Give a database with nothing in it, of each kind."""
    if request.param == "postgresql":
        yield request.getfixturevalue("postgres_database")
        return
    database = Database(f"sqlite:///{tmp_path / 'bare.db'}")
    yield database
    database.close()


def table(database: Database, name: str) -> list[dict[str, Any]]:
    """Return the rows of a table as the database has them now."""
    tables = MetaData()
    tables.reflect(database.engine, only=[name], resolve_fks=False)
    with database.engine.connect() as connection:
        return [dict(row) for row in connection.execute(select(tables.tables[name]).order_by(tables.tables[name].c.id)).mappings()]


def put(database: Database, table_name: str, /, **values: Any) -> None:
    """Put a row into a table as the database has it now."""
    tables = MetaData()
    tables.reflect(database.engine, only=[table_name], resolve_fks=False)
    with database.engine.begin() as connection:
        connection.execute(tables.tables[table_name].insert(), [values])


def test_notes_and_kinds_come_and_go_and_the_rest_stays(bare: Database) -> None:
    migrate.upgrade(bare, "0001")
    rows_of_the_first_schema(bare)
    migrate.upgrade(bare, "0005")
    run = {"name": "x.xlsx", "sha256": "a" * 64, "size": 1, "made_by": 1, "made_at": NOW, "entity_id": 1}
    put(bare, "import_run", what="assignments", counts={}, **run)
    put(bare, "import_draft", what="tasks", sheet="任务表", looked_at=3, lines=[{"number": 4}], notes=[], **run)
    migrate.upgrade(bare, STEP)
    (duty,), (draft,) = table(bare, "assignment"), table(bare, "import_draft")
    assert (duty["note"], duty["obligation_id"], draft["sheets"], draft["lines"]) == ("", "OB-03-01", [], [{"number": 4}])
    put(bare, "import_run", what="workbook", counts={}, **run)
    put(bare, "import_draft", what="controls", sheet="x", looked_at=3, sheets=[], lines=[], notes=[], **run)
    with pytest.raises(IntegrityError):
        put(bare, "import_run", what="nonsense", counts={}, **run)
    migrate.downgrade(bare, "-1")
    assert "note" not in table(bare, "assignment")[0]
    assert [row["what"] for row in table(bare, "import_run")] == ["assignments", "tasks"]
    assert [(row["what"], row["sheet"]) for row in table(bare, "import_draft")] == [("tasks", "任务表")]
    with pytest.raises(IntegrityError):
        put(bare, "import_run", what="workbook", counts={}, **run)
    migrate.upgrade(bare, "+1")
    assert [row["sheets"] for row in table(bare, "import_draft")] == [[]]
