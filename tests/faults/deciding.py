"""Opposite decisions at the same moment, round after round, and what must hold whoever was first."""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace

from sqlalchemy import func, select

from tests.faults.meeting import together, tries
from tests.making import Making
from tests.work import DUE, Company
from tracker.assignments import assigning, reviewing, working
from tracker.assignments.models import Assignment, Submission, Task
from tracker.assignments.queries import TaskFilter, task_ids
from tracker.audit.queries import faults
from tracker.db import EVERY_ENTITY, UnitOfWork
from tracker.evidence.actions import EvidenceFacts, replace_evidence
from tracker.evidence.models import Evidence
from tracker.people import actions as people
from tracker.people.access import Viewer
from tracker.people.models import Person
from tracker.words import Cadence, Role

REASON = "监管要求补充本期底稿"


@dataclass
class Contest:
    """A company in which people decide against each other; what came out of each kind of round is counted."""

    company: Company
    horizon: int = 100
    won: dict[str, Counter[int]] = field(default_factory=dict)
    said: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        """Hire a second administrator and a second officer, assign, and keep a piece of evidence."""
        company = self.company
        making = Making(company.database, company.world)
        self.admins = [company.world.admin, making.viewer(making.person("另一管理员", is_admin=True))]
        self.officers = [company.world.officer, making.viewer(making.person("另一合规", company.world.ours, [Role.OFFICER]))]
        self.owners = [company.world.owner, making.viewer(making.person("另一责任", company.world.ours, [Role.OWNER, Role.REVIEWER]))]
        duties = company.applicable()
        # Each gives one task a month within the horizon; those left over are fought for.
        company.assign(duties[:-40], company.terms(DUE, Cadence.MONTHLY), horizon_days=self.horizon)
        self.spare = duties[-40:]
        with company.database.reading(EVERY_ENTITY) as s:
            self.tasks = task_ids(s, company.world.owner, TaskFilter())
        self.piece = company.evidence()

    def play(self, rounds: int) -> Iterator[str]:
        """Play so many rounds of every kind, or until no task is left; yield each rule that was broken."""
        kinds: tuple[Callable[[int], list[str]], ...] = (self.decisions, self.endings, self.submissions, self.administrators, self.terms, self.newer, self.reviewers)
        for number in range(rounds):
            if len(self.tasks) < len(kinds):
                return
            for kind in kinds:
                told = kind(number)
                if not told:
                    continue
                done = told.count("done")
                self.won.setdefault(kind.__name__, Counter())[done] += 1
                self.said |= {sentence for sentence in told if sentence != "done"}
                yield from (f"round {number}, {kind.__name__}: {one}" for one in self.broken())
                if kind not in (self.terms, self.reviewers) and done != 1:
                    yield f"round {number}, {kind.__name__}: {done} of {len(told)} won: {told}"

    def _do(self, viewer: Viewer, action: Callable[[UnitOfWork, Viewer], object]) -> None:
        with self.company.database.writing(viewer.entities) as s:
            action(s, viewer)

    def _meet(self, *acts: tuple[Viewer, Callable[[UnitOfWork, Viewer], object]]) -> list[str]:
        return together([tries(self.company.database, viewer, action) for viewer, action in acts])

    def _handed_in(self) -> int:
        task_id = self.tasks.pop()
        self.company.hand_in(task_id, evidence_id=self.piece)
        return task_id

    def decisions(self, _number: int) -> list[str]:
        """Accept, send back and recall one submission."""
        task_id, world = self._handed_in(), self.company.world
        return self._meet(
            (world.reviewer, lambda s, v: reviewing.accept(s, v, task_id)), (world.reviewer, lambda s, v: reviewing.send_back(s, v, task_id, REASON)),
            (world.owner, lambda s, v: working.recall(s, v, task_id)),
        )

    def endings(self, _number: int) -> list[str]:
        """Accept one submission while its task is cancelled."""
        task_id, world = self._handed_in(), self.company.world
        return self._meet((world.reviewer, lambda s, v: reviewing.accept(s, v, task_id)), (world.officer, lambda s, v: working.cancel(s, v, task_id, REASON)))

    def submissions(self, _number: int) -> list[str]:
        """Hand one task in twice."""
        task_id, world = self.tasks.pop(), self.company.world
        self._do(world.owner, lambda s, v: working.cite(s, v, task_id, [self.piece]))
        return self._meet(*[(world.owner, lambda s, v: working.submit(s, v, task_id, working.Work("已完成。")))] * 2)

    def administrators(self, _number: int) -> list[str]:
        """Let two administrators sign each other off, and bring back whoever lost."""
        ids = [one.person_id or 0 for one in self.admins]
        told = self._meet(*[(self.admins[n], lambda s, v, n=n: people.set_person_active(s, v, ids[1 - n], False)) for n in (0, 1)])
        if len(set(told)) == 2:
            winner = told.index("done")
            self._do(self.admins[winner], lambda s, v: people.set_person_active(s, v, ids[1 - winner], True))
        return told

    def terms(self, number: int) -> list[str]:
        """Let two officers assign the same obligation."""
        if not self.spare:
            return []
        duty = self.spare.pop()
        return self._meet(*[
            (officer, lambda s, v, n=n: assigning.assign(s, v, self.company.world.ours, [duty], replace(self.company.terms(), department=f"第{n}部"), 30))
            for n, officer in enumerate(self.officers)
        ])

    def newer(self, number: int) -> list[str]:
        """Put two newer versions in the place of one piece."""
        stored = [self.company.store.put(io.BytesIO(f"{number}-{n}".encode()), "新版.txt") for n in (0, 1)]
        told = self._meet(*[
            (self.owners[n], lambda s, v, n=n: replace_evidence(s, v, self.piece, stored[n], EvidenceFacts())) for n in (0, 1)
        ])
        with self.company.database.reading(EVERY_ENTITY) as s:
            self.piece = s.scalars(select(Evidence.id).where(Evidence.superseded_by_id.is_(None))).one()
        return told

    def reviewers(self, _number: int) -> list[str]:
        """Hand in while somebody makes whoever hands in the reviewer."""
        task_id, other = self.tasks.pop(), self.owners[1]
        self._do(self.company.world.officer, lambda s, v: assigning.reassign_tasks(s, v, [task_id], other.person_id, self.company.world.reviewer.person_id))
        self._do(other, lambda s, v: working.cite(s, v, task_id, [self.piece]))
        return self._meet(
            (other, lambda s, v: working.submit(s, v, task_id, working.Work("已完成。"))),
            (self.company.world.officer, lambda s, v: assigning.reassign_tasks(s, v, [task_id], self.company.world.owner.person_id, other.person_id)),
        )

    def broken(self) -> Iterator[str]:
        """Say which rule does not hold at this moment."""
        with self.company.database.reading(EVERY_ENTITY) as s:
            waiting = select(Submission.task_id).where(Submission.outcome.is_(None), Submission.recalled_at.is_(None))
            open_twice = s.scalars(waiting.group_by(Submission.task_id).having(func.count() > 1)).all()
            own = s.scalars(select(Submission.id).where(Submission.decided_by == Submission.submitted_by)).all()
            self_review = s.scalars(
                select(Task.id).join(Submission, Submission.task_id == Task.id)
                .where(Submission.outcome.is_(None), Submission.recalled_at.is_(None), Submission.submitted_by == Task.reviewer_id)
            ).all()
            admins = s.scalar(select(func.count()).select_from(Person).where(Person.is_admin, Person.active))
            twice = s.scalars(
                select(Assignment.obligation_id).where(Assignment.active, Assignment.entity_id == self.company.world.ours)
                .group_by(Assignment.obligation_id).having(func.count() > 1)
            ).all()
        found = {"open submissions": open_twice, "reviewed their own": own, "will review their own": self_review, "assigned twice": twice}
        yield from (f"{name}: {rows}" for name, rows in found.items() if rows)
        if not admins:
            yield "no administrator is left"

    def sound(self) -> bool:
        """Tell whether the trail is sound."""
        with self.company.database.reading() as s:
            return faults(s) == []
