"""The first thing in a child process: takes limits upon itself, then becomes the program that it was started for.

`limited_child.py MEMORY OUTPUT PROCESSOR PROGRAM WORD…`, bytes, bytes and seconds; it imports nothing of the application.
"""

from __future__ import annotations

import math
import runpy
import sys

if sys.platform != "win32":
    import resource
    import signal


def limit(memory: int, output: int, processor: float) -> None:
    """Take limits that cannot be lifted again; Windows has none, there the patience of the parent alone ends a runaway child."""
    if sys.platform != "win32":
        seconds = math.ceil(processor)
        for what, most in (
            (resource.RLIMIT_AS, memory), (resource.RLIMIT_CPU, seconds), (resource.RLIMIT_FSIZE, output), (resource.RLIMIT_CORE, 0),
        ):
            resource.setrlimit(what, (most, most))
        # The limit above knows whole seconds only.
        signal.setitimer(signal.ITIMER_PROF, processor)


if __name__ == "__main__":
    limit(int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3]))
    del sys.argv[:4]
    runpy.run_path(sys.argv[0], run_name="__main__")
