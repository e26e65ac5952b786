"""What a comparison of two editions shows: every list with titles and marks, every change with its words."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from ...editions.queries import Compared, Touched
from ...register.changes import obligations_of
from ...register.shape import Obligation
from ..changes import Group, Labels, Row, field_rows, frame_groups

# So many changes of a list stand open; the rest are a line each until one wants to see them.
OPEN = 20


@dataclass(frozen=True, slots=True)
class Item:
    """One obligation that changed: as it is now, field by field what differs, and its earlier id if it had another."""

    one: Obligation
    rows: list[Row]
    was: str = ""

    @property
    def fields(self) -> list[str]:
        """Return what the fields that differ are called."""
        return [row.label for row in self.rows]


@dataclass(frozen=True, slots=True)
class Shown:
    """A comparison as its page shows it; `revived` are withdrawn obligations that come back, changed meanwhile or not."""

    added: list[Obligation]
    revived: list[Item]
    changed: list[Item]
    withdrawn: list[Obligation]
    renamed: list[tuple[str, str, str]]
    unchanged: int
    frame: list[Group]

    @property
    def anything(self) -> bool:
        """Tell whether anything differs at all."""
        return bool(self.added or self.revived or self.changed or self.withdrawn or self.renamed or self.frame)


def shown(s: Session, compared: Compared, revived: Collection[str] = ()) -> Shown:
    """Put a comparison into words; `revived` are those of the added that were withdrawn before."""
    changes, labels = compared.changes, Labels.of(s, compared.old, compared.new)
    before, after = obligations_of(compared.old) if compared.old else {}, obligations_of(compared.new)
    differing = {one.id: Item(after[one.id], field_rows(one.fields, labels), one.was) for one in changes.changed}
    return Shown(
        added=[after[key] for key in changes.added if key not in revived],
        revived=[differing.get(key) or Item(after[key], []) for key in changes.added if key in revived],
        changed=[item for key, item in differing.items() if key not in revived],
        withdrawn=[before[key] for key in changes.withdrawn if key in before],
        renamed=[(was, now, after[now].title) for was, now in changes.renamed],
        unchanged=len(changes.unchanged), frame=frame_groups(changes.frame, labels),
    )


def totals(touched: Sequence[Touched]) -> Touched:
    """Add up what an edition touches in all entities."""
    return Touched(
        0, "", *(sum(getattr(one, name) for one in touched) for name in ("assignments", "tasks", "reconfirm", "settled", "ended", "cancelled")),
    )
