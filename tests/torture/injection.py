"""Every system call of the write path, killed, failing and finding no room: `python -m tests.torture.injection [EVERY]`.

EVERY takes only each so-many-th point. Prints how many points were tried for each act, and what did not hold.
"""

from __future__ import annotations

import sys
import time
from collections import Counter
from itertools import islice

from tests.faults.injecting import scenes
from tests.faults.staging import own_stage


def main(every: int) -> int:
    """Try the points; returns how many broke something."""
    broken = 0
    with own_stage() as stage, scenes(stage) as played:
        for scene in played:
            began, tried = time.monotonic(), Counter[str]()
            for point in islice(scene.points(), 0, None, every):
                tried[point.fault.partition("=")[2]] += 1
                for wrong in scene.wrong(point):
                    broken += 1
                    print(f"  {wrong}", flush=True)
            told = "，".join(f"{fault} {number}" for fault, number in sorted(tried.items()))
            print(f"{scene.endpoint}: {len(scene.calls)} calls, {sum(tried.values())} points ({told}), {time.monotonic() - began:.0f} s", flush=True)
    print(f"broken: {broken}")
    return broken


if __name__ == "__main__":
    sys.exit(bool(main(int(sys.argv[1]) if len(sys.argv) > 1 else 1)))
