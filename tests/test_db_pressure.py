"""The database under pressure: more requests than connections, a full disk, a writer who does not let go."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import event

from tests.making import Making
from tracker.audit.queries import faults
from tracker.db import PRAGMAS, Database
from tracker.errors import Busy, NoSpace


def test_more_requests_than_a_pool_holds_all_get_their_writer(database: Database) -> None:
    many = 20
    all_read = threading.Barrier(many, timeout=10)

    def request(_number: int) -> None:
        with database.reading() as s:
            s.connection()
            all_read.wait()
            with database.writing() as w:
                w.connection()

    with ThreadPoolExecutor(many) as pool:
        list(pool.map(request, range(many), timeout=20))


def test_a_full_disk_is_said_and_nothing_is_kept(database: Database, making: Making) -> None:
    with database.engine.connect() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
    event.listen(database.engine, "begin", lambda connection: connection.exec_driver_sql(f"PRAGMA max_page_count={pages}"))
    with pytest.raises(NoSpace, match="存储空间不足"):
        for _ in range(200):
            making.person("名" * 60)
    with database.reading() as s:
        assert faults(s) == []


def test_who_waits_too_long_for_the_others_is_told_so(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(PRAGMAS, "busy_timeout", 50)
    with database.writing() as first:
        first.connection()
        with pytest.raises(Busy, match="系统正忙"), Database(database.engine.url.render_as_string()).writing():
            pass
