"""Watching a process with strace: which calls it makes, in order, and one of them made to fail."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ABSENT = "strace is not installed (apt-get install strace)"
FORBIDDEN = "this system does not let one process trace another"
# Everything by which a byte or a name reaches the disk, and what reads it back.
WRITING = ("write", "pwrite64", "writev", "pwritev", "fsync", "fdatasync", "link", "linkat", "rename", "renameat", "renameat2", "mkdir", "mkdirat", "unlink", "unlinkat", "ftruncate", "fallocate")
READING = ("openat", "read", "pread64", "fcntl")
_LINE = re.compile(r"^(?:\d+ +)?(\w+)\((.*)\)\s+= (-?\d+|\?)")


@dataclass(frozen=True)
class Call:
    """One call: its name, the how-manieth of that name, what it was given (with the paths of its handles), what came back."""

    name: str
    number: int
    given: str
    result: int

    def of(self, folder: Path | str) -> bool:
        """Tell whether it is about something in a folder."""
        return str(folder) in self.given


def missing() -> str:
    """Return why nothing can be traced here, or an empty text."""
    if not shutil.which("strace"):
        return ABSENT
    tried = subprocess.run(["strace", "-o", os.devnull, "true"], capture_output=True, check=False)
    return FORBIDDEN if tried.returncode else ""


@contextmanager
def attached(process: int, log: Path, options: Sequence[str] = ()) -> Iterator[None]:
    """Trace the main thread of a process meanwhile."""
    names = ",".join(WRITING + READING)
    command = ["strace", "-p", str(process), "-o", str(log), "-y", "-s", "24", "-e", f"trace={names}", *options]
    watching = subprocess.Popen(command, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    assert watching.stderr
    try:
        said = watching.stderr.readline()
        assert "attached" in said, said
        yield
    finally:
        # It lets go of the process when asked to stop, and ends by itself when the process has died.
        watching.send_signal(signal.SIGINT)
        watching.wait(30)
        watching.stderr.close()


def calls(log: Path) -> list[Call]:
    """Read what was traced."""
    counted: Counter[str] = Counter()
    found = []
    for line in log.read_text(encoding="utf-8", errors="replace").splitlines():
        if match := _LINE.match(line):
            name, given, result = match.groups()
            counted[name] += 1
            found.append(Call(name, counted[name], given, -1 if result == "?" else int(result)))
    return found
