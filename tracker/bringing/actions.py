"""Verbs of bringing in: read a workbook, keep what it says as a draft, carry it out as the pages would, drop it."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from .. import clock
from ..assignments import assigning, working
from ..assignments.assigning import Terms
from ..assignments.queries import standing_assignments
from ..audit import trail
from ..errors import BadInput, Forbidden, Place, RuleBroken, Stale
from ..people.access import Viewer, need_role
from ..words import ListKind, Role
from ..workbook.reading import read_workbook
from . import headings
from .lines import Line, take
from .merging import Merged, Verdict, changed, new_rhythm, rhythm, unfit
from .models import Import, ImportDraft
from .queries import Preview, compared, draft, earlier, preview, staff_of

MOST_ROWS, MOST_LINES, MOST_TEXT = 5000, 20_000, 4_000_000
LISTED = 20


@dataclass(frozen=True, slots=True)
class Taken:
    """What a workbook says, before it is compared with anything."""

    what: ListKind
    name: str
    sheet: str
    sha256: str
    size: int
    looked_at: int
    lines: Sequence[Line]
    notes: Sequence[str]


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
    page, head, notes = headings.find(read_workbook(data, name))
    lines, looked_at = take(page, head, entity_id)
    if len(lines) > MOST_LINES or sum(len(text) for line in lines for _, text in line.cells.values()) > MOST_TEXT:
        raise BadInput(f"“{page.title[:40]}”中与导出时不同的行太多（最多 {MOST_LINES:,} 行），没有读取。请分几份导入。")
    if "key" not in head.columns:
        notes.append("表中没有隐藏的行标识，按编号对应；无法判断导出之后系统中是否另有更改，请逐格核对“系统现值”。")
    return Taken(head.what, name[-200:], page.title[:40], hashlib.sha256(data).hexdigest(), len(data), looked_at, lines, notes)


def keep(s: Session, viewer: Viewer, entity_id: int, taken: Taken) -> ImportDraft:
    """Keep what a workbook says as the viewer's one draft; RuleBroken when it says nothing that does not stand already."""
    need_role(viewer, entity_id, Role.OFFICER)
    found = compared(s, viewer, entity_id, taken.what, taken.lines, clock.today())
    if not found.changed_rows and not found.refused_rows:
        raise RuleBroken(_nothing(s, viewer, entity_id, taken))
    for old in s.scalars(select(ImportDraft).where(ImportDraft.made_by == viewer.person_id)):
        s.delete(old)
    trail.check_holdable([taken.name, taken.sheet])
    row = ImportDraft(
        entity_id=entity_id, what=taken.what, name=taken.name, sheet=taken.sheet, sha256=taken.sha256, size=taken.size, looked_at=taken.looked_at,
        lines=[line.stored() for line in taken.lines], notes=list(taken.notes), made_by=viewer.person_id, made_at=clock.now(),
    )
    s.add(row)
    s.flush()
    return row


def _nothing(s: Session, viewer: Viewer, entity_id: int, taken: Taken) -> str:
    before = earlier(s, viewer, entity_id, taken.sha256)
    when = f"这份文件已于 {clock.local(before.made_at):%Y-%m-%d %H:%M} 导入过。" if before else ""
    return f"{when}“{taken.sheet}”的 {taken.looked_at:,} 行与系统现有内容一致，没有可以导入的更改。"


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
    finals = [(one, one.final(decided)) for one in found.changed_rows]
    finals = [(one, final) for one, final in finals if one.held and changed(one.held, final)]
    _check_finals(s, viewer, row, finals)
    (_carry_out_tasks if row.what == ListKind.TASKS else _carry_out_duties)(s, viewer, row.entity_id, finals, horizon_days)
    return _record(s, viewer, row, found, finals, decided)


def _check_decided(found: Preview, decided: Mapping[str, bool], without_refused: bool) -> None:
    if found.refused_rows and not without_refused:
        raise BadInput.at("without_refused", f"有 {len(found.refused_rows)} 行不能导入。请改正文件后重新上传，或勾选“不导入有问题的行”。")
    left = [cell.place for _, cell in found.cells(Verdict.CONFLICT) if cell.place not in decided]
    if left:
        raise BadInput.at("decide", f"还有 {len(left)} 处冲突没有决定（{'、'.join(left[:5])}{'等' if len(left) > 5 else ''}）。请逐项选择，或选择一律采用哪一方。")
    if len(found.changed_rows) > MOST_ROWS:
        raise BadInput.at("decide", f"一次最多更改 {MOST_ROWS:,} 行，这份文件会更改 {len(found.changed_rows):,} 行。请分几份导入。")


def _check_finals(s: Session, viewer: Viewer, row: ImportDraft, finals: Sequence[tuple[Merged, Mapping[str, Any]]]) -> None:
    staff, problems = staff_of(s, viewer, row.entity_id), []
    for one, final in finals:
        places = {cell.field: cell.place for cell in one.cells}
        for code, sentence in unfit(one, row.what, final, staff, clock.today()):
            place = places.get(code, one.line.place)
            problems.append(Place(place, f"{place}：{sentence}"))
    if problems:
        raise BadInput("按所作的选择，以下各处不能成立，没有导入任何更改。", problems[:LISTED])


@contextmanager
def _naming(rows: Sequence[Merged]) -> Iterator[None]:
    """Let a refusal of the pages' own actions say which cells it is about."""
    try:
        yield
    except (BadInput, RuleBroken, Forbidden) as problem:
        places = "、".join(one.line.place for one in rows[:5]) + ("等" if len(rows) > 5 else "")
        raise BadInput.at("decide", f"{places}：{problem.sentence}没有导入任何更改。") from problem


Group = dict[Any, list[tuple[Merged, str]]]


def _grouped(finals: Sequence[tuple[Merged, Mapping[str, Any]]], key: Callable[[Merged, Mapping[str, Any]], Any]) -> Group:
    groups: Group = defaultdict(list)
    for one, final in finals:
        if one.held and (found := key(one, final)) is not None:
            groups[found].append((one, one.held.ref))
    return groups


def _carry_out_duties(s: Session, viewer: Viewer, entity_id: int, finals: Sequence[tuple[Merged, Mapping[str, Any]]], horizon_days: int) -> None:
    for terms, rows in _grouped(finals, _terms).items():
        with _naming([one for one, _ in rows]):
            assigning.assign(s, viewer, entity_id, [ref for _, ref in rows], terms, horizon_days)
    for (owner, reviewer, department), rows in _grouped(finals, _people).items():
        with _naming([one for one, _ in rows]):
            standing = standing_assignments(s, viewer, entity_id, [ref for _, ref in rows]).values()
            assigning.reassign(s, viewer, entity_id, [row.id for row in standing], owner, reviewer, department)


def _terms(one: Merged, final: Mapping[str, Any]) -> Terms | None:
    """Return new terms where the dates come out otherwise; else only people or department change."""
    if one.held is None or not new_rhythm(one.held, final):
        return None
    cadence, review_every, first = rhythm(one.held, final)
    return Terms(final["owner"], final["reviewer"], date.fromisoformat(first) if first else None, final["department"], cadence, review_every)


def _people(one: Merged, final: Mapping[str, Any]) -> tuple[int, int, str] | None:
    if one.held is None or new_rhythm(one.held, final):
        return None
    return final["owner"], final["reviewer"], final["department"]


def _carry_out_tasks(s: Session, viewer: Viewer, _entity_id: int, finals: Sequence[tuple[Merged, Mapping[str, Any]]], _horizon_days: int) -> None:
    def people(one: Merged, final: Mapping[str, Any]) -> tuple[int, int, str] | None:
        moved = changed(one.held, final) if one.held else set()
        return (final["owner"], final["reviewer"], final["department"]) if moved - {"due_on"} else None

    for (owner, reviewer, department), rows in _grouped(finals, people).items():
        with _naming([one for one, _ in rows]):
            assigning.reassign_tasks(s, viewer, [int(ref) for _, ref in rows], owner, reviewer, department)
    for one, final in finals:
        if one.held and "due_on" in changed(one.held, final):
            with _naming([one]):
                reason = one.line.cells.get("reason", ("", ""))[1]
                working.reschedule(s, viewer, int(one.held.ref), date.fromisoformat(final["due_on"]), reason)


def _record(
    s: Session, viewer: Viewer, row: ImportDraft, found: Preview, finals: Sequence[tuple[Merged, Mapping[str, Any]]], decided: Mapping[str, bool]
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
