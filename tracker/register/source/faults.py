"""What is wrong with a register file: each fault with its line, column, key path and a Chinese sentence."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from itertools import islice
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from ... import words
from ...errors import BadInput, Place
from ..shape import Loc, keys, owner
from .decoding import UNSEEN

LISTED = 500
COUNTED = 20_000
ENUMERATED = 50_000
_CONSIDERED = 200

Saying = Callable[[], str]
Complaint = tuple[Loc, Saying]

_LABELS = {
    word.value: word.label
    for kind in (words.Modality, words.Basis, words.Severity, words.Cadence, words.Consequence, words.LawBasis, words.SentenceClass, words.Kinship, words.FactKind)
    for word in kind
}


@dataclass(frozen=True, slots=True)
class Fault(Place):
    """One fault of a file; line and column count from 1, the path is empty when it is the file as a whole."""

    line: int
    column: int
    path: str

    @classmethod
    def at(cls, name: str, line: int, column: int, path: str, sentence: str) -> Fault:
        """Make a fault whose `where` is readable by itself; what cannot be seen is replaced, as it may reach a terminal."""
        name, path, sentence = (UNSEEN.sub("\ufffd", part) for part in (name, path, sentence))
        return cls(f"{name} 第 {line} 行第 {column} 列" + (f"，{path}" if path else ""), sentence, line, column, path)


class SourceProblems(BadInput):
    """The file is refused as a whole; `problems` are its faults in the order of the lines, the first 500 of them."""

    problems: tuple[Fault, ...]

    def __init__(self, name: str, faults: Iterable[Fault], count: int | None = None) -> None:
        found = sorted(faults, key=lambda fault: (fault.line, fault.column, fault.path))
        total = len(found) if count is None else count
        how_many = f"有 {total} 处" if total <= COUNTED else f"有超过 {COUNTED} 处"
        if total > LISTED:
            rest = "其余问题没有逐一列出，请先修改以上各处。"
            found = [*found[:LISTED], Fault.at(name, found[LISTED - 1].line, found[LISTED - 1].column, "", rest)]
        super().__init__(f"{name} {how_many}问题，整份文件未被采用，现行义务清单没有变动。请修改后重试。", found)


def key_path(loc: Loc) -> str:
    """Write a path as people know it: documents[0].clauses[2].title."""
    parts = [f"[{part}]" if isinstance(part, int) else f".{part[:40]}" for part in loc if part != "[key]"]
    return "".join(parts).removeprefix(".")


def near(word: str, known: Iterable[str]) -> str:
    """Ask whether a misspelt word meant a known one, or say nothing."""
    close = difflib.get_close_matches(word[:60], list(islice(known, _CONSIDERED)), n=1, cutoff=0.6)
    return f"是否想写“{close[0]}”？" if close else ""


def shown(value: Any) -> str:
    """Show a value of the file in a sentence, cut when long."""
    if isinstance(value, str):
        flat = " ".join(value[:200].split())
        return f"“{flat[:30]}…”" if len(flat) > 30 else f"“{flat}”"
    return "一组“键: 值”" if isinstance(value, dict) else "一个列表"


def shape_complaints(error: ValidationError, unfilled: bool = True) -> list[Complaint]:
    """Give the path of every error of the models, with its sentence still to be made; `unfilled`: placeholders count too."""
    if error.error_count() > ENUMERATED:
        return [((), lambda: f"这里有 {error.error_count()} 处不合格式，不像一份义务清单。")]
    details = (detail for detail in error.errors(include_url=False) if not _counted_wrong(detail))
    return [_complaint(detail) for detail in details if unfilled or detail["type"] != "unfilled"]


def _complaint(detail: ErrorDetails) -> Complaint:
    loc = detail["loc"]
    return (*loc, "[key]") if detail["type"] == "extra_forbidden" else loc, partial(_sentence, detail)


def _counted_wrong(detail: ErrorDetails) -> bool:
    # pydantic counts the sound members only; those that are wrong have their own sentence.
    return detail["type"] == "too_short" and bool(detail["input"])


def _sentence(detail: ErrorDetails) -> str:
    return _SENTENCES.get(detail["type"], _any)(detail)


def _subject(detail: ErrorDetails) -> str:
    named_keys = [part for part in detail["loc"] if isinstance(part, str) and part != "[key]"]
    if not named_keys:
        return "文件的最上层"
    key = named_keys[-1]
    field = keys(owner(_up_to_key(detail["loc"]))).get(key)
    named = f"“{key}”" + (f"（{field.title}）" if field and field.title else "")
    last = detail["loc"][-1]
    return f"{named}的第 {last + 1} 项" if isinstance(last, int) else named


def _up_to_key(loc: Loc) -> Loc:
    names = [place for place, part in enumerate(loc) if isinstance(part, str) and part != "[key]"]
    return loc[: names[-1] + 1] if names else ()


def _missing(detail: ErrorDetails) -> str:
    return f"缺少{_subject(detail)}。"


def _extra(detail: ErrorDetails) -> str:
    key = str(detail["loc"][-1])
    known = keys(owner(detail["loc"]))
    if key == "<<":
        return "不支持合并键“<<”，请把内容完整写出。"
    return f"这里没有{shown(key)}这个键。" + (near(key, known) or f"可用的键：{'、'.join(known)}。")


def _enum(detail: ErrorDetails) -> str:
    allowed = re.findall(r"'([^']+)'", detail["ctx"]["expected"])
    value = detail["input"]
    listed = "、".join(f"{code}（{_LABELS[code]}）" for code in allowed)
    hint = near(value, allowed) if isinstance(value, str) else ""
    return f"{_subject(detail)}只能是 {listed}；现在写的是{shown(value)}。{hint}"


def _short(detail: ErrorDetails) -> str:
    value = detail["input"]
    if not value.strip():
        return f"{_subject(detail)}没有内容。"
    return f"{_subject(detail)}至少 {detail['ctx']['min_length']} 个字，现在是 {len(value.strip())} 个字。"


def _long(detail: ErrorDetails) -> str:
    length = len(detail["input"].strip())
    return f"{_subject(detail)}最多 {detail['ctx']['max_length']} 个字，现在是 {length} 个字。"


def _pattern(detail: ErrorDetails) -> str:
    loc, value = detail["loc"], detail["input"]
    field = keys(owner(_up_to_key(loc))).get(str(_up_to_key(loc)[-1]))
    if not value.strip():
        return f"{_subject(detail)}没有内容。"
    if loc[-1] == "[key]" or field is None:
        return f"代码{shown(value)}应由小写字母、数字和下划线组成，并以字母开头。"
    example = "、".join(field.examples or ()) or _EXAMPLES.get(detail["ctx"]["pattern"])
    return f"{_subject(detail)}应写成 {example} 这样；现在写的是{shown(value)}。"


def _string(detail: ErrorDetails) -> str:
    return f"{_subject(detail)}应是一段文字，现在是{shown(detail['input'])}。"


def _list(detail: ErrorDetails) -> str:
    if detail["input"] == "":
        return f"{_subject(detail)}没有内容；确实没有条目时请写 []。"
    return f"{_subject(detail)}应是列表（每行以“- ”开头，或写在 [ ] 内），现在是{shown(detail['input'])}。"


def _mapping(detail: ErrorDetails) -> str:
    if detail["input"] == "":
        return f"{_subject(detail)}没有内容。"
    return f"{_subject(detail)}应是一组“键: 值”，现在是{shown(detail['input'])}。"


def _few(detail: ErrorDetails) -> str:
    return f"{_subject(detail)}至少要有一项。"


def _many(detail: ErrorDetails) -> str:
    return f"{_subject(detail)}最多 {detail['ctx']['max_length']} 项，现在有 {len(detail['input'])} 项。"


def _unfilled(detail: ErrorDetails) -> str:
    key = next(part for part in reversed(detail["loc"]) if isinstance(part, str))
    return f"请填写{_subject(detail)}，{_TO_WRITE[key]}；现在还是占位的{shown(detail['input'])}。"


def _said(detail: ErrorDetails) -> str:
    return str(detail["ctx"]["said"])


def _any(detail: ErrorDetails) -> str:
    return f"{_subject(detail)}的值不合要求：{shown(detail['input'])}。"


_EXAMPLES = {
    r"^[1-9][0-9]{0,3}(-[1-9][0-9]?)?$": '"88" 或 "169-1"',
    r"^[a-z][a-z0-9]*(_[a-z0-9]+)*$": "listed_company",
}

_TO_WRITE = {
    "name": "即登记册的名称",
    "title": "即文件的全称",
    "title_en": "例如 Rules for the Administration of Members",
    "issuers": "即发文机关或制定单位的全称",
    "issued": "写成 2025-05-15 这样的年-月-日",
    "nature": "例如 交易所业务规则、公司内部制度",
}

_SENTENCES: dict[str, Callable[[ErrorDetails], str]] = {
    "missing": _missing,
    "extra_forbidden": _extra,
    "enum": _enum,
    "string_too_short": _short,
    "string_too_long": _long,
    "string_pattern_mismatch": _pattern,
    "string_type": _string,
    "tuple_type": _list,
    "model_type": _mapping,
    "dict_type": _mapping,
    "too_short": _few,
    "too_long": _many,
    "unfilled": _unfilled,
    "said": _said,
}
