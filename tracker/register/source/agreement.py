"""What must agree between the parts of a register file; works on plain data, however odd its types."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import partial
from typing import Any

from ...words import Basis, Cadence
from ..shape import OBLIGATION_ID, Loc
from .beside import NOTHING, Around, clashes, within
from .faults import Complaint, Saying, near, shown

Row = dict[str, Any]


def disagreements(data: Any, around: Around = NOTHING) -> Iterator[Complaint]:
    """Yield the path of everything that does not fit together, or with the registers around it; each sentence is still to be made."""
    top = data if isinstance(data, dict) else {}
    yield from clashes(top, around)
    top = within(top, around)
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
    yield from _relations(top, around)
    yield from _former_names(top, around)


def _former_names(top: Row, around: Around) -> Iterator[Complaint]:
    present = {one["id"] for _, one in _obligations(top) if isinstance(one.get("id"), str)}
    claimed: dict[str, Loc] = {}
    for place, obligation in _obligations(top):
        own, taken = obligation.get("id"), list[str]()
        now = around.retired.get(own) if isinstance(own, str) else None
        if now in present and now != own:
            yield (*place, "id"), _said(f"编号{shown(own)}曾是“{now}”的编号，不能再给另一项义务使用，请换一个编号。")
        for index, old in _words(obligation.get("formerly")):
            loc = (*place, "formerly", index)
            yield from _twice(claimed, old, loc, "曾用编号")
            if old in present:
                yield loc, _said(f"曾用编号{shown(old)}仍是这份清单中一项义务的编号；改名后旧编号不再使用。")
            elif old in around.obligations:
                yield loc, _said(f"曾用编号{shown(old)}属于登记册“{around.obligations[old]}”，不能改到这份清单名下。")
            elif old in around.own and (own in around.own or taken):
                yield loc, _said(f"{shown(old)}和{shown(taken[0] if taken else own)}在登记册中各有记录，两项义务的历史不能并为一项。")
            taken += [old] if old in around.own else []


def _relations(top: Row, around: Around) -> Iterator[Complaint]:
    homes: dict[str, Any] = {}
    pointers: dict[tuple[str, str], tuple[Loc, Any]] = {}
    for place, obligation in _obligations(top):
        own, listed = obligation.get("id"), dict[str, Loc]()
        if not isinstance(own, str):
            continue
        homes.setdefault(own, place[1])
        for at, pointer in _rows(obligation.get("related"), (*place, "related")):
            other = pointer.get("id")
            yield from _twice(listed, other, (*at, "id"), "相关义务")
            if isinstance(other, str):
                pointers.setdefault((own, other), ((*at, "id"), pointer.get("how")))
    for (own, other), (at, how) in pointers.items():
        # Another register is not this file's to change: to that one the pointer goes one way.
        if other not in around.obligations or other in homes:
            yield from _relation(own, other, at, how, homes, pointers.get((other, own)))


def _obligations(top: Row) -> Iterator[tuple[Loc, Row]]:
    for loc, document in _rows(top.get("documents"), ("documents",)):
        for below, clause in _rows(document.get("clauses"), (*loc, "clauses")):
            yield from _rows(clause.get("obligations"), (*below, "obligations"))


def _relation(own: str, other: str, loc: Loc, how: Any, homes: dict[str, Any], back: tuple[Loc, Any] | None) -> Iterator[Complaint]:
    if not re.fullmatch(OBLIGATION_ID, other):
        return
    if other not in homes:
        yield loc, _said(f"清单中没有编号为{shown(other)}的义务。")
    elif homes[other] == homes[own]:
        yield loc, _said(f"{shown(other)}与本义务在同一份文件中；“related”只指向另一份文件的义务。")
    elif back is None:
        yield loc, _said(f"{shown(other)}没有反过来指向{shown(own)}，请在它的“related”中也写上。")
    elif back[1] != how:
        yield loc, _said(f"{shown(own)}与{shown(other)}互相写的关系不同，请把两处的“how”写成一样。")


def _said(sentence: str) -> Saying:
    return lambda: sentence


def _unknown(group: str, what: str, word: str, known: Row) -> str:
    return f"{group} 中没有定义{what}{shown(word)}。{near(word, known)}"


def _rows(value: Any, loc: Loc) -> Iterator[tuple[Loc, Row]]:
    for index, row in enumerate(value if isinstance(value, list) else ()):
        if isinstance(row, dict):
            yield (*loc, index), row


def _words(value: Any) -> list[tuple[int, str]]:
    members = value if isinstance(value, list) else []
    return [(index, word.strip()) for index, word in enumerate(members) if isinstance(word, str)]


def _bearers(subjects: Any) -> Iterator[Complaint]:
    known = subjects if isinstance(subjects, dict) else {}
    for code, subject in known.items():
        holders = subject.get("held_by") if isinstance(subject, dict) else None
        for index, holder in _words(holders):
            loc: Loc = ("subjects", code, "held_by", index)
            if holder not in known:
                yield loc, partial(_unknown, "subjects", "", holder, known)
            elif isinstance(known[holder], dict) and known[holder].get("held_by"):
                yield loc, _said(f"{shown(holder)}自身也由他人承接，不能承接{shown(code)}。")


def _twice(seen: dict[str, Loc], value: Any, loc: Loc, what: str) -> Iterator[Complaint]:
    if isinstance(value, str) and value and seen.setdefault(value, loc) != loc:
        yield loc, _said(f"{what}{shown(value)}重复，前面已经用过。")


def _identity(seen: dict[str, dict[str, Loc]], obligation: Row, loc: Loc, no: Any) -> Iterator[Complaint]:
    code = obligation.get("id")
    yield from _twice(seen["obligation"], code, (*loc, "id"), "义务编号")
    if not isinstance(code, str) or not re.fullmatch(OBLIGATION_ID, code):
        return
    prefix, clause, _ = code.split("-")
    if isinstance(no, str) and no.isdecimal() and int(no) != int(clause):
        yield (*loc, "id"), _said(f"义务编号“{code}”中的条款号是 {int(clause)}，而它在第 {int(no)} 条之下。")
    if seen["prefix"].setdefault(prefix, loc[:2]) != loc[:2]:
        yield (*loc, "id"), _said(f"编号前缀“{prefix}”已用于另一份文件，请换一个前缀。")


def _known(obligation: Row, loc: Loc, top: Row) -> Iterator[Complaint]:
    domains, subjects = top.get("domains", {}), top.get("subjects", {})
    domain = obligation.get("domain")
    if isinstance(domain, str) and domain and isinstance(domains, dict) and domain not in domains:
        yield (*loc, "domain"), partial(_unknown, "domains", "领域", domain, domains)
    for index, subject in _words(obligation.get("subjects")):
        if subject and isinstance(subjects, dict) and subject not in subjects:
            yield (*loc, "subjects", index), partial(_unknown, "subjects", "义务主体", subject, subjects)
    facts = top.get("facts", {})
    for index, fact in _words(obligation.get("facts")):
        if fact and isinstance(facts, dict) and fact not in facts:
            yield (*loc, "facts", index), partial(_unknown, "facts", "法定责任与期限", fact, facts)
    yield from _inferred(obligation, loc)


def _inferred(obligation: Row, loc: Loc) -> Iterator[Complaint]:
    named, inferred = {word for _, word in _words(obligation.get("subjects"))}, _words(obligation.get("inferred"))
    for index, subject in inferred:
        if subject not in named:
            yield (*loc, "inferred", index), _said(f"推定的主体{shown(subject)}不在本义务的“subjects”（义务主体）中。")
    if named and obligation.get("basis") == Basis.STATED and named <= {word for _, word in inferred}:
        yield (*loc, "inferred"), _said("依据方式是 stated（明示）时，至少有一个主体是原文写明的；若全部为推定，请把“basis”写成 implied。")


def _rhythm(obligation: Row, loc: Loc) -> Iterator[Complaint]:
    cadence = obligation.get("cadence")
    if not isinstance(cadence, str) or cadence not in {word.value for word in Cadence}:
        return
    for key, name, only in (("review_every", "确认频率", Cadence.CONTINUOUS), ("trigger", "触发情形", Cadence.EVENT)):
        given = key in obligation
        if cadence == only and not given:
            yield (*loc, key), _said(f"频率是 {only.value}（{only.label}）时，必须写明“{key}”（{name}）。")
        elif cadence != only and given:
            yield (*loc, key, "[key]"), _said(f"只有频率是 {only.value}（{only.label}）时才写“{key}”（{name}），请删去或改正频率。")


def _repeated(obligation: Row, loc: Loc) -> Iterator[Complaint]:
    lists = [((*loc, key), obligation.get(key)) for key in ("subjects", "inferred", "consequences", "evidence", "facts")]
    lists += [((*below, "articles"), law.get("articles")) for below, law in _rows(obligation.get("law"), (*loc, "law"))]
    for place, members in lists:
        seen: set[str] = set()
        for index, word in _words(members):
            if word in seen:
                yield (*place, index), _said(f"{shown(word)}在同一列表中重复。")
            seen.add(word)
