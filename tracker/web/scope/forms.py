"""Forms of scope: the reason of a decision."""

from __future__ import annotations

from flask_babel import lazy_gettext as _

from ...scope.actions import LONGEST_REASON
from ..form import Form, LongText


class AppliesForm(Form):
    """A decision that something applies; whether it needs a reason depends on the suggestion."""

    reason = LongText(_("理由"), LONGEST_REASON, description=_("系统建议不适用的义务改为适用时必须填写，至少 4 个字。"))


class ExcludeForm(Form):
    """A decision that something does not apply."""

    reason = LongText(
        _("理由"), LONGEST_REASON, _("定为不适用需要写明理由（至少 4 个字）。"),
        description=_("写明本主体为什么不受其约束，例如不从事该项业务。理由会列在适用性说明和报告里。"),
    )
