"""What the pages say of an obligation in sentences: what its modality and basis mean, consequences, cadence."""

from __future__ import annotations

from collections.abc import Sequence

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from ...register.models import Document, Obligation
from ...register.shape import OWN_LEDGER
from ...words import Basis, Cadence, Consequence, Modality

MEANINGS = {
    (Modality.MUST, Basis.STATED): _l("应当：条文直接要求这些主体做到。"),
    (Modality.MUST, Basis.IMPLIED): _l("应当（推定）：条文未直接对这些主体提出要求，这项义务由本项目从条文推出。"),
    (Modality.MUST_NOT, Basis.STATED): _l("不得：条文直接禁止这些主体这样做。"),
    (Modality.MUST_NOT, Basis.IMPLIED): _l("不得（推定）：条文未直接对这些主体作出禁止，这项禁止由本项目从条文推出。"),
    (Modality.EXPOSURE, Basis.STATED): _l("风险敞口：条文未要求公司作为；它写明这些主体面临的责任或执法动向，须管理的是由此产生的风险。"),
    (Modality.EXPOSURE, Basis.IMPLIED): _l("风险敞口（推定）：条文未要求公司作为，也未直接指向这些主体；须管理的是由此可能产生的责任或执法风险。"),
    (Modality.RIGHT, Basis.STATED): _l("权利：条文给这些主体可以使用的手段，不使用不构成违反。"),
    (Modality.RIGHT, Basis.IMPLIED): _l("权利（推定）：条文未直接写给这些主体，这一手段由本项目从条文推出；不使用不构成违反。"),
}
# A ledger of the company's own says what the company asks of itself; nobody derived it from a text.
OWN_MEANINGS = {
    Modality.MUST: _l("应当（公司台账）：公司自己的台账列为要做到的事；它的法律依据和约束力没有经过核验。"),
    Modality.MUST_NOT: _l("不得（公司台账）：公司自己的台账列为不得做的事；它的法律依据和约束力没有经过核验。"),
    Modality.EXPOSURE: _l("风险敞口（公司台账）：公司自己的台账列出的风险，没有要求公司作为；依据没有经过核验。"),
    Modality.RIGHT: _l("权利（公司台账）：公司自己的台账列出的手段，不使用不构成违反；依据没有经过核验。"),
}
CAUTION = _l("引用时请核对原文，不要写成“文件规定”。")


def of_ledger(document: Document) -> bool:
    """Tell whether a document is a ledger of the company's own, whose words are nobody else's."""
    return document.nature.startswith(OWN_LEDGER)


def meaning(one: Obligation, own: bool = False) -> str:
    """Say in one sentence what modality and basis together mean, so that nobody takes an exposure for a duty; `own` is that of a ledger."""
    return str(OWN_MEANINGS[one.modality] if own and one.basis == Basis.IMPLIED else MEANINGS[one.modality, one.basis])


def caution(one: Obligation) -> str:
    """Warn of quoting what the text does not say in so many words."""
    return str(CAUTION) if one.basis == Basis.IMPLIED else ""


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
