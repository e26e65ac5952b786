"""What a power cut may take: the order of writes read from a trace, act by act, until the moment at which the answer begins."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from tests.faults import tracing
from tests.faults.playing import Act, player, tour
from tests.faults.staging import Stage
from tests.faults.tracing import Call
from tests.routes_site import EVERYBODY, OUTSIDER
from tests.routes_table import ROUTES, Route

PATH = re.compile(r'[<"]([^<>"]+)[>"]')
NOTED = re.compile(r'"(ACT|ANSWER|STATUS) ?(\d*)"')
# These keep a file (signing: what it remembers beside the key); all else that comes in is kept as rows.
KEEP_A_FILE = {"heads.sign", "evidence.upload", "evidence.replace", "task_pieces.upload", "reports.build", "jobs.again"}


@dataclass
class Lasting:
    """What one act has written and not yet made safe, and what it did in the wrong order."""

    instance: str
    unsafe: set[str] = field(default_factory=set)
    folders: set[str] = field(default_factory=set)
    made: set[str] = field(default_factory=set)
    linked: int = 0
    commits: int = 0
    wrong: list[str] = field(default_factory=list)

    def see(self, call: Call) -> None:
        """Take one call in."""
        paths = [one for one in PATH.findall(call.given) if one.startswith(self.instance)]
        if not paths or call.result < 0 or paths[0].endswith("-shm"):
            return
        if call.name in {"write", "pwrite64", "writev", "pwritev", "ftruncate", "fallocate"}:
            self._written(paths[0])
        elif call.name in {"fsync", "fdatasync"}:
            self.commits += paths[0].endswith("-wal") and paths[0] in self.unsafe
            self.unsafe.discard(paths[0])
            self.folders.discard(paths[0])
        elif call.name in {"link", "linkat", "rename", "renameat", "renameat2"}:
            self._named(*paths)
        elif call.name in {"mkdir", "mkdirat"}:
            self.made.add(paths[0])
        elif call.name in {"unlink", "unlinkat"}:
            self.unsafe.discard(paths[0])

    def _written(self, path: str) -> None:
        if path.endswith("-wal") and self.folders:
            self.wrong.append(f"a row before the names in {sorted(self.folders)} are safe")
        if path.endswith("tracker.db") and f"{path}-wal" in self.unsafe:
            self.wrong.append("the database before its log")
        self.unsafe.add(path)

    def _named(self, source: str, target: str) -> None:
        if source in self.unsafe:
            self.wrong.append(f"{target} named before its bytes are safe")
        self.linked += 1
        # The folder of the name, and of every folder on the way that was made for it.
        self.folders |= {str(Path(one).parent) for one in (target, *self.made) if target.startswith(one)}

    def answer(self) -> list[str]:
        """Say what would be lost if the power went at the moment at which the answer begins."""
        lost = [path for path in self.unsafe if path.endswith("-wal")]
        return [*self.wrong, *(f"answered before {one} is safe" for one in (*lost, *sorted(self.folders)))]


@dataclass(frozen=True)
class Told:
    """What one route did: its status, what was wrong, how many files it named and how often it made the log safe."""

    route: Route
    status: int
    wrong: list[str]
    files: int
    commits: int


def every_act(stage: Stage) -> list[Act]:
    """Return one act for each line of the table of routes that sends something or fetches a file, by somebody who may."""
    return [
        Act(number, stage.tokens[next(name for name in EVERYBODY if name in route.allowed and name != OUTSIDER)], stage.ours)
        for number, route in enumerate(ROUTES) if route.method == "POST" or route.endpoint.endswith(".download")
    ]


def toured(stage: Stage, acts: list[Act]) -> Iterator[Told]:
    """Let every act be played in one traced process and tell what each did."""
    stage.reset()
    notes, log = stage.folder / "notes", stage.folder / "calls"
    with player(tour, stage.config, stage.folder / "master", acts, notes) as (pid, line), tracing.attached(pid, log):
        line.send("go")
        assert line.poll(300) and line.recv() == "done"
    yield from _read(str(stage.config.instance), str(notes), acts, tracing.calls(log))


def _read(instance: str, notes: str, acts: list[Act], calls: Iterable[Call]) -> Iterator[Told]:
    seen, route, wrong, answered = Lasting(instance), ROUTES[0], list[str](), False
    for call in calls:
        noted = NOTED.search(call.given) if notes in call.given else None
        if noted is None:
            # What the test itself does between two acts is nobody's.
            if not answered:
                seen.see(call)
        elif noted.group(1) == "ACT":
            seen, route, answered = Lasting(instance), ROUTES[acts[int(noted.group(2))].route], False
        elif noted.group(1) == "ANSWER":
            wrong, answered = seen.answer(), True
        else:
            yield Told(route, int(noted.group(2)), wrong, seen.linked, seen.commits)
