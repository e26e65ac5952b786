"""Several entities in one workbook: every row under its entity, who may see it, and what comes back from it."""

from __future__ import annotations

import io
from dataclasses import replace

import pytest
from openpyxl import load_workbook
from sqlalchemy import select

from tests.reports.opening import Opened
from tests.reports.story import Story
from tracker.assignments.queries import TaskFilter
from tracker.audit.models import AuditEvent
from tracker.bringing import actions as bringing
from tracker.db import EVERY_ENTITY
from tracker.errors import BadInput, NotFound
from tracker.people.access import Viewer
from tracker.people.actions import EntityFacts, change_entity, set_entity_active
from tracker.people.models import Entity
from tracker.people.queries import called
from tracker.reports import queries
from tracker.reports.actions import Written, export_store, keep, remember, write
from tracker.reports.layout import TITLES
from tracker.reports.lists.differences import DIFFERENCES, Comparison
from tracker.scope.actions import confirm_suggestions
from tracker.scope.queries import scope_ids
from tracker.words import Role


def _both(story: Story) -> tuple[Viewer, int]:
    """Return 林合规 as an officer of both entities, and the other entity."""
    world = story.company.world
    with story.company.database.reading() as s:
        other = s.scalars(select(Entity.id).where(Entity.id != world.ours)).one()
    return replace(world.officer, roles={world.ours: frozenset({Role.OFFICER}), other: frozenset({Role.OFFICER})}), other


def _export(story: Story, who: Viewer, ids: list[int], wanted: TaskFilter | None = None) -> tuple[Opened, Written, int]:
    store = export_store(story.folder)
    with story.company.database.reading(who.entities) as s:
        written = write(s, who, ids, wanted or TaskFilter(), store)
    with story.company.database.writing(who.entities) as s:
        kept = keep(s, who, written).id
    with store.open(written.stored.sha256) as file:
        return Opened(file.read()), written, kept


@pytest.fixture
def group(story: Story) -> tuple[Viewer, int]:
    """Let the other entity confirm what applies to it."""
    who, other = _both(story)
    with story.company.database.writing(who.entities) as s:
        from_suggestion = scope_ids(s, who, other, TaskFilter().obligation)
        confirm_suggestions(s, who, other, from_suggestion)
    return who, other


def test_every_sheet_is_the_sheets_of_its_entities_one_after_the_other(story: Story, group: tuple[Viewer, int]) -> None:
    (who, other), ours = group, story.company.world.ours
    alone = {entity_id: _export(story, who, [entity_id])[0] for entity_id in (ours, other)}
    together, written, _kept = _export(story, who, [other, ours, other])
    assert together.titles == alone[ours].titles and written.entity_ids == (other, ours)
    assert written.stored.name.startswith("2个主体_")
    for title in set(TITLES) - {"操作留痕"}:
        rows = together.rows(title)
        assert [row["主体"] for row in rows] == sorted((row["主体"] for row in rows), key=["别家", "海川"].index)
        for entity_id, name in ((ours, "海川"), (other, "别家")):
            # The check of the cells that are not for filling in covers the added column as well.
            found = [{key: value for key, value in row.items() if key not in ("主体", "单元格校验")} for row in rows if row["主体"] == name]
            assert found == [{key: value for key, value in row.items() if key != "单元格校验"} for row in alone[entity_id].rows(title)], title
    trail = together.rows("操作留痕")
    for name in ("海川", "别家"):
        assert [row["序号"] for row in trail if row["主体"] == name] == list(range(len([row for row in trail if row["主体"] == name])))


def test_cover_and_board_say_the_total_and_each_entity(story: Story, group: tuple[Viewer, int]) -> None:
    (who, other), ours = group, story.company.world.ours
    opened, _written, _kept = _export(story, who, [ours, other])
    assert "海川证券等 2 个主体" in opened.texts
    assert any(text.startswith("海川：登记事项") and "\n别家：登记事项" in text and text.endswith("逾期 0，待重新确认 0") for text in opened.texts)
    page = opened.book["董事会摘要"]
    lines = [[cell.value for cell in row if cell.value is not None] for row in page.iter_rows()]
    start = next(number for number, line in enumerate(lines) if line and line[0] == "按主体")
    assert lines[start + 1][0] == "主体" and [line[0] for line in lines[start + 2 : start + 4]] == ["海川", "别家"]
    late = sum(row["逾期天数"] != "" for row in opened.rows("责任分派与任务"))
    assert late and lines[start + 2][5] == late and lines[start + 3][3:6] == [0, "—", 0]
    assert any("海川 · =cmd" in str(value) for line in lines for value in line)


def test_who_sees_only_one_of_them_neither_exports_nor_finds_it(story: Story, group: tuple[Viewer, int]) -> None:
    (who, other), world = group, story.company.world
    _opened, _written, kept = _export(story, who, [world.ours, other])
    for stranger in (world.officer, world.outsider, world.admin):
        with story.company.database.reading(stranger.entities) as s:
            with pytest.raises(NotFound):
                write(s, stranger, [world.ours, other], TaskFilter(), export_store(story.folder))
            with pytest.raises(NotFound):
                queries.export(s, stranger, kept)
            assert (queries.export_count(s, stranger), queries.exports(s, stranger)) == (0, [])
    with story.company.database.reading(who.entities) as s:
        assert queries.export(s, who, kept).entity_count == 2
        for entity_id in (None, world.ours, other):
            assert [row.id for row in queries.exports(s, who, entity_id)] == [kept]
        assert queries.entities_of(s, [queries.export(s, who, kept)]) == {kept: [world.ours, other]}
    with story.company.database.reading(EVERY_ENTITY) as s:
        built = [(event.chain_id, event.record) for event in s.scalars(select(AuditEvent).where(AuditEvent.action == "report.built"))]
    assert {chain for chain, _ in built} == {f"ent_{world.ours}", f"ent_{other}"}
    assert all("海川" not in record for _, record in built)


def test_nobody_at_all_is_a_sentence(story: Story) -> None:
    officer = story.company.world.officer
    with story.company.database.reading(officer.entities) as s, pytest.raises(BadInput, match="没有选择主体"):
        write(s, officer, [], TaskFilter(), export_store(story.folder))


def test_a_filter_reaches_every_entity(story: Story, group: tuple[Viewer, int]) -> None:
    who, other = group
    opened, written, _kept = _export(story, who, [story.company.world.ours, other], TaskFilter(state="done"))
    assert written.filter_words == "任务状态：已完成"
    assert {row["主体"] for row in opened.rows("适用性说明")} == {"海川"} == {row["主体"] for row in opened.rows("责任分派与任务")}


def test_what_comes_back_from_it_is_the_chosen_entitys_alone(story: Story, group: tuple[Viewer, int]) -> None:
    (who, other), ours = group, story.company.world.ours
    opened, _written, _kept = _export(story, who, [ours, other])
    for entity_id in (ours, other):
        taken = bringing.read(who, entity_id, opened.data, "back.xlsx")
        assert taken.looked_at > 100 and taken.lines == []
    book = load_workbook(io.BytesIO(opened.data))
    page = book["适用性说明"]
    heads = {cell.value: cell.column for cell in page[2]}
    changed = next(row for row in range(3, page.max_row + 1) if page.cell(row, heads["主体"]).value == "别家")
    page.cell(changed, heads["理由"]).value = "集团统一认定"
    file = io.BytesIO()
    book.save(file)
    (line,) = bringing.read(who, other, file.getvalue(), "back.xlsx").lines
    assert line.cells and not line.faults
    (line,) = bringing.read(who, ours, file.getvalue(), "back.xlsx").lines
    assert line.faults


def _compared(story: Story, who: Viewer, ids: list[int]) -> Opened:
    store = export_store(story.folder)
    with story.company.database.reading(who.entities) as s, remember(s, who, ids, called(s, who, ids), TaskFilter()) as compared:
        written = write(s, who, ids, TaskFilter(), store, compared=compared)
    return Opened(store.path(written.stored.sha256).read_bytes())


def _call(story: Story, entity_id: int, short_name: str) -> None:
    with story.company.database.writing(EVERY_ENTITY) as s:
        row = s.get_one(Entity, entity_id)
        facts = EntityFacts(row.name, short_name, tuple(kind.kind for kind in row.kinds), row.code, row.parent_id)
        change_entity(s, story.company.world.admin, entity_id, facts, row.version)


def test_entities_with_the_same_short_name_are_told_apart_by_their_full_ones(story: Story, group: tuple[Viewer, int]) -> None:
    (who, other), ours = group, story.company.world.ours
    with story.company.database.reading(EVERY_ENTITY) as s:
        full = [s.get_one(Entity, one).name for one in (ours, other)]
    _call(story, other, "海川")
    opened = _compared(story, who, [ours, other])
    assert list(dict.fromkeys(row["主体"] for row in opened.rows("适用性说明"))) == full
    assert opened.rows(DIFFERENCES) == []


def test_an_entity_that_was_not_active_at_the_earlier_moment_had_its_rows_all_the_same(story: Story, group: tuple[Viewer, int]) -> None:
    (who, other), ours = group, story.company.world.ours
    with story.company.database.writing(EVERY_ENTITY) as s:
        set_entity_active(s, story.company.world.admin, other, False)
    opened = _compared(story, who, [ours, other])
    assert {row["主体"] for row in opened.rows("适用性说明")} == {"海川", "别家"}
    assert opened.rows(DIFFERENCES) == []


def test_a_comparison_that_goes_wrong_is_closed(story: Story, group: tuple[Viewer, int], monkeypatch: pytest.MonkeyPatch) -> None:
    closed: list[Comparison] = []

    def broken(_self: Comparison, *_given: object) -> None:
        raise OSError

    monkeypatch.setattr(Comparison, "remember", broken)
    monkeypatch.setattr(Comparison, "__exit__", lambda self, *_error: closed.append(self))
    who, other = group
    with story.company.database.reading(who.entities) as s, pytest.raises(OSError):
        remember(s, who, [other], {}, TaskFilter())
    assert len(closed) == 1
