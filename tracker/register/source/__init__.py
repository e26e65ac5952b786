"""Reads a register file from its bytes: strings only, bounded, every fault named at once, never half a register."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from typing import Any

from pydantic import ValidationError

from ..shape import Clause, Document, Domain, LawRef, Obligation, Register, Subject, digest
from .agreement import disagreements
from .decoding import Refused, decoded
from .faults import COUNTED, LISTED, Complaint, Fault, SourceProblems, key_path, shape_complaints
from .nodes import Spots, Walk, composed, refuse_signs

__all__ = [
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
]


def read_register(data: bytes, name: str) -> Register:
    """Read a register from the bytes of a file called `name`; raises SourceProblems with every fault."""
    with _uncollected():
        return _read(data, name)


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


def _read(data: bytes, name: str) -> Register:
    walk = Walk()
    try:
        text = decoded(data)
        root = composed(text)
        refuse_signs(text)
        plain = walk.plain(root, ())
    except Refused as refused:
        raise SourceProblems(name, [Fault.at(name, line, column, "", said) for line, column, said in refused.spots]) from None
    register, complaints = _validated(plain)
    if register is not None and not complaints and not walk.noted:
        return register
    spots = Spots(root)
    placed = sorted(((*spots.find(loc), loc, saying) for loc, saying in complaints), key=lambda one: one[:2])
    faults = [Fault.at(name, line, column, key_path(loc), said) for (line, column, said), loc in walk.noted]
    # Only those that will be shown get their sentence: looking for near words is slow.
    faults += [Fault.at(name, line, column, key_path(loc), saying()) for line, column, loc, saying in placed[: LISTED + 1]]
    raise SourceProblems(name, faults, len(walk.noted) + len(complaints))


def _validated(plain: Any) -> tuple[Register | None, list[Complaint]]:
    complaints = list(islice(disagreements(plain), COUNTED + 1))
    try:
        return Register.model_validate(plain), complaints
    except ValidationError as error:
        return None, shape_complaints(error) + complaints
