"""The rows of the three lists: what the entity filled in, and in its place, shown as such, what the register and the assignment suggest."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from sqlalchemy import select

from ...assignments.models import Assignment
from ...controls.fields import BY_NAME, LEVEL, shown
from ...controls.models import Control
from ...controls.queries import controls
from ...people.models import Person
from ...register.models import Fact, Obligation
from ...words import Consequence, FactKind, LawBasis, ListKind, Modality, Standing
from ...workbook.sheets import Hint, Value
from ..rows import Source, law_text, lines
from .columns import POSTS, PROCESSES, RISKS
from .marks import fields, key_and_base

BREACH = {Modality.MUST: "未做到：", Modality.MUST_NOT: "违反：", Modality.EXPOSURE: "涉及："}
RISK_FIELDS, POST_FIELDS, PROCESS_FIELDS = (fields(ListKind.CONTROLS, columns) for columns in (RISKS, POSTS, PROCESSES))
NO_DUTY = "（条文未设义务，须管理由此产生的风险）"


@dataclass(frozen=True)
class Lists:
    """What the three lists are made of: one source, what the entity filled in, who sees to what."""

    source: Source

    @cached_property
    def lines(self) -> list[Line]:
        """Return the duties and exposures of the filter that are not excluded, in the order of the texts; a right is neither duty nor risk."""
        s, source = self.source.s, self.source
        filled = controls(s, source.viewer, source.entity_id)
        duties = {row.obligation_id: row for row in s.scalars(select(Assignment).where(Assignment.entity_id == source.entity_id, Assignment.active))}
        owners = {row.id: row for row in s.scalars(select(Person).where(Person.id.in_({duty.owner_id for duty in duties.values()})))}
        penalties = {row.code: _penalty(row) for row in s.scalars(select(Fact).where(Fact.kind == FactKind.PENALTY))}
        kept = (row.obligation for row in source.scope if row.standing != Standing.NOT_APPLICABLE and row.obligation.modality != Modality.RIGHT)
        return [Line(source, one, filled.get(one.id), duties.get(one.id), owners, penalties) for one in kept]

    def risks(self) -> Iterator[tuple[Value, ...]]:
        """Yield 合规风险识别清单, in the order of the texts."""
        for line in self.lines:
            one = line.one
            yield line.marked(RISK_FIELDS, (
                line.said("business", line.domain), line.said("sub_business"), one.title, line.said("risk_no", one.id), BREACH[one.modality] + one.title,
                line.consequences, line.said(LEVEL, one.severity.label), line.bottom_line, line.basis, line.duty_text,
                line.said("measure", f"建议留存：{'、'.join(one.evidence)}"), line.said("lead_department", line.department),
                line.said("support_departments"), line.said("remark"),
            ))

    def posts(self) -> Iterator[tuple[Value, ...]]:
        """Yield 岗位合规职责清单, by department and post; what names none comes last."""
        for line in sorted(self.lines, key=lambda line: _last_when_empty(line.words("lead_department", line.department), line.words("post_name", line.post))):
            yield line.marked(POST_FIELDS, (
                line.said("lead_department", line.department), line.said("post_name", line.post), line.said("post_duty", line.duty_text),
                lines(f"{line.one.id}《{line.one.title}》", line.basis), line.bottom_line, line.said("policy"),
            ))

    def processes(self) -> Iterator[tuple[Value, ...]]:
        """Yield 流程管控清单, by process; what names none comes last, by its business or domain."""
        for line in sorted(self.lines, key=lambda line: _last_when_empty(*(line.words(name) for name in ("main_process", "sub_process", "process_no")))):
            one = line.one
            yield line.marked(PROCESS_FIELDS, (
                line.said("main_process", line.words("business", line.domain)), line.said("sub_process"), line.said("process_no"), lines(one.title, one.trigger),
                line.said("review_points", line.duty_text), lines(f"{one.id}　{line.kind}", line.basis), BREACH[one.modality] + one.title,
                line.said("supervision", f"查看{'、'.join(one.evidence)}"), line.said("lead_department", line.department),
            ))


@dataclass(frozen=True, slots=True)
class Line:
    """One obligation as the three lists see it."""

    source: Source
    one: Obligation
    control: Control | None
    assignment: Assignment | None
    owners: dict[int, Person]
    penalties: dict[str, str]

    def words(self, name: str, suggested: str = "") -> str:
        """Return what was filled in, else what is suggested."""
        own = shown(name, self.control.values[name]) if self.control else ""
        return own or suggested

    def said(self, name: str, suggested: str = "") -> Value:
        """Return what was filled in as it is, else what is suggested as a hint."""
        own = self.words(name)
        return own or (Hint(suggested) if suggested else None)

    @property
    def kind(self) -> str:
        """Say modality and basis, so that nobody takes an exposure for a duty, or an implied one for a stated one."""
        return f"{self.one.modality.label} · {self.one.basis.label}"

    @property
    def duty_text(self) -> str:
        """Say what is to be done, under its modality and basis."""
        return f"【{self.kind}】{NO_DUTY if self.one.modality == Modality.EXPOSURE else ''}{self.one.statement}"

    @property
    def basis(self) -> str:
        """Say text, clause and laws, each with how far it was checked."""
        return lines(f"{self.source.document(self.one.document_id)} 第 {self.one.clause_no} 条（{self.one.basis.label}）", law_text(self.one.law))

    @property
    def consequences(self) -> str:
        """Say the kinds of consequence and where their penalties stand."""
        kinds = "、".join(Consequence(code).label for code in self.one.consequences)
        return lines(kinds, *(self.penalties[code] for code in self.one.facts if code in self.penalties))

    @property
    def bottom_line(self) -> Value:
        """Return the bottom line; a prohibition is one by itself."""
        return self.said("bottom_line", f"{self.one.title}（{self.one.basis.label}）" if self.one.modality == Modality.MUST_NOT else "")

    @property
    def domain(self) -> str:
        """Return the label of the domain."""
        return self.source.words.domains[self.one.domain]

    @property
    def department(self) -> str:
        """Return the department of the assignment, or of its owner."""
        owner = self._owner
        return (self.assignment.department if self.assignment else "") or (owner.department if owner else "")

    @property
    def post(self) -> str:
        """Return the owner's post."""
        return self._owner.post if self._owner else ""

    @property
    def _owner(self) -> Person | None:
        return self.owners.get(self.assignment.owner_id) if self.assignment else None

    def marked(self, places: Mapping[str, int], row: tuple[Value, ...]) -> tuple[Value, ...]:
        """Return a row with its hidden cells: which obligation, on which version of the entity's words a change is made, and what they were."""
        version, values = (self.control.version, self.control.values) if self.control else (0, dict.fromkeys(BY_NAME, ""))
        told = {code: (values[code], row[place]) for code, place in places.items()}
        return (*row, self.one.id, version, *key_and_base(ListKind.CONTROLS, self.source.entity_id, self.one.id, version, told))


def _last_when_empty(*words: str) -> tuple[tuple[bool, str], ...]:
    return tuple((not word, word) for word in words)


def _penalty(fact: Fact) -> str:
    law = fact.law
    articles = f"第 {'、'.join(law['articles'])} 条" if law["articles"] else ""
    return f"{fact.what}：《{law['name']}》{articles}（{LawBasis(law['basis']).label}）"
