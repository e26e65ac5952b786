"""Reading all bytes of the stores again against their digests, at a bounded rate, a slice at a time; the first rotten one raises an alarm."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from sqlalchemy import select

from .. import clock
from ..alarms.actions import raise_alarm, settle_alarm
from ..alarms.queries import open_objects
from ..audit.actor import SYSTEM
from ..config import MEGABYTE, Config
from ..db import EVERY_ENTITY, Database
from ..durable import Unreadable, source_of
from ..evidence.store import Store
from ..progress import Told, silent
from .models import ScrubPosition
from .queries import ALARMS, NAMED_BY, Kept, content, contents, holders, total
from .sweeping import Swept, put_back

# An hourly slice reads for two minutes at most, one file more or less.
SLICE, BATCH, AT_ONCE = 120.0, 50, float("inf")
REST = timedelta(hours=20)
CALLED = {"evidence": "证据文件", "exports": "导出件"}


class Stopped(Exception):
    """The service ends while a file is being read."""


def _never() -> bool:
    return False


@dataclass(frozen=True, slots=True)
class Rotten:
    """A content of a store that is not what it should be, and what is wrong with it."""

    store: str
    sha256: str
    fault: str


@dataclass
class Scrubbed:
    """What a run has read, and the contents in which it found faults; `whole` says that it came to the end of every store."""

    files: int = 0
    bytes: int = 0
    rotten: list[Rotten] = field(default_factory=list)
    whole: bool = False

    @property
    def faults(self) -> list[str]:
        """List the digests of what is rotten, each once."""
        return list(dict.fromkeys(one.sha256 for one in self.rotten))


@dataclass
class Pace:
    """Bounds how many bytes a second are read, and says when it is time to end."""

    rate: float
    seconds: float
    stopped: Callable[[], bool] = _never
    _began: float = field(default_factory=time.monotonic)
    _read: int = 0

    def read(self, size: int) -> None:
        """Wait until these bytes are within the rate; Stopped when the service ends."""
        if self.stopped():
            raise Stopped
        self._read += size
        ahead = self._read / self.rate - (time.monotonic() - self._began)
        if ahead > 0:
            time.sleep(ahead)

    @property
    def over(self) -> bool:
        """Tell whether the time of this run is used up."""
        return self.stopped() or time.monotonic() - self._began >= self.seconds


def scrub_slice(config: Config, database: Database, stopped: Callable[[], bool] = _never) -> None:
    """Hourly duty: read on for two minutes from where the last slice ended, and begin anew a day after the end."""
    scrub(config, database, Pace(config.scrub_mb * MEGABYTE, SLICE, stopped), rest=REST)


def scrub(config: Config, database: Database, pace: Pace, told: Told = silent, rest: timedelta = timedelta(0)) -> Scrubbed:
    """Read on in every store until its end, or until the pace says that it is time; each finding is written down at once.

    A store that was read to its end less than `rest` ago is left in peace.
    """
    done = Scrubbed()
    with database.reading(EVERY_ENTITY) as s:
        goal = sum(total(s, store) for store in NAMED_BY)
    try:
        # The store that has waited longest comes first, so that a large one does not hold up the other for good.
        done.whole = all(_read_on(config.instance / store, store, database, pace, done, lambda: told(done.bytes, goal)) for store in _in_turn(database, rest))
    except Stopped:
        done.whole = False
    return done


def _in_turn(database: Database, rest: timedelta) -> list[str]:
    now = clock.now()
    with database.reading() as s:
        rows = {row.store: row for row in s.scalars(select(ScrubPosition))}
    ends = {store: row.finished_at for store, row in rows.items() if row.finished_at}
    waiting = [store for store in NAMED_BY if store not in ends or rows[store].after or now - ends[store] >= rest]
    return sorted(waiting, key=lambda store: (store in ends, ends.get(store, now)))


def _read_on(root: Path, store: str, database: Database, pace: Pace, done: Scrubbed, tell: Callable[[], None]) -> bool:
    with database.reading(EVERY_ENTITY) as s:
        position = s.get(ScrubPosition, store)
        after, alarmed = position.after if position else "", open_objects(s, ALARMS[store])
    while True:
        with database.reading(EVERY_ENTITY) as s:
            some = contents(s, store, after, BATCH)
        if not some:
            _remember(database, store, None, [])
            return True
        read: list[Kept] = []
        try:
            for one in some:
                if pace.over:
                    return False
                look_at(database, store, root, one, pace, done, alarmed)
                read.append(one)
                tell()
        finally:
            # Whatever ends this run, what was read is not read again in this pass.
            if read:
                after = read[-1].sha256
                _remember(database, store, after, read)


def _remember(database: Database, store: str, after: str | None, read: list[Kept]) -> None:
    with database.writing() as s:
        row = s.get(ScrubPosition, store, with_for_update=True)
        if row is None:
            row = ScrubPosition(store=store, after="", files=0, bytes=0)
            s.add(row)
        if after is None:
            row.after, row.files, row.bytes, row.finished_at = "", 0, 0, clock.now()
        else:
            row.after = after
            row.files += len(read)
            row.bytes += sum(one.size for one in read)


def look_at(database: Database, store: str, root: Path, kept: Kept, pace: Pace, done: Scrubbed, alarmed: set[str]) -> bool:
    """Read one content; raise an alarm in every entity that has it when it is not sound, settle those that stand when it is."""
    fault = _fault(root, kept, pace)
    if fault:
        put_back(database, store, root, Swept())
        fault = _fault(root, kept, pace)
    done.files += 1
    done.bytes += kept.size
    if fault:
        done.rotten.append(Rotten(store, kept.sha256, fault))
    if fault or alarmed:
        with database.writing(EVERY_ENTITY) as s:
            for thing, entity_id in holders(s, store, kept.sha256):
                if fault:
                    sentence = f"{CALLED[store]}{fault}，SHA-256 {kept.sha256}。请从备份恢复：python -m tracker backup restore-file {kept.sha256}"
                    raise_alarm(s, SYSTEM, ALARMS[store], thing, sentence, entity_id, {"sha256": kept.sha256})
                elif thing in alarmed:
                    settle_alarm(s, SYSTEM, ALARMS[store], thing)
    return not fault


def examine(config: Config, database: Database, store: str, sha256: str) -> bool:
    """Read one content now, because somebody found it unsound, and let the alarms say what is; True when it is sound after all.

    A file that only lay aside is put back. True too for what no row needs any more: nobody is told of that.
    """
    with database.reading(EVERY_ENTITY) as s:
        wanted, alarmed = content(s, store, sha256), open_objects(s, ALARMS[store])
    return wanted is None or look_at(database, store, config.instance / store, wanted, Pace(AT_ONCE, AT_ONCE), Scrubbed(), alarmed)


def _fault(root: Path, kept: Kept, pace: Pace) -> str:
    hashing, size = hashlib.sha256(), 0
    try:
        for piece in source_of(Store(root, 0).path(kept.sha256)):
            hashing.update(piece)
            size += len(piece)
            pace.read(len(piece))
    except Unreadable as reason:
        return "缺失" if isinstance(reason.__cause__, FileNotFoundError) else "损坏，读不出来"
    return "" if (hashing.hexdigest(), size) == (kept.sha256, kept.size) else "损坏，与保存时的内容不同"
