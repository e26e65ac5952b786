"""Reads a register file from its bytes: strings only, bounded, every fault named at once, never half a register."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import islice
from typing import Any

from pydantic import ValidationError

from ..shape import MAIN, Clause, Document, Domain, LawRef, Obligation, Register, Subject, digest
from .agreement import disagreements
from .beside import NOTHING, Around
from .decoding import Refused, decoded
from .faults import COUNTED, LISTED, Complaint, Fault, SourceProblems, key_path, shape_complaints
from .nodes import Spots, Walk, composed, refuse_signs

__all__ = [
    "Around",
    "Clause",
    "Document",
    "Domain",
    "Fault",
    "LawRef",
    "Obligation",
    "Register",
    "SourceProblems",
    "Subject",
    "digest",
    "read_register",
    "read_stored",
]


Beside = Around | Callable[[str], Around]


def read_register(data: bytes, name: str, around: Beside = NOTHING) -> Register:
    """Read a register from the bytes of a file called `name`; raises SourceProblems with every fault.

    `around` is what stands around it, or tells that for the key of the register that the file says it is.
    """
    with _uncollected():
        return _read(data, name, around)


def read_stored(data: bytes, name: str) -> Register:
    """Read an edition that was in force: it was checked then, and may use words of registers that have changed since."""
    with _uncollected():
        return _read(data, name, None)


@contextmanager
def _uncollected() -> Iterator[None]:
    # A million nodes without a cycle among them: looking for cycles took half of all the time.
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


def _read(data: bytes, name: str, around: Beside | None) -> Register:
    walk = Walk()
    try:
        text = decoded(data)
        root = composed(text)
        refuse_signs(text)
        plain = walk.plain(root, ())
    except Refused as refused:
        raise SourceProblems(name, [Fault.at(name, line, column, "", said) for line, column, said in refused.spots]) from None
    register, complaints = _validated(plain, around)
    if register is not None and not complaints and not walk.noted:
        return register
    spots = Spots(root)
    placed = sorted(((*spots.find(loc), loc, saying) for loc, saying in complaints), key=lambda one: one[:2])
    faults = [Fault.at(name, line, column, key_path(loc), said) for (line, column, said), loc in walk.noted]
    # Only those that will be shown get their sentence: looking for near words is slow.
    faults += [Fault.at(name, line, column, key_path(loc), saying()) for line, column, loc, saying in placed[: LISTED + 1]]
    raise SourceProblems(name, faults, len(walk.noted) + len(complaints))


def _validated(plain: Any, around: Beside | None) -> tuple[Register | None, list[Complaint]]:
    complaints = [] if around is None else list(islice(disagreements(plain, _around(plain, around)), COUNTED + 1))
    try:
        return Register.model_validate(plain), complaints
    except ValidationError as error:
        return None, shape_complaints(error) + complaints


def _around(plain: Any, around: Beside) -> Around:
    if isinstance(around, Around):
        return around
    key = plain.get("register", MAIN) if isinstance(plain, dict) else MAIN
    return around(key if isinstance(key, str) else MAIN)
