"""Ask a program that opens hostile files in a process of its own, and believe no more of it than its bytes.

The program is a file that stands alone: it imports nothing of the application and is given no environment, for that could
hold the address of the database. `limited_child.py` puts the limits on before any of it runs.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

LIMITED = Path(__file__).with_name("limited_child.py")
_PASSED_ON = ("SYSTEMROOT", "LD_LIBRARY_PATH")


@dataclass(frozen=True, slots=True)
class Limits:
    """What a child may take: bytes of memory and of output, seconds of processor time, and seconds that the parent waits."""

    memory: int
    output: int
    processor: float
    patience: float


@dataclass(frozen=True, slots=True)
class Answer:
    """What a child wrote and how it ended; a negative code is the signal that ended it."""

    code: int
    output: bytes


class TooLong(Exception):
    """The child did not end in time, and was ended."""


def ask(program: Path, words: Sequence[str], limits: Limits, given: bytes = b"") -> Answer:
    """Run a program with these words and with `given` on its standard input; raises TooLong when patience ends."""
    bounds = (str(limits.memory), str(limits.output), str(limits.processor))
    command = [sys.executable, "-I", str(LIMITED), *bounds, str(program), *words]
    environment = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
    with tempfile.TemporaryFile() as answer:
        try:
            done = subprocess.run(
                command, input=given, stdout=answer, stderr=subprocess.DEVNULL, timeout=limits.patience, env=environment, check=False
            )
        except subprocess.TimeoutExpired:
            raise TooLong from None
        answer.seek(0)
        return Answer(done.returncode, answer.read(limits.output))
