"""Verbs of editions: who may, what is refused, what a rename takes along, and what a withdrawal ends."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import event, func, select

from tests.cast import World
from tests.editions.registers import HOST, Duty, identity, put, register, seen, standing, work_under
from tracker.assignments import reviewing, working
from tracker.assignments.models import Assignment, Reconfirmation, Submission, Task
from tracker.assignments.queries import TaskFilter, task_count, task_ids
from tracker.audit.models import AuditEvent
from tracker.audit.queries import TrailFilter, events
from tracker.db import EVERY_ENTITY, Database
from tracker.editions import actions, queries
from tracker.editions.models import Draft
from tracker.errors import BadInput, Forbidden, NotFound, RuleBroken, Stale
from tracker.people.access import Viewer, operator
from tracker.register.models import Edition, FormerName, Obligation, ObligationText
from tracker.register.queries import ObligationFilter, editions_told, obligation, obligations, vocabulary
from tracker.register.source import SourceProblems
from tracker.reports.telling import known_names
from tracker.words import TaskState

FIRST = [Duty(1), Duty(2), Duty(3)]


@pytest.fixture
def worked(database: Database, world: World, frozen_clock: object) -> Database:
    """Give 海川证券 at work under three duties; the first has an acceptance."""
    put(database, register(FIRST))
    work_under(database, world, [1, 2, 3], [1])
    return database


def count(database: Database, what: type) -> int:
    with database.reading(EVERY_ENTITY) as s:
        return s.scalar(select(func.count()).select_from(what)) or 0


def look(database: Database, viewer: Viewer, data: bytes) -> int:
    with database.writing(EVERY_ENTITY) as s:
        return actions.look_at(s, viewer, data, "made.yaml").id


def outdated(database: Database, world: World) -> list[int]:
    with database.reading(world.reviewer.entities) as s:
        return task_ids(s, world.reviewer, TaskFilter(state="reconfirm"))


def test_a_change_puts_acceptances_up_for_confirmation_and_says_what_changed(worked: Database, world: World) -> None:
    assert outdated(worked, world) == []
    told = seen(worked, register([Duty(1, 1), Duty(2), Duty(3)], "2026.12"))
    (touched,) = told.touched
    assert (touched.entity, touched.assignments, touched.reconfirm, touched.ended) == ("海川", 1, 1, 0)
    put(worked, register([Duty(1, 1), Duty(2), Duty(3)], "2026.12"))
    (task_id,) = outdated(worked, world)
    with worked.reading(world.reviewer.entities) as s:
        row = s.get_one(Task, task_id)
        (change,) = queries.text_change(s, row.obligation_id, row.accepted_digest or "")
        assert (change.field, change.old, change.new) == ("statement", "第1项要求，写法0。", "第1项要求，写法1。")
        assert task_count(s, world.reviewer, TaskFilter(state="reconfirm")) == 1


def test_confirming_again_is_the_reviewers_own_act_with_its_event_and_keeps_the_acceptance_as_it_was(worked: Database, world: World) -> None:
    put(worked, register([Duty(1, 1), Duty(2), Duty(3)], "2026.12"))
    ids, who = outdated(worked, world), world.reviewer
    with worked.writing(who.entities) as s:
        assert reviewing.reconfirm(s, who, ids, "要求未变，结论仍然成立。") == 1
    assert outdated(worked, world) == []
    with worked.reading(EVERY_ENTITY) as s:
        kept, again = s.scalars(select(Submission)).one(), s.scalars(select(Reconfirmation)).one()
        now = s.get_one(Obligation, identity(1)).digest
        assert kept.obligation_digest == again.old_digest != again.new_digest == now
        (event,) = events(s, TrailFilter((f"ent_{world.ours}",), action="task.reconfirmed"))
    assert event.after == {"obligation_digest": now} and event.personal["reason"] == "要求未变，结论仍然成立。"
    with pytest.raises(BadInput, match="不需要重新确认"), worked.writing(who.entities) as s:
        reviewing.reconfirm(s, who, ids)


@pytest.mark.parametrize(("name", "error"), [("王责任", Forbidden), ("林合规", Forbidden), ("钱审计", Forbidden), ("孙外人", NotFound), ("管理员", NotFound), ("操作员", Forbidden)])
def test_nobody_but_the_reviewer_confirms_again(worked: Database, world: World, name: str, error: type[Exception]) -> None:
    put(worked, register([Duty(1, 1), Duty(2), Duty(3)], "2026.12"))
    ids, who = outdated(worked, world), world.viewer(name)
    with pytest.raises(error), worked.writing(who.entities) as s:
        reviewing.reconfirm(s, who, ids)
    assert outdated(worked, world) == ids


def test_several_are_confirmed_as_a_whole_or_not_at_all(worked: Database, world: World) -> None:
    put(worked, register([Duty(1, 1), Duty(2), Duty(3)], "2026.12"))
    ids, who = outdated(worked, world), world.reviewer
    with worked.reading(who.entities) as s:
        fresh = task_ids(s, who, TaskFilter(state="open"))[0]
    with pytest.raises(BadInput, match="没有确认任何任务"), worked.writing(who.entities) as s:
        reviewing.reconfirm(s, who, [*ids, fresh])
    assert outdated(worked, world) == ids and count(worked, Reconfirmation) == 0


def test_a_reopened_task_no_longer_waits_for_confirmation(worked: Database, world: World) -> None:
    put(worked, register([Duty(1, 1), Duty(2), Duty(3)], "2026.12"))
    (task_id,), who = outdated(worked, world), world.officer
    with worked.writing(who.entities) as s:
        reviewing.reopen(s, who, task_id, "按新的文本重做")
    assert outdated(worked, world) == []


def test_a_withdrawn_obligation_ends_its_assignment_in_the_entitys_own_trail(worked: Database, world: World) -> None:
    before = standing(worked)
    applied = put(worked, register([Duty(1), Duty(2)], "2026.12"))
    after = standing(worked)
    assert (applied.ended, applied.cancelled) == (1, len(before.open - after.open)) and applied.cancelled > 0
    with worked.reading(EVERY_ENTITY) as s:
        gone = s.scalars(select(Assignment).where(Assignment.obligation_id == identity(3))).one()
        assert not gone.active and gone.ended_at is not None
        states = set(s.scalars(select(Task.state).where(Task.obligation_id == identity(3))))
        told = events(s, TrailFilter((f"ent_{world.ours}",), object=gone.audit_ref))
        loads = events(s, TrailFilter(("system",), action="register.loaded"))
    assert states == {TaskState.CANCELLED}
    assert "版本 2026.12 撤下了这项义务" in told[0].personal["reason"]
    assert len(loads) == 2 and loads[0].after["withdrawn"] == [identity(3)]


def test_a_renamed_obligation_keeps_its_assignment_its_tasks_and_its_acceptances(worked: Database, world: World) -> None:
    before = standing(worked)
    put(worked, register([Duty(7, 0, (1,), like=1), Duty(2), Duty(3)], "2026.12"))
    after = standing(worked)
    assert (after.assignments, after.open, after.done, after.outdated) == (before.assignments, before.open, before.done, frozenset())
    assert after.obligations[identity(7)] == before.obligations[identity(1)]
    with worked.reading(EVERY_ENTITY) as s:
        assert obligation(s, identity(1)).id == identity(7)
        assert [row.id for row in obligations(s, ObligationFilter(q=identity(1)))] == [identity(7)]
        assert set(s.scalars(select(Task.obligation_id))) == {identity(number) for number in (7, 2, 3)}
        assert s.get(ObligationText, (identity(7), before.obligations[identity(1)])) is not None


def test_a_name_given_back_leads_the_other_way_round(worked: Database) -> None:
    put(worked, register([Duty(7, 0, (1,)), Duty(2), Duty(3)], "2026.12"))
    put(worked, register([Duty(7), Duty(2), Duty(3)], "2027.01"))
    put(worked, register(FIRST, "2027.02"))
    with worked.reading(EVERY_ENTITY) as s:
        assert obligation(s, identity(7)).id == identity(1)
        assert [(row.old_id, row.obligation_id) for row in s.scalars(select(FormerName))] == [(identity(7), identity(1))]


@pytest.mark.parametrize(("duties", "sentence"), [
    ([Duty(1), Duty(7, 0, (1,)), Duty(2), Duty(3)], "仍是这份清单中一项义务的编号"),
    ([Duty(2, 0, (1,)), Duty(3)], "两项义务的历史不能并为一项"),
    ([Duty(7, 0, (1, 2)), Duty(3)], "两项义务的历史不能并为一项"),
    ([Duty(7, 0, (1,)), Duty(8, 0, (1,)), Duty(2), Duty(3)], "重复，前面已经用过"),
])
def test_names_that_would_mix_up_two_histories_are_refused(worked: Database, duties: list[Duty], sentence: str) -> None:
    before = standing(worked)
    with pytest.raises(SourceProblems) as refused:
        put(worked, register(duties, "2026.12"))
    assert any(sentence in fault.sentence and fault.line > 1 for fault in refused.value.problems), refused.value.problems
    assert standing(worked) == before


def test_a_retired_name_is_never_given_to_another_obligation(worked: Database) -> None:
    put(worked, register([Duty(7, 0, (1,)), Duty(2), Duty(3)], "2026.12"))
    with pytest.raises(SourceProblems) as refused:
        put(worked, register([Duty(1), Duty(7), Duty(2), Duty(3)], "2027.01"))
    assert any("曾是“MD1-03-07”的编号" in fault.sentence for fault in refused.value.problems)


def test_an_edition_is_put_back_as_a_new_one_and_says_so(worked: Database, world: World) -> None:
    put(worked, register([Duty(1, 1)], "2026.12"))
    admin = world.admin
    with worked.reading(EVERY_ENTITY) as s:
        first = queries.history(s, "main")[-1].id
    with worked.writing(EVERY_ENTITY) as s:
        draft_id = actions.look_back_at(s, admin, first).id
    with worked.writing(EVERY_ENTITY) as s:
        applied = actions.apply_draft(s, admin, draft_id)
    assert applied.loaded.plan.revived == (identity(2), identity(3)) and applied.loaded.plan.changed == (identity(1),)
    with worked.reading(EVERY_ENTITY) as s:
        newest = queries.history(s, "main")[0]
        assert (newest.restores_id, newest.loaded_by, newest.edition) == (first, admin.person_id, "2026.11")
        assert [len(queries.history(s, "main")), editions_told(s)] == [3, "2026.11"]
        changes = queries.compared(queries.before(s, newest), newest)
        assert [one.id for one in changes.changed] == [identity(1)] and changes.added == (identity(2), identity(3))
    assert count(worked, Draft) == 0


def test_a_draft_from_before_another_load_is_stale(worked: Database, world: World) -> None:
    draft_id = look(worked, world.admin, register([Duty(1, 1)], "2026.12"))
    put(worked, register([Duty(1, 2)], "2026.12.1"))
    before = standing(worked)
    with pytest.raises(Stale, match="预览已不准确"), worked.writing(EVERY_ENTITY) as s:
        actions.apply_draft(s, world.admin, draft_id)
    assert standing(worked) == before


def test_a_draft_is_its_makers_and_he_has_one(worked: Database, world: World) -> None:
    first = look(worked, world.admin, register([Duty(1, 1)], "2026.12"))
    second = look(worked, world.admin, register([Duty(1, 2)], "2026.12"))
    assert count(worked, Draft) == 1
    other = Viewer(world.people["林合规"], "林合规", is_admin=True)
    for draft_id, who in ((first, world.admin), (second, other), (10**9, world.admin)):
        with pytest.raises(NotFound), worked.writing(EVERY_ENTITY) as s:
            actions.apply_draft(s, who, draft_id)
    with worked.writing(EVERY_ENTITY) as s:
        actions.drop_draft(s, world.admin, second)
    assert count(worked, Draft) == 0


def test_what_is_in_force_already_makes_no_draft(worked: Database, world: World) -> None:
    with pytest.raises(RuleBroken, match="逐字节相同"):
        look(worked, world.admin, register(FIRST))


@pytest.mark.parametrize("name", ["林合规", "王责任", "赵复核", "钱审计", "孙外人"])
def test_only_administrators_change_what_is_in_force(worked: Database, world: World, name: str) -> None:
    who, data, before = world.viewer(name), register([Duty(1, 1)], "2026.12"), standing(worked)
    verbs = (
        lambda s: actions.put_in_force(s, who, data, "x"), lambda s: actions.look_at(s, who, data, "x"), lambda s: actions.look_back_at(s, who, 1),
        lambda s: queries.preview(s, who, data, "x"),
    )
    for verb in verbs:
        with pytest.raises(NotFound), worked.writing(EVERY_ENTITY) as s:
            verb(s)
    assert standing(worked) == before


def test_a_broken_file_changes_nothing(worked: Database) -> None:
    before, events_before = standing(worked), count(worked, AuditEvent)
    for data in (b"", b"\xff\xfe", register(FIRST).replace(b'"must"', b'"should"'), b"{" * 9000):
        with pytest.raises(SourceProblems):
            put(worked, data)
    assert (standing(worked), count(worked, AuditEvent)) == (before, events_before)


def test_a_register_of_ones_own_stands_beside_the_first_and_uses_its_words(worked: Database, world: World) -> None:
    own = register([Duty(1), Duty(2)], "2026.11", key="policies", prefix="NB1", document="policy-1", words=False)
    before = standing(worked)
    applied = put(worked, own, "own.yaml")
    assert applied.loaded.plan.added == ("NB1-03-01", "NB1-03-02") and applied.loaded.plan.withdrawn == ()
    after = standing(worked)
    assert {key: after.obligations[key] for key in before.obligations} == before.obligations and after.assignments == before.assignments
    with worked.reading(EVERY_ENTITY) as s:
        assert editions_told(s) == "2026.11；登记册policies 2026.11"
        assert [row.id for row in obligations(s, ObligationFilter())][-2:] == ["NB1-03-01", "NB1-03-02"]
    # Each is upgraded by itself.
    put(worked, register([Duty(1), Duty(2), Duty(3)], "2026.12"))
    put(worked, register([Duty(1)], "2026.12", key="policies", prefix="NB1", document="policy-1", words=False))
    with worked.reading(EVERY_ENTITY) as s:
        assert {row.id for row in obligations(s, ObligationFilter())} == {*map(identity, (1, 2, 3)), "NB1-03-01"}


@pytest.mark.parametrize(("changes", "sentence"), [
    ({"prefix": "MD1", "document": "policy-1", "words": False}, "义务编号“MD1-03-01”已用于登记册"),
    ({"prefix": "NB1", "document": "made-1", "words": False}, "文件编号“made-1”已用于登记册"),
    ({"prefix": "NB1", "document": "policy-1", "words": True}, "已由登记册“登记册main”定义"),
])
def test_ids_and_words_are_unique_over_all_registers(worked: Database, changes: dict[str, object], sentence: str) -> None:
    before = standing(worked)
    with pytest.raises(SourceProblems) as refused:
        put(worked, register([Duty(1)], key="policies", **changes))  # type: ignore[arg-type]
    assert any(sentence in fault.sentence for fault in refused.value.problems)
    assert standing(worked) == before


def test_another_document_under_the_same_registers_name_is_taken_for_a_mistake(worked: Database) -> None:
    with pytest.raises(BadInput, match="register: 编号"):
        put(worked, register([Duty(1)], prefix="NB1", document="policy-1"))


def test_editions_of_two_registers_are_not_compared(worked: Database) -> None:
    put(worked, register([Duty(1)], key="policies", prefix="NB1", document="policy-1", words=False))
    with worked.reading(EVERY_ENTITY) as s:
        one, other = (queries.history(s, key)[0] for key in ("main", "policies"))
        with pytest.raises(BadInput, match="不同的登记册"):
            queries.compared(one, other)
        with pytest.raises(NotFound):
            queries.history(s, "nowhere")


def test_a_reviewer_confirms_only_the_text_he_saw(worked: Database, world: World) -> None:
    put(worked, register([Duty(1, 1), Duty(2), Duty(3)], "2026.12"))
    (task_id,), who = outdated(worked, world), world.reviewer
    with worked.reading(who.entities) as s:
        seen_digest = s.get_one(Task, task_id).obligation.digest
    put(worked, register([Duty(1, 2), Duty(2), Duty(3)], "2026.12.1"))
    with pytest.raises(Stale, match="文本在您打开页面之后变了") as stale, worked.writing(who.entities) as s:
        reviewing.reconfirm(s, who, [task_id], seen={task_id: seen_digest})
    assert "写法2" in stale.value.theirs["现在的要求"]
    assert outdated(worked, world) == [task_id]


def test_a_reviewer_accepts_only_under_the_text_he_saw(worked: Database, world: World) -> None:
    with worked.reading(world.owner.entities) as s:
        task_id = task_ids(s, world.owner, TaskFilter(state="open", obligation_id=identity(2)))[0]
        digest = s.get_one(Task, task_id).obligation.digest
    with worked.writing(world.owner.entities) as s:
        working.submit(s, world.owner, task_id, working.Work("已完成。"))
    put(worked, register([Duty(1), Duty(2, 1), Duty(3)], "2026.12"))
    with pytest.raises(Stale), worked.writing(world.reviewer.entities) as s:
        reviewing.accept(s, world.reviewer, task_id, seen=digest)
    with worked.writing(world.reviewer.entities) as s:
        reviewing.accept(s, world.reviewer, task_id, seen=s.get_one(Task, task_id).obligation.digest)


def test_confirming_many_asks_the_database_no_more_often_than_confirming_few(worked: Database, world: World) -> None:
    with worked.reading(world.owner.entities) as s:
        more = [task_ids(s, world.owner, TaskFilter(state="open", obligation_id=identity(number)))[0] for number in (2, 3)]
    for task_id in more:
        with worked.writing(world.owner.entities) as s:
            working.submit(s, world.owner, task_id, working.Work("已完成。"))
        with worked.writing(world.reviewer.entities) as s:
            reviewing.accept(s, world.reviewer, task_id)
    put(worked, register([Duty(1, 1), Duty(2, 1), Duty(3, 1)], "2026.12"))
    ids, asked = outdated(worked, world), []
    assert len(ids) == 3
    for some in (ids[:1], ids[1:]):
        told: list[str] = []

        def note(*given: Any, told: list[str] = told) -> None:
            told.append(given[2])

        event.listen(worked.engine, "before_cursor_execute", note)
        with worked.writing(world.reviewer.entities) as s:
            reviewing.reconfirm(s, world.reviewer, some)
            asked.append(sum(statement.startswith("SELECT") for statement in told))
        event.remove(worked.engine, "before_cursor_execute", note)
    assert asked[0] == asked[1]


def test_a_word_that_an_edition_drops_may_no_longer_be_chosen_and_becomes_free(worked: Database) -> None:
    data = register(FIRST, "2026.12").decode()
    more = data.replace('"domains": {', '"domains": {\n  "spare": {"label": "备用领域", "en": "Spare"},')
    assert more != data
    put(worked, more.encode())
    with worked.reading() as s:
        assert "spare" in vocabulary(s).live_domains
    put(worked, data.encode())
    with worked.reading() as s:
        assert "spare" in vocabulary(s).domains and "spare" not in vocabulary(s).live_domains
    own = register([Duty(1)], key="policies", prefix="NB1", document="policy-1", words=False).decode()
    own = own.replace('"documents"', '"domains": {"spare": {"label": "自己的领域", "en": "Mine"}},\n "documents"')
    put(worked, own.encode())
    with worked.reading() as s:
        assert vocabulary(s).live_domains["spare"] == "自己的领域"


def test_a_word_that_another_register_uses_is_not_dropped(worked: Database) -> None:
    put(worked, register([Duty(1)], key="policies", prefix="NB1", document="policy-1", words=False))
    before = standing(worked)
    without = register(FIRST, "2026.12").decode().replace("private_fund_manager", "fund_manager")
    with pytest.raises(BadInput, match="其他登记册的义务还在使用这些义务主体：private_fund_manager"):
        put(worked, without.encode())
    assert standing(worked) == before


def test_the_preview_says_for_each_obligation_what_it_touches(worked: Database) -> None:
    told = seen(worked, register([Duty(7, 1, (1,)), Duty(2)], "2026.12")).by_obligation
    assert set(told) == {identity(7), identity(3)}
    assert (told[identity(7)].assignments, told[identity(7)].reconfirm) == (1, 1)
    assert (told[identity(3)].ended, told[identity(3)].reconfirm) == (1, 0)


def test_the_trail_names_a_renamed_obligation_under_both_ids(worked: Database, world: World) -> None:
    put(worked, register([Duty(7, 0, (1,), like=1), Duty(2), Duty(3)], "2026.12"))
    with worked.reading(world.officer.entities) as s:
        known = known_names(s, world.officer, {identity(1), identity(7)})
    assert known[identity(1)] == "MD1-03-01《义务1》（现编号 MD1-03-07）" and known[identity(7)] == "MD1-03-07《义务1》"


def test_the_operator_loads_without_being_a_person(worked: Database) -> None:
    put(worked, register([Duty(1, 1), Duty(2), Duty(3)], "2026.12"))
    with worked.reading() as s:
        newest = s.scalars(select(Edition).order_by(Edition.id.desc())).first()
        assert newest is not None and newest.loaded_by is None and newest.changes["changed"] == [identity(1)]
    assert HOST.person_id is None and operator("x").is_operator
