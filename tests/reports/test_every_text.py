"""Every text column of the workbook holds whatever text stands in the database: read by us, by openpyxl, and after LibreOffice saved it again."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert, select, update

from tests.reports.opening import Opened
from tests.reports.story import Story
from tests.reports.test_office import NO_OFFICE, _convert
from tests.work import DUE, TODAY, Company
from tests.work import whole_template as working_template
from tests.workbook.samples import HOSTILE
from tracker.assignments import reviewing
from tracker.assignments.models import Assignment, Submission, Task
from tracker.assignments.queries import TaskFilter, task_ids
from tracker.controls.fields import FIELDS, LEVEL
from tracker.controls.models import Control
from tracker.db import EVERY_ENTITY, UnitOfWork
from tracker.evidence.models import Evidence
from tracker.people.access import operator
from tracker.people.actions import PersonFacts, add_person
from tracker.people.models import Person
from tracker.register.models import Obligation
from tracker.scope.models import ScopeDecision
from tracker.words import Modality
from tracker.workbook.reading import read_workbook

__all__ = ["working_template"]
# The longest is a matter of `cut`, which says that it cut; a control character is refused before it comes to be stored.
TEXTS = [text for text in HOSTILE if len(text) < 2_000 and "\x7f" not in text]
# What nobody types: words of the application, numbers, dates, digests, and columns that are put together of several of them.
SET_BY_US = {
    "编号", "性质", "依据", "重要程度", "可能后果", "适用性", "频率", "未完任务", "状态", "所属期间", "复核结果", "版本", "类型", "SHA-256", "证明的义务", "对应任务",
    "系统建议", "认定", "备注", "任务号", "义务编号", "类别", "结论", "风险等级", "途径", "操作", "对象", "本条校验值", "义务文本摘要（SHA-256）", "索引号", "证据索引号",
    "管控版本", "领域", "法律依据与核验", "义务主体",
}
Told = dict[str, dict[Any, dict[str, str]]]


@dataclass(frozen=True)
class Flooded:
    """The export of a company in whose every text something hostile stands, and what the database says of it."""

    story: Story
    opened: Opened
    told: Told


def _acts(company: Company) -> None:
    """As many obligations, tasks, submissions and decisions as there are texts; what is typed is typed through the actions."""
    officer, reviewer = company.world.officer, company.world.reviewer
    with company.database.reading(officer.entities) as s:
        rights = set(s.scalars(select(Obligation.id).where(Obligation.modality == Modality.RIGHT)))
    # A right is neither duty nor risk: it stands in none of the three lists.
    company.assign([one for one in company.applicable() if one not in rights][:len(TEXTS)], company.terms(), (DUE - TODAY).days)
    with company.database.reading(officer.entities) as s:
        tasks = task_ids(s, officer, TaskFilter())
    assert len(tasks) == len(TEXTS)
    for place, task_id in enumerate(tasks):
        company.hand_in(task_id, TEXTS[place], company.evidence(f"{place}.txt", f"内容 {place}"))
    with company.database.writing(reviewer.entities) as s:
        for place, task_id in enumerate(tasks):
            reviewing.accept(s, reviewer, task_id, TEXTS[-place])


def _flood(company: Company) -> None:
    """Put the texts where no form would let them pass, each column beginning with another one."""
    host, ours = operator("操作员"), company.world.ours
    with company.database.writing(host.entities) as s:
        people = [add_person(s, host, PersonFacts(f"p{place}", f"人{place}", "")).id for place in range(len(TEXTS))]
    with company.database.engine.execution_options(tracker_writes=True).begin() as connection:
        held = connection.execute(select(Assignment.obligation_id).where(Assignment.entity_id == ours).order_by(Assignment.id)).scalars().all()
        fields = [field.name for field in FIELDS if field.name != LEVEL]
        connection.execute(insert(Control), [
            {"entity_id": ours, "obligation_id": one, "version": 1} | {name: TEXTS[(place + shift) % len(TEXTS)] for shift, name in enumerate(fields)}
            for place, one in enumerate(held)
        ])
        columns: list[tuple[type[Any], str, Any]] = [
            (Person, "name", TEXTS), (Assignment, "department", TEXTS), (Task, "department", TEXTS), (Task, "occasion", TEXTS), (Evidence, "name", TEXTS),
            (Evidence, "note", TEXTS), (ScopeDecision, "reason", TEXTS), (Obligation, "title", TEXTS), (Obligation, "statement", TEXTS),
            (Obligation, "anchor", TEXTS), (Obligation, "trigger", TEXTS), (Obligation, "evidence", [[text] for text in TEXTS]),
            (Task, "owner_id", people), (Task, "reviewer_id", people), (Assignment, "owner_id", people), (Assignment, "reviewer_id", people),
            (Evidence, "uploaded_by", people), (Submission, "submitted_by", people), (Submission, "decided_by", people), (ScopeDecision, "decided_by", people),
        ]
        for shift, (model, name, values) in enumerate(columns):
            (key,) = model.__table__.primary_key
            kept = (Person.id.in_(people),) if model is Person else ()
            for place, row_id in enumerate(connection.execute(select(key).where(*kept).order_by(key)).scalars().all()):
                connection.execute(update(model).where(key == row_id).values({name: values[(place + shift) % len(values)]}))


def _under(*texts: str) -> str:
    return "\n".join(text for text in texts if text)


def _say(s: UnitOfWork) -> Told:
    """Say what the database holds, by sheet, row and heading."""
    names = {None: "", **{row.id: row.name for row in s.scalars(select(Person))}}
    duties = {row.id: row for row in s.scalars(select(Obligation))}
    held = {row.obligation_id: row for row in s.scalars(select(Assignment))}
    handed = {row.task_id: row for row in s.scalars(select(Submission))}
    controls = {row.obligation_id: row for row in s.scalars(select(Control))}
    tasks = {row.id: row for row in s.scalars(select(Task))}
    return {
        "合规义务清单": {key: {
            "标题": one.title, "合规管理要求": one.statement, "锚点原文": one.anchor, "建议证据": "、".join(one.evidence),
            "责任分派": _under(names[held[key].owner_id], f"复核：{names[held[key].reviewer_id]}", held[key].department),
        } for key, one in duties.items() if key in held},
        "责任分派与任务": {key: {
            "义务": duties[one.obligation_id].title, "责任人": names[one.owner_id], "复核人": names[one.reviewer_id], "部门": one.department,
            "频率与事件": f"每月\n{one.occasion}", "办理说明": one.note, "复核意见": handed[key].reason,
        } for key, one in tasks.items()},
        "证据目录": {one.sha256: {"文件名": one.name, "上传人": names[one.uploaded_by], "说明": one.note} for one in s.scalars(select(Evidence))},
        "适用性说明": {row.obligation_id: {"标题": duties[row.obligation_id].title, "理由": row.reason, "认定人": names[row.decided_by]} for row in s.scalars(select(ScopeDecision))},
        "复核记录": {key: {
            "义务": duties[tasks[key].obligation_id].title, "提交人": names[one.submitted_by], "办理说明": one.note, "复核人": names[one.decided_by], "意见或理由": one.reason,
        } for key, one in handed.items()},
        **{sheet: {key: _filled(sheet, one, duties[key]) for key, one in controls.items()} for sheet in LISTS},
    }


LISTS: Mapping[str, Mapping[str, str]] = {
    "合规风险识别清单": {
        "一级业务": "business", "二级业务": "sub_business", "风险行为编号": "risk_no", "底线": "bottom_line", "风险控制措施": "measure", "归口部门": "lead_department",
        "配合部门": "support_departments", "备注": "remark",
    },
    "岗位合规职责清单": {"部门名称": "lead_department", "岗位名称": "post_name", "合规职责": "post_duty", "合规底线": "bottom_line", "制度依据": "policy"},
    "流程管控清单": {
        "一级流程": "main_process", "二级流程": "sub_process", "流程编号": "process_no", "合规审查内容": "review_points", "监督评价要点": "supervision", "责任部门": "lead_department",
    },
}
KEYS = {"合规义务清单": "编号", "责任分派与任务": "任务号", "证据目录": "SHA-256", "适用性说明": "编号", "复核记录": "任务号", **dict.fromkeys(LISTS, "义务编号")}


def _filled(sheet: str, control: Control, duty: Obligation) -> dict[str, str]:
    more = {"合规风险识别清单": {"合规风险名称": duty.title}, "流程管控清单": {"合规重要环节": _under(duty.title, duty.trigger)}}
    return {heading: getattr(control, name) for heading, name in LISTS[sheet].items()} | more.get(sheet, {})


@pytest.fixture
def flooded(company: Company) -> Flooded:
    """Fill a company with hostile texts and export it."""
    _acts(company)
    _flood(company)
    with company.database.reading(EVERY_ENTITY) as s:
        told = _say(s)
    story = Story(company, {})
    return Flooded(story, story.export()[0], told)


def _compare(told: Told, rows: Callable[[str], list[dict[str, Any]]], plain: Callable[[str], str] = str) -> int:
    compared = 0
    for sheet, wanted in told.items():
        shown = {row[KEYS[sheet]]: row for row in rows(sheet)}
        for key, cells in wanted.items():
            # An excluded obligation stands in the sheet of the scope only.
            if key in shown or sheet != "合规义务清单":
                assert {heading: shown[key][heading] for heading in cells} == {heading: plain(text) for heading, text in cells.items()}, f"{sheet} {key}"
                compared += len(cells)
    return compared


def _read(data: bytes) -> Callable[[str], list[dict[str, Any]]]:
    """Read a workbook in our own way, as an import does."""
    pages = {page.title: page for page in read_workbook(data, "审计报告.xlsx").sheets}

    def rows(title: str) -> list[dict[str, Any]]:
        first, *others = (list(row.values) for row in pages[title].rows if len([value for value in row.values if value is not None]) > 5)
        return [{heading: "" if value is None else value for heading, value in zip_longest(first, row)} for row in others]

    return rows


def test_every_text_column_holds_every_hostile_text_as_the_database_has_it(flooded: Flooded) -> None:
    assert len(set(TEXTS)) >= 60
    assert _compare(flooded.told, flooded.opened.rows) > 3_000
    for title in (title for title in flooded.opened.titles if title in KEYS):
        typed = {heading: {row[heading] for row in flooded.told[title].values() if heading in row} for heading in flooded.opened.rows(title)[0]}
        for heading, texts in typed.items():
            parts = {part for text in texts for part in (text, *text.split("\n"))}
            wanted = set(TEXTS) - {"", "\n"}
            # Every text in every column, but in columns that begin with other words or that put several texts under each other.
            assert heading in SET_BY_US or not texts or len(wanted & parts) >= 60, f"{title}: {heading} held {len(wanted & parts)} of {len(wanted)}"


def test_the_trail_tells_every_hostile_text(flooded: Flooded) -> None:
    told = "\n\0".join(str(row["变更内容"]) for row in flooded.opened.rows("操作留痕"))
    assert [text for text in TEXTS if f"：{text}" not in told] == []


def test_our_own_reading_gives_the_same_texts(flooded: Flooded) -> None:
    assert _compare(flooded.told, _read(flooded.opened.data)) > 3_000


@pytest.mark.skipif(shutil.which("soffice") is None, reason=NO_OFFICE)
def test_libreoffice_saves_every_text_as_it_was(flooded: Flooded, tmp_path: Path) -> None:
    _convert(tmp_path, flooded.opened.data, "xlsx:Calc MS Excel 2007 XML")
    assert _compare(flooded.told, _read((tmp_path / "out" / "book.xlsx").read_bytes()), _as_libreoffice_saves) > 3_000


# It reads and shows all of them, but writes an escape that follows another one wrongly: two of the texts, which Excel would then misread as well.
DAMAGED = {"_x005F_x000D_": "_x000D_", "_x000D_x000D_": "_x000D\r"}


def _as_libreoffice_saves(text: str) -> str:
    """Say what is left of a text: one kind of line break is all that LibreOffice knows."""
    text = re.sub("\r\n|\n\r", "\n", text)
    for whole, left in DAMAGED.items():
        text = text.replace(whole, left)
    return text
