"""A service of its own for a test: `python -m tracker` in a process, on a free port, with a data folder of its own."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tracker.config import PREFIX, ROOT

PATIENCE = 180
SET_UP = re.compile(r"http://\S+/setup/\S+")


@dataclass
class Service:
    """A running service: its address, and what it printed."""

    address: str
    process: subprocess.Popen[str]
    said: list[str] = field(default_factory=list)

    @property
    def first_link(self) -> str:
        """Return the one-time link for the first administrator, as printed on the console."""
        found = SET_UP.search("".join(self.said))
        assert found, f"no set-up link was printed:\n{''.join(self.said)}"
        return found.group()

    def listen(self) -> None:
        """Keep what the service prints, so that its pipe never fills."""
        assert self.process.stdout
        for line in self.process.stdout:
            self.said.append(line)

    def wait(self) -> None:
        """Wait until the service says that it has started."""
        end = time.monotonic() + PATIENCE
        while not any("已启动" in line for line in self.said):
            assert self.process.poll() is None, f"the service stopped:\n{''.join(self.said)}"
            assert time.monotonic() < end, f"the service did not start:\n{''.join(self.said)}"
            time.sleep(0.1)


def _free_port() -> int:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        return int(held.getsockname()[1])


@contextmanager
def serving(instance: Path) -> Iterator[Service]:
    """Start the service on an instance folder and stop it afterwards."""
    port = _free_port()
    kept = {name: value for name, value in os.environ.items() if not name.startswith(PREFIX)}
    given = {"TRACKER_INSTANCE": str(instance), "TRACKER_PORT": str(port), "PYTHONUNBUFFERED": "1", "PYTHONUTF8": "1"}
    process = subprocess.Popen(
        [sys.executable, "-m", "tracker"], cwd=ROOT, env=kept | given, text=True, encoding="utf-8",
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )
    service = Service(f"http://127.0.0.1:{port}", process)
    listener = threading.Thread(target=service.listen, daemon=True)
    listener.start()
    try:
        service.wait()
        yield service
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        listener.join(10)
        assert process.stdout
        process.stdout.close()
