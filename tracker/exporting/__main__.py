"""python -m tracker.exporting NAME: a worker by itself, without the pages and the commands, so that it begins soon."""

from __future__ import annotations

import signal
import sys
import threading
from types import FrameType

from ..config import read_config
from ..db import Database
from ..durable import keep_private
from .working import work_off


def main(name: str) -> None:
    """Work off what waits with the settings of the environment, then end; a gentle stop fails what is half done."""
    stopping = threading.Event()

    def stop(_number: int, _frame: FrameType | None) -> None:
        # What is raised while Python clears something away is swallowed; the word that was given stays.
        stopping.set()
        raise KeyboardInterrupt

    signal.signal(signal.SIGTERM, stop)
    config = read_config()
    database = Database(config.url)
    try:
        work_off(config, database, name, stopping)
    except KeyboardInterrupt:
        sys.exit(1)
    finally:
        database.close()


if __name__ == "__main__":
    keep_private()
    main(sys.argv[1])
