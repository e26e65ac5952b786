"""What is sealed, redacted or destroyed in what leaves: marks in the workbook, the events that say so, and the offline check goes along."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from openpyxl import load_workbook
from sqlalchemy import select

from tests.checking.second import agreed, second
from tests.reports.parcel import book_name, changed_book, column, laid_out, unpacked, verified, zipped
from tests.reports.story import Story, story
from tests.retention.conftest import AFTER
from tests.test_verify import _listed
from tests.work import company, working_template
from tracker import asof, clock, verify
from tracker.assignments import working
from tracker.assignments.models import Task, TaskEvidence
from tracker.assignments.queries import TaskFilter
from tracker.assignments.workflow import OPEN
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

__all__ = ["agreed", "company", "second", "story", "verified", "working_template"]
Agreed = Callable[..., None]


def trail_text(data: bytes) -> str:
    """Return every cell of 操作留痕, hidden ones too, as one text."""
    return "\n".join(str(cell) for row in load_workbook(io.BytesIO(data))[verify.TRAIL].iter_rows(values_only=True) for cell in row if cell)


def decode(text: str) -> str:
    """Return a text with its escapes of JSON read."""
    return text.encode("ascii", "backslashreplace").decode("unicode_escape", "replace") if "\\u" in text else text


def test_what_is_sealed_redacted_or_destroyed_leaves_as_marks_and_the_check_demands_the_events(story: Story, tmp_path: Path, verified: object, agreed: Agreed) -> None:
    at, officer = story.company, story.company.world.officer
    chain, database = entity_chain(at.world.ours), story.company.database
    then = clock.now()
    with database.reading() as s:
        events = trail_queries.events(s, TrailFilter((chain,)), oldest_first=True)
    uploads = [one for one in events if one.action == "evidence.added"]
    name = str(uploads[0].personal["file_name"])
    with database.writing(officer.entities) as s:
        sealing.seal(s, officer, chain, uploads[0].seq, ["file_name", "actor_name", "note"], "含客户姓名")
        marking.redact(s, officer.actor, chain, {uploads[1].seq: ["file_name"]})
        # What a code or a reference would be is hidden like anything else.
        accepted = next(one for one in events if one.action == "task.accepted")
        sealing.seal(s, officer, chain, accepted.seq, ["reason"], "本人请求")
    # Of a filter, which lists what covers always and the events of other tasks never.
    data = story.export(TaskFilter(state="done"))[0].data
    (tmp_path / "b.xlsx").write_bytes(data)
    status, said = verified(tmp_path / "b.xlsx")  # type: ignore[operator]
    assert status == 0, said
    agreed("b.xlsx", data, status, said)
    text = trail_text(data)
    assert "（已封存）" in text and "disclosure.sealed" in text and "disclosure.redacted" in text
    row = next(row for row in load_workbook(io.BytesIO(data))[verify.TRAIL].iter_rows(min_row=3, values_only=True) if row[0] == uploads[0].seq)
    assert row[2] == "（已封存）" and "文件名：（已封存）" in row[6] and not any(name in decode(str(cell)) for cell in row)

    def without_event(book: object) -> None:
        page = book[verify.TRAIL]  # type: ignore[index]
        page.delete_rows(next(row for row in range(3, page.max_row + 1) if "disclosure.sealed" in str(page.cell(row, column(page, "记录 1")).value)))

    (tmp_path / "b.xlsx").write_bytes(changed_book(data, without_event))
    status, said = verified(tmp_path / "b.xlsx")  # type: ignore[operator]
    assert status == 1 and "没有披露" in said and "也没有封存或删除它的记录" in said, said
    agreed("b.xlsx", (tmp_path / "b.xlsx").read_bytes(), status, said)
    _destroy_one_and_look_back(story, tmp_path, verified, agreed, then)


def _destroy_one_and_look_back(story: Story, tmp_path: Path, verified: object, agreed: Agreed, then: datetime) -> None:
    at, officer = story.company, story.company.world.officer
    host = operator("操作员")
    with at.database.writing(host.entities) as s:
        made = actions.add_person(s, host, PersonFacts("wu", "吴合规")).id
        actions.grant_roles(s, host, made, at.world.ours, [Role.OFFICER])
    with at.database.reading() as s:
        second = Viewer(made, "吴合规", False, roles_of(s, made), Via.WEB)
    with at.database.reading(officer.entities) as s:
        piece, name = s.execute(select(Evidence.id, Evidence.name).where(Evidence.superseded_by_id.is_(None)).order_by(Evidence.id).limit(1)).one()
    # Nothing goes that unfinished work stands on.
    with at.database.writing(officer.entities) as s:
        cited = select(Task.id).join(TaskEvidence, TaskEvidence.task_id == Task.id).where(TaskEvidence.evidence_id == piece, Task.state.in_(OPEN))
        for task_id in s.scalars(cited).all():
            working.cancel(s, officer, task_id, "不再需要办理")
    with clock.at(AFTER.replace(year=2047)):
        with at.database.writing(officer.entities) as s:
            request = asking.ask(s, officer, RetentionAct.DESTROY, f"evidence:{piece}", "期满", "《证券法》第137条").id
        with at.database.writing(second.entities) as s:
            asking.approve(s, second, request, at.store)
    # Of a moment before all this: hidden too, gone is gone, and the events that say so come along.
    with asof.looking(at.database, officer.entities, then) as s:
        store = export_store(story.folder)
        files = unpacked(store.path(write(s, officer, [at.world.ours], TaskFilter(), store, evidence=at.store).stored.sha256).read_bytes())
    assert not any(name in path for path in files if path.startswith("证据/"))
    rows = load_workbook(io.BytesIO(files[book_name(files)]))[verify.EVIDENCE]
    marks = [rows.cell(row, column(rows, "保存期限至")).value for row in range(3, rows.max_row + 1)]
    assert "已到期销毁 2047-11-23" in marks and "2046-11-22" in marks
    status, said = verified(laid_out(tmp_path / "包", files))  # type: ignore[operator]
    assert status == 0 and "（已封存）" in trail_text(files[book_name(files)]), said
    agreed("包.zip", zipped(tmp_path / "包.zip", files).read_bytes(), status, said)
    # That it is gone for good is no room for another file in its place.
    place = next(row for row in range(3, rows.max_row + 1) if "销毁" in str(rows.cell(row, column(rows, "保存期限至")).value))
    _listed(files, f"证据/{rows.cell(place, column(rows, '索引号')).value}_{name}", b"x")
    status, said = verified(zipped(tmp_path / "另.zip", files))  # type: ignore[operator]
    assert status == 1 and "审计包 中没有 SHA-256 和字节数与此相符的" in said, said
    agreed("另.zip", (tmp_path / "另.zip").read_bytes(), status, said)
