"""The real register revised for tests: obligations changed, taken out, renamed, and the rest as it is."""

from __future__ import annotations

import pickle
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from tests.work import REGISTER

Told = dict[str, Any]
_WRITTEN: dict[str, bytes] = {}


def told(register: Path = REGISTER) -> Told:
    """Return a register as plain values, every text as it is written; they are the caller's to change."""
    found: Told = pickle.loads(_kept(register))
    return found


@cache
def _kept(register: Path) -> bytes:
    # Parsing it takes longer than anything that a test does with it.
    return pickle.dumps(yaml.load(register.read_text(encoding="utf-8"), yaml.CBaseLoader))  # noqa: S506


EDITION = str(told()["edition"])


def obligations(register: Told) -> Iterator[tuple[list[Told], Told]]:
    """Yield every obligation with the list it stands in."""
    for document in register["documents"]:
        for clause in document["clauses"]:
            for one in list(clause["obligations"]):
                yield clause["obligations"], one


def written(register: Told) -> bytes:
    """Write plain values as a register file."""
    return yaml.dump(register, Dumper=yaml.CSafeDumper, allow_unicode=True, sort_keys=False).encode()


def revised(
    changes: Mapping[str, Mapping[str, Any]] | None = None, gone: frozenset[str] = frozenset(), edition: str = "2027.01",
    more: Callable[[Told], None] | None = None, base: Path = REGISTER,
) -> bytes:
    """Write the register with some fields of some obligations changed (by id) and some obligations taken out."""
    key = repr((changes, sorted(gone), edition, base))
    if more is None and key in _WRITTEN:
        return _WRITTEN[key]
    register = told(base) | {"edition": edition}
    for clause, one in obligations(register):
        one |= (changes or {}).get(one["id"], {})
        if one["id"] in gone:
            clause.remove(one)
        kept = [other for other in one.get("related", []) if other["id"] not in gone]
        if one.get("related"):
            one["related"] = kept
    if more:
        more(register)
        return written(register)
    return _WRITTEN.setdefault(key, written(register))
