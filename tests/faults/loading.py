"""A mixed load for the worst day: actors who upload, replace, assign, hand in, decide, import and export without end, each write marked."""

from __future__ import annotations

import re
import secrets
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from tests.bringing.paper import Paper
from tests.faults.visiting import Lost, Visitor, Write

# Tasks of each assignment.
EACH = 3
# Chosen once: a campaign that goes on past midnight would else begin every series anew.
FIRST_DUE = date.today() + timedelta(20)
NUMBER = re.compile(r"/(\d+)(?:[?#]|$)")
# What each kind of write leaves where its mark stands: events by their action, rows by their table; those who give an assignment
# another department give each of its tasks that, too.
TRACES: dict[str, tuple[dict[str, int], dict[str, int]]] = {
    "keep": ({"evidence.added": 1}, {"evidence": 1}),
    "upload": ({"evidence.added": 1, "task.evidence_cited": 1}, {"evidence": 1}),
    "replace": ({"evidence.replaced": 1}, {"evidence": 1}),
    "assign": ({"assignment.changed": 1, "task.handed_over": EACH}, {"assignment": 1, "task": EACH}),
    "submit": ({"task.worked_on": 1, "task.submitted": 1}, {"submission": 1, "task": 1}),
    "return": ({"task.returned": 1}, {"submission": 1}),
    "accept": ({"task.accepted": 1}, {"submission": 1}),
    "import": ({"assignment.changed": 1, "task.handed_over": EACH}, {"assignment": 1, "task": EACH}),
}


@dataclass
class Scene:
    """What the actors act on, who they are, and every write that was sent."""

    people: dict[str, Visitor]
    entity: int
    owner: int
    reviewer: int
    tasks: list[int]
    assignments: dict[int, str]
    pieces: list[int]
    writes: list[Write] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)

    def write(self, kind: str) -> Write:
        """Begin a write with a mark that nothing else bears."""
        self.writes.append(Write(kind, f"k{secrets.token_hex(6)}z"))
        return self.writes[-1]

    def counted(self, state: str) -> int:
        """Count the writes of a state."""
        return sum(one.state == state for one in self.writes)


def upload(scene: Scene, turn: int) -> None:
    """Hand a piece in for a task."""
    who, task = scene.people["王责任"], scene.tasks[turn % 3]
    given = who.get(f"/tasks/{task}").form("/files")
    if given:
        write = scene.write("upload")
        who.post(write, f"/tasks/{task}/files", given, ("files", f"{write.mark}.txt", f"{write.mark} {'底稿' * 2000}".encode()))


def replace(scene: Scene, turn: int) -> None:
    """Put a newer version in the place of a piece."""
    if not scene.pieces:
        return
    who, place = scene.people["王责任二"], turn % len(scene.pieces)
    given = who.get(f"/evidence/{scene.pieces[place]}").form("/replace")
    if given is None:
        # An earlier one was carried out although no answer came: what is newest is linked from its page.
        scene.pieces.pop(place)
        return
    write = scene.write("replace")
    who.post(write, f"/evidence/{scene.pieces[place]}/replace", given, ("files", f"{write.mark}.txt", f"{write.mark} {'新版' * 9000}".encode()))
    if write.state == "acknowledged" and (found := NUMBER.search(write.place)):
        scene.pieces[place] = int(found.group(1))


def assign(scene: Scene, turn: int) -> None:
    """Give an assignment another department."""
    who, row = scene.people["林合规"], list(scene.assignments)[turn % 10]
    address = f"/assignments?entity={scene.entity}"
    given = who.get(address).form("") or {}
    write = scene.write("assign")
    terms = {"owner_id": str(scene.owner), "reviewer_id": str(scene.reviewer), "first_due": FIRST_DUE.isoformat(), "department": write.mark, "cadence": "monthly", "review_every": ""}
    who.post(write, address, given | {"do": "change", "ids": str(row)} | {f"terms-{name}": value for name, value in terms.items()})


def review(scene: Scene, turn: int) -> None:
    """Hand a task in, or decide what was handed in: mostly it goes back, so that there is work without end."""
    owner, reviewer, task = scene.people["王责任三"], scene.people["赵复核"], scene.tasks[3 + turn // 2 % (len(scene.tasks) - 3)]
    given = owner.get(f"/tasks/{task}").form("/submit")
    if given:
        write = scene.write("submit")
        owner.post(write, f"/tasks/{task}/submit", given | {"note": write.mark})
        return
    shown = reviewer.get(f"/tasks/{task}")
    kind, ending, name = ("accept", "/accept", "accept-comment") if turn % 24 == 1 else ("return", "/returned", "back-reason")
    given = shown.form(ending)
    if given:
        write = scene.write(kind)
        reviewer.post(write, f"/tasks/{task}{ending}", given | {name: f"{write.mark} 请补充"})


def bring(scene: Scene, turn: int) -> None:
    """Import a sheet of assignments in which one department was changed."""
    who, ref = scene.people["林合规二"], list(scene.assignments.values())[-1 - turn % 5]
    start = f"/import?entity={scene.entity}"
    given = who.get(start).form("") or {}
    book = who.get(f"/import/assignments.xlsx?entity={scene.entity}")
    if book.status != 200:
        return
    write = scene.write("import")
    sheet = Paper(book.data, "分派表").put(ref, 部门=write.mark).data
    draft = who.post(write, start, given, ("file", "分派表.xlsx", sheet))
    write.state = "refused"
    if draft.status == 303:
        given = who.get(draft.place).form("/apply")
        if given:
            who.post(write, f"{draft.place}/apply", given)


def export(scene: Scene, _turn: int) -> None:
    """Ask for the workbook."""
    who, address = scene.people["林合规三"], f"/reports/new?entity={scene.entity}"
    given = who.get(address).form("/new") or {}
    who.post(scene.write("export"), address, given)
    time.sleep(1.0)


ACTORS: tuple[Callable[[Scene, int], None], ...] = (upload, replace, assign, review, bring, export)


class Load:
    """The actors at work, each in a thread of its own, until they are told to stop."""

    def __init__(self, scene: Scene, turn: int = 0) -> None:
        self._scene, self._stop, self._turn = scene, threading.Event(), turn
        self._threads = [threading.Thread(target=self._play, args=(actor,)) for actor in ACTORS]

    def __enter__(self) -> Load:
        """Let everybody begin."""
        for one in self._threads:
            one.start()
        return self

    def __exit__(self, *_how: Any) -> None:
        """Wait until everybody has the last answer, or knows that there will be none."""
        self._stop.set()
        for one in self._threads:
            one.join()

    def _play(self, actor: Callable[[Scene, int], None]) -> None:
        turn = self._turn
        while not self._stop.is_set():
            try:
                actor(self._scene, turn)
                turn += 1
            except Lost:
                self._stop.wait(0.05)
            except Exception as failure:
                self._scene.failures.append(f"{actor.__name__}: {failure!r}")
                return
