"""Who is there: the people of an entity as its lists name them, those who left among them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from itertools import islice
from typing import TypeVar

from sqlalchemy.orm import Session

from ...people.access import Viewer
from ...people.queries import colleagues, names
from ..fields import Member, Staff

T = TypeVar("T")
BATCH = 500


def batches(items: Iterable[T], size: int = BATCH) -> Iterator[list[T]]:
    """Cut an iterable into lists of at most `size`."""
    source = iter(items)
    while batch := list(islice(source, size)):
        yield batch


def staff_of(s: Session, viewer: Viewer, entity_id: int) -> Staff:
    """Return the people of an entity as its lists name them."""
    return Staff.of(Member(one.id, one.name, one.department, one.roles) for one in colleagues(s, viewer, entity_id))


def called(s: Session, staff: Staff, person_ids: Collection[int | None]) -> dict[int, str]:
    """Return the name of each of these people, those who left marked as such."""
    missing = names(s, {one for one in person_ids if one and one not in staff.called})
    left = {one.id: f"{one.name}（已离职）" if not one.active else f"{one.name}（#{one.id}）" for one in missing.values()}
    return staff.called | left
