"""Reads a register file from its bytes: strings only, bounded, every fault named at once, never half a register."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from pydantic import ValidationError

from ..shape import Clause, Document, Domain, LawRef, Loc, Obligation, Register, Subject, digest
from .agreement import disagreements
from .decoding import Refused, decoded
from .faults import Fault, SourceProblems, key_path, shape_faults
from .nodes import Walk, composed, refuse_signs, spot

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
    try:
        text = decoded(data)
        root = composed(text)
        refuse_signs(text)
    except Refused as refused:
        raise SourceProblems(name, [Fault.at(name, line, column, "", said) for line, column, said in refused.spots]) from None
    walk = Walk()
    register, complaints = _validated(walk.plain(root, ()))
    faults = [Fault.at(name, line, column, key_path(loc), said) for (line, column, said), loc in walk.noted]
    faults += [Fault.at(name, *spot(root, loc), key_path(loc), said) for loc, said in complaints]
    if faults or register is None:
        raise SourceProblems(name, faults)
    return register


def _validated(plain: Any) -> tuple[Register | None, list[tuple[Loc, str]]]:
    complaints = list(disagreements(plain))
    try:
        return Register.model_validate(plain), complaints
    except ValidationError as error:
        return None, shape_faults(error) + complaints
