"""Measure the memory of an audit package with 300 MB of evidence against the idle process, and its time against copying the same bytes.

Each runs in a fresh process; the evidence is 30 files of 10 MB that do not get smaller by packing.
"""

from __future__ import annotations

import io
import os
import subprocess
import sys
import tempfile
import time
import zipfile
from pathlib import Path

from tests.bench import many
from tests.bench.bench_export import DATABASE, peak
from tracker import clock
from tracker.assignments.models import Task, TaskEvidence
from tracker.assignments.queries import TaskFilter
from tracker.audit import trail
from tracker.db import Database
from tracker.evidence.actions import EvidenceFacts, add_evidence
from tracker.evidence.store import Store
from tracker.people.access import operator
from tracker.reports import actions

PIECES, PIECE, TASKS, AIM = 30, 10 * 1024 * 1024, 200, 60


def build(folder: Path) -> None:
    """Make an entity of 200 tasks, of which one cites 30 files of 10 MB."""
    many.build(folder / DATABASE, 1, TASKS)
    database, who, store = Database(f"sqlite:///{folder / DATABASE}"), operator("计时"), Store(folder / "evidence", PIECE * 2)
    with database.writing(who.entities) as s:
        # The other tasks' evidence was put in by bulk, without files.
        for link in s.query(TaskEvidence).all():
            s.delete(link)
        task = s.get_one(Task, 1)
        for number in range(PIECES):
            stored = store.put(io.BytesIO(b"%PDF-1.7\n" + os.urandom(PIECE)), f"录像 {number}.pdf")
            piece = add_evidence(s, who, 1, stored, EvidenceFacts()).evidence
            s.flush()
            s.add(TaskEvidence(task_id=task.id, evidence_id=piece.id, entity_id=1, added_by=None, added_at=clock.now()))
        trail.record(s, who.actor, "task.evidence_cited", task.audit_ref, entity_id=1, covers=tuple(f"task:{number + 1}" for number in range(TASKS)))
    database.close()


def idle(folder: Path) -> None:
    """Do all but the export: open the database and read a task."""
    database = Database(f"sqlite:///{folder / DATABASE}")
    with database.reading(operator("计时").entities) as s:
        s.get(Task, 1)
    database.close()


def ours(folder: Path) -> None:
    """Export the package, as the page does."""
    database, who = Database(f"sqlite:///{folder / DATABASE}"), operator("计时")
    with database.reading(who.entities) as s:
        written = actions.write(s, who, [1], TaskFilter(), actions.export_store(folder / "exports"), evidence=Store(folder / "evidence", PIECE * 2))
    assert written.stored.size > PIECES * PIECE
    database.close()


def theirs(folder: Path) -> None:
    """Put the same files into a ZIP with the standard library alone: no workbook, no digest."""
    with zipfile.ZipFile(folder / "theirs.zip", "w") as package:
        for path in (folder / "evidence").rglob("*"):
            if path.is_file():
                package.write(path, path.name)


def one_run(what: str, folder: Path) -> tuple[float, float]:
    """Run one side in a fresh process; return processor seconds and the peak memory in MB."""
    command = [sys.executable, "-m", "tests.bench.bench_package", what, str(folder)]
    seconds, most = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()
    return float(seconds), float(most)


def main() -> None:
    """Print time and memory of the three."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        build(folder)
        runs = {what: one_run(what, folder) for what in SIDES}
    for what, (seconds, most) in runs.items():
        print(f"{what:7} {seconds:6.2f} s  peak {most:6.1f} MB")
    more = runs["ours"][1] - runs["idle"][1]
    print(f"package with {PIECES * PIECE >> 20} MB of evidence: {more:.1f} MB above the idle process (aim {AIM}), {runs['ours'][0] / runs['theirs'][0]:.2f} x a plain ZIP")


SIDES = {"idle": idle, "theirs": theirs, "ours": ours}

if __name__ == "__main__":
    if len(sys.argv) == 3:
        before = time.process_time()
        SIDES[sys.argv[1]](Path(sys.argv[2]))
        print(time.process_time() - before, peak())
    else:
        main()
