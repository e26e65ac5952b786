"""Every call of a write's way made to fail, or to be the last one: what then holds, and what was said."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.connection import Connection

from tests.faults import tracing
from tests.faults.judging import Sizes, sizes, wrongs
from tests.faults.playing import Act, Answer, Gone, act, player, troupe
from tests.faults.staging import Stage
from tests.faults.tracing import READING, WRITING, Call
from tests.routes_table import ROUTES

KILL, EIO, FULL = "signal=KILL", "error=EIO", "error=ENOSPC"
MARKUP = re.compile(r"<[^>]+>|\s+")
# The page that comes with it may speak of saving, too.
NOT_SAVED = re.compile("(?:出错|不足)，(?:您刚才的操作|文件“[^”]*”)没有保存")
HAN = re.compile("[\u4e00-\u9fff]{6}")
# The write path of an upload, a newer version, a review, an import, and of an export from its asking to its keeping.
ACTS = (
    ("task_pieces.upload", "王责任"), ("evidence.replace", "王责任"), ("tasks.accept", "赵复核"), ("bringing.apply", "林合规"), ("reports.build", "林合规"),
)
EXPORT = "reports.build"
SAID = {503, 507}


@dataclass(frozen=True)
class Point:
    """One call and what happens to it."""

    call: Call
    fault: str

    def __str__(self) -> str:
        return f"{self.call.name} {self.call.number} {self.fault}: {self.call.given[:90]}"


@dataclass
class Scene:
    """One act on a stage, and how the installation is without and with it."""

    stage: Stage
    line: Connection
    act: Act
    endpoint: str
    before: Sizes
    after: Sizes
    calls: list[Call]

    def points(self) -> Iterator[Point]:
        """Yield every point: each call killed, each that may fail failing, and each that takes room finding none."""
        for call in self.calls:
            yield Point(call, KILL)
            yield Point(call, EIO)
            if call.name in WRITING or "O_CREAT" in call.given:
                yield Point(call, FULL)

    def wrong(self, point: Point) -> list[str]:
        """Play the act with this fault; list what does not hold afterwards."""
        answer = self._played([f"-einject={point.call.name}:{point.fault}:when={point.call.number}"])
        now = sizes(self.stage.config)
        # Where not one row was added, the trail is what it was.
        found = wrongs(self.stage.config, deep=now != self.before)
        acknowledged = answer is not None and answer.status == 303
        if self.endpoint != EXPORT and now not in ([self.after] if acknowledged else [self.before, self.after]):
            found.append(f"half a state: {changed(self.before, now)} instead of {changed(self.before, self.after)}")
        if point.fault != KILL:
            found += _said(answer)
        if answer and NOT_SAVED.search(answer.text) and now != self.before:
            found.append(f"said not to be saved, yet {changed(self.before, now)}")
        return [f"{self.endpoint} {point}: {one}" for one in found]

    def _played(self, options: list[str]) -> Answer | None:
        self.stage.reset()
        self.line.send(self.act)
        with tracing.attached(self.line.recv(), self.stage.folder / "calls", options):
            self.line.send("go")
            told = self.line.recv()
            if isinstance(told, Gone):
                return None
        # What the end of a process does is not on the way of the write.
        self.line.send("bye")
        gone = self.line.recv()
        assert isinstance(gone, Gone)
        assert isinstance(told, Answer)
        return told


def _said(answer: Answer | None) -> list[str]:
    if answer is None:
        return ["the process died"]
    if answer.status == 0 or "Traceback" in answer.text:
        return [answer.text]
    if answer.status != 303 and (answer.status not in SAID or not HAN.search(answer.text)):
        return [f"{answer.status}: {MARKUP.sub(' ', answer.text)[-300:]}"]
    return []


def changed(before: Sizes, now: Sizes) -> dict[str, int]:
    """Return how many rows were added, by table."""
    return {name: now[name] - before[name] for name in now if now[name] != before[name]}


@contextmanager
def scenes(stage: Stage, acts: tuple[tuple[str, str], ...] = ACTS) -> Iterator[Iterator[Scene]]:
    """Give the scenes of these acts, one after the other; each is played once without a fault to see the way it takes."""
    stage.reset()
    played = [act(endpoint, name, stage.tokens, stage.ours) for endpoint, name in acts]
    with player(troupe, stage.config, played) as (_, line):
        yield (_scene(stage, line, one) for one in played)


def _scene(stage: Stage, line: Connection, played: Act) -> Scene:
    stage.reset()
    before = sizes(stage.config)
    scene = Scene(stage, line, played, ROUTES[played.route].endpoint, before, before, [])
    answer = scene._played([])
    assert answer and answer.status == 303, answer
    assert wrongs(stage.config, clean=True) == []
    scene.after = sizes(stage.config)
    scene.calls = [call for call in tracing.calls(stage.folder / "calls") if call.of(stage.config.instance) and call.name in WRITING + READING]
    assert scene.after != before and len(scene.calls) > 50
    return scene
