"""Opposite decisions at the same moment, on SQLite and on PostgreSQL: `python -m tests.torture.decisions [ROUNDS]`.

Prints, for each kind of round, how often how many of those who acted won, and each rule that was broken.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import time_machine

from tests import postgres
from tests.cast import World, settle
from tests.conftest import NOW
from tests.faults.deciding import Contest
from tests.work import WHOLE, Company, put_to_work
from tracker import migrate
from tracker.audit import trail
from tracker.db import Database
from tracker.evidence.store import Store


@contextmanager
def urls(folder: Path) -> Iterator[dict[str, str]]:
    """Give a fresh database of each kind that there is."""
    with ExitStack() as stack:
        found = {"SQLite": f"sqlite:///{folder / 'contest.db'}"}
        try:
            server = stack.enter_context(postgres.server())
        except LookupError as reason:
            print(reason)
        else:
            found["PostgreSQL"] = stack.enter_context(postgres.fresh(server))
        yield found


def at_work(url: str, folder: Path) -> Company:
    """Bring a company to work in an empty database."""
    database = Database(url)
    migrate.upgrade(database)
    with database.writing() as s:
        trail.found(s)
    settle(database)
    put_to_work(database, WHOLE)
    return Company(database, World.read(database), Store(folder / "store", 10**7))


def main(rounds: int) -> int:
    """Play the rounds on both; returns how many rules were broken."""
    broken = 0
    with TemporaryDirectory(prefix="torture-") as folder, urls(Path(folder)) as known, time_machine.travel(NOW, tick=True):
        for name, url in known.items():
            company = at_work(url, Path(folder))
            contest, began = Contest(company, horizon=800), time.monotonic()
            for wrong in contest.play(rounds):
                broken += 1
                print(f"  {wrong}", flush=True)
            won = "; ".join(f"{kind} {sum(counted.values())} (winners: {dict(sorted(counted.items()))})" for kind, counted in contest.won.items())
            print(f"{name}: {won}; trail sound: {contest.sound()}; {time.monotonic() - began:.0f} s", flush=True)
            broken += not contest.sound()
            company.database.close()
    print(f"broken: {broken}")
    return broken


if __name__ == "__main__":
    sys.exit(bool(main(int(sys.argv[1]) if len(sys.argv) > 1 else 500)))
