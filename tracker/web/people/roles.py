"""The table of check boxes that says who is what where; only boxes that were changed on the page change anything."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from werkzeug.datastructures import MultiDict

from ...errors import BadInput, Place
from ...words import Role


@dataclass
class Line:
    """The roles of one person in one entity: what is held, what is ticked, and what is wrong with that."""

    id: int
    label: str
    note: str
    held: frozenset[Role]
    ticked: frozenset[Role]
    error: str = ""

    @property
    def was(self) -> str:
        """Return what the page was drawn with, for the hidden field."""
        return ",".join(sorted(self.held))


def line(id: int, label: str, note: str, held: Iterable[Role]) -> Line:
    """Return a line as it stands now."""
    roles = frozenset(held)
    return Line(id, label, note, roles, roles)


def tick(lines: Iterable[Line], form: MultiDict[str, str]) -> list[Line]:
    """Apply the boxes that were changed on the page to what is held now; return the lines that differ then."""
    known = {str(role): role for role in Role}
    changed = []
    for one in lines:
        was = {known[code] for code in form.get(f"was-{one.id}", "").split(",") if code in known}
        now = {known[code] for code in form.getlist(f"roles-{one.id}") if code in known}
        one.ticked = (one.held - (was - now)) | (now - was)
        if one.ticked != one.held:
            changed.append(one)
    return changed


def grant_all(lines: Iterable[Line], grant: Callable[[Line], object]) -> None:
    """Grant line by line, and say of every refused one why; nothing is kept unless all of it can be."""
    refused = []
    for one in lines:
        try:
            grant(one)
        except BadInput as problem:
            one.error = problem.sentence
            refused.append(Place(str(one.id), f"{one.label}：{problem.sentence}"))
    if refused:
        raise BadInput("角色没有保存，请先改正下面标出的各行。", refused)
