"""The form of an export: what kind, and as of which moment."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask_babel import lazy_gettext as _
from sqlalchemy.orm import Session
from wtforms import RadioField

from ...asof import check_moment, moment_of
from ...assignments.queries import TaskFilter
from ...reports.jobs.asking import Asked
from ...words import ExportKind
from ..filters import words_of
from ..form import Form, Text

OFFERED: Any = dict(words_of([ExportKind.WORKBOOK]))


class BuildForm(Form):
    """The kind, and the moment that is shown; nothing means the moment at which building begins."""

    kind = RadioField(_("导出内容"), choices=OFFERED, default=next(iter(OFFERED)))
    as_of = Text(
        _("截至"), 40, render_kw={"type": "datetime-local"},
        description=_("北京时间；留空表示现在。填写过去的时刻，工作簿的内容、数量、逾期和操作留痕都是那一刻的；能看哪些主体仍按您现在的角色。"),
    )

    def moment(self, s: Session) -> datetime | None:
        """Return the moment asked for, None for now; raises BadInput for what is no moment, or none that can be shown."""
        moment = moment_of(self.as_of.data or "")
        if moment is not None:
            check_moment(s, moment)
        return moment

    def asked(self, s: Session, entities: tuple[int, ...], wanted: TaskFilter) -> Asked:
        """Return all that is asked for; raises BadInput like `moment`."""
        return Asked(entities, wanted, self.moment(s), None, ExportKind(self.kind.data))
