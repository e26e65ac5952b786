"""The form of an export: as workbook or as package, and as of which moment."""

from __future__ import annotations

from datetime import datetime

from flask_babel import lazy_gettext as _
from sqlalchemy.orm import Session
from wtforms import RadioField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]
from wtforms.validators import DataRequired

from ...asof import FIELD, SINCE, check_moment, moment_of
from ...assignments.queries import TaskFilter
from ...errors import BadInput
from ...exporting.moments import NOT_EARLIER
from ...reports.jobs.asking import Asked
from ...words import ExportKind
from ..form import Form, Text


class BuildForm(Form):
    """What is exported, and the moment that it shows; nothing means the moment at which building begins."""

    kind = RadioField(
        _("导出为"), [DataRequired(_("请选择工作簿或审计包。"))], choices=[SelectChoice(str(ExportKind.WORKBOOK), _("工作簿")), SelectChoice(str(ExportKind.PACKAGE), _("审计包"))],
        default=str(ExportKind.WORKBOOK), description=_("审计包是一个 ZIP：工作簿、证据文件、不用联网的索引、文件清单和离线校验程序。"),
    )

    as_of = Text(
        _("截至"), 40, render_kw={"type": "datetime-local"},
        description=_("北京时间；留空表示现在。填写过去的时刻，工作簿的内容、数量、逾期和操作留痕都是那一刻的；能看哪些主体仍按您现在的角色。"),
    )

    since = Text(
        _("与更早的时点比较"), 40, render_kw={"type": "datetime-local"},
        description=_("北京时间；填写后，工作簿多一张“版本差异”，逐项、逐栏列出两个时点之间的变化。留空表示不作比较。"),
    )

    def moment(self, s: Session, field: str = FIELD) -> datetime | None:
        """Return the moment asked for, None for now (or none to compare with); raises BadInput at the field for what is no moment, or none that can be shown."""
        moment = moment_of(self[field].data or "", field)
        if moment is not None:
            check_moment(s, moment, field)
        return moment

    def asked(self, s: Session, entities: tuple[int, ...], wanted: TaskFilter) -> Asked:
        """Return all that is asked for; raises BadInput like `moment`."""
        as_of, since = self.moment(s), self.moment(s, SINCE)
        if as_of and since and since >= as_of:
            raise BadInput.at(SINCE, NOT_EARLIER)
        return Asked(entities, wanted, as_of, since, ExportKind(self.kind.data))
