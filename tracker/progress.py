"""How far a long piece of work is: whoever does it tells (done, total) and need not know who listens."""

from __future__ import annotations

from collections.abc import Callable

# A total of 0 is not known yet. The listener may raise, and the work ends there.
Told = Callable[[int, int], None]


def silent(_done: int, _total: int) -> None:
    """Listen to nothing."""
