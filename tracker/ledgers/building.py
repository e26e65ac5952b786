"""Pure rule: what the rows of a ledger come to, which words have to be asked about, and which rows come to nothing, and why."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from ..errors import Place
from .fields import CHOSEN, FIELDS, choice, key_of
from .rows import (
    LONGEST_LABEL,
    NEW,
    Entry,
    RowReading,
    Wishes,
    Words,
    labels,
    means,
    pieces,
)
from .sheet import Column, Ledger, Left


@dataclass(frozen=True, slots=True)
class Question:
    """A word of a cell whose meaning nobody has said: how often it stands there and where first; `chosen` when it is answered."""

    field: str
    value: str
    count: int
    place: str
    chosen: str = ""


@dataclass(frozen=True, slots=True)
class Built:
    """What a ledger comes to: entries, rows left out, rows that cannot be taken with the place of each fault, and remarks."""

    entries: Sequence[Entry]
    left: Sequence[Left]
    problems: Sequence[Place]
    remarks: Sequence[Place]

    @property
    def refused(self) -> int:
        """Count the rows that cannot be taken."""
        return len({place.where for place in self.problems})


def _known_by_itself(field: str, value: str, words: Words) -> bool:
    return choice(field, value, labels(field, words)) is not None


def questions(ledger: Ledger, wishes: Wishes, words: Words) -> list[Question]:
    """List the words of cells whose meaning has to be said on screen, with what was said of them."""
    found: dict[tuple[str, str], tuple[int, str]] = {}
    for column, code in wishes.columns.items():
        for line in ledger.lines if code in CHOSEN else ():
            for value in pieces(code, line.cells.get(column, ""), words):
                if value and not _known_by_itself(code, value, words):
                    count, place = found.get((code, value), (0, ledger.place(line.number, column)))
                    found[code, value] = count + 1, place
    return [Question(code, value, count, place, _chosen(code, value, wishes, words)) for (code, value), (count, place) in found.items()]


def _chosen(field: str, value: str, wishes: Wishes, words: Words) -> str:
    said = means(field, value, wishes, words)
    return NEW if said.startswith(NEW) else said


def build(ledger: Ledger, wishes: Wishes, words: Words) -> Built:
    """Make every row into an entry, or say why it is none; a row with a fault is none, each fault names its cell."""
    entries: list[Entry] = []
    left, problems, remarks = list(ledger.left), list[Place](), list[Place]()
    first: dict[tuple[object, ...], int] = {}
    for line in ledger.lines:
        row = RowReading(ledger, line, wishes, words)
        if not row.says_something():
            left.append(Left(f"{ledger.title}!A{line.number}", "没有要求的内容：" + "、".join(f"“{FIELDS[code].label}”" for code in row.asked()) + "各列都是空的", "　".join(line.cells.values())))
            continue
        entry = row.entry()
        if row.faults:
            problems += [Place(f"{ledger.title}!{line.number}", fault) for fault in row.faults]
        elif entry.content in first:
            left.append(Left(f"{ledger.title}!A{line.number}", f"与第 {first[entry.content]} 行完全相同，只导入一次", "　".join(line.cells.values())))
        else:
            first[entry.content] = line.number
            entries.append(entry)
            remarks += [Place(f"{ledger.title}!{line.number}", remark) for remark in row.remarks]
    return Built(entries, left, problems, remarks)


def doubled(entries: Sequence[Entry]) -> dict[str, int]:
    """Return the numbers of the ledger's own that stand at several rows, each with how often."""
    return {number: times for number, times in Counter(one.number for one in entries if one.number).items() if times > 1}


@dataclass(frozen=True)
class Choices:
    """What somebody said of a ledger on screen; `columns` are fields by the number of the column, `register` is empty for a new one."""

    sheet: str = ""
    head: int | None = None
    columns: Mapping[int, str] = field(default_factory=dict)
    values: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    defaults: Mapping[str, str] = field(default_factory=dict)
    register: str = ""
    name: str = ""
    issuer: str = ""
    issued: str = ""
    prefix: str = ""
    leave: bool = False

    @property
    def wishes(self) -> Wishes:
        """Return what of it concerns the rows; a new domain for rows without one is called like the register."""
        domain = self.defaults.get("domain", "")
        return Wishes(self.columns, self.values, {**self.defaults, "domain": f"{NEW}{self.name[:LONGEST_LABEL]}" if domain == NEW else domain})

    def stored(self) -> dict[str, Any]:
        """Return it as plain values."""
        return asdict(self) | {"columns": {str(number): code for number, code in self.columns.items()}}

    @classmethod
    def restored(cls, told: Mapping[str, Any]) -> Choices:
        """Read what `stored` returned."""
        return cls(**{**told, "columns": {int(number): code for number, code in told.get("columns", {}).items()}})


def headings_key(columns: Sequence[Column]) -> str:
    """Return the SHA-256 of a ledger's headings, whatever their order: by it the same ledger is known again."""
    return hashlib.sha256("\n".join(["LG1 headings", *sorted(key_of(one.parts) for one in columns)]).encode()).hexdigest()


def named(columns: Sequence[Column]) -> dict[str, int]:
    """Return the column of each heading; of headings that stand twice, the second is called #2."""
    found: dict[str, int] = {}
    for one in columns:
        key = key_of(one.parts)
        found[next(name for name in (key, *(f"{key}#{n}" for n in range(2, 99))) if name not in found)] = one.number
    return found
