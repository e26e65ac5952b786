"""Verbs of bringing in: read a workbook, keep what it says as a draft, carry it out as the pages would, drop it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from .. import clock
from ..audit import trail
from ..errors import BadInput, Place, RuleBroken, Stale
from ..people.access import Viewer, need_role
from ..words import ListKind, Role
from ..workbook.reading import read_workbook
from . import headings
from .carrying.lists import carry_out_controls, carry_out_evidence, carry_out_scope
from .carrying.naming import Finals
from .carrying.work import carry_out_duties, carry_out_tasks
from .holding.staff import staff_of
from .lines import Line, take
from .merging import Verdict, unfit
from .models import Import, ImportDraft
from .queries import Preview, compared, draft, earlier, preview
from .rules.columns import KEY
from .rules.held import changed

MOST_ROWS, MOST_LINES, MOST_TEXT = 5000, 20_000, 4_000_000
LISTED = 20
CarryOut = Callable[[Session, Viewer, int, Finals, int], None]
CARRYING: dict[ListKind, CarryOut] = {
    ListKind.ASSIGNMENTS: carry_out_duties, ListKind.TASKS: carry_out_tasks, ListKind.CONTROLS: carry_out_controls, ListKind.EVIDENCE: carry_out_evidence,
    ListKind.SCOPE: carry_out_scope,
}


class NothingToDo(RuleBroken):
    """A workbook says nothing that does not stand already."""


@dataclass(frozen=True, slots=True)
class Taken:
    """What a workbook says, before it is compared with anything; `sheets` tell of each its title, its kind (or none) and its rows."""

    what: ListKind
    name: str
    sha256: str
    size: int
    sheets: Sequence[dict[str, Any]]
    lines: Sequence[Line]
    notes: Sequence[str]

    @property
    def sheet(self) -> str:
        """Name the sheet that comes back, or say how many do."""
        titles = [one["title"] for one in self.sheets if one["what"]]
        return titles[0] if len(titles) == 1 else f"{len(titles)} 张工作表"

    @property
    def looked_at(self) -> int:
        """Return how many rows were looked at."""
        return sum(one["rows"] for one in self.sheets)


@dataclass(frozen=True, slots=True)
class Applied:
    """What an import did: the row of it, how many rows and cells changed, how many conflicts went which way, what was left out."""

    id: int
    rows: int
    cells: int
    mine: int
    theirs: int
    left_out: int


def read(viewer: Viewer, entity_id: int, data: bytes, name: str) -> Taken:
    """Read a workbook that is meant for an entity; BadInput with a sentence about the file or its cells. Needs no session."""
    need_role(viewer, entity_id, Role.OFFICER)
    found = headings.find(read_workbook(data, name))
    lines: list[Line] = []
    sheets: list[dict[str, Any]] = []
    notes = list(found.notes)
    for page, head in [*found.open, *found.shut]:
        some, rows = take(page, head, entity_id)
        lines += some
        sheets.append({"title": page.title[:40], "what": str(head.what) if head.what else None, "rows": rows})
        if head.what and KEY not in head.columns:
            notes.append(f"“{page.title[:40]}”中没有隐藏的行标识，按编号对应；无法判断导出之后系统中是否另有更改，请逐格核对“系统现值”。")
    kinds = {head.what for _, head in found.open if head.what}
    taken = Taken(kinds.pop() if len(kinds) == 1 else ListKind.WORKBOOK, name[-200:], hashlib.sha256(data).hexdigest(), len(data), sheets, lines, notes)
    if len(lines) > MOST_LINES or sum(len(text) for line in lines for _, text in line.cells.values()) > MOST_TEXT:
        raise BadInput(f"“{taken.sheet}”中与导出时不同的行太多（最多 {MOST_LINES:,} 行），没有读取。请分几份导入。")
    return taken


def keep(s: Session, viewer: Viewer, entity_id: int, taken: Taken) -> ImportDraft:
    """Keep what a workbook says as the viewer's one draft; NothingToDo when it says nothing that does not stand already."""
    need_role(viewer, entity_id, Role.OFFICER)
    found = compared(s, viewer, entity_id, taken.lines, clock.today())
    if not found.changed_rows and not found.refused_rows:
        raise NothingToDo(_nothing(s, viewer, entity_id, taken))
    for old in s.scalars(select(ImportDraft).where(ImportDraft.made_by == viewer.person_id)):
        s.delete(old)
    trail.check_holdable([taken.name, *(one["title"] for one in taken.sheets)])
    row = ImportDraft(
        entity_id=entity_id, what=taken.what, name=taken.name, sheet=taken.sheet, sha256=taken.sha256, size=taken.size, looked_at=taken.looked_at,
        sheets=list(taken.sheets), lines=[line.stored() for line in taken.lines], notes=list(taken.notes), made_by=viewer.person_id, made_at=clock.now(),
    )
    s.add(row)
    s.flush()
    return row


def _nothing(s: Session, viewer: Viewer, entity_id: int, taken: Taken) -> str:
    before = earlier(s, viewer, entity_id, taken.sha256)
    when = f"这份文件已于 {clock.local(before.made_at):%Y-%m-%d %H:%M} 导入过。" if before else ""
    several = sum(1 for one in taken.sheets if one["what"]) > 1
    which = "、".join(f"“{one['title']}”" for one in taken.sheets if one["what"])
    rows = f"{which}共 {taken.looked_at:,} 行" if several else f"{which}的 {taken.looked_at:,} 行"
    passed = "".join(note for note in taken.notes if note.startswith("“"))
    return f"{when}{rows}与系统现有内容一致，没有可以导入的更改。{passed}"


def apply(
    s: Session, viewer: Viewer, draft_id: int, seen: str, decided: Mapping[str, bool], without_refused: bool, horizon_days: int
) -> Applied:
    """Carry out a draft as a whole. `decided`: place of each conflict → whether the file's word counts.

    Stale when anything is not as the preview `seen` said; BadInput when conflicts are left open, or when rows cannot be
    taken and nobody said that they be left out.
    """
    row = draft(s, viewer, draft_id)
    found = preview(s, viewer, row)
    if found.seen != seen:
        raise Stale("在您预览之后，系统中的内容又有更改，预览已不准确，没有导入任何更改。请核对下面的最新预览后再决定。")
    _check_decided(found, decided, without_refused)
    finals: Finals = [(one, one.final(decided)) for one in found.changed_rows]
    finals = [(one, final) for one, final in finals if one.held and changed(one.held, final)]
    _check_finals(s, viewer, row, finals)
    _carry_out(s, viewer, row.entity_id, finals, horizon_days)
    return _record(s, viewer, row, found, finals, decided)


def _check_decided(found: Preview, decided: Mapping[str, bool], without_refused: bool) -> None:
    if found.refused_rows and not without_refused:
        raise BadInput.at("without_refused", f"有 {len(found.refused_rows)} 行不能导入。请改正文件后重新上传，或勾选“不导入有问题的行”。")
    left = [cell.place for _, cell in found.cells(Verdict.CONFLICT) if cell.place not in decided]
    if left:
        raise BadInput.at("decide", f"还有 {len(left)} 处冲突没有决定（{'、'.join(left[:5])}{'等' if len(left) > 5 else ''}）。请逐项选择，或选择一律采用哪一方。")
    if len(found.changed_rows) > MOST_ROWS:
        raise BadInput.at("decide", f"一次最多更改 {MOST_ROWS:,} 行，这份文件会更改 {len(found.changed_rows):,} 行。请分几份导入。")


def _check_finals(s: Session, viewer: Viewer, row: ImportDraft, finals: Finals) -> None:
    staff, problems = staff_of(s, viewer, row.entity_id), []
    for one, final in finals:
        places = {cell.field: cell.place for cell in one.cells}
        for code, sentence in unfit(one, final, staff, clock.today()):
            place = places.get(code, one.line.place)
            problems.append(Place(place, f"{place}：{sentence}"))
    if problems:
        raise BadInput("按所作的选择，以下各处不能成立，没有导入任何更改。", problems[:LISTED])


def _carry_out(s: Session, viewer: Viewer, entity_id: int, finals: Finals, horizon_days: int) -> None:
    """Carry out kind by kind: what a task's own row says counts for it, and what becomes 不适用 comes last."""
    for what, carry_out in CARRYING.items():
        if some := [one for one in finals if one[0].line.what == what]:
            carry_out(s, viewer, entity_id, some, horizon_days)


def _record(
    s: Session, viewer: Viewer, row: ImportDraft, found: Preview, finals: Finals, decided: Mapping[str, bool]
) -> Applied:
    conflicts = [decided[cell.place] for _, cell in found.cells(Verdict.CONFLICT)]
    cells = sum(len(changed(one.held, final)) for one, final in finals if one.held)
    counts = {"rows": len(finals), "cells": cells, "mine": sum(conflicts), "theirs": len(conflicts) - sum(conflicts), "left_out": len(found.refused_rows)}
    made = Import(
        entity_id=row.entity_id, what=row.what, name=row.name, sha256=row.sha256, size=row.size, counts=counts, made_by=viewer.person_id, made_at=clock.now(),
    )
    s.add(made)
    s.flush()
    trail.record(
        s, viewer.actor, "import.applied", made.audit_ref, entity_id=row.entity_id,
        after={"list": str(row.what), "sha256": row.sha256, "size": row.size, **counts}, personal={"file_name": row.name},
    )
    s.delete(row)
    return Applied(made.id, **counts)


def drop(s: Session, viewer: Viewer, draft_id: int) -> None:
    """Put a draft away without carrying it out."""
    s.delete(draft(s, viewer, draft_id))
