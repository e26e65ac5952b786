"""What a planted defect is: one exact text of one file, what stands in its place, and the tests that must notice."""

from __future__ import annotations

from typing import NamedTuple


class Defect(NamedTuple):
    """`old` occurs exactly once in `file`; `tests` are arguments of pytest, apart by a blank."""

    name: str
    file: str
    old: str
    new: str
    tests: str
