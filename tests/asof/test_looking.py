"""Looking back: which moments can be asked for, what is shown of them, to whom, and at what cost."""

from __future__ import annotations

import re
import sqlite3
import threading
import tracemalloc
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
import time_machine
from sqlalchemy import func, select

from tests.bench import many
from tests.reports.opening import Opened
from tests.reports.story import Story
from tests.work import DUE, Company
from tracker import asof, clock
from tracker.assignments import working
from tracker.assignments.models import Task
from tracker.assignments.queries import TaskFilter
from tracker.audit.queries import faults
from tracker.db import EVERY_ENTITY, Database
from tracker.errors import BadInput, NotFound, RuleBroken
from tracker.people.access import Viewer
from tracker.people.actions import EntityFacts, create_entity, grant_roles
from tracker.register.models import Edition, Obligation
from tracker.register.queries import ObligationFilter, obligation_count
from tracker.reports.actions import export_store, write
from tracker.words import Role


def exported(company: Company, moment: datetime | None, viewer: Viewer | None = None, wanted: TaskFilter | None = None) -> bytes:
    """Return the bytes of a workbook as of a moment."""
    who, store = viewer or company.world.officer, export_store(company.store.root.with_name("exports"))
    with asof.looking(company.database, who.entities, moment) as s:
        written = write(s, who, [company.world.ours], wanted or TaskFilter(), store)
    return store.path(written.stored.sha256).read_bytes()


@pytest.mark.parametrize(("text", "moment"), [
    ("", None), ("  ", None), ("2026-11-01 18:00", datetime(2026, 11, 1, 10, tzinfo=UTC)), ("2026-11-01T18:00", datetime(2026, 11, 1, 10, tzinfo=UTC)),
    (" 2026-11-01T18:00:07 ", datetime(2026, 11, 1, 10, 0, 7, tzinfo=UTC)), ("2026-11-01 18:00:07.000250", datetime(2026, 11, 1, 10, 0, 7, 250, tzinfo=UTC)),
    ("2026-11-01", datetime(2026, 11, 1, 15, 59, 59, 999999, tzinfo=UTC)),
])
def test_a_moment_is_read_as_people_in_shanghai_write_it(text: str, moment: datetime | None) -> None:
    assert asof.moment_of(text) == moment


@pytest.mark.parametrize("text", ["昨天", "2026-13-01", "2026-02-30 10:00", "2026-11-01 24:00", "2026-11-01 18", "18:00", "2026/11/01", "0001-01-01 00:00", "２０２６-11-01", "2026-11-01 18:00Z", "9" * 300])
def test_what_is_no_moment_is_refused_with_the_way_to_write_it(text: str) -> None:
    with pytest.raises(BadInput, match="不是有效的时间。请写成 2026-11-01 18:00") as refused:
        asof.moment_of(text)
    assert len(refused.value.sentence) < 120
    assert [place.where for place in refused.value.problems] == ["as_of"]


def test_a_moment_from_before_the_journal_is_refused_and_the_earliest_one_named_works(company: Company) -> None:
    with pytest.raises(BadInput, match="早于历史记录开始的时刻") as refused, asof.looking(company.database, EVERY_ENTITY, asof.moment_of("2020-01-01")):
        raise AssertionError("nothing to see")
    earliest = re.search(r"最早可以填 (\S+ \S+)（北京时间）", refused.value.sentence)
    assert earliest
    with asof.looking(company.database, EVERY_ENTITY, asof.moment_of(earliest.group(1))):
        assert clock.today() == date(2026, 9, 1)


def test_a_moment_that_is_still_to_come_is_refused(company: Company) -> None:
    with pytest.raises(BadInput, match="2026-11-22 10:00:01（北京时间）还没有到"), asof.database_at(company.database, clock.now() + timedelta(seconds=1)):
        raise AssertionError("nothing to see")


def test_a_database_without_any_history_says_so(tmp_path: Path, empty_database: Database) -> None:
    with pytest.raises(BadInput, match="还没有任何记录"), asof.database_at(empty_database, datetime(2026, 10, 1, tzinfo=UTC)):
        raise AssertionError("nothing to see")


def test_what_is_overdue_is_judged_by_the_day_of_then(company: Company, frozen_clock: time_machine.Traveller) -> None:
    company.task()
    frozen_clock.move_to(datetime(DUE.year + 1, 1, 9, 2, tzinfo=UTC))
    before, after = datetime(2026, 12, 31, 4, tzinfo=UTC), datetime(2027, 1, 5, 4, tzinfo=UTC)
    then, later = (Opened(exported(company, moment)) for moment in (before, after))
    (early,), (late,) = then.rows("责任分派与任务"), later.rows("责任分派与任务")
    assert (early["状态"], early["逾期天数"]) == ("未开始", "")
    assert (late["状态"], late["逾期天数"]) == ("已逾期", 5)
    assert "2026-12-31 12:00:00（北京时间）" in then.texts and "2027-01-05 12:00:00（北京时间）" in later.texts
    none, one = (Opened(exported(company, moment, wanted=TaskFilter(state="overdue"))) for moment in (before, after))
    assert (len(none.rows("责任分派与任务")), len(one.rows("责任分派与任务"))) == (0, 1)


def test_an_export_made_twice_is_the_same_to_the_byte(story: Story, frozen_clock: time_machine.Traveller) -> None:
    moment = clock.now()
    first = exported(story.company, moment)
    frozen_clock.shift(86_400)
    assert exported(story.company, moment) == first
    assert exported(story.company, None) != first
    assert exported(story.company, None) == exported(story.company, clock.now())


def test_the_trail_of_then_ends_where_it_did_and_holds_together(story: Story, frozen_clock: time_machine.Traveller) -> None:
    company, moment = story.company, clock.now()
    size = len(Opened(exported(company, moment)).rows("操作留痕"))
    frozen_clock.shift(60)
    with company.database.writing(company.world.officer.entities) as s:
        working.reschedule(s, company.world.officer, story.tasks["not_started"], date(2027, 2, 20), "再次顺延")
    with asof.database_at(company.database, moment) as past, past.reading(EVERY_ENTITY) as s:
        assert faults(s) == []
    assert len(Opened(exported(company, moment)).rows("操作留痕")) == size
    assert len(Opened(exported(company, None)).rows("操作留痕")) == size + 1


def test_search_and_the_bytes_of_editions_work_in_the_past(company: Company) -> None:
    with asof.looking(company.database, EVERY_ENTITY, clock.now()) as then, company.database.reading() as now:
        assert 0 < obligation_count(then, ObligationFilter(q="适当")) == obligation_count(now, ObligationFilter(q="适当"))
        assert then.scalars(select(Edition.source)).all() == now.scalars(select(Edition.source)).all()


def test_rights_are_those_of_now(company: Company, frozen_clock: time_machine.Traveller) -> None:
    moment = clock.now()
    for stranger in (company.world.outsider, company.world.admin):
        with pytest.raises(NotFound):
            exported(company, moment, stranger)
    frozen_clock.shift(60)
    with company.database.writing(EVERY_ENTITY) as s:
        grant_roles(s, company.world.admin, company.world.people["孙外人"], company.world.ours, [Role.AUDITOR])
    with company.database.reading() as s:
        newcomer = Viewer(company.world.people["孙外人"], "孙外人", roles={company.world.ours: frozenset({Role.AUDITOR})})
    assert Opened(exported(company, moment, newcomer)).rows("合规义务清单")


def test_an_entity_that_was_not_there_yet_is_a_sentence(company: Company, frozen_clock: time_machine.Traveller) -> None:
    moment = clock.now()
    frozen_clock.shift(60)
    with company.database.writing(EVERY_ENTITY) as s:
        new = create_entity(s, company.world.admin, EntityFacts("新公司", "新", ("securities_firm",))).id
    officer = Viewer(company.world.officer.person_id, "林合规", roles={new: frozenset({Role.OFFICER})})
    with pytest.raises(BadInput, match="截至 2026-11-22 10:00:00（北京时间），系统中还没有这个主体"), asof.looking(company.database, officer.entities, moment) as s:
        write(s, officer, [new], TaskFilter(), export_store(company.store.root.with_name("exports")))


def test_the_past_is_gone_when_nobody_looks_at_it_any_more(company: Company) -> None:
    with asof.database_at(company.database, clock.now()) as past:
        file = Path(str(past.engine.url.database))
        assert file.stat().st_size and file.parent.stat().st_mode & 0o077 == 0
    assert not file.parent.exists()


def test_a_history_with_a_hole_in_it_is_refused_with_the_tables(company: Company, frozen_clock: time_machine.Traveller) -> None:
    company.task()
    path = str(company.database.engine.url.database)
    with sqlite3.connect(path) as intruder:
        intruder.execute("DROP TRIGGER row_version_no_delete")
        intruder.execute("DELETE FROM row_version WHERE table_name = 'assignment'")
    intruder.close()
    frozen_clock.shift(60)
    with pytest.raises(RuleBroken, match=r"历史记录不完整：.*（task）"), asof.database_at(company.database, clock.now()):
        raise AssertionError("nothing to see")


def test_an_export_of_now_waits_for_whoever_is_about_to_commit_and_sees_what_he_wrote(company: Company) -> None:
    task_id, found, started = company.task(), [], threading.Event()
    officer = company.world.officer

    def look() -> None:
        started.set()
        with asof.looking(company.database, officer.entities) as s:
            found.append(s.get_one(Task, task_id).due_on)

    with company.database.writing(officer.entities) as s:
        working.reschedule(s, officer, task_id, date(2027, 1, 20), "节前盘点")
        reader = threading.Thread(target=look)
        reader.start()
        assert started.wait(5)
        reader.join(0.3)
        assert found == []
    reader.join(20)
    assert found == [date(2027, 1, 20)]


def test_looking_back_at_many_rows_takes_little_memory(tmp_path: Path) -> None:
    tasks = 6_000
    many.build(tmp_path / "many.db", 1, tasks)
    database = Database(f"sqlite:///{tmp_path / 'many.db'}")
    tracemalloc.start()
    with asof.database_at(database, clock.now()) as past:
        _now, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        with past.reading(EVERY_ENTITY) as s:
            assert s.scalar(select(func.count()).select_from(Task)) == tasks
            assert (s.scalar(select(func.count()).select_from(Obligation)) or 0) > 200
    database.close()
    assert most < 12e6
