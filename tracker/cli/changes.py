"""What an edition changes, as lines to read: fields by their Chinese names, words compared within the sentence."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from .. import words
from ..editions.wording import Part, items, parts
from ..register.changes import Changes, FieldChange
from ..register.shape import Document, Obligation, keys

_LABELS = {
    str(word): word.label
    for family in (words.Modality, words.Basis, words.Severity, words.Cadence, words.Consequence, words.LawBasis, words.SentenceClass, words.Kinship, words.FactKind)
    for word in family
}
_CODED = {"modality", "basis", "severity", "cadence", "review_every", "consequences"}
_PLACES = {
    "edition": "版本", "name": "登记册名称", "format": "格式", "domains": "领域", "subjects": "义务主体", "facts": "法定责任与期限", "related": "相关义务",
    "preface": "前言归类", "sentences": "句子归类", **{name: str(field.title) for name, field in keys(Document).items()},
}


def numbers(changes: Changes) -> str:
    """Count what a comparison holds; what comes back with another text is new again and counts once."""
    changed = sum(one.id not in changes.added for one in changes.changed)
    renamed = f"，改编号 {len(changes.renamed)}" if changes.renamed else ""
    return f"新增 {len(changes.added)}，变更 {changed}，撤下 {len(changes.withdrawn)}{renamed}，未变 {len(changes.unchanged)}"


def lines(changes: Changes) -> Iterator[str]:
    """Yield a comparison line by line; what went stands in [- -], what came in {+ +}."""
    yield f"{numbers(changes)}。"
    yield from (f"  改编号 {old} → {new}" for old, new in changes.renamed)
    for label, ids in (("新增", changes.added), ("撤下", changes.withdrawn)):
        yield from (f"  {label} {one}" for one in ids)
    for change in changes.changed:
        yield f"  变更 {change.id}"
        yield from (f"    {_label(field.field)}：{_told(field)}" for field in change.fields)
    if changes.frame:
        yield "  义务以外的内容："
        yield from (f"    {_place(field.field)}：{_told(field)}" for field in changes.frame)


def _label(field: str) -> str:
    found = keys(Obligation).get(field)
    return str(found.title) if found and found.title else field


def _place(path: str) -> str:
    group, *rest = path.split(".")
    if group != "documents" or len(rest) < 2:
        return " ".join([_PLACES.get(group, group), *rest])
    document, *inside = rest if rest[0].isalnum() or "-" in rest[0] else rest
    if inside[0] == "clauses":
        return " ".join([f"文件 {document} 第 {inside[1]} 条", _PLACES.get(inside[2], inside[2]) if inside[2:] else "标题"])
    return f"文件 {document} {_PLACES.get(inside[0], inside[0])}"


def _told(change: FieldChange) -> str:
    if isinstance(change.old, list) or isinstance(change.new, list):
        compared = items(_members(change.field, change.old), _members(change.field, change.new))
        return "；".join(_marked(line) for line in compared if any(part.kind != "same" for part in line))
    if change.field in _CODED or isinstance(change.old, dict) or isinstance(change.new, dict):
        return f"{_value(change.old)} → {_value(change.new)}"
    return _marked(parts(_value(change.old) if change.old else "", _value(change.new) if change.new else "")) or "（空）"


def _members(field: str, value: Any) -> list[str]:
    return [_value(member) for member in value or ()]


def _value(value: Any) -> str:
    if value is None or value in ("", [], {}):
        return "（空）"
    if isinstance(value, dict):
        if "articles" in value or "basis" in value:
            articles = "、".join(value.get("articles", ()))
            version = f"，{value['version']}" if value.get("version") else ""
            return f"《{value.get('name', '')}》{articles and f'第 {articles} 条'}（{_LABELS.get(str(value.get('basis')), '')}{version}）"
        return json.dumps({key: _LABELS.get(str(member), member) for key, member in value.items()}, ensure_ascii=False, default=str)
    text = str(value)
    return _LABELS.get(text) or " ".join(_LABELS.get(word, word) for word in text.split(" "))


def _marked(pieces: Iterable[Part] | Sequence[Part]) -> str:
    marks = {"same": "{}", "del": "[-{}-]", "ins": "{{+{}+}}"}
    return "".join(marks[piece.kind].format(piece.text) for piece in pieces)
