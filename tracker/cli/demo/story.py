"""Three months in the life of the demonstration group, told through the same actions as the pages use."""

from __future__ import annotations

import io
import random
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from sqlalchemy.orm import Session

from ... import clock
from ...assignments import assigning, planning, reviewing, working
from ...assignments.queries import TaskFilter, TaskRow, task_rows
from ...controls.actions import set_controls
from ...db import Database
from ...evidence.actions import EvidenceFacts, add_evidence
from ...evidence.store import Store
from ...people.access import Viewer
from ...people.actions import set_person_active
from ...register.queries import ObligationFilter
from ...scope.actions import confirm_suggestions, decide
from ...scope.queries import scope_ids
from ...words import Cadence, ScopeState, Standing, TaskState
from . import papers
from .cast import FIRM, FUND, LISTED, Company
from .controls import FILLED

DAYS = 92
# Which owner sees to which fields of work in which entity; the first that fits is taken.
OWNERS: dict[str, tuple[tuple[str, str], ...]] = {
    LISTED: (("financial_fraud disclosure false_statement fund_occupation guarantees", "wu"), ("", "zhou")),
    FIRM: (("due_diligence disclosure mergers bonds false_statement", "zheng"), ("suitability", "chen"), ("financial_fraud equity_holding", "wu"), ("", "wang")),
    FUND: (("", "feng"),),
}
# Fields of work in which the group is not active, for decisions against the suggestion.
DORMANT = ("cross_border", "derivatives")
REASONS = (
    "证据只覆盖了部分期间，请补充完整期间的记录。", "缺少经办人与复核人的签字页，请补充后重新提交。", "汇总表与明细的数字不一致，请核对说明。",
)
NOTES = (
    "已按制度完成本期检查，未发现异常，详见所附记录。", "本期抽查样本 20 笔，发现 1 笔资料不全，已当期补正。",
    "已完成自查并形成书面记录，经部门负责人签字确认。", "本期无新增事项，台账已更新至期末。",
)
# What the officer noted on the first lots of an owner.
NOTED = {0: "底稿按季度移交档案室", 1: "与内审部门共用检查清单"}


@dataclass
class Story:
    """The teller: a database, a store, the cast, and a die that always falls the same way."""

    database: Database
    store: Store
    company: Company
    today: date
    horizon_days: int
    die: random.Random = field(default_factory=lambda: random.Random(20260901))

    @contextmanager
    def acting(self, login: str) -> Iterator[tuple[Session, Viewer]]:
        """Open one unit of work as one of the cast."""
        with self.database.reading() as s:
            viewer = self.company.viewer(s, login)
        with self.database.writing(viewer.entities) as s:
            yield s, viewer

    def tell(self) -> None:
        """Tell the whole story, day by day, ending today."""
        start = self.today - timedelta(days=DAYS)
        with clock.at(_moment(start, 10, 0)):
            for short in OWNERS:
                self.begin(short)
        for ago in range(DAYS - 2, -1, -1):
            day = self.today - timedelta(days=ago)
            if day.weekday() < 5:
                self.live(day, ago)
        with clock.at(_moment(self.today, 17, 30)):
            self.leave()

    def begin(self, short: str) -> None:
        """Confirm scope, override a little of it, and assign nearly all that applies."""
        entity_id = self.company.entities[short]
        with self.acting("lin") as (s, lin):
            every = scope_ids(s, lin, entity_id, ObligationFilter())
            left = set(self.die.sample(every, 6))
            confirm_suggestions(s, lin, entity_id, [i for i in every if i not in left])
        with self.acting("lin") as (s, lin):
            applies = scope_ids(s, lin, entity_id, ObligationFilter(), Standing.APPLIES)
            out = [i for domain in DORMANT for i in scope_ids(s, lin, entity_id, ObligationFilter(domain=domain), Standing.APPLIES)][:3]
            decide(s, lin, entity_id, out, ScopeState.NOT_APPLICABLE, "本主体目前没有跨境与衍生品业务，经合规总监确认暂不适用；业务开展前重新评估。")
        kept = [i for i in applies if i not in out][: int(len(applies) * 0.9)]
        for place, (domains, login) in enumerate(OWNERS[short]):
            self.hand_out(short, kept, domains.split(), login, place)
        if short == FIRM:
            self.fill_in(entity_id)

    def fill_in(self, entity_id: int) -> None:
        """Fill in what the three lists need, for some fields of work."""
        for filled in FILLED:
            with self.acting("lin") as (s, lin):
                ids = scope_ids(s, lin, entity_id, ObligationFilter(domain=filled.domain), Standing.APPLIES)[: filled.number]
                set_controls(s, lin, entity_id, ids, filled.fields)

    def hand_out(self, short: str, applies: list[str], domains: list[str], login: str, place: int) -> None:
        """Assign what is not assigned yet of these fields of work, in small lots with first due dates of their own."""
        entity_id = self.company.entities[short]
        with self.acting("lin") as (s, lin):
            found = [i for domain in domains or [""] for i in scope_ids(s, lin, entity_id, ObligationFilter(domain=domain), Standing.APPLIES)]
            taken = set(planning.assigned_ids(s, lin, entity_id))
            mine = [i for i in found if i in applies and i not in taken]
            for lot, first in enumerate(range(0, len(mine), 6)):
                due = clock.today() + timedelta(days=18 + (lot * 17 + place * 9) % 105)
                terms = assigning.Terms(
                    self.company.people[login], self.company.people["zhao"], due, self.department(login),
                    Cadence.MONTHLY if lot % 3 == 0 else None, None, NOTED.get(lot),
                )
                assigning.assign(s, lin, entity_id, mine[first:first + 6], terms, self.horizon_days)

    def department(self, login: str) -> str:
        """Return the department of an owner."""
        return {"wu": "财务管理部", "zhou": "董事会办公室", "zheng": "投资银行部", "feng": "基金运营部"}.get(login, "财富管理部")

    def live(self, day: date, ago: int) -> None:
        """Let one working day pass: owners hand in what falls due soon, the reviewer decides what lies there."""
        if day.weekday() == 0:
            with clock.at(_moment(day, 8, 30)):
                for short in OWNERS:
                    with self.acting("lin") as (s, lin):
                        planning.plan(s, lin, day + timedelta(days=self.horizon_days), self.company.entities[short])
        with clock.at(_moment(day, 9, 10 + ago % 40)):
            for login in ("wang", "wu", "zhou", "zheng", "feng", "chen"):
                self.work(login, day, ago)
        with clock.at(_moment(day, 15, ago % 50)):
            self.review(recent=ago < 8)

    def work(self, login: str, day: date, ago: int) -> None:
        """Hand in what falls due within four days; forget a little of it; begin some of what falls due later."""
        for row in self.open_tasks(login, day + timedelta(days=12))[:9]:
            forgotten = row.id % 9 == 4 and row.due_on > self.today - timedelta(days=20)
            if forgotten or (row.state == TaskState.RETURNED and ago < 5):
                continue
            if row.due_on <= day + timedelta(days=4):
                self.hand_in(login, row, day, submit=True)
            elif row.state == TaskState.NOT_STARTED and row.id % 9 == 0:
                self.hand_in(login, row, day, submit=False)

    def open_tasks(self, login: str, until: date) -> list[TaskRow]:
        """List the open work of an owner that falls due by a day and lies with him."""
        with self.database.reading() as s:
            viewer = self.company.viewer(s, login)
        with self.database.reading(viewer.entities) as s:
            rows = task_rows(s, viewer, TaskFilter(owner_id=viewer.person_id, state="open", due_to=until), limit=60)
        return [row for row in rows if row.state != TaskState.SUBMITTED]

    def hand_in(self, login: str, row: TaskRow, day: date, submit: bool) -> None:
        """Upload one or two papers to a task, write the note, and hand it in."""
        span = (row.period_from or day - timedelta(days=30), row.period_to or day)
        facts = EvidenceFacts(period_from=span[0], period_to=min(span[1], row.due_on), obtained_on=day - timedelta(days=self.die.randint(0, 3)))
        stored = [self.store.put(io.BytesIO(data), name, len(data)) for name, data in self.papers(row, day)]
        with self.acting(login) as (s, viewer):
            pieces = [add_evidence(s, viewer, row.entity_id, one, facts).evidence for one in stored]
            s.flush()
            working.cite(s, viewer, row.id, [piece.id for piece in pieces])
            work = working.Work(self.die.choice(NOTES), row.period_from, row.period_to)
            if submit:
                working.submit(s, viewer, row.id, work)
            else:
                working.save_work(s, viewer, row.id, work)

    def papers(self, row: TaskRow, day: date) -> Iterator[tuple[str, bytes]]:
        """Make the one or two papers of a task."""
        kind = row.id % 3
        if kind != 1:
            lines = (f"主体：{row.entity}", f"义务编号：{row.obligation_id}", f"检查日期：{day.isoformat()}", f"检查人：{row.owner}", "", *NOTES[row.id % 2:row.id % 2 + 2])
            yield f"{row.title}_检查记录_{day:%Y%m%d}_{row.id}.pdf", papers.pdf(row.title, lines)
        if kind == 1:
            values = [self.die.randint(4, 40) for _ in range(10)]
            yield f"{row.title}_系统监测截图_{day:%Y%m%d}_{row.id}.png", papers.png(f"{row.obligation_id}  {day.isoformat()}  #{row.id}", values)
        if kind == 2:
            table = [(f"样本 {n:02d}", day.isoformat(), "符合" if n % 9 else "已补正", n * 3) for n in range(1, 13)]
            yield f"{row.title}_抽查台账_{day:%Y%m%d}_{row.id}.xlsx", papers.xlsx("抽查台账", ("样本", "日期", "结论", "笔数"), table, clock.now())

    def review(self, recent: bool) -> None:
        """Decide what waits: accept most, send some back once; of the last days leave some lying."""
        with self.database.reading() as s:
            zhao = self.company.viewer(s, "zhao")
        with self.database.reading(zhao.entities) as s:
            waiting = task_rows(s, zhao, TaskFilter(reviewer_id=zhao.person_id, state="submitted"), limit=20)
        for row in waiting:
            if recent and row.id % 5 < 3 and row.due_on > self.today - timedelta(days=6):
                continue
            with self.acting("zhao") as (s, viewer):
                if (row.id % 8 == 3 and self.die.random() < 0.5) or (recent and row.id % 10 == 3):
                    reviewing.send_back(s, viewer, row.id, self.die.choice(REASONS))
                else:
                    reviewing.accept(s, viewer, row.id, "资料齐全，期间与义务一致。")

    def leave(self) -> None:
        """陈离任 hands all his work over to 王责任 and leaves; one closed task is opened again."""
        firm, people = self.company.entities[FIRM], self.company.people
        with self.acting("lin") as (s, lin):
            assigning.hand_over(s, lin, firm, people["chen"], people["wang"])
        with self.acting("admin") as (s, admin):
            set_person_active(s, admin, people["chen"], False)
        with self.acting("lin") as (s, lin):
            done = task_rows(s, lin, TaskFilter(entity_id=firm, state="done"), limit=1)
            if done:
                reviewing.reopen(s, lin, done[0].id, "监管现场检查要求补充本期抽样底稿，重新打开补充。")


def _moment(day: date, hour: int, minute: int) -> datetime:
    # Nothing is told of hours that are still to come.
    return min(datetime.combine(day, time(hour, minute), clock.SHANGHAI), clock.now())
