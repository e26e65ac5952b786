"""The shape of a register file: what every part must look like, as frozen models."""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints
from pydantic.fields import FieldInfo
from pydantic_core import PydanticCustomError

from ..audit.chain import canonical
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
)

Loc = tuple[str | int, ...]

FORMAT = 1
# A file that does not say which register it is belongs to the one that comes with the project.
MAIN = "main"
# How the nature of a document begins that is a company's own ledger: its words are the company's, not an authority's.
OWN_LEDGER = "公司内部台账"
# What a starter file writes where somebody has still to say something; the reader takes none of it.
TO_FILL, TO_FILL_TITLE, TO_FILL_EN = PLACEHOLDERS = ("待填写", "待填写标题", "To be filled in")
REVIEWABLE = (Cadence.MONTHLY, Cadence.QUARTERLY, Cadence.SEMIANNUAL, Cadence.ANNUAL)


def _refuse(code: str, sentence: str) -> PydanticCustomError:
    return PydanticCustomError("said", "{said}", {"code": code, "said": sentence})


def _text(shortest: int, longest: int) -> StringConstraints:
    return StringConstraints(strip_whitespace=True, min_length=shortest, max_length=longest)


def _filled_in(value: Any) -> Any:
    if isinstance(value, str) and value.strip() in PLACEHOLDERS:
        raise PydanticCustomError("unfilled", "unfilled")
    return value


def _format_number(value: Any) -> Any:
    if value in ("1", FORMAT):
        return FORMAT
    raise _refuse("format", f"本程序只认得格式 {FORMAT}，请写 format: {FORMAT}。")


def _clause_number(value: Any) -> Any:
    if isinstance(value, int) or (isinstance(value, str) and re.fullmatch(r"[1-9][0-9]{0,2}", value)):
        return value
    raise _refuse("no", "条款号应为 1 到 999 的整数，用半角数字书写，例如 no: 3。")


def _iso_date(value: Any) -> Any:
    if isinstance(_filled_in(value), dt.date):
        return value
    if not isinstance(value, str) or not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", value):
        raise _refuse("date", "日期应写成 2025-05-15 这样的年-月-日。")
    try:
        return dt.date.fromisoformat(value)
    except ValueError:
        raise _refuse("date", f"没有“{value}”这一天，请核对年月日。") from None


def _review_every(value: Any) -> Any:
    if value is None or value in REVIEWABLE:
        return value
    allowed = "、".join(f"{word.value}（{word.label}）" for word in REVIEWABLE)
    raise _refuse("review_every", f"“review_every”（确认频率）只能是 {allowed}。")


def _sentence(value: Any) -> Any:
    if isinstance(value, str):
        return {"class": value}
    if isinstance(value, dict | Sentence):
        return value
    raise _refuse("sentence", "每个句子写一个类别，例如 authority；要说明理由时写成 {class: authority, why: 理由}。")


DOCUMENT_ID = r"^[a-z][a-z0-9.]*(-[a-z0-9.]+)*$"
OBLIGATION_ID = r"^[A-Z][A-Z0-9]{0,11}-[0-9]{2,3}-[0-9]{2,3}$"
CODE = r"^[a-z][a-z0-9]*(_[a-z0-9]+)*$"

Code = Annotated[str, StringConstraints(pattern=CODE, max_length=40)]
Label = Annotated[str, _text(1, 40)]
Line = Annotated[str, _text(1, 300)]
Piece = Annotated[str, _text(1, 60)]
FilledIn = BeforeValidator(_filled_in)
Article = Annotated[str, StringConstraints(pattern=r"^[1-9][0-9]{0,3}(-[1-9][0-9]?)?$"), Field(examples=['"88" 或 "169-1"'])]


class Part(BaseModel):
    """Any part of a register: unknown keys are refused, and nothing changes after reading."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Domain(Part):
    """A field of compliance work."""

    label: Label = Field(title="名称")
    en: Line = Field(title="英文")


class Subject(Part):
    """A kind of bearer; one with `held_by` is no entity itself but stands behind those kinds."""

    label: Label = Field(title="名称")
    en: Line = Field(title="英文")
    held_by: tuple[Code, ...] = Field(default=(), title="由谁承接")


class LawRef(Part):
    """A statutory basis and how far it was checked."""

    name: Annotated[str, _text(1, 120)] = Field(title="法律名称")
    articles: tuple[Article, ...] = Field(default=(), max_length=60, title="条文")
    basis: LawBasis = Field(title="核验情况")
    version: Annotated[str, _text(1, 200)] | None = Field(default=None, title="版本")


class Fact(Part):
    """A penalty or a statutory period as its own fact: `what` it is for, what the article `says`, and whom it meets."""

    kind: FactKind = Field(title="事实类别")
    what: Annotated[str, _text(1, 80)] = Field(title="事项")
    says: Annotated[str, _text(1, 200)] = Field(title="内容")
    who: Piece | None = Field(default=None, title="对象")
    law: LawRef = Field(title="法律依据")


class Sentence(Part):
    """What one sentence of the official text holds for a company; `why` where a careful reader could doubt it."""

    kind: SentenceClass = Field(alias="class", title="句子类别")
    why: Piece | None = Field(default=None, title="理由")


class Related(Part):
    """An obligation of another document that speaks of the same thing; each of the two names the other."""

    id: Annotated[str, StringConstraints(pattern=OBLIGATION_ID)] = Field(title="相关义务", examples=["OP21-15-07"])
    how: Kinship = Field(title="关系")


class Note(Part):
    """What a company's own ledger says of the matter besides; nobody's duty, and no part of what is accepted."""

    label: Label = Field(title="栏目")
    text: Annotated[str, _text(1, 4000)] = Field(title="内容")


Sentences = tuple[Annotated[Sentence, BeforeValidator(_sentence)], ...]


class Obligation(Part):
    """One thing a compliance team sees to, anchored in a phrase of the official text."""

    id: Annotated[str, StringConstraints(pattern=OBLIGATION_ID)] = Field(title="义务编号", examples=["FF9-03-02"])
    anchor: Annotated[str, _text(8, 40)] = Field(title="锚点")
    modality: Modality = Field(title="性质")
    basis: Basis = Field(title="依据方式")
    subjects: tuple[Code, ...] = Field(min_length=1, max_length=40, title="义务主体")
    inferred: tuple[Code, ...] = Field(default=(), max_length=40, title="推定的主体")
    title: Annotated[str, _text(1, 20)] = Field(title="标题")
    statement: Annotated[str, _text(1, 400)] = Field(title="履行要求")
    en: Line = Field(title="英文")
    domain: Code = Field(title="领域", examples=["suitability"])
    severity: Severity = Field(title="重要程度")
    consequences: tuple[Consequence, ...] = Field(default=(), title="后果")
    law: tuple[LawRef, ...] = Field(default=(), max_length=30, title="法律依据")
    facts: tuple[Code, ...] = Field(default=(), max_length=30, title="法定责任与期限", examples=["fine_for_late_report"])
    evidence: tuple[Piece, ...] = Field(min_length=1, max_length=12, title="建议证据")
    cadence: Cadence = Field(title="频率")
    review_every: Annotated[Cadence | None, BeforeValidator(_review_every)] = Field(default=None, title="确认频率")
    trigger: Piece | None = Field(default=None, title="触发情形")
    related: tuple[Related, ...] = Field(default=(), max_length=20, title="相关义务")
    noted: tuple[Note, ...] = Field(default=(), max_length=60, title="台账记载")
    formerly: tuple[Annotated[str, StringConstraints(pattern=OBLIGATION_ID)], ...] = Field(
        default=(), max_length=20, title="曾用编号", examples=["FF9-03-02"]
    )


class Clause(Part):
    """One numbered clause of a document, with what it asks."""

    no: Annotated[int, BeforeValidator(_clause_number)] = Field(ge=1, le=999, title="条款号")
    title: Annotated[str, _text(1, 60)] = Field(title="标题")
    sentences: Sentences = Field(default=(), max_length=500, title="句子归类")
    obligations: tuple[Obligation, ...] = Field(title="义务")


class Document(Part):
    """One official text."""

    id: Annotated[str, StringConstraints(pattern=DOCUMENT_ID, max_length=40)] = Field(title="文件编号", examples=["ff2025-9"])
    title: Annotated[str, _text(1, 120), FilledIn] = Field(title="标题")
    title_en: Annotated[Line, FilledIn] = Field(title="英文标题")
    number: Annotated[str, _text(1, 60)] | None = Field(default=None, title="文号")
    issuers: tuple[Annotated[str, _text(1, 60), FilledIn], ...] = Field(min_length=1, max_length=20, title="发文机关")
    issued: Annotated[dt.date, BeforeValidator(_iso_date)] = Field(title="发文日期")
    nature: Annotated[str, _text(1, 200), FilledIn] = Field(title="文件性质")
    preface: Sentences = Field(default=(), max_length=500, title="前言归类")
    clauses: tuple[Clause, ...] = Field(min_length=1, title="条款")


class Register(Part):
    """A whole register file, as read and found sound."""

    format: Annotated[int, BeforeValidator(_format_number)] = Field(title="格式")
    key: Code = Field(default=MAIN, alias="register", title="登记册", examples=["own_rules"])
    name: Annotated[str, _text(1, 60), FilledIn] = Field(default="主登记册", title="登记册名称")
    edition: Annotated[str, StringConstraints(pattern=r"^[0-9]{4}\.(0[1-9]|1[0-2])(\.[1-9][0-9]{0,3})?$")] = Field(
        title="版本", examples=['"2026.12" 或 "2026.12.1"']
    )
    domains: dict[Code, Domain] = Field(default={}, title="领域")
    subjects: dict[Code, Subject] = Field(default={}, title="义务主体")
    facts: dict[Code, Fact] = Field(default={}, title="法定责任与期限")
    documents: tuple[Document, ...] = Field(min_length=1, title="文件")


CHILDREN: dict[tuple[type[Part], str], type[Part]] = {
    (Register, "domains"): Domain,
    (Register, "subjects"): Subject,
    (Register, "documents"): Document,
    (Register, "facts"): Fact,
    (Fact, "law"): LawRef,
    (Document, "clauses"): Clause,
    (Document, "preface"): Sentence,
    (Clause, "sentences"): Sentence,
    (Clause, "obligations"): Obligation,
    (Obligation, "related"): Related,
    (Obligation, "law"): LawRef,
    (Obligation, "noted"): Note,
}


def owner(loc: Loc) -> type[Part]:
    """Return the model in which the last key of this path stands."""
    model: type[Part] = Register
    for part in loc[:-1]:
        if isinstance(part, str):
            model = CHILDREN.get((model, part), model)
    return model


def keys(model: type[Part]) -> dict[str, FieldInfo]:
    """Return the keys of a part as they are written in the file."""
    return {field.alias or name: field for name, field in model.model_fields.items()}


# What points elsewhere, tells of an earlier name or is only noted beside changes nothing in what was accepted.
_BESIDE = {"related", "formerly", "facts", "noted"}


def content(obligation: Obligation) -> dict[str, Any]:
    """Return what an obligation asks as plain values without what is empty; `Obligation.model_validate` reads it back."""
    return obligation.model_dump(mode="json", exclude_defaults=True, exclude=_BESIDE)


def digest(obligation: Obligation, origin: str = "") -> str:
    """Return the SHA-256 of the content in hex; neither the order of keys nor of list members counts.

    `origin` is the id under which the obligation was first loaded: a new name alone is no new content.
    """
    told = content(obligation) | {"id": origin or obligation.id}
    return hashlib.sha256(("RG1 obligation\n" + canonical(settled(told))).encode("ascii")).hexdigest()


def settled(value: Any) -> Any:
    """Return plain values with every list sorted."""
    # Lists of the format are sets to its readers: who reorders evidence has not changed what is asked.
    if isinstance(value, dict):
        return {key: settled(member) for key, member in value.items()}
    if isinstance(value, list):
        return sorted((settled(member) for member in value), key=canonical)
    return value
