"""What stands around a register file: the other registers in force, whose words it may use and whose ids it may not."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from ..shape import OBLIGATION_ID, Loc
from .faults import Complaint, shown

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Around:
    """The other registers: each code or id with the name of the register it belongs to; `held` are subjects held by others.

    `prefixes` are those of the ids of all their obligations. Of the file's own register, `own` are all ids it ever had under their present names, and
    `retired` leads from every former id to the present one.
    """

    domains: Mapping[str, str] = field(default_factory=dict)
    subjects: Mapping[str, str] = field(default_factory=dict)
    facts: Mapping[str, str] = field(default_factory=dict)
    documents: Mapping[str, str] = field(default_factory=dict)
    obligations: Mapping[str, str] = field(default_factory=dict)
    prefixes: Mapping[str, str] = field(default_factory=dict)
    held: frozenset[str] = frozenset()
    own: frozenset[str] = frozenset()
    retired: Mapping[str, str] = field(default_factory=dict)


NOTHING = Around()
_GROUPS = (("domains", "领域"), ("subjects", "义务主体"), ("facts", "法定责任与期限"))


def within(top: Row, around: Around) -> Row:
    """Return the file's top level with the words of the other registers added, for looking up what it uses."""
    merged = dict(top)
    for group, _ in _GROUPS:
        own, theirs = top.get(group, {}), getattr(around, group)
        if isinstance(own, dict) and theirs:
            merged[group] = {code: {"held_by": "*" if code in around.held else ""} for code in theirs} | own
    return merged


def clashes(top: Row, around: Around) -> Iterator[Complaint]:
    """Yield what this file says that another register has already said."""
    for group, what in _GROUPS:
        own = top.get(group)
        for code in own if isinstance(own, dict) else ():
            if code in getattr(around, group):
                yield (group, code, "[key]"), partial(_defined, what, code, getattr(around, group)[code])
    documents = top.get("documents")
    for index, document in enumerate(documents if isinstance(documents, list) else ()):
        if isinstance(document, dict):
            yield from _taken(document, ("documents", index), around)


def _taken(document: Row, loc: Loc, around: Around) -> Iterator[Complaint]:
    name = document.get("id")
    if isinstance(name, str) and name in around.documents:
        yield (*loc, "id"), partial(_used, "文件编号", name, around.documents[name])
    clauses = document.get("clauses")
    for number, clause in enumerate(clauses if isinstance(clauses, list) else ()):
        listed = clause.get("obligations") if isinstance(clause, dict) else None
        for place, obligation in enumerate(listed if isinstance(listed, list) else ()):
            code = obligation.get("id") if isinstance(obligation, dict) else None
            at = (*loc, "clauses", number, "obligations", place, "id")
            if not isinstance(code, str) or not re.fullmatch(OBLIGATION_ID, code):
                continue
            if code in around.obligations:
                yield at, partial(_used, "义务编号", code, around.obligations[code])
            elif (prefix := code.partition("-")[0]) in around.prefixes:
                yield at, partial(_used, "编号前缀", prefix, around.prefixes[prefix])


def _defined(what: str, code: str, register: str) -> str:
    return f"{what}{shown(code)}已由登记册“{register}”定义，这里可以直接使用，请删去这一项。"


def _used(what: str, code: str, register: str) -> str:
    return f"{what}{shown(code)}已用于登记册“{register}”，请换一个。"
