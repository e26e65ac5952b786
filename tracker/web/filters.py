"""What the lists of obligations, scope, assignments and tasks share: the filter, order and page number of an address, and what was ticked."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date

from flask import request
from flask_babel import gettext as _
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict

from ..errors import BadInput
from ..register.models import Document
from ..register.queries import ObligationFilter, clauses, vocabulary
from ..words import Basis, Cadence, Modality, Severity, Word
from .doors import chosen_entity, viewer
from .listing import Facet

SIZE = 50
MOST_PICKED = 2000
OBLIGATION = re.compile(r"[A-Za-z0-9-]{1,64}")


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a list: its number from 1, and how many rows there are in all."""

    number: int
    total: int
    size: int = SIZE

    @property
    def offset(self) -> int:
        """Return how many rows come before."""
        return (self.number - 1) * self.size


def page_of(total: int, size: int = SIZE) -> Page:
    """Read the page number of the address; one beyond the end gives the last page."""
    text = request.args.get("page", "")
    asked = int(text) if text.isascii() and text.isdigit() and len(text) < 8 else 1
    return Page(min(max(asked, 1), max(-(-total // size), 1)), total, size)


def order_of(known: Collection[str], default: str) -> tuple[str, bool]:
    """Read the order of the address as (key, descending); an unknown key gives the default."""
    text = request.args.get("sort", "")
    key = text.removeprefix("-")
    return (key, text.startswith("-")) if key in known else (default.removeprefix("-"), default.startswith("-"))


def only_entity() -> int | None:
    """Return the chosen entity, or the one entity of somebody who works in no other."""
    chosen, his = chosen_entity(), list(viewer().roles)
    return his[0] if chosen is None and len(his) == 1 else chosen


def words_of(words: Iterable[Word]) -> list[tuple[str, str]]:
    """Return the (code, label) pairs of some words, as a facet or a select takes them."""
    return [(str(word.value), word.label) for word in words]


def short_name(document: Document) -> str:
    """Name an official text in few characters: by its number when it has one."""
    return document.number or _("《%(title)s》", title=document.title)


def obligation_facets(s: Session) -> list[Facet]:
    """Return the filters of a list of obligations; clauses are offered once a document is chosen."""
    words, chosen = vocabulary(s), request.args.get("document", "")
    facets = [
        Facet("modality", _("性质"), words_of(Modality), "one"),
        Facet("basis", _("明示或推定"), words_of(Basis), "one"),
        Facet("domain", _("领域"), list(words.live_domains.items()), "one"),
        Facet("subject", _("义务主体"), list(words.live_subjects.items()), "one"),
        Facet("severity", _("重要程度"), words_of(Severity), "one"),
        Facet("cadence", _("建议频率"), words_of(Cadence), "one"),
        Facet("document", _("文件"), [(d.id, short_name(d)) for d in words.documents.values()], "one"),
    ]
    if len(words.registers) > 1:
        facets.append(Facet("register", _("登记册"), list(words.registers.items()), "one"))
    if chosen in words.documents:
        numbered = [(str(c.no), _("第 %(no)s 条 %(title)s", no=c.no, title=c.own_title).strip()) for c in clauses(s, chosen)]
        facets.append(Facet("clause", _("条款"), numbered, "one"))
    return facets


def value_of(facet: Facet, args: MultiDict[str, str]) -> str:
    """Return what an address asks of one facet; BadInput when that is no choice of it."""
    value = args.get(facet.name, "")
    if value and value not in {code for code, _label in facet.options}:
        raise BadInput.at(facet.name, _("地址中的筛选条件“%(label)s”没有“%(value)s”这一项，请清除筛选后重试。", label=facet.label, value=value[:40]))
    return value


def obligation_filter(facets: Iterable[Facet], withdrawn: bool = False) -> ObligationFilter:
    """Read the obligation's filter of this address; `facets` are those of `obligation_facets`."""
    found = {facet.name: value_of(facet, request.args) for facet in facets}
    clause = found.pop("clause", "")
    return ObligationFilter(
        q=request.args.get("q", "")[:200].strip(), clause=int(clause) if clause else None, withdrawn=withdrawn, **found,
    )


def picked(form: MultiDict[str, str]) -> list[str] | None:
    """Return the ids that were ticked, each once, or None when all that match are meant."""
    if form.get("all_matching"):
        return None
    ids = list(dict.fromkeys(form.getlist("ids")))
    if not ids:
        raise BadInput.at("ids", _("请先选择至少一项。"))
    if len(ids) > MOST_PICKED:
        raise BadInput.at("ids", _("一次最多选择 %(n)s 项，请分几次处理。", n=MOST_PICKED))
    if not all(OBLIGATION.fullmatch(one) for one in ids):
        raise BadInput.at("ids", _("所选各项中有系统不认识的编号，请刷新页面后重新选择。"))
    return ids


def day_of(facet: Facet) -> date | None:
    """Return the day an address asks of one facet; BadInput when it is none."""
    text = request.args.get(facet.name, "")
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        sentence = _("地址中的筛选条件“%(label)s”应是日期，写法如 2026-11-22，请清除筛选后重试。", label=facet.label)
        raise BadInput.at(facet.name, sentence) from None
