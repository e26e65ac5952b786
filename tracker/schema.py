"""Every table in one import, for migrations and tests, and the words of the schema that models cannot say: triggers and search."""

from __future__ import annotations

from .alarms import models as alarms
from .assignments import models as assignments
from .audit import guards
from .audit import models as audit
from .audit.heads import models as heads
from .audit.sealing import models as sealing
from .bringing import models as bringing
from .controls import models as controls
from .db import Base, Database
from .editions import models as editions
from .evidence import models as evidence
from .journal import guards as journal_guards
from .journal import models as journal
from .ledgers import models as ledgers
from .people import models as people
from .register import models as register
from .register import search
from .reports import models as reports
from .reports.jobs import models as jobs
from .retention import models as retention
from .scope import models as scope
from .stores import models as stores

ROOMS = (journal, audit, heads, sealing, people, alarms, register, scope, controls, evidence, assignments, retention, editions, bringing, ledgers, reports, jobs, stores)
METADATA = Base.metadata


def beside_the_models(dialect: str) -> list[str]:
    """Return the statements that put triggers and search tables in place, once every table is there."""
    return [*journal_guards.creating(dialect), *guards.creating(dialect), *search.creating(dialect)]


def build(database: Database) -> None:
    """Make the whole schema at once in an empty database; only tests and comparisons do so, everybody else migrates."""
    METADATA.create_all(database.engine)
    with database.engine.begin() as connection:
        for statement in beside_the_models(connection.dialect.name):
            # Without parameters the driver takes a % as it stands.
            connection.exec_driver_sql(statement, execution_options={"no_parameters": True})
