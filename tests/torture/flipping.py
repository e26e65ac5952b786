"""One-bit changes: of every column of every audit row, of evidence bytes, of what a workbook shows and hides; each must be found where it is."""

from __future__ import annotations

import random
import re
import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from hashlib import sha256

from tests.checking.second import place_of
from tests.torture.ground import Ground, opened_up, said_of
from tests.torture.parts import Cell, Parts
from tracker.verify import LINKS, PROOF, TRAIL, decoded

# What no other stored thing repeats, as long as the registry of heads is not signed.
ALONE = {("deployment", "created_at")}
Second = Callable[[bytes], str]


@dataclass
class Tally:
    """How many changes were made, by what was changed, and those that were missed or named elsewhere."""

    made: dict[str, int] = field(default_factory=dict)
    missed: list[str] = field(default_factory=list)

    def count(self, what: str, found: bool, told: object) -> None:
        """Note one change."""
        self.made[what] = self.made.get(what, 0) + 1
        if not found:
            self.missed.append(f"{what}: {told}")


def flipped(chance: random.Random, text: str) -> str:
    """Return a text with one bit of one character changed, to a character that a workbook can hold."""
    while True:
        at, bit = chance.randrange(len(text)), chance.randrange(7)
        other = chr(ord(text[at]) ^ (1 << bit))
        if other >= " " and other not in "\x7f" and not 0xD800 <= ord(other) <= 0xDFFF and other not in "\ufffe\uffff":
            return text[:at] + other + text[at + 1:]


def tables(connection: sqlite3.Connection) -> Iterator[tuple[str, str]]:
    """Yield every column of every table that the trail rests on, by the names the database itself has."""
    listed = "SELECT name FROM sqlite_master WHERE type = 'table' AND (name LIKE 'audit\\_%' ESCAPE '\\' OR name IN ('deployment', 'signing_key'))"
    names = [name for (name,) in connection.execute(listed + " ORDER BY name").fetchall()]
    signed = "audit_registry" in names and connection.execute("SELECT count(*) FROM audit_registry").fetchone()[0]
    for name in names:
        for _id, column, *_rest in connection.execute(f'PRAGMA table_info("{name}")').fetchall():
            if signed or (name, column) not in ALONE:
                yield name, column


def rows(ground: Ground, chance: random.Random, count: int, tally: Tally) -> None:
    """Change `count` values in the database, one at a time, every column in turn; each is put back afterwards."""
    connection = opened_up(ground.path)
    places = list(tables(connection))
    for number in range(count):
        table, column = places[number % len(places)]
        held = connection.execute(f'SELECT rowid, * FROM "{table}" WHERE length("{column}") > 0 ORDER BY random() LIMIT 1')
        names = [one[0] for one in held.description]
        if not (row := held.fetchone()):
            continue
        # Where a number is the key of a table it is its rowid too, which is called by that name then.
        was, rowid = dict(zip(names, row, strict=True)), row[0]
        value = was[column]
        other = value ^ (1 << chance.randrange(12)) if isinstance(value, int) else flipped(chance, str(value))
        change = f'UPDATE "{table}" SET "{column}" = ? WHERE rowid = ?'
        try:
            connection.execute(change, (other, rowid))
        except sqlite3.IntegrityError:
            continue
        faults = ground.faults()
        named = any(_names(fault.chain, fault.seq, was, was | {column: other}) for fault in faults[:3])
        tally.count(f"{table}.{column}", bool(faults) and named, (value, other, faults[:3]))
        connection.execute(change, (value, other if column == names[0] else rowid))
    connection.close()


def _names(chain: str, seq: int, was: dict[str, object], now: dict[str, object]) -> bool:
    """Tell whether a fault is at the changed row or at the first that depends on it."""
    if "chain_id" not in was:
        return True
    places = [(one["chain_id"], int(str(one["seq"]))) for one in (was, now) if "seq" in one]
    return chain in {was["chain_id"], now["chain_id"]} and (not places or any(seq in (at, at + 1, 0) for _chain, at in places))


def evidence(ground: Ground, chance: random.Random, count: int, tally: Tally) -> None:
    """Change bits of stored files; each is found by hashing it again under its own name."""
    files = [path for path in ground.store.root.rglob("*") if path.is_file() and re.fullmatch("[0-9a-f]{64}", path.name)]
    for _ in range(count):
        path = chance.choice(files)
        data = bytearray(path.read_bytes())
        data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
        tally.count("evidence", sha256(data).hexdigest() != path.name, path.name)


def claimed(parts: Parts) -> list[Cell]:
    """List the cells that the check answers for: every one of every sheet, whoever sees it."""
    return [cell for title in parts.sheets for cell in parts.cells(title)]


def _same(cell: Cell, other: str) -> bool:
    """Tell whether a change leaves what is shown: the same number, or an escape that programs decode to the same text."""
    if cell.is_text:
        return decoded(cell.text) == decoded(other)
    try:
        return f"{float(cell.text):.7f}" == f"{float(other):.7f}"
    except ValueError:
        return False


def cells(book: bytes, chance: random.Random, count: int, tally: Tally, second: Second | None = None, every: int = 10) -> None:
    """Change `count` cells of a workbook, one at a time; every so many are also shown to the second check, which must agree."""
    parts = Parts(book)
    choices = [cells for title in parts.sheets if (cells := parts.cells(title))]
    for number in range(count):
        # Each sheet in turn: most cells are those of the trail.
        cell = chance.choice(choices[number % len(choices)])
        other = flipped(chance, cell.text)
        if _same(cell, other):
            continue
        changed = parts.with_value(cell, other)
        said = said_of(changed)
        tally.count(f"workbook {cell.title}", bool(said) and _at(cell, place_of(said)), (cell.place, cell.text[:60], other[:60], said))
        if second and number % every == 0:
            other_place = second(changed)
            tally.count("second check", other_place == place_of(said), (cell.place, said, other_place))


def _at(cell: Cell, place: str) -> bool:
    """Tell whether a place is where the changed cell stands."""
    if cell.title == PROOF:
        # A fact of the chain shows in its first link, a name of a chain nowhere else.
        return place.startswith((f"{LINKS}!", f"{PROOF}!"))
    if cell.title == TRAIL and cell.row == 2:
        # A hidden column without its name is missed in the first row.
        return place.startswith(f"{TRAIL}!")
    return bool(re.fullmatch(rf"{cell.title}!(?:[A-Z]+{cell.row}|第 {cell.row} 行)", place))
