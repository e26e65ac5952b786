"""Who did it and through which door, as the trail writes it."""

from __future__ import annotations

from dataclasses import dataclass

from ..words import Via


@dataclass(frozen=True, slots=True)
class Actor:
    """A person (`u_17`), the operator at the command line, or the system itself."""

    id: str
    name: str
    via: Via


SYSTEM = Actor("system", "系统", Via.SYSTEM)
