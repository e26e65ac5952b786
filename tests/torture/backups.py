"""Twenty backups while many write, each restored, read through and opened: python -m tests.torture.backups [NUMBER] [WRITERS]."""

from __future__ import annotations

import io
import sys
import threading
import time
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.cast import World, settle
from tracker import migrate
from tracker.audit import trail
from tracker.audit.queries import faults
from tracker.backup.checking import check_contents
from tracker.backup.making import make
from tracker.backup.places import Place
from tracker.backup.restoring import Target, restore
from tracker.config import Config
from tracker.db import EVERY_ENTITY, Database
from tracker.evidence.actions import EvidenceFacts, add_evidence
from tracker.evidence.store import Store
from tracker.stores.queries import contents


class Load:
    """Writers that add evidence as fast as they can, and note what was acknowledged and when."""

    def __init__(self, config: Config, database: Database) -> None:
        self.config, self.database, self.world = config, database, World.read(database)
        self.stop, self.lock = threading.Event(), threading.Lock()
        self.acknowledged: list[str] = []
        self.faults: list[BaseException] = []

    def write(self, which: int) -> None:
        """Add one piece after the other until told to stop."""
        store, owner, number = Store(self.config.store, 10**7), self.world.owner, 0
        try:
            while not self.stop.is_set():
                stored = store.put(io.BytesIO(f"{which} {number} ".encode() * 500), "证据.txt")
                with self.database.writing(owner.entities) as s:
                    add_evidence(s, owner, self.world.ours, stored, EvidenceFacts())
                with self.lock:
                    self.acknowledged.append(stored.sha256)
                number += 1
        except BaseException as fault:
            self.faults.append(fault)


def main(number: int, writers: int) -> None:
    """Run the campaign and say what came of it; any fault ends it with a traceback."""
    with TemporaryDirectory(prefix="tracker-torture-") as folder:
        config = Config(instance=Path(folder) / "instance")
        config.instance.mkdir()
        database, place = Database(config.url), Place(Path(folder) / "backups")
        migrate.upgrade(database)
        with database.writing() as s:
            trail.found(s)
        settle(database)
        load = Load(config, database)
        threads = [threading.Thread(target=load.write, args=(which,)) for which in range(writers)]
        for thread in threads:
            thread.start()
        made, took, before = [], [], list[int]()
        for _ in range(number):
            began = time.monotonic()
            before.append(len(load.acknowledged))
            made.append(make(config.instance, database, place))
            took.append(time.monotonic() - began)
        load.stop.set()
        for thread in threads:
            thread.join()
        assert not load.faults, load.faults[0]
        for count, one in enumerate(made):
            _look(Path(folder) / f"back{count}", place, one.name, set(load.acknowledged[: before[count]]))
        print(f"{number} backups under {writers} writers, each restored and verified: {before[0]} to {len(load.acknowledged)} pieces acknowledged, {made[-1].manifest.events} events, {min(took):.2f} to {max(took):.2f} s each")
        database.close()


def _look(instance: Path, place: Place, name: str, acknowledged: set[str]) -> None:
    """Restore one backup and check it; what was acknowledged before it began must be in it."""
    manifest = restore(place, name, Target(instance, f"sqlite:///{instance / 'tracker.db'}")).manifest
    check_contents(instance, manifest)
    database = Database(f"sqlite:///{instance / 'tracker.db'}")
    with database.reading(EVERY_ENTITY) as s:
        assert faults(s) == []
        held = {kept.sha256 for kept in contents(s, "evidence", limit=10**6)}
    database.close()
    assert acknowledged <= held, f"{name}: {len(acknowledged - held)} acknowledged pieces are missing"


if __name__ == "__main__":
    main(*(int(word) for word in sys.argv[1:3]) if len(sys.argv) == 3 else (20, 8))
