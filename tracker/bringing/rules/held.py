"""Pure shape of what the application holds of a row, whatever kind of list it stands in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from ...retention.classes import Term
from ...words import Cadence, TaskState


@dataclass(frozen=True, slots=True)
class Held:
    """What the application holds of a row: values by field as they are stored, and as they read; `refused` says why none may change.

    `standing`: the obligation is assigned already, or decided; `suggested` are its own cadence and how often it is confirmed;
    `state` and `submitted_by` are a task's; `applies` is what is suggested of scope; `term` is that of a piece of evidence whose
    description tells the first day, and `least` the first day that it has without any description.
    """

    ref: str
    title: str
    values: Mapping[str, Any]
    shown: Mapping[str, str]
    version: int = 0
    standing: bool = True
    suggested: tuple[Cadence, Cadence | None] = (Cadence.ANNUAL, None)
    state: TaskState | None = None
    submitted_by: int | None = None
    refused: str = ""
    applies: bool = True
    term: Term | None = None
    least: date | None = None


def changed(held: Held, final: Mapping[str, Any]) -> set[str]:
    """Return the fields that would change."""
    return {code for code, value in final.items() if held.values.get(code) != value}
