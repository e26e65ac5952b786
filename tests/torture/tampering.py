"""The tampering campaign: `python -m tests.torture.tampering [--count 10000] [--seed N] [--sound 1000]`; exit code 1 when anything was missed."""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import time
from pathlib import Path

from tests.torture import flipping, structure
from tests.torture.flipping import Second, Tally
from tests.torture.ground import prepare


def campaign(folder: Path, count: int, sound: int, seed: int, second: Second | None = None) -> tuple[Tally, dict[str, tuple[str, ...]]]:
    """Make `count` one-bit changes (half of them in the database, a tenth in evidence), every attack, and go through `sound` sound states."""
    tally, chance = Tally(), random.Random(seed)
    ground = prepare(folder / "ground")
    flipping.rows(ground, chance, count // 2, tally)
    flipping.evidence(ground, chance, count // 10, tally)
    flipping.cells(ground.books[-1], chance, count - count // 2 - count // 10, tally, second)
    told = structure.attacks(ground, tally)
    ground.database.close()
    structure.sound_states(folder / "sound", chance, sound, tally)
    return tally, told


def main() -> int:
    """Run the campaign and say what was made, found and missed."""
    asked = argparse.ArgumentParser(description="Change one bit at a time and see whether it is found where it is.")
    asked.add_argument("--count", type=int, default=10_000, help="how many one-bit changes")
    asked.add_argument("--sound", type=int, default=1_000, help="how many sound states")
    asked.add_argument("--seed", type=int, default=1)
    given, began = asked.parse_args(), time.process_time()
    with tempfile.TemporaryDirectory() as folder:
        tally, told = campaign(Path(folder), given.count, given.sound, given.seed)
    for what, number in sorted(tally.made.items()):
        print(f"{number:>7,}  {what}")
    for what, by in told.items():
        print(f"         {what}: found by {' and '.join(by) or 'nothing'}")
    changes = sum(number for what, number in tally.made.items() if not what.startswith(("attack", "sound")))
    print(f"seed {given.seed}: {changes:,} changes, {len(told)} attacks, {given.sound:,} sound states; {len(tally.missed)} missed; {time.process_time() - began:.0f} s of processor time")
    print("\n".join(tally.missed[:50]))
    return 1 if tally.missed else 0


if __name__ == "__main__":
    sys.exit(main())
