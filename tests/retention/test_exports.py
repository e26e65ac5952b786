"""What is sealed, redacted or destroyed in what leaves: marks in the workbook, the events that say so, and the offline check goes along."""

from __future__ import annotations

import io
from pathlib import Path

from openpyxl import load_workbook
from sqlalchemy import select

from tests.reports.parcel import book_name, changed_book, column, unpacked, verified, written
from tests.reports.story import Story, story
from tests.retention.conftest import AFTER
from tests.work import company, working_template
from tracker import asof, clock, verify
from tracker.assignments.queries import TaskFilter
from tracker.audit import queries as trail_queries
from tracker.audit.queries import TrailFilter
from tracker.audit.sealing import marking
from tracker.audit.trail import entity_chain
from tracker.evidence.models import Evidence
from tracker.people import actions
from tracker.people.access import Viewer, operator
from tracker.people.actions import PersonFacts
from tracker.people.queries import roles_of
from tracker.reports.actions import export_store, write
from tracker.retention import asking, sealing
from tracker.words import RetentionAct, Role, Via

__all__ = ["company", "story", "verified", "working_template"]


def trail_text(data: bytes) -> str:
    """Return every cell of 操作留痕, hidden ones too, as one text."""
    return "\n".join(str(cell) for row in load_workbook(io.BytesIO(data))[verify.TRAIL].iter_rows(values_only=True) for cell in row if cell)


def decode(text: str) -> str:
    """Return a text with its escapes of JSON read."""
    return text.encode("ascii", "backslashreplace").decode("unicode_escape", "replace") if "\\u" in text else text


def test_sealed_and_redacted_values_leave_as_marks_and_the_check_demands_their_events(story: Story, tmp_path: Path, verified: object) -> None:
    at, officer = story.company, story.company.world.officer
    chain, database = entity_chain(at.world.ours), story.company.database
    then = clock.now()
    with database.reading() as s:
        events = trail_queries.events(s, TrailFilter((chain,)), oldest_first=True)
    uploads = [one for one in events if one.action == "evidence.added"]
    names = [str(one.personal["file_name"]) for one in uploads[:2]]
    with database.writing(officer.entities) as s:
        sealing.seal(s, officer, chain, uploads[0].seq, ["file_name", "actor_name", "note"], "含客户姓名")
        marking.redact(s, officer.actor, chain, {uploads[1].seq: ["file_name"]})
        # What a code or a reference would be is hidden like anything else.
        accepted = next(one for one in events if one.action == "task.accepted")
        sealing.seal(s, officer, chain, accepted.seq, ["reason"], "本人请求")
    for wanted in (TaskFilter(), TaskFilter(state="done")):
        data = story.export(wanted)[0].data
        (tmp_path / "b.xlsx").write_bytes(data)
        status, said = verified(tmp_path / "b.xlsx")  # type: ignore[operator]
        assert status == 0, said
        text = trail_text(data)
        assert "（已封存）" in text and "disclosure.sealed" in text and "disclosure.redacted" in text
        row = next(row for row in load_workbook(io.BytesIO(data))[verify.TRAIL].iter_rows(min_row=3, values_only=True) if row[0] == uploads[0].seq) if wanted == TaskFilter() else None
        assert row is None or (row[2] == "（已封存）" and "文件名：（已封存）" in row[6] and not any(names[0] in decode(str(cell)) for cell in row))

    def without(action: str) -> bytes:
        def change(book: object) -> None:
            page = book[verify.TRAIL]  # type: ignore[index]
            place = column(page, "记录 1")
            page.delete_rows(next(row for row in range(3, page.max_row + 1) if action in str(page.cell(row, place).value)))
        return changed_book(data, change)

    for action in ("disclosure.redacted", "disclosure.sealed"):
        (tmp_path / "b.xlsx").write_bytes(without(action))
        assert verified(tmp_path / "b.xlsx")[0] == 1  # type: ignore[operator]
    # Of a moment before all this: hidden too, and the events that say so come along.
    with asof.looking(database, officer.entities, then) as s:
        store = export_store(story.folder)
        past = store.path(write(s, officer, [at.world.ours], TaskFilter(), store).stored.sha256).read_bytes()
    (tmp_path / "p.xlsx").write_bytes(past)
    status, said = verified(tmp_path / "p.xlsx")  # type: ignore[operator]
    assert status == 0 and "（已封存）" in trail_text(past), said


def test_destroyed_evidence_is_marked_left_out_of_the_package_and_accepted_by_the_check(story: Story, tmp_path: Path, verified: object) -> None:
    at, officer, then = story.company, story.company.world.officer, clock.now()
    host = operator("操作员")
    with at.database.writing(host.entities) as s:
        made = actions.add_person(s, host, PersonFacts("wu", "吴合规")).id
        actions.grant_roles(s, host, made, at.world.ours, [Role.OFFICER])
    with at.database.reading() as s:
        second = Viewer(made, "吴合规", False, roles_of(s, made), Via.WEB)
    with at.database.reading(officer.entities) as s:
        piece, name = s.execute(select(Evidence.id, Evidence.name).where(Evidence.superseded_by_id.is_(None)).order_by(Evidence.id).limit(1)).one()
    with clock.at(AFTER.replace(year=2047)):
        with at.database.writing(officer.entities) as s:
            request = asking.ask(s, officer, RetentionAct.DESTROY, f"evidence:{piece}", "期满", "《证券法》第137条").id
        with at.database.writing(second.entities) as s:
            asking.approve(s, second, request, at.store)
        files = unpacked(written(story)[0])
    assert not any(name in path for path in files if path.startswith("证据/"))
    rows = load_workbook(io.BytesIO(files[book_name(files)]))[verify.EVIDENCE]
    marks = [rows.cell(row, column(rows, "保存期限至")).value for row in range(3, rows.max_row + 1)]
    assert "已到期销毁 2047-11-23" in marks and "2046-11-22" in marks
    for number, (_when, data) in enumerate((("now", files), ("then", None))):
        folder = tmp_path / str(number)
        if data is None:
            with asof.looking(at.database, officer.entities, then) as s:
                store = export_store(story.folder)
                data = unpacked(store.path(write(s, officer, [at.world.ours], TaskFilter(), store, evidence=at.store).stored.sha256).read_bytes())
        for path, content in data.items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_bytes(content)
        status, said = verified(folder)  # type: ignore[operator]
        assert status == 0, said
