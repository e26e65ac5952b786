"""Changes between two texts of the register told to people: labels for codes, words compared within sentences."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from ..editions.wording import Part, items, parts
from ..register.changes import FieldChange, obligations_of
from ..register.queries import vocabulary
from ..register.shape import OBLIGATION_ID, Document, Fact, Obligation, Register, keys
from ..register.shape import Part as Model
from ..words import (
    Basis,
    Cadence,
    Consequence,
    FactKind,
    Kinship,
    LawBasis,
    Modality,
    SentenceClass,
    Severity,
    Word,
)
from .citing import articles

_WORDS: dict[str, type[Word]] = {
    "modality": Modality, "basis": Basis, "severity": Severity, "cadence": Cadence, "review_every": Cadence, "consequences": Consequence, "kind": FactKind,
}
_LISTS = frozenset({"subjects", "inferred", "consequences", "law", "evidence", "issuers", "held_by", "facts", "related", "noted"})
_OF_DOCUMENT = re.compile(r"documents\.(?P<id>.+)\.(?P<field>title|title_en|number|issuers|issued|nature|id|preface|clauses\.(?P<no>\d+)(?:\.sentences)?)")
_CLASS = re.compile("|".join(re.escape(str(word)) for word in SentenceClass))


@dataclass(frozen=True, slots=True)
class Line:
    """One value, or one member of a list, compared; `label` says what it is where a row holds several."""

    parts: list[Part]
    label: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """One field that differs: what it is called, and its lines; `listed` when they are members of a list."""

    label: str
    lines: list[Line]
    listed: bool = False


@dataclass(frozen=True, slots=True)
class Group:
    """What differs around the obligations, of one thing: the register, a document, the fields of work."""

    title: str
    rows: list[Row]


@dataclass(frozen=True, slots=True)
class Labels:
    """What codes are called: by the register in force, and by the editions that are compared."""

    domains: Mapping[str, str]
    subjects: Mapping[str, str]
    facts: Mapping[str, str]
    documents: Mapping[str, str]
    titles: Mapping[str, str]

    @classmethod
    def of(cls, s: Session, *registers: Register | None) -> Labels:
        """Gather them; the last register named has the last word."""
        words, told = vocabulary(s), [one for one in registers if one is not None]
        return cls(
            {**words.domains, **{code: domain.label for one in told for code, domain in one.domains.items()}},
            {**words.subjects, **{code: subject.label for one in told for code, subject in one.subjects.items()}},
            {**words.facts, **{code: fact.what for one in told for code, fact in one.facts.items()}},
            {**{key: row.title for key, row in words.documents.items()}, **{row.id: row.title for one in told for row in one.documents}},
            {key: row.title for one in told for key, row in obligations_of(one).items()},
        )


def field_rows(fields: Iterable[FieldChange], labels: Labels) -> list[Row]:
    """Tell what changed in an obligation, field by field."""
    return [_row(_label(Obligation, change.field), change.field, change.old, change.new, labels) for change in fields]


def _label(model: type[Model], field: str) -> str:
    found = keys(model).get(field)
    return str(found.title) if found and found.title else field


def _row(label: str, field: str, old: Any, new: Any, labels: Labels) -> Row:
    if field in _LISTS:
        return Row(label, [Line(line) for line in items(_members(field, old, labels), _members(field, new, labels))], True)
    before, after = _text(field, old, labels), _text(field, new, labels)
    # 应当 and 不得 are two words, whatever characters they share.
    return Row(label, [Line(_whole(before, after) if field in _WORDS or field == "domain" else parts(before, after))])


def _whole(old: str, new: str) -> list[Part]:
    return [part for part in (Part("del", old), Part("ins", new)) if part.text]


def _text(field: str, value: Any, labels: Labels) -> str:
    if value is None:
        return ""
    if field in _WORDS:
        return _WORDS[field](str(value)).label
    if field == "law":
        return _law(value)
    return labels.domains.get(str(value), str(value)) if field == "domain" else str(value)


def _members(field: str, value: Any, labels: Labels) -> list[str]:
    if field in {"subjects", "inferred", "held_by"}:
        return [labels.subjects.get(code, code) for code in value or ()]
    if field == "facts":
        return [labels.facts.get(code, code) for code in value or ()]
    if field == "related":
        return [_kin(told, labels) for told in value or ()]
    # A fact has one law, an obligation several.
    several = value if isinstance(value, (list, tuple)) else [value] if value else []
    return [_text(field, one, labels) for one in several]


def _law(value: Mapping[str, Any]) -> str:
    told = "，".join(part for part in (LawBasis(value["basis"]).label, str(value.get("version") or "")) if part)
    numbers = articles(value.get("articles", ()))
    return f"《{value['name']}》{numbers}（{told}）"


def _kin(told: str, labels: Labels) -> str:
    key, _space, how = told.partition(" ")
    title = labels.titles.get(key, "")
    return f"{Kinship(how).label} {key}" + (f"《{title}》" if title else "")


def frame_groups(fields: Sequence[FieldChange], labels: Labels) -> list[Group]:
    """Tell what changed around the obligations, thing by thing in the order of the file; no path of a key is shown."""
    found: dict[str, list[Row]] = {}
    for change in fields:
        title, row = _around(change, labels)
        found.setdefault(title, []).append(row)
    return [Group(title, rows) for title, rows in found.items()]


def _around(change: FieldChange, labels: Labels) -> tuple[str, Row]:
    group, _dot, rest = change.field.partition(".")
    if group == "documents" and (found := _OF_DOCUMENT.fullmatch(change.field)):
        return _("文件《%(title)s》", title=labels.documents.get(found["id"], found["id"])), _of_document(found, change, labels)
    if group in {"facts", "related", "noted"} and re.fullmatch(OBLIGATION_ID, rest):
        title = labels.titles.get(rest, "")
        kind = {"facts": _("法定责任与期限"), "related": _("相关义务"), "noted": _("台账记载")}[group]
        return _("各项义务的%(kind)s", kind=kind), _row(f"{rest} {title}".strip(), group, change.old, change.new, labels)
    if group in {"domains", "subjects"}:
        known = labels.domains if group == "domains" else labels.subjects
        return _("领域") if group == "domains" else _("义务主体"), Row(known.get(rest, rest), _parts_of(change, labels))
    if group == "facts":
        return _("法定责任与期限"), Row(labels.facts.get(rest, rest), _parts_of(change, labels, Fact))
    return _("登记册"), _row(_label(Register, change.field), change.field, change.old, change.new, labels)


_NAMED = {"label": "名称", "en": "英文", "held_by": "由谁承接"}


def _parts_of(change: FieldChange, labels: Labels, model: type[Model] | None = None) -> list[Line]:
    """Compare the parts of a domain, a subject or a fact, those alone that differ."""
    old, new = change.old or {}, change.new or {}
    lines = []
    for field in dict.fromkeys([*new, *old]):
        if old.get(field) != new.get(field):
            row = _row("", field, old.get(field), new.get(field), labels)
            label = _label(model, field) if model else _NAMED.get(field, field)
            lines += [Line(line.parts, label) for line in row.lines]
    return lines


def _of_document(found: re.Match[str], change: FieldChange, labels: Labels) -> Row:
    field, no = found["field"], found["no"]
    if field == "preface" or field.endswith(".sentences"):
        where = _("第 %(no)s 条的句子归类", no=no) if no else _("前言的句子归类")
        return Row(where, _sentences(str(change.old or ""), str(change.new or "")), True)
    if no:
        return _row(_("第 %(no)s 条的标题", no=no), "title", change.old, change.new, labels)
    return _row(_label(Document, field), field, change.old, change.new, labels)


def _sentences(old: str, new: str) -> list[Line]:
    """Compare the classes of sentences place by place, those alone that differ."""
    before, after = _classes(old), _classes(new)
    lines = []
    for place in range(max(len(before), len(after))):
        one, other = ("".join(side[place : place + 1]) for side in (before, after))
        if one != other:
            lines.append(Line(_whole(one, other), _("第 %(n)s 句", n=place + 1)))
    return lines


def _classes(told: str) -> list[str]:
    """Read a line of classes, each with its reason in brackets, and give them their labels."""
    pieces = re.split(rf" · (?=(?:{_CLASS.pattern})(?:（| · |$))", told) if told else []
    return [_CLASS.sub(lambda found: SentenceClass(found[0]).label, piece, count=1) for piece in pieces]
