"""What the pages of retention show: things by their names, states in words, and one page for every act."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from flask import render_template
from flask_babel import gettext as _

from ...audit.names import field_label
from ...people.queries import names
from ...reports.telling import href_of, known_names, thing_of
from ...retention.models import LegalHold, RetentionRequest
from ..doors import reading, viewer
from ..trail.wanted import chains_in_sight


@dataclass(frozen=True, slots=True)
class Act:
    """One page: what it is about, sentences for who acts, the form, and its buttons as (code, label, kind).

    `against` says why the further act is not possible now; it stands in the place of its form.
    """

    title: str
    facts: Sequence[tuple[str, Any]]
    notes: Sequence[str]
    form: Any
    buttons: Sequence[tuple[str, str, str]] = ()
    further: Any = None
    further_buttons: Sequence[tuple[str, str, str]] = ()
    crumbs: Sequence[tuple[str, str]] = field(default=())
    against: str = ""
    links: Sequence[tuple[str, str]] = field(default=())


def shown(act: Act) -> str:
    """Draw one act."""
    return render_template("retention/act.html", page_title=act.title, act=act)


class Things:
    """Names of what requests and holds are about, and of who acted: a few statements for a page."""

    def __init__(self, rows: Iterable[RetentionRequest | LegalHold]) -> None:
        self._rows = list(rows)
        references = {row.object for row in self._rows} | {row.object.partition(":")[2] for row in self._rows}
        self._known = known_names(reading(), viewer(), references)
        asked = [one for row in self._rows for one in people_of(row) if one]
        self._people = names(reading(), asked)
        self._chains = chains_in_sight(reading(), viewer(), None)

    def thing(self, row: RetentionRequest | LegalHold) -> str:
        """Name what a request or a hold is about."""
        kind, _colon, rest = row.object.partition(":")
        if kind == "event":
            chain, _colon, seq = rest.partition(":")
            fields = "、".join(dict.fromkeys(field_label(one.rpartition(".")[2]) for one in getattr(row, "fields", [])))
            return str(_("“%(chain)s”操作留痕第 %(seq)s 条：%(fields)s", chain=self._chains.get(chain, chain), seq=seq, fields=fields))
        return thing_of(row.object, self._known)

    def href(self, row: RetentionRequest | LegalHold) -> str:
        """Return where it has its page."""
        return f"/obligations/{row.object.partition(':')[2]}" if row.object.startswith("obligation:") else href_of(row.object, viewer().is_admin)

    def who(self, person_id: int | None, moment: object) -> str:
        """Name who acted; whoever acted without a number sat at the command line."""
        if moment is None:
            return ""
        found = self._people.get(person_id or 0)
        return found.shown if found else str(_("命令行操作员"))


def people_of(row: RetentionRequest | LegalHold) -> tuple[int | None, int | None]:
    """Return who began it and who ended it."""
    return (row.asked_by, row.decided_by) if isinstance(row, RetentionRequest) else (row.placed_by, row.lifted_by)
