"""The heartbeat of a job: a thread that says once a second how far it is, and hears whether it is still wanted."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field

from sqlalchemy.exc import SQLAlchemyError

from ..db import EVERY_ENTITY, Database
from ..errors import Problem
from ..progress import Told
from ..reports.jobs import actions
from ..reports.jobs.actions import Progress, TakenAway

EVERY = 1.0
# Earlier, a rate says nothing.
SETTLED = 1.5


@dataclass
class Beat:
    """Beats while it is entered; a thread of its own, as some steps tell nothing for long, and the clock of the work stands still."""

    database: Database
    job_id: int
    token: str
    stopping: threading.Event = field(default_factory=threading.Event)
    _progress: Progress = field(default_factory=Progress)
    _ended: threading.Event = field(default_factory=threading.Event)
    _taken: threading.Event = field(default_factory=threading.Event)
    _thread: threading.Thread | None = None

    def __enter__(self) -> Beat:
        """Begin to beat."""
        self._thread = threading.Thread(target=self._run, name=f"beat of job {self.job_id}", daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        """Beat no more."""
        self._ended.set()
        if self._thread:
            self._thread.join()

    def telling(self, stage: str) -> Told:
        """Return what the work tells its progress in one stage; it raises TakenAway once the job is not ours any more, KeyboardInterrupt once all is to stop."""
        began: list[float] = []

        def told(done: int, total: int) -> None:
            if self.stopping.is_set():
                raise KeyboardInterrupt
            if self._taken.is_set():
                raise TakenAway("这份导出已被取消。")
            began[:] = began or [time.monotonic()]
            self._progress = Progress(stage, done, total, _left(time.monotonic() - began[0], done, total))

        told(0, 0)
        return told

    def _run(self) -> None:
        while not self._ended.wait(EVERY):
            try:
                with self.database.writing(EVERY_ENTITY) as s:
                    wanted = actions.heartbeat(s, self.job_id, self.token, self._progress)
            except (Problem, SQLAlchemyError):
                # A beat that is lost harms nothing: only after many are we taken for dead.
                continue
            if not wanted:
                self._taken.set()
                return


def _left(seconds: float, done: int, total: int) -> int | None:
    if not 0 < done <= total or seconds < SETTLED:
        return None
    return round(seconds * (total - done) / done)
