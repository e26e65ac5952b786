"""Writing the rows that are there as their own versions: for databases from before the journal, and for rows put in past the actions."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice

from sqlalchemy import Connection, MetaData, Table, select

from .. import clock
from .recording import BATCH, as_held, row_texts, write_versions


def seed(connection: Connection, tables: Iterable[str], left_out: Iterable[tuple[str, str]] = ()) -> None:
    """Write a version of every row of these tables, as of now; `left_out` names (table, column) pairs that the journal does not keep.

    The tables are read as the database has them, so that a step of the schema can use this whatever the models say by then.
    """
    at, without = clock.stamp(clock.now()), set(left_out)
    for name in tables:
        table = Table(name, MetaData(), autoload_with=connection, resolve_fks=False)
        primary = [column.name for column in table.primary_key]
        columns = [column for column in table.columns if (name, column.name) not in without]
        rows = connection.execute(select(*as_held(columns)).order_by(*table.primary_key), execution_options={"yield_per": BATCH})
        found = row_texts(rows.mappings(), primary)
        while some := list(islice(found, BATCH)):
            write_versions(connection, at, name, some)
