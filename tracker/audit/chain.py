"""Pure rule of the chain: canonical records, hashes, commitments to personal data, and the check of a whole chain."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

ALGORITHM = "CA1-SHA256"
# What a chain tells of, by how its name begins.
BIGGEST = 2**53 - 1
COLUMNS = ("at", "actor", "action", "object")
# Spreadsheet programs decode _xHHHH_ inside cells, so no `_x` may stand in a record as it is.
SPREADSHEET_ESCAPE = re.compile("_(?=x)")


def _plain(value: Any, path: str) -> Any:
    if value is None or isinstance(value, (bool, str)):
        return value
    if isinstance(value, int):
        if abs(value) > BIGGEST:
            raise ValueError(f"{path}: integer beyond 2^53-1")
        return int(value)
    if isinstance(value, Mapping):
        return {str(key): _plain(item, f"{path}.{key}") for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item, path) for item in value]
    raise TypeError(f"{path}: {type(value).__name__} has no canonical form")


def canonical(value: Any) -> str:
    """Write a value as ASCII JSON: keys sorted, no spaces, no floats, every `_x` as `\\u005fx`."""
    text = json.dumps(_plain(value, "$"), ensure_ascii=True, sort_keys=True, separators=(",", ":"))
    return SPREADSHEET_ESCAPE.sub(r"\\u005f", text)


def _digest(text: str) -> str:
    # What we write is ASCII; what somebody else put there is hashed as it stands, and does not fit.
    return hashlib.sha256(text.encode(errors="replace")).hexdigest()


def kind_of(chain: str) -> str:
    """Return of which kind a chain of this name is, an empty text when it is none of ours."""
    if chain == "system":
        return "system"
    found = re.fullmatch("(ent|acc)_[1-9][0-9]*", chain)
    return {"ent": "entity", "acc": "access"}[found[1]] if found else ""


def genesis(deployment: str, chain: str, created_at: str) -> str:
    """Return the hash before the first entry of a chain."""
    return _digest(f"CA1 genesis\n{deployment}\n{chain}\n{created_at}\n")


def body_hash(record: str) -> str:
    """Return the hash of one canonical record."""
    return _digest("CA1 body\n" + record)


def entry_hash(chain: str, seq: int, prev: str, body: str) -> str:
    """Return the hash that links one record to all before it."""
    return _digest(f"CA1 entry\n{chain}\n{seq}\n{prev}\n{body}\n")


def commitment(salt: bytes, value: Any) -> str:
    """Return the salted commitment to a personal value; value and salt stand beside the chain, not in it."""
    return _digest(f"CA1 pd\n{base64.b64encode(salt).decode()}\n{canonical(value)}")


@dataclass(slots=True)
class Entry:
    """One stored row of a chain; where they are stored too, the `COLUMNS` that repeat the record, and what was disclosed as field → (salt, value).

    `gone` names the fields whose disclosures were redacted.
    """

    seq: int
    record: str
    body: str
    prev: str
    entry: str
    repeated: tuple[str, ...] | None = None
    told: Mapping[str, tuple[str, str]] | None = None
    gone: Collection[str] = ()


@dataclass(frozen=True, slots=True)
class Fault:
    """The first thing found wrong in a chain: where, and what (an English code)."""

    chain: str
    seq: int
    what: str


def first_fault(chain: str, start: str, entries: Iterable[Entry], size: int, head: str) -> Fault | None:
    """Check a whole chain against its stored size and head; None means sound."""
    prev, count = start, 0
    for row in entries:
        wrong = _wrong_with(chain, row, count, prev)
        if wrong:
            return Fault(chain, row.seq, wrong)
        prev, count = row.entry, count + 1
    if count != size:
        return Fault(chain, count, "size")
    return None if prev == head else Fault(chain, count, "head")


def _refused(text: str) -> Any:
    raise ValueError(f"{text} has no canonical form")


def _bounded(text: str) -> int:
    number = int(text)
    return number if abs(number) <= BIGGEST else _refused(text)


# What these read holds nothing that has no canonical form, so that it is written again without looking at it piece by piece.
_read = json.JSONDecoder(parse_float=_refused, parse_constant=_refused, parse_int=_bounded).decode
_write = json.JSONEncoder(ensure_ascii=True, check_circular=False, sort_keys=True, separators=(",", ":")).encode


def _wrong_with(chain: str, row: Entry, seq: int, prev: str) -> str | None:
    if row.seq != seq:
        return "gap"
    try:
        content = _read(row.record)
        if not isinstance(content, dict) or _write(content).replace("_x", "\\u005fx") != row.record:
            return "form"
    except (ValueError, RecursionError):
        return "form"
    if content.get("seq") != seq or content.get("chain") != chain:
        return "place"
    if body_hash(row.record) != row.body:
        return "body"
    if row.prev != prev:
        return "prev"
    if entry_hash(chain, seq, prev, row.body) != row.entry:
        return "entry"
    if row.repeated is not None and row.repeated != tuple(map(content.get, COLUMNS)):
        return "column"
    return None if row.told is None or _kept(row.told, content.get("pd"), row.gone) else "disclosure"


def _kept(told: Mapping[str, tuple[str, str]], commitments: object, gone: Collection[str]) -> bool:
    """Tell whether exactly the committed values are disclosed, but for what is gone; value and salt are hashed as they are stored."""
    if gone and isinstance(commitments, dict):
        commitments = {field: proof for field, proof in commitments.items() if field not in gone}
    try:
        return {field: _digest(f"CA1 pd\n{salt}\n{value}") for field, (salt, value) in told.items()} == commitments
    except ValueError:
        return False
