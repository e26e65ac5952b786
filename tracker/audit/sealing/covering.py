"""Pure rule of covering events: what they say is hidden, in the order of the chain, and what may follow what."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ...words import SealState

SEALED, REDACTED = SealState.SEALED, SealState.REDACTED
COVERING: dict[str, SealState | None] = {"disclosure.sealed": SEALED, "disclosure.unsealed": None, "disclosure.redacted": REDACTED}
# What says that bytes are gone for good; told of the past too, like what is hidden.
DESTROYED = "evidence.destroyed"
# (seq, field) of what is hidden → (state, moment of the event that says so).
Hidden = dict[tuple[int, str], tuple[str, str]]


class Unfounded(ValueError):
    """A covering event says what cannot be: of an event that comes later, or again of what is gone."""


def hidden_by(events: Iterable[tuple[int, Mapping[str, Any]]]) -> Hidden:
    """Return what the covering events of one chain, given as (seq, record) in order, leave hidden; raises Unfounded."""
    hidden: Hidden = {}
    for seq, record in events:
        state = COVERING[str(record["action"])]
        after = record.get("after") or {}
        target, fields = after.get("seq"), after.get("fields")
        if not isinstance(target, int) or not isinstance(fields, list) or target >= seq or record.get("object") != f"event:{target}":
            raise Unfounded(seq)
        for field in map(str, fields):
            if hidden.get((target, field), ("", ""))[0] == REDACTED:
                raise Unfounded(seq)
            if state:
                hidden[target, field] = (state, str(record["at"]))
            else:
                hidden.pop((target, field), None)
    return hidden
