"""Pure rule: a starter file for a register of one's own, from an official text whose clauses and sentences are already split.

Nothing is guessed. What the text does not say is written as a placeholder that the reader refuses until it is filled in; every sentence stands as 待归类 until somebody decides, and the proof counts it as a gap until then.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from pydantic import ValidationError

from ...errors import BadInput, Place
from ...pinyin import initial
from ...words import SentenceClass
from .. import text as official
from ..cover import NO_CLAUSES, PROVISIONAL
from ..shape import FORMAT, MAIN, PLACEHOLDERS, TO_FILL, TO_FILL_EN, TO_FILL_TITLE, Register
from ..source.decoding import UNSEEN
from ..source.faults import key_path, shape_complaints
from ..text import ClauseText, Sentence
from .heading import Heading, heading
from .pages import page

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Wishes:
    """What somebody says of the register; what is left empty is read off the text, or made from its title."""

    register: str = ""
    name: str = ""
    document: str = ""
    prefix: str = ""
    title: str = ""
    number: str = ""
    issuers: tuple[str, ...] = ()
    issued: str = ""
    title_en: str = ""
    nature: str = ""


@dataclass(frozen=True, slots=True)
class Started:
    """A file that was written: its text, what it holds, and the keys that somebody has still to fill in."""

    file: str
    register: str
    title: str
    clauses: int
    sentences: int
    unfilled: tuple[str, ...]


def starter(raw: str, wishes: Wishes, today: dt.date, main: Register) -> Started:
    """Return a file that the reader takes once it is filled in, or raise BadInput; `main` gives the codes that it may use."""
    found = official.clauses(raw)
    if not found:
        raise BadInput(NO_CLAUSES)
    said = heading(raw)
    remarks = _remarks(wishes, said)
    wishes = _filled(wishes, said)
    sentences = {0: official.preface(raw, wishes.title), **{no: clause.sentences for no, clause in found.items()}}
    plain = _plain(wishes, said, today, found, sentences)
    _refuse_what_does_not_fit(wishes, plain)
    file = page(plain, sentences, wishes.prefix, remarks, main)
    return Started(file, wishes.register, wishes.title, len(found), sum(map(len, sentences.values())), _unfilled(plain))


def _remarks(wishes: Wishes, said: Heading) -> dict[str, str]:
    # What a person has said himself needs no remark.
    found = {key: getattr(said, key) for key in ("title", "number", "issuers", "issued") if not getattr(wishes, key)}
    wanted = {key: "请填写" for key in ("title_en", "nature") if not getattr(wishes, key)}
    return wanted | {key: "从文本中读出，请核对" if value else "文本中没有找到，请填写" for key, value in found.items()}


def _filled(wishes: Wishes, said: Heading) -> Wishes:
    title = visible(wishes.title or said.title)[:120] or TO_FILL_TITLE
    letters = initials(title.removeprefix("关于").removeprefix("中华人民共和国"))
    document = wishes.document or letters
    return replace(
        wishes,
        title=title,
        document=document,
        register=wishes.register or "_".join(part for part in document.replace(".", "-").split("-") if part),
        name=visible(wishes.name) or title[:60],
        prefix=wishes.prefix or letters[:6].upper(),
        number=visible(wishes.number or said.number),
        issuers=tuple(map(visible, wishes.issuers or said.issuers)) or (TO_FILL,),
        title_en=visible(wishes.title_en) or TO_FILL_EN,
        nature=visible(wishes.nature) or TO_FILL,
    )


def visible(text: str) -> str:
    """Return a text as a register file may hold it."""
    return UNSEEN.sub("□", text).strip()


def initials(title: str) -> str:
    """Return the first letters of a Chinese title, as a code: hggl for 合规管理."""
    # One sign after the other: a run of other letters would come back as it is.
    letters = "".join(initial(sign) for sign in title)
    code = "".join(letter for letter in letters.lower() if letter in "abcdefghijklmnopqrstuvwxyz0123456789")[:12]
    return code if code[:1].isalpha() and code != MAIN else f"d{code}"


def _plain(wishes: Wishes, said: Heading, today: dt.date, found: dict[int, ClauseText], sentences: Mapping[int, Sequence[Sentence]]) -> Row:
    document = {
        "id": wishes.document,
        "title": wishes.title,
        "title_en": wishes.title_en,
        **({"number": wishes.number} if wishes.number else {}),
        "issuers": list(wishes.issuers),
        "issued": wishes.issued or (said.issued.isoformat() if said.issued else TO_FILL),
        "nature": wishes.nature,
        "preface": _classes(sentences[0]),
        "clauses": [
            {"no": no, "title": visible(clause.title) or f"第{official.ordinal(no)}条", "sentences": _classes(sentences[no]), "obligations": []}
            for no, clause in found.items()
        ],
    }
    return {"format": FORMAT, "register": wishes.register, "name": wishes.name, "edition": f"{today:%Y.%m}", "documents": [document]}


def _classes(sentences: Sequence[Sentence]) -> list[Row]:
    return [{"class": SentenceClass.AUTHORITY.value, "why": PROVISIONAL} for _ in sentences]


def _unfilled(plain: Row) -> tuple[str, ...]:
    told = [*plain.items(), *plain["documents"][0].items()]
    return tuple(key for key, value in told if any(one in PLACEHOLDERS for one in (value if isinstance(value, list) else [value])))


def _refuse_what_does_not_fit(wishes: Wishes, plain: Row) -> None:
    if wishes.register == MAIN:
        raise BadInput(f"登记册代码 {MAIN} 属于随项目提供的主登记册，请用 --register 另取一个。")
    if not _is_prefix(wishes.prefix):
        raise BadInput(f"编号前缀“{visible(wishes.prefix)[:20]}”应由 1 到 12 个大写字母和数字组成，并以字母开头，例如 JYS。")
    try:
        Register.model_validate(plain)
    except ValidationError as error:
        # A placeholder is no fault of what was given.
        places = [Place(key_path(loc), saying()) for loc, saying in shape_complaints(error, unfilled=False)[:20]]
        if places:
            raise BadInput("用这份文本和所给的选项写不出合格的清单，没有写文件。", places) from None


def _is_prefix(prefix: str) -> bool:
    return prefix.isascii() and prefix.isalnum() and prefix == prefix.upper() and prefix[:1].isalpha() and len(prefix) <= 12
