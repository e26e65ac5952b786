"""Plant each defect in a scratch copy of the tree and see whether its tests turn red: `python -m tests.bite.biting [WORD …]`.

The tree itself is never touched. Words choose the defects whose name or file holds one of them. Exits with 1 when fewer than
95 of 100 were caught.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from queue import Queue
from tempfile import TemporaryDirectory

from tests.bite import custody, ground, rooms
from tests.bite.planted import Defect
from tracker.config import ROOT

DEFECTS: tuple[Defect, ...] = ground.DEFECTS + rooms.DEFECTS + custody.DEFECTS
TREES, FILES = ("tracker", "tests", "migrations"), ("obligations.yaml", "pyproject.toml", "README.md", "Makefile", "requirements.txt")
LONGEST, NEEDED = 600, 0.95


def copied(place: Path) -> Path:
    """Make a copy of the tree to plant in."""
    for tree in TREES:
        shutil.copytree(ROOT / tree, place / tree, ignore=shutil.ignore_patterns("__pycache__"))
    for name in FILES:
        shutil.copyfile(ROOT / name, place / name)
    return place


def pytest(place: Path, *arguments: str, longest: float = LONGEST) -> str:
    """Run tests in a copy and return what was said; tests that hang are stopped."""
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:xdist", "--tb=no", "-rfEp", *arguments]
    # Translated once and kept, whatever is set outside: a planted file has another moment than the sound one, and is translated anew.
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"} | {"PYTHONPATH": str(place)}
    try:
        return subprocess.run(command, cwd=place, env=environment, capture_output=True, timeout=longest, check=False, text=True).stdout
    except subprocess.TimeoutExpired:
        return ""


def failed(said: str) -> list[str]:
    """Name the tests that failed, as pytest sums them up; all the parameters of one are one, as they may hold anything."""
    lines = [line.split(" ", 1)[1] for line in said.splitlines() if line.startswith(("FAILED ", "ERROR "))]
    return [line.partition("[")[0].partition(" - ")[0] for line in lines]


def biter(place: Path, one: Defect) -> str:
    """Plant one defect, run its tests, take it out again; the first test that failed, or nothing."""
    path = place / one.file
    sound = path.read_text(encoding="utf-8")
    path.write_text(sound.replace(one.old, one.new), encoding="utf-8")
    try:
        return next(iter(failed(pytest(place, "-x", *one.tests.split()))), "")
    finally:
        path.write_text(sound, encoding="utf-8")


def main() -> int:
    """Try every defect that was asked for; a test counts when it is red with the defect and green without."""
    words = sys.argv[1:]
    chosen = [one for one in DEFECTS if not words or any(word in one.name or word in one.file for word in words)]
    jobs = max(1, int(os.environ.get("JOBS", "2")))
    with TemporaryDirectory(prefix="bite-") as folder:
        free: Queue[Path] = Queue()
        for number in range(jobs):
            free.put(copied(Path(folder) / str(number)))

        def tried(one: Defect) -> str:
            place, began = free.get(), time.monotonic()
            try:
                test = biter(place, one)
            finally:
                free.put(place)
            print(f"{'red' if test else '-- '}  {time.monotonic() - began:5.1f} s  {one.name} ({one.file}) {test}", flush=True)
            return test

        with ThreadPoolExecutor(jobs) as pool:
            tests = list(pool.map(tried, chosen))
        named = sorted({test for test in tests if test})
        sound = pytest(free.get(), *named, longest=LONGEST * 10) if named else ""
        # Where nothing passed, nothing was run: then nothing is proved.
        always = set(failed(sound) if "PASSED " in sound else named)
    for test in sorted(always):
        print(f"red without any defect too, so that it proves nothing: {test}")
    missed = [one for one, test in zip(chosen, tests, strict=True) if not test or test in always]
    for one in missed:
        print(f"NOT caught: {one.name} ({one.file})")
    print(f"{len(chosen) - len(missed)} of {len(chosen)} caught")
    return 0 if chosen and len(missed) <= (1 - NEEDED) * len(chosen) else 1


if __name__ == "__main__":
    sys.exit(main())
