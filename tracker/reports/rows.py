"""The rows of every sheet, read in batches from one snapshot: what the screen shows is what the workbook says."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import cached_property, lru_cache
from itertools import islice
from typing import Any, TypeVar

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from .. import clock
from ..assignments.models import Assignment, Task, TaskEvidence
from ..assignments.queries import TaskFilter, cited_ids, task_ids
from ..evidence.models import Evidence
from ..people.access import Viewer
from ..people.models import Entity, Person
from ..people.queries import entity
from ..register.models import Obligation
from ..register.queries import ObligationFilter, Vocabulary, vocabulary
from ..retention.classes import Term
from ..retention.queries import terms
from ..scope.queries import ScopeRow, covered_of, scope_rows
from ..words import Cadence, Consequence, LawBasis, Standing
from ..workbook.sheets import Link, Value
from .lists.rowmarks import evidence_marks, scope_marks

T = TypeVar("T")
BATCH = 500
MOST_IN_A_CELL = 32_000


def batches(items: Iterable[T], size: int = BATCH) -> Iterator[list[T]]:
    """Cut an iterable into lists of at most `size`."""
    source = iter(items)
    while batch := list(islice(source, size)):
        yield batch


@dataclass(frozen=True)
class Source:
    """What all sheets are made from: one session (one snapshot), one viewer, one entity, one filter, one day."""

    s: Session
    viewer: Viewer
    entity_id: int
    wanted: TaskFilter
    today: date

    @property
    def words(self) -> Vocabulary:
        """Return the labels of the register in force."""
        return vocabulary(self.s)

    @property
    def narrowed(self) -> bool:
        """Tell whether the filter asks for anything at all."""
        return self.of_tasks or replace(self.wanted.obligation, withdrawn=False) != ObligationFilter()

    @property
    def of_tasks(self) -> bool:
        """Tell whether the filter asks for something that only tasks have, such as a state or an owner."""
        return self.wanted != TaskFilter(self.wanted.obligation, self.entity_id)

    def document(self, document_id: str) -> str:
        """Say a document by its number, or by its title where it has none."""
        document = self.words.documents[document_id]
        return document.number or document.title

    def labels(self, subjects: Iterable[str]) -> list[str]:
        """Name the bearers that this entity answers for, or all when it answers for none."""
        named = list(subjects)
        return [self.words.subjects[one] for one in named if one in self._covered] or [self.words.subjects[one] for one in named]

    @cached_property
    def entity(self) -> Entity:
        """Return whose rows these are."""
        return entity(self.s, self.viewer, self.entity_id)

    @cached_property
    def _covered(self) -> frozenset[str]:
        return covered_of(self.s, self.entity)

    @cached_property
    def people(self) -> dict[int, str]:
        """Return everybody's name, those who left marked as such."""
        rows = self.s.execute(select(Person.id, Person.name, Person.active))
        return {person_id: name if active else f"{name}（已离职）" for person_id, name, active in rows}

    @cached_property
    def scope(self) -> list[ScopeRow]:
        """Return the obligations of the filter with how they stand with the entity; those with a task of the filter, when it asks for tasks."""
        rows = scope_rows(self.s, self.viewer, self.entity_id, replace(self.wanted.obligation, withdrawn=False))
        if not self.of_tasks:
            return rows
        held: set[str] = set()
        for some in batches(self.tasks):
            held.update(self.s.scalars(select(Task.obligation_id).where(Task.id.in_(some))))
        return [row for row in rows if row.obligation.id in held or row.obligation.id == self.wanted.obligation_id]

    @cached_property
    def places(self) -> dict[str, tuple[str, str, str]]:
        """Return domain, document and severity of every obligation by its id, withdrawn ones with them."""
        rows = self.s.execute(select(Obligation.id, Obligation.domain, Obligation.document_id, Obligation.severity))
        return {one: (self.words.domains[domain], self.document(document), severity.label) for one, domain, document, severity in rows}

    @cached_property
    def tasks(self) -> list[int]:
        """Return the ids of the tasks of the filter."""
        return task_ids(self.s, self.viewer, self.wanted)


def cadence_text(cadence: Cadence, review_every: Cadence | None) -> str:
    """Say a cadence: 持续履行（每季度确认）."""
    return f"{cadence.label}（{review_every.label}确认）" if cadence == Cadence.CONTINUOUS and review_every else cadence.label


def law_text(law: Sequence[dict[str, Any]]) -> str:
    """Say a statutory basis, each with how far it was checked."""
    return "\n".join(
        f"《{item['name']}》" + (f"第 {'、'.join(item['articles'])} 条" if item["articles"] else "") + f"（{LawBasis(item['basis']).label}）" for item in law
    )


def lines(*texts: str) -> str:
    """Put texts under each other in one cell, empty ones left out."""
    return "\n".join([text for text in texts if text])


@lru_cache(maxsize=BATCH)
def span(start: date | None, end: date | None) -> str:
    """Say a period: 2026-10-01 over 至 2026-12-31."""
    return lines(start.isoformat() if start else "", f"至 {end.isoformat()}" if end else "")


def minute(moment: datetime | None) -> str:
    """Say a moment to the minute, in Shanghai."""
    return clock.local(moment).isoformat(" ", "minutes")[:16] if moment else ""


def cut(text: str) -> str:
    """Cut a text that no cell can hold, saying so."""
    return text if len(text) <= MOST_IN_A_CELL else text[:MOST_IN_A_CELL] + "……（内容过长，完整内容见系统）"


def obligation_rows(source: Source) -> Iterator[tuple[Value, ...]]:
    """Yield 合规义务清单: every obligation of the filter that is not excluded, with who sees to it."""
    people, standing, open_tasks = source.people, _standing(source), _open_tasks(source)
    domains = source.words.domains
    for row in source.scope:
        if row.standing == Standing.NOT_APPLICABLE:
            continue
        o, duty = row.obligation, standing.get(row.obligation.id)
        yield (
            o.id, o.modality.label, o.basis.label, o.title, o.statement, lines(source.document(o.document_id), f"第 {o.clause_no} 条"), o.anchor,
            "、".join(source.labels(bearer.subject for bearer in o.subjects)), domains[o.domain], o.severity.label,
            "、".join(Consequence(code).label for code in o.consequences), law_text(o.law), "、".join(o.evidence), row.standing.label,
            lines(people[duty.owner_id], f"复核：{people[duty.reviewer_id]}", duty.department, f"备注：{duty.note}" if duty.note else "") if duty else "未分派",
            cadence_text(duty.cadence, duty.review_every) if duty else f"建议：{cadence_text(o.cadence, o.review_every)}",
            _open_text(*open_tasks.get(o.id, (0, None))),
        )


def _open_text(number: int, first: date | None) -> str:
    return lines(f"{number:,} 项，最近", first.isoformat()) if first else ""


def _standing(source: Source) -> dict[str, Assignment]:
    rows = source.s.scalars(select(Assignment).where(Assignment.entity_id == source.entity_id, Assignment.active))
    return {row.obligation_id: row for row in rows}


def _open_tasks(source: Source) -> dict[str, tuple[int, date | None]]:
    wanted = select(Task.obligation_id, func.count(), func.min(Task.due_on)).where(Task.entity_id == source.entity_id, Task.closed_at.is_(None))
    return {key: (number, first) for key, number, first in source.s.execute(wanted.group_by(Task.obligation_id))}


def index_numbers(source: Source, first: int = 1) -> dict[int, str]:
    """Number the evidence that the tasks of the filter cite, in the order of upload: E-0001, E-0002, …"""
    return {piece: f"E-{place:04d}" for place, piece in enumerate(cited_ids(source.s, source.viewer, source.wanted), start=first)}


def numbered(sources: Sequence[Source]) -> list[dict[int, str]]:
    """Number the evidence of several entities through, one dictionary for each."""
    found: list[dict[int, str]] = []
    for source in sources:
        found.append(index_numbers(source, sum(map(len, found)) + 1))
    return found


def cited_by(s: Session, ids: list[int]) -> dict[int, list[int]]:
    """Return the evidence that each of these tasks cites."""
    found: dict[int, list[int]] = {}
    links = select(TaskEvidence.task_id, TaskEvidence.evidence_id).where(TaskEvidence.task_id.in_(ids)).order_by(TaskEvidence.evidence_id)
    for task_id, piece in s.execute(links):
        found.setdefault(task_id, []).append(piece)
    return found


def proved_by(source: Source, pieces: list[int]) -> dict[int, list[tuple[int, str]]]:
    """Return the tasks that cite each of these pieces, as (task, obligation)."""
    proves: dict[int, list[tuple[int, str]]] = {}
    links = select(TaskEvidence.evidence_id, Task.id, Task.obligation_id).join(Task, Task.id == TaskEvidence.task_id)
    links = links.where(TaskEvidence.evidence_id.in_(pieces), TaskEvidence.entity_id == source.entity_id).order_by(Task.id)
    for piece, task_id, obligation_id in source.s.execute(links):
        proves.setdefault(piece, []).append((task_id, obligation_id))
    return proves


def kept_text(row: Evidence, term: Term) -> str:
    """Say until when a piece is kept, or since when it is gone."""
    if row.destroyed_at:
        return f"已到期销毁 {clock.local(row.destroyed_at):%Y-%m-%d}"
    return term.end.isoformat() if term.end else f"待填{term.kept_as.begin.label}"


def evidence_sheet_rows(source: Source, numbers: dict[int, str], files: Mapping[int, str] | None = None) -> Iterator[tuple[Value, ...]]:
    """Yield 证据目录: every piece that the tasks of the filter cite; its number leads to its file where there are `files`."""
    people = source.people
    for some in batches(numbers):
        proves = proved_by(source, some)
        rows = source.s.scalars(select(Evidence).where(Evidence.id.in_(some)).order_by(Evidence.id)).all()
        kept = terms(source.s, rows)
        for row in rows:
            yield (
                Link(numbers[row.id], files[row.id]) if files and row.id in files else numbers[row.id], row.name, f"第 {row.version_no} 版" + ("" if row.is_current else "（已有新版本）"), row.kind.label,
                span(row.period_from, row.period_to), row.obtained_on, row.valid_until, row.uploaded_at, people.get(row.uploaded_by or 0, ""), row.size, row.sha256,
                lines(*sorted({obligation_id for _, obligation_id in proves.get(row.id, [])})),
                "、".join(str(task_id) for task_id, _ in proves.get(row.id, [])), cut(row.note), kept_text(row, kept[row.id]), *evidence_marks(row),
            )


def scope_sheet_rows(source: Source) -> Iterator[tuple[Value, ...]]:
    """Yield 适用性说明: every obligation of the filter, what was decided on it, by whom, when and why."""
    people, labels = source.people, source.words.subjects
    for row in source.scope:
        o, decision = row.obligation, row.decision
        yield (
            o.id, o.modality.label, o.title, source.document(o.document_id), o.clause_no, "、".join(labels[bearer.subject] for bearer in o.subjects),
            "建议适用" if row.suggested else "建议不适用", row.standing.label, decision.reason if decision else row.why,
            people.get(decision.decided_by or 0, "命令行操作员") if decision else "", decision.decided_at if decision else None,
            "义务文本此后有变" if decision and decision.obligation_digest != o.digest else "", *scope_marks(source.entity_id, row),
        )
