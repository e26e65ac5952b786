"""How far personal values are sealed or gone, in words; which acts that leaves; and what is said after one of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from flask import flash, redirect
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from ...audit.names import CONCEALED
from ...audit.sealing.queries import states
from ...words import SealState
from ..doors import done, reading


@dataclass(frozen=True, slots=True)
class Covered:
    """How many values are given out, sealed, and gone for good."""

    open: int
    sealed: int
    gone: int

    @property
    def words(self) -> str:
        """Say how many of each there are."""
        named = [(self.open, _("未封存")), (self.sealed, _("已封存")), (self.gone, _("已删除"))]
        return "，".join(_("%(state)s %(n)s 处", state=state, n=count) for count, state in named if count) or _("没有个人信息")

    @property
    def buttons(self) -> list[tuple[str, str, str]]:
        """Return the acts that would change something."""
        seal, unseal = [("seal", _("封存"), "primary")], [("unseal", _("解除封存"), "" if self.open else "primary")]
        return [*(seal if self.open else []), *(unseal if self.sealed else [])]


def covered(places: Iterable[tuple[str, int, Collection[str]]]) -> Covered:
    """Count the states of values given as (chain, place, fields): one statement."""
    every = list(places)
    wanted: dict[str, list[int]] = {}
    for chain, seq, _fields in every:
        wanted.setdefault(chain, []).append(seq)
    hidden = states(reading(), wanted) if every else {}
    found = Counter(hidden.get((chain, seq), {}).get(field, "") for chain, seq, fields in every for field in fields)
    return Covered(found[""], found[SealState.SEALED], found[SealState.REDACTED])


def state_of(value: str) -> str:
    """Say of a value as events tell it what state it is in; what is hidden says so in its own place."""
    return "" if value in CONCEALED.values() else str(_("（未封存）"))


def answered(do: str, count: int, address: str) -> ResponseReturnValue:
    """Answer sealing or unsealing: so many values changed, or none, which is a notice and no success."""
    said: Mapping[str, tuple[str, str]] = {
        "seal": (_("已封存 %(n)s 处：页面和今后的导出不再显示所选内容。", n=count), _("没有变化：所选内容本来就已封存。")),
        "unseal": (_("已解除封存 %(n)s 处。", n=count), _("没有变化：所选内容本来就没有封存。")),
    }
    if count:
        return done(address, said[do][0])
    flash(said[do][1], "warning")
    return redirect(address, 303)
