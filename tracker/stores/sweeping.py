"""The janitor: files that no row names go into quarantine first, and come back when a row names them after all.

Between an upload's link and its commit a file has no row yet. Whoever keeps a content that lies there already touches it; only files that
nobody touched for a day are moved, while nobody else can commit; and one that was touched at that very moment is put back.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from .. import clock
from ..config import Config
from ..db import EVERY_ENTITY, Database
from ..durable import settle
from ..evidence.store import DIGEST, QUARANTINE, Store
from ..journal.recording import take_turn
from .queries import NAMED_BY, named

DAY = 86_400
# So few at a time that no writer waits long.
BATCH = 100


@dataclass(frozen=True, slots=True)
class Orphan:
    """A file in a store that no row names."""

    store: str
    sha256: str
    size: int


@dataclass
class Swept:
    """What was found, moved into quarantine, taken out of it for good, and put back."""

    found: list[Orphan] = field(default_factory=list)
    moved: int = 0
    removed: int = 0
    returned: int = 0


def sweep(config: Config, database: Database, delete: bool = False, older_than: float = DAY) -> Swept:
    """Find files without a row that nobody touched for `older_than` seconds; with `delete` they go into quarantine, and after the same time for good."""
    done = Swept()
    for store in NAMED_BY:
        root = config.instance / store
        put_back(database, store, root, done)
        candidates = _old(root, older_than)
        while some := list(islice(candidates, BATCH)):
            with database.writing(EVERY_ENTITY) as s:
                take_turn(s.connection())
                known = named(s, store, [path.name for path in some])
                for path in some:
                    if path.name not in known:
                        _found(root, store, path, done, delete, older_than)
        if delete:
            _empty(database, store, root, done, older_than)
    return done


def _found(root: Path, store: str, path: Path, done: Swept, delete: bool, older_than: float) -> None:
    with suppress(FileNotFoundError):
        orphan = Orphan(store, path.name, path.stat().st_size)
        if not delete or move(path, root / QUARANTINE / path.name, older_than):
            done.found.append(orphan)
            done.moved += delete


def _old(root: Path, older_than: float) -> Iterator[Path]:
    for path in root.glob("[0-9a-f][0-9a-f]/[0-9a-f][0-9a-f]/*"):
        with suppress(FileNotFoundError):
            if DIGEST.fullmatch(path.name) and _is_old(path, older_than):
                yield path


def _is_old(path: Path, older_than: float) -> bool:
    return clock.now().timestamp() - path.stat().st_mtime > older_than


def move(path: Path, aside: Path, older_than: float) -> bool:
    """Move a file into quarantine unless somebody has touched it, however late."""
    if not _is_old(path, older_than):
        return False
    aside.parent.mkdir(exist_ok=True)
    os.replace(path, aside)
    if not _is_old(aside, older_than):
        # An upload of the same content has found it there a moment ago, and relies on it.
        return_to(aside, path)
        return False
    # From now on its age is the time in quarantine.
    os.utime(aside)
    return True


def return_to(aside: Path, path: Path) -> None:
    """Put a file from quarantine back into its place; one that lies there meanwhile is the same."""
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        os.link(aside, path)
    except FileExistsError:
        pass
    except OSError:
        # Without hard links; the name is the digest, so that a rename over another is as good.
        os.replace(aside, path)
    aside.unlink(missing_ok=True)
    settle(path.parent)


def put_back(database: Database, store: str, root: Path, done: Swept) -> None:
    """Put back whatever in quarantine a row names: a janitor that was killed in the middle may have left it there."""
    held = {path.name: path for path in (root / QUARANTINE).glob("*") if DIGEST.fullmatch(path.name)}
    if not held:
        return
    with database.reading(EVERY_ENTITY) as s:
        wanted = named(s, store, list(held))
    for sha256 in wanted:
        return_to(held[sha256], Store(root, 0).path(sha256))
        done.returned += 1


def _empty(database: Database, store: str, root: Path, done: Swept, older_than: float) -> None:
    old = [path for path in (root / QUARANTINE).glob("*") if _is_old(path, older_than)]
    for first in range(0, len(old), BATCH):
        some = old[first : first + BATCH]
        with database.writing(EVERY_ENTITY) as s:
            take_turn(s.connection())
            known = named(s, store, [path.name for path in some])
            for path in some:
                if path.name not in known:
                    path.unlink(missing_ok=True)
                    done.removed += 1


def sweep_leftovers(config: Config, database: Database) -> None:
    """Hourly duty: remove what broken uploads left half-written a day ago, and put back what quarantine holds by mistake."""
    for store in NAMED_BY:
        root = config.instance / store
        Store(root, 0).sweep(DAY)
        put_back(database, store, root, Swept())
