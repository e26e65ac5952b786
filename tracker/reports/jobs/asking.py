"""What is asked of an export, as plain values, and how a row keeps it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from typing import Any

from ...assignments.queries import TaskFilter
from ...clock import stamp
from ...register.queries import ObligationFilter
from ...words import ExportKind

DAYS = ("due_from", "due_to")


@dataclass(frozen=True, slots=True)
class Asked:
    """Which entities (the first leads), which filter, as of when, since when, and what kind; no moment means the one at which building begins."""

    entities: tuple[int, ...]
    wanted: TaskFilter = field(default_factory=TaskFilter)
    as_of: datetime | None = None
    since: datetime | None = None
    kind: ExportKind = ExportKind.WORKBOOK

    def stored(self) -> dict[str, Any]:
        """Return it as JSON: every key is there from the beginning."""
        wanted = asdict(self.wanted)
        days = {name: wanted[name].isoformat() if wanted[name] else None for name in DAYS}
        moments = {"as_of": stamp(self.as_of) if self.as_of else None, "since": stamp(self.since) if self.since else None}
        return {"entities": list(self.entities), "filter": wanted | days, "kind": str(self.kind), **moments}

    @classmethod
    def read(cls, stored: Mapping[str, Any]) -> Asked:
        """Read what `stored` wrote."""
        given = dict(stored["filter"])
        days = {name: date.fromisoformat(given[name]) if given[name] else None for name in DAYS}
        wanted = TaskFilter(**{**given, **days, "obligation": ObligationFilter(**given["obligation"])})
        as_of, since = (datetime.fromisoformat(stored[name]) if stored[name] else None for name in ("as_of", "since"))
        return cls(tuple(stored["entities"]), wanted, as_of, since, ExportKind(stored["kind"]))
