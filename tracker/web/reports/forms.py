"""The form of an export: as workbook or as package, and as of which moment."""

from __future__ import annotations

from datetime import datetime

from flask_babel import lazy_gettext as _
from wtforms import RadioField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]
from wtforms.validators import DataRequired

from ...asof import moment_of
from ...reports.models import PACKAGE, WORKBOOK
from ..form import Form, Text


class BuildForm(Form):
    """What is exported, and the moment that it shows; nothing means the moment at which the button is pressed."""

    kind = RadioField(
        _("导出为"), [DataRequired(_("请选择工作簿或审计包。"))], choices=[SelectChoice(WORKBOOK, _("工作簿")), SelectChoice(PACKAGE, _("审计包"))], default=WORKBOOK,
        description=_("审计包是一个 ZIP：工作簿、证据文件、不用联网的索引、文件清单和离线校验程序。"),
    )

    as_of = Text(
        _("截至"), 40, render_kw={"type": "datetime-local"},
        description=_("北京时间；留空表示现在。填写过去的时刻，工作簿的内容、数量、逾期和操作留痕都是那一刻的；能看哪些主体仍按您现在的角色。"),
    )

    def moment(self) -> datetime | None:
        """Return the moment asked for, None for now; raises BadInput for what is no moment."""
        return moment_of(self.as_of.data or "")
