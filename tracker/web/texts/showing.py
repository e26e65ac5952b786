"""The page 原文对照 as one value: the text laid out, each obligation with how it stands, and what the address leaves of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from flask import request
from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict

from ...register.models import OfficialText
from ...register.original.layout import KINDS, Loose, Part, Said
from ...register.original.queries import Sheet
from ...standing.level import Level, worst
from ...standing.queries import Live
from ...words import Word
from ..filters import value_of, words_of
from ..listing import Facet


@dataclass(frozen=True, slots=True)
class Row:
    """One sentence, or an obligation that has no place in one; `level` is the worst of those anchored in it and `number` how many have it."""

    said: Said | None
    loose: Loose | None
    level: Level | None
    number: int

    @property
    def ids(self) -> tuple[str, ...]:
        """Return the obligations beside it."""
        return self.said.ids if self.said else (self.loose.id,) if self.loose else ()


@dataclass(frozen=True, slots=True)
class Block:
    """One clause with the rows that the filter leaves, how many it hides, and its worst level."""

    part: Part
    rows: tuple[Row, ...]
    hidden: int
    level: Level | None


@dataclass(frozen=True, slots=True)
class Tally:
    """One entry of a legend: a word, how many have it, whether the address asks for it, and the value of it when it is clicked."""

    code: str
    label: str
    number: int
    chosen: bool
    clicked: list[str]


@dataclass(frozen=True, slots=True)
class Beside:
    """Everything the page shows; `live` is empty when no entity is chosen."""

    text: OfficialText | None
    sheet: Sheet
    live: Mapping[str, Live]
    blocks: tuple[Block, ...]
    classes: list[Tally]
    levels: list[Tally]

    @property
    def filtered(self) -> bool:
        """Tell whether the address hides anything."""
        return any(one.chosen for one in (*self.classes, *self.levels))

    @property
    def sentences(self) -> int:
        """Return how many sentences the document has."""
        return sum(one.number for one in self.classes)


def beside(text: OfficialText | None, sheet: Sheet, live: Mapping[str, Live]) -> Beside:
    """Put text, obligations and standing together as the address asks for them; BadInput when it asks for what is no choice."""
    classes, levels = _asked("class", _("句子类别"), _labels(KINDS)), _asked("level", _("现状"), words_of(Level))
    # Without an entity there is no standing, and without a text no sentence to choose from: the address may still name them.
    classes, levels = classes if text else set(), levels if live else set()
    blocks = tuple(_block(part, live, classes, levels) for part in sheet.layout.parts)
    kinds = {str(kind): number for kind, number in sheet.layout.classes.items()}
    stands = Counter(str(live[one].level) for one in sheet.obligations if one in live)
    return Beside(
        text, sheet, live, blocks, _tallies(_labels(KINDS), kinds, classes), _tallies(_labels(Level), stands, levels),
    )


def _labels(words: Iterable[Word]) -> list[tuple[str, str]]:
    return [(str(word), word.label) for word in words]


def _asked(name: str, label: str, options: list[tuple[str, str]]) -> set[str]:
    facet = Facet(name, label, options)
    return {value for one in request.args.getlist(name) if (value := value_of(facet, MultiDict({name: one})))}


def _tallies(words: list[tuple[str, str]], counts: Mapping[str, int], chosen: set[str]) -> list[Tally]:
    return [
        Tally(code, label, counts.get(code, 0), code in chosen, sorted(chosen ^ {code}))
        for code, label in words if counts.get(code) or code in chosen
    ]


def _block(part: Part, live: Mapping[str, Live], classes: set[str], levels: set[str]) -> Block:
    rows = [_row(said, None, said.ids, live) for said in part.sentences] + [_row(None, loose, (loose.id,), live) for loose in part.loose]
    kept = tuple(row for row in rows if _wanted(row, live, classes, levels)) if classes or levels else tuple(rows)
    return Block(part, kept, len(rows) - len(kept), worst(row.level for row in rows if row.level))


def _row(said: Said | None, loose: Loose | None, ids: tuple[str, ...], live: Mapping[str, Live]) -> Row:
    levels = [live[one].level for one in ids if one in live]
    level = worst(levels)
    return Row(said, loose, level, levels.count(level) if level else 0)


def _wanted(row: Row, live: Mapping[str, Live], classes: set[str], levels: set[str]) -> bool:
    kind = str(row.said.kind) if row.said else ""
    return (not classes or kind in classes) and (not levels or any(live[one].level in levels for one in row.ids if one in live))
