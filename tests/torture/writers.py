"""Eight processes that write through pages and actions at once, on SQLite and on PostgreSQL: `python -m tests.torture.writers [WRITERS] [WRITES] [SEED] [SQLite|PostgreSQL]`.

Two servers with their export workers answer. Prints how many writes of each kind were sent, every status that came back, the longest turn,
and everything that did not hold: a lock or a fault that reached somebody, a write that is not there once and wholly, an unsound trail.
"""

from __future__ import annotations

import io
import random
import sys
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.cast import World
from tests.faults.judging import wrongs
from tests.faults.killing import judged, scenes, serving, settled
from tests.faults.loading import Scene, assign, bring, export, replace, review, upload
from tests.faults.playing import FORKING
from tests.faults.staging import Stage, own_stage
from tests.torture.decisions import urls
from tracker.config import Config
from tracker.db import Database
from tracker.errors import Problem
from tracker.evidence.actions import EvidenceFacts, add_evidence
from tracker.evidence.store import Store

# How often each is chosen: importing takes ten times as long as the others.
SHARES: dict[Callable[[Scene, int], None], int] = {upload: 8, replace: 6, assign: 6, review: 10, bring: 1}
FAULTS = ("Traceback", "database is locked", "deadlock detected")


@dataclass
class Writer:
    """One process: what it writes, how long its longest turn took, and what it heard that nobody should hear."""

    config: Config
    scene: Scene
    seed: int
    longest: float = 0.0
    heard: list[str] = field(default_factory=list)

    def work(self, writes: int) -> Writer:
        """Write so often, mixed by chance, one write in eight straight through an action; an export is asked for at first."""
        chance, turns, database = random.Random(self.seed), Counter[str](), Database(self.config.url)
        world, store = World.read(database), Store(self.config.store, 10**7)
        export(self.scene, 0)
        while len(self.scene.writes) < writes and sum(turns.values()) < writes * 4:
            began, actor = time.monotonic(), chance.choices(list(SHARES), list(SHARES.values()))[0]
            if chance.randrange(8) == 0:
                self._keep(database, world, store)
            else:
                actor(self.scene, turns[actor.__name__])
            turns[actor.__name__] += 1
            self.longest = max(self.longest, time.monotonic() - began)
        database.close()
        return self

    def _keep(self, database: Database, world: World, store: Store) -> None:
        write = self.scene.write("keep")
        stored = store.put(io.BytesIO(f"{write.mark} {'存档' * 3000}".encode()), f"{write.mark}.txt")
        try:
            with database.writing(world.owner.entities) as s:
                add_evidence(s, world.owner, world.ours, stored, EvidenceFacts())
            write.state = "acknowledged"
        except Problem as problem:
            write.state = "refused"
            self.heard.append(problem.sentence)


def _played(writer: Writer, writes: int) -> Writer:
    return writer.work(writes)


def contest(stage: Stage, name: str, url: str, shape: tuple[int, int, int]) -> list[str]:
    """Let so many writers write so often on a database of one kind; list what does not hold."""
    (many, writes, seed), log = shape, stage.folder / f"{name}.log"
    config = settled(stage, "" if name == "SQLite" else url)
    with serving(config, log) as servers:
        made = [Writer(config, scene, seed + n) for n, scene in enumerate(scenes(config, [one.port for one in servers], many, 19))]
        began = time.monotonic()
        with ProcessPoolExecutor(many, FORKING) as pool:
            done = [one.result() for one in [pool.submit(_played, writer, writes) for writer in made]]
        took = time.monotonic() - began
        time.sleep(3.0)
    return _told(config, name, done, took, log.read_text(encoding="utf-8"))


def _told(config: Config, name: str, done: list[Writer], took: float, log: str) -> list[str]:
    written = [write for writer in done for write in writer.scene.writes]
    statuses = sum((visitor.answers for writer in done for visitor in writer.scene.people.values()), Counter[int]())
    kinds = Counter(f"{write.kind} {write.state}" for write in written)
    found = [f"answered {status}: {number} times" for status, number in statuses.items() if status >= 500]
    found += [f"on the console: {fault}" for fault in FAULTS if fault in log]
    # Eight of one name import into one entity: the newest upload takes the place of an earlier draft, whose page is then gone.
    found += [f"not acknowledged: {write}" for write in written if write.state != "acknowledged" and (write.kind, write.state) != ("import", "refused")]
    found += [heard for writer in done for heard in writer.heard + writer.scene.failures]
    found += wrongs(config) + judged(config, written)
    print(f"{name}: {len(written)} writes by {len(done)} writers in {took:.0f} s, longest turn {max(writer.longest for writer in done):.1f} s")
    print(f"  {dict(sorted(kinds.items()))}; statuses {dict(sorted(statuses.items()))}", flush=True)
    return found


def main(many: int = 8, writes: int = 500, seed: int = 1, kind: str = "") -> int:
    """Play it on both, or on one; returns how often something did not hold."""
    broken = 0
    with TemporaryDirectory(prefix="torture-") as folder, own_stage() as stage, urls(Path(folder)) as known:
        for name, url in known.items():
            if kind not in ("", name):
                continue
            found = contest(stage, name, url, (many, writes, seed))
            broken += len(found)
            print("\n".join(f"  {name}: {wrong}" for wrong in found[:30]) or f"  {name}: everything holds", flush=True)
    print(f"seed {seed}; broken: {broken}")
    return broken


if __name__ == "__main__":
    sys.exit(bool(main(*(int(one) for one in sys.argv[1:4]), *sys.argv[4:5])))
