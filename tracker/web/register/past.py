"""How an obligation came to say what it says: what every edition did to it, in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from ...editions.queries import Step
from ...people.queries import names
from ...register.models import Edition
from ...register.shape import Obligation
from ..changes import Labels, Row, field_rows


@dataclass(frozen=True, slots=True)
class Past:
    """One line of the history: the edition, what it did, by whom it was loaded, what changed, and the text from then on."""

    edition: Edition
    what: str
    by: str
    rows: list[Row]
    text: Obligation | None


def told(s: Session, steps: Sequence[Step]) -> list[Past]:
    """Put the steps into words, newest first; one statement for the people."""
    labels, people = Labels.of(s), names(s, [step.edition.loaded_by for step in steps])
    return [
        Past(
            step.edition, _what(step), people[step.edition.loaded_by].name if step.edition.loaded_by in people else _("系统操作员"),
            field_rows(step.fields, labels), step.text if step.what in {"added", "revived", "changed"} else None,
        )
        for step in steps
    ]


def _what(step: Step) -> str:
    if step.what == "renamed":
        return str(_("改编号，原编号 %(id)s", id=step.was))
    known = {"added": _("首次载入"), "revived": _("撤下后恢复"), "changed": _("内容变更"), "withdrawn": _("撤下")}
    return str(known[step.what] if step.text is not None or step.what == "withdrawn" else _("变回以前的文本"))
