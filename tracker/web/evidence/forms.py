"""Forms of evidence: what is said of a piece, in the library and on its own page."""

from __future__ import annotations

from flask_babel import lazy_gettext as _
from wtforms import HiddenField

from ...evidence.actions import EvidenceFacts
from ...evidence.checks import LONGEST_NOTE
from ...evidence.models import Evidence
from ...retention.keeping import MOST
from ..addresses import row_id
from ..form import Day, Form, LongText


class FactsForm(Form):
    """The period a piece speaks of, the day it was obtained, and a note; none of them is the day of the upload."""

    period_from = Day(_("所属期间（起）"), description=_("材料所反映的期间，不是上传的日期。"))
    period_to = Day(_("所属期间（止）"))
    obtained_on = Day(_("取得日"), description=_("实际拿到这份材料的日期；上传时间由系统另行记录。"))
    valid_until = Day(_("有效期至"), description=_("证照、授权、报告等有期限的材料，填写最后一个有效日；没有期限的留空。"))
    note = LongText(_("备注"), LONGEST_NOTE)
    version = HiddenField()

    def facts(self) -> EvidenceFacts:
        """Return what was filled in."""
        return EvidenceFacts(self.period_from.data, self.period_to.data, self.obtained_on.data, self.note.data or "", self.valid_until.data)


class DescribeForm(FactsForm):
    """What is said of a piece that is there already, and a reason where its term then ends earlier."""

    why = LongText(_("缩短保存期限的理由"), MOST, description=_("改早所属期间或取得日，使保存期限提前结束时必须填写；其他修改不需要。"))

    def show(self, row: Evidence) -> None:
        """Fill in what stands now."""
        self.process(obj=row)

    @property
    def read_version(self) -> int:
        """Return the version of the row that was shown; NotFound when somebody tampered with it."""
        return row_id(self.version.data or "")
