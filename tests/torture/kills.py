"""Two servers on one database killed at random moments under a mixed load: `python -m tests.torture.kills [KILLS] [SEED] [SQLite|PostgreSQL]`.

On PostgreSQL, half the times all connections of both are cut instead. Prints what was killed, how many writes of each kind were sent and acknowledged, and everything that did not hold.
"""

from __future__ import annotations

import sys
import time
from collections import Counter
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.faults.killing import campaign
from tests.faults.staging import Stage, own_stage
from tests.torture.decisions import urls


def play(stage: Stage, folder: Path, url: str, kills: int, seed: int) -> int:
    """Kill so many times; returns how often something did not hold."""
    began, broken = time.monotonic(), 0
    with campaign(stage, folder, seed, url) as run:
        for number in range(kills):
            # Whoever ends it early with Ctrl+C is told what was found until then.
            try:
                found = run.round(number)
            except KeyboardInterrupt:
                break
            print(f"kill {number + 1}: {run.scene.counted('acknowledged')} acknowledged of {len(run.scene.writes)} writes", flush=True)
            for wrong in found:
                print(f"  kill {number + 1}: {wrong}", flush=True)
            if found:
                broken += 1
                break
        for wrong in run.ended():
            print(f"  {wrong}")
            broken += 1
        sent = Counter((one.kind, one.state) for one in run.scene.writes)
        print("; ".join(f"{kind} {state} {number}" for (kind, state), number in sorted(sent.items())))
        tracebacks = run.log.read_text(encoding="utf-8").count("Traceback")
        print(f"{sum(run.kills.values())} kills {dict(run.kills)}, {len(run.scene.writes)} writes, {run.scene.counted('acknowledged')} acknowledged, {run.scene.counted('lost')} without an answer")
        print(f"tracebacks on the console: {tracebacks}; seed {seed}; {time.monotonic() - began:.0f} s; broken: {broken}", flush=True)
    return broken


def main(kills: int, seed: int, kind: str) -> int:
    """Play on both kinds of database, or on one; returns how often something did not hold."""
    broken = 0
    with TemporaryDirectory(prefix="torture-") as folder, own_stage() as stage, urls(Path(folder)) as known:
        for name, url in known.items():
            if kind in ("", name):
                print(name, flush=True)
                broken += play(stage, Path(folder), "" if name == "SQLite" else url, kills, seed)
    return broken


if __name__ == "__main__":
    given = [int(one) for one in sys.argv[1:3]]
    sys.exit(bool(main(given[0] if given else 100, given[1] if len(given) > 1 else int(time.time()), "".join(sys.argv[3:4]))))
