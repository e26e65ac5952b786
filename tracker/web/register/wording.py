"""What the pages say of an obligation in sentences: what its modality and basis mean, articles of laws, cadence."""

from __future__ import annotations

from collections.abc import Sequence

from flask_babel import gettext as _
from flask_babel import lazy_gettext

from ...register.models import Obligation
from ...words import Basis, Cadence, Consequence, Modality

SUFFIXES = "零一二三四五六七八九"

MEANINGS = {
    Modality.MUST: lazy_gettext("应当：须做到的事。"),
    Modality.MUST_NOT: lazy_gettext("不得：禁止做的事。"),
    Modality.EXPOSURE: lazy_gettext("风险敞口：条文未要求公司作为，它讲的是责任或执法动向；须管理的是由此产生的风险，不是一项义务。"),
    Modality.RIGHT: lazy_gettext("权利：条文给出的可以使用的手段，不使用不构成违反。"),
}
STATED = lazy_gettext("明示：条文以明白的语句写给这些主体。")
IMPLIED = {
    Modality.MUST: lazy_gettext("推定：条文未直接对这些主体作出要求，义务、主体或二者的联系由本项目推出；引用时请核对原文，不要写成“文件规定”。"),
    Modality.MUST_NOT: lazy_gettext("推定：条文未直接对这些主体作出禁止，义务、主体或二者的联系由本项目推出；引用时请核对原文，不要写成“文件规定”。"),
    Modality.EXPOSURE: lazy_gettext("推定：条文未直接指向这些主体，与它们的联系由本项目推出；引用时请核对原文。"),
    Modality.RIGHT: lazy_gettext("推定：条文未直接写明这些主体可以使用，与它们的联系由本项目推出；引用时请核对原文。"),
}


def meaning(one: Obligation) -> str:
    """Say what the modality asks, and what it does not."""
    return str(MEANINGS[one.modality])


def basis_meaning(one: Obligation) -> str:
    """Say how directly the text speaks to the bearers."""
    return str(STATED if one.basis == Basis.STATED else IMPLIED[one.modality])


def articles(numbers: Sequence[str]) -> str:
    """Write articles as lawyers do: 88 and 169-1 become 第 88 条、第 169 条之一."""
    return "、".join(_article(number) for number in numbers)


def _article(number: str) -> str:
    base, _dash, suffix = number.partition("-")
    return f"第 {base} 条" + (f"之{''.join(SUFFIXES[int(digit)] for digit in suffix)}" if suffix.isdigit() else "")


def consequences(codes: Sequence[str]) -> list[str]:
    """Return the labels of the kinds of consequence."""
    return [Consequence(code).label for code in codes]


def cadence_told(one: Obligation) -> str:
    """Say the suggested cadence in a sentence."""
    if one.cadence == Cadence.CONTINUOUS and one.review_every:
        return str(_("持续履行，建议%(every)s确认一次", every=one.review_every.label))
    if one.cadence == Cadence.EVENT:
        return str(_("事件触发时办理"))
    return one.cadence.label
