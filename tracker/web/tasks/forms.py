"""Forms of tasks: the owner's work, files, the reviewer's decision, and what the officer does."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import cast

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from wtforms import HiddenField, SelectField

from ...assignments.models import Task
from ...assignments.working import LONGEST_NOTE, Work
from ...people.queries import Colleague
from ...words import Role
from ..addresses import row_id
from ..form import Day, Form, LongText, Text


class Versioned(Form):
    """A form that knows which version of the task was shown."""

    version = HiddenField()

    @property
    def read_version(self) -> int:
        """Return the version of the task that was shown; NotFound when somebody tampered with it."""
        return row_id(self.version.data or "")


class WorkForm(Versioned):
    """What the owner says of the task."""

    period_from = Day(_("所属期间（起）"), description=_("证据和说明所反映的期间，不是上传的日期。"))
    period_to = Day(_("所属期间（止）"))
    note = LongText(_("办理说明"), LONGEST_NOTE, description=_("做了什么、查了多少、有无例外。复核人据此判断。"))

    def show(self, row: Task) -> None:
        """Fill in what stands now."""
        self.process(obj=row)

    def work(self) -> Work:
        """Return what was filled in."""
        return Work(self.note.data or "", self.period_from.data, self.period_to.data)


class AcceptForm(Versioned):
    """The reviewer accepts; `seen` is the digest of the obligation's text that was shown."""

    seen = HiddenField()
    comment = LongText(_("复核意见"), 2000)


class CommentForm(Form):
    """The reviewer confirms again."""

    comment = LongText(_("复核意见"), 2000)


class ReconfirmForm(CommentForm):
    """The reviewer confirms one task again, under the text whose digest is `seen`."""

    seen = HiddenField()


class SendBackForm(Versioned):
    """The reviewer sends back."""

    reason = LongText(_("退回理由"), 2000, _("请写明需要补正什么，以便责任人一次改好。"))


class ReasonForm(Form):
    """A reason, where nothing else is needed."""

    reason = LongText(_("理由"), 500, _("请写明理由（4 到 500 个字），它会写入操作留痕。"))


class RescheduleForm(ReasonForm):
    """A new due date."""

    due_on = Day(_("新的截止日"), _("请填写新的截止日。"), description=_("只改本次截止日；以后各期仍按原定日期推算。"))

    @property
    def day(self) -> date:
        """Return the day of a form that was validated."""
        return cast(date, self.due_on.data)


class ReassignForm(Form):
    """New people for tasks; what is left open stays as it is."""

    owner_id = SelectField(_("责任人"))
    reviewer_id = SelectField(_("复核人"))
    department = Text(_("部门"), 100, description=_("不填则不改；要清掉已有的部门，填写〔清空〕。"))

    def offer(self, people: Iterable[Colleague]) -> None:
        """Fill the choices with those who hold the role and are still here."""
        for field, role in ((self.owner_id, Role.OWNER), (self.reviewer_id, Role.REVIEWER)):
            chosen = [(str(one.id), one.shown, {"data-find": one.pinyin}) for one in people if one.active and role in one.roles]
            field.choices = [("", gettext("（不变）"), {}), *chosen]

