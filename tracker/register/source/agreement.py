"""What must agree between the parts of a register file; works on plain data, however odd its types."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from ...words import Cadence
from ..shape import OBLIGATION_ID, Loc
from .faults import near, shown

Said = tuple[Loc, str]
Row = dict[str, Any]


def disagreements(data: Any) -> Iterator[Said]:
    """Yield the path and the sentence of everything that does not fit together."""
    top = data if isinstance(data, dict) else {}
    yield from _bearers(top.get("subjects"))
    seen: dict[str, dict[str, Loc]] = {"document": {}, "obligation": {}, "prefix": {}}
    for loc, document in _rows(top.get("documents"), ("documents",)):
        yield from _twice(seen["document"], document.get("id"), (*loc, "id"), "文件编号")
        numbers: dict[str, Loc] = {}
        for below, clause in _rows(document.get("clauses"), (*loc, "clauses")):
            yield from _twice(numbers, clause.get("no"), (*below, "no"), "条款号")
            for place, obligation in _rows(clause.get("obligations"), (*below, "obligations")):
                yield from _identity(seen, obligation, place, clause.get("no"))
                yield from _known(obligation, place, top)
                yield from _rhythm(obligation, place)
                yield from _repeated(obligation, place)


def _rows(value: Any, loc: Loc) -> Iterator[tuple[Loc, Row]]:
    for index, row in enumerate(value if isinstance(value, list) else ()):
        if isinstance(row, dict):
            yield (*loc, index), row


def _words(value: Any) -> list[tuple[int, str]]:
    members = value if isinstance(value, list) else []
    return [(index, word.strip()) for index, word in enumerate(members) if isinstance(word, str)]


def _bearers(subjects: Any) -> Iterator[Said]:
    known = subjects if isinstance(subjects, dict) else {}
    for code, subject in known.items():
        holders = subject.get("held_by") if isinstance(subject, dict) else None
        for index, holder in _words(holders):
            loc: Loc = ("subjects", code, "held_by", index)
            if holder not in known:
                yield loc, f"subjects 中没有定义{shown(holder)}。{near(holder, known)}"
            elif isinstance(known[holder], dict) and known[holder].get("held_by"):
                yield loc, f"{shown(holder)}自身也由他人承接，不能承接{shown(code)}。"


def _twice(seen: dict[str, Loc], value: Any, loc: Loc, what: str) -> Iterator[Said]:
    if isinstance(value, str) and value and seen.setdefault(value, loc) != loc:
        yield loc, f"{what}{shown(value)}重复，前面已经用过。"


def _identity(seen: dict[str, dict[str, Loc]], obligation: Row, loc: Loc, no: Any) -> Iterator[Said]:
    code = obligation.get("id")
    yield from _twice(seen["obligation"], code, (*loc, "id"), "义务编号")
    if not isinstance(code, str) or not re.fullmatch(OBLIGATION_ID, code):
        return
    prefix, clause, _ = code.split("-")
    if isinstance(no, str) and no.isdecimal() and int(no) != int(clause):
        yield (*loc, "id"), f"义务编号“{code}”中的条款号是 {int(clause)}，而它在第 {int(no)} 条之下。"
    if seen["prefix"].setdefault(prefix, loc[:2]) != loc[:2]:
        yield (*loc, "id"), f"编号前缀“{prefix}”已用于另一份文件，请换一个前缀。"


def _known(obligation: Row, loc: Loc, top: Row) -> Iterator[Said]:
    domains, subjects = top.get("domains"), top.get("subjects")
    domain = obligation.get("domain")
    if isinstance(domain, str) and domain and isinstance(domains, dict) and domain not in domains:
        yield (*loc, "domain"), f"domains 中没有定义领域{shown(domain)}。{near(domain, domains)}"
    for index, subject in _words(obligation.get("subjects")):
        if subject and isinstance(subjects, dict) and subject not in subjects:
            yield (*loc, "subjects", index), f"subjects 中没有定义义务主体{shown(subject)}。{near(subject, subjects)}"


def _rhythm(obligation: Row, loc: Loc) -> Iterator[Said]:
    cadence = obligation.get("cadence")
    if not isinstance(cadence, str) or cadence not in {word.value for word in Cadence}:
        return
    for key, name, only in (("review_every", "确认频率", Cadence.CONTINUOUS), ("trigger", "触发情形", Cadence.EVENT)):
        given = key in obligation
        if cadence == only and not given:
            yield (*loc, key), f"频率是 {only.value}（{only.label}）时，必须写明“{key}”（{name}）。"
        elif cadence != only and given:
            yield (*loc, key, "[key]"), f"只有频率是 {only.value}（{only.label}）时才写“{key}”（{name}），请删去或改正频率。"


def _repeated(obligation: Row, loc: Loc) -> Iterator[Said]:
    lists = [((*loc, key), obligation.get(key)) for key in ("subjects", "consequences", "evidence")]
    lists += [((*below, "articles"), law.get("articles")) for below, law in _rows(obligation.get("law"), (*loc, "law"))]
    for place, members in lists:
        seen: set[str] = set()
        for index, word in _words(members):
            if word in seen:
                yield (*place, index), f"{shown(word)}在同一列表中重复。"
            seen.add(word)
