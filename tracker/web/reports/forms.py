"""The form of an export: as of which moment."""

from __future__ import annotations

from datetime import datetime

from flask_babel import lazy_gettext as _

from ...asof import moment_of
from ..form import Form, Text


class BuildForm(Form):
    """The moment that the workbook shows; nothing means the moment at which the button is pressed."""

    as_of = Text(
        _("截至"), 40, render_kw={"type": "datetime-local"},
        description=_("北京时间；留空表示现在。填写过去的时刻，工作簿的内容、数量、逾期和操作留痕都是那一刻的；能看哪些主体仍按您现在的角色。"),
    )

    def moment(self) -> datetime | None:
        """Return the moment asked for, None for now; raises BadInput for what is no moment."""
        return moment_of(self.as_of.data or "")
