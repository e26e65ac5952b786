"""The thread of the service that tends once an hour, so that nobody has to schedule anything."""

from __future__ import annotations

import sys
import threading

from ..config import Config
from ..db import Database
from .duties import tend

EVERY = 3600.0
PATIENCE = 20.0


class Hourly:
    """Tends at once and then every hour until it is stopped; what goes wrong is said on the error stream."""

    def __init__(self, config: Config, database: Database, every: float = EVERY) -> None:
        self._config, self._database, self._every = config, database, every
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name="tending", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """Tend no more; waits for what is being done."""
        self._ended.set()
        if self._thread.is_alive():
            self._thread.join(PATIENCE)

    def _run(self) -> None:
        while not self._ended.is_set():
            for said, well in tend(self._config, self._database, self._ended.is_set):
                if not well:
                    print(said, file=sys.stderr, flush=True)
            self._ended.wait(self._every)
