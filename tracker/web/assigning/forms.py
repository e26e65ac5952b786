"""Forms of assigning: the terms of an assignment, other people for it, its end, an occasion, handing over."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from wtforms import DateField, SelectField
from wtforms.validators import DataRequired, Optional

from ... import clock
from ...assignments.assigning import Terms
from ...bringing.fields import kept_or
from ...people.queries import Colleague
from ...register.shape import REVIEWABLE
from ...words import Cadence, Role
from ..addresses import BIGGEST
from ..filters import words_of
from ..form import Form, LongText, Text

NOBODY = 0


def person_field(label: Any, needed: Any) -> SelectField:
    """Make a select of people; whether the one chosen still may is for the action to say."""
    return SelectField(label, [DataRequired(needed)], validate_choice=False)


def people_choices(people: Iterable[Colleague]) -> list[tuple[str, str, dict[str, str]]]:
    """Return the choices of such a select, to be narrowed by pinyin and its initials."""
    return [
        (str(one.id), one.shown, {"data-find": f"{one.pinyin.replace(' ', '')} {''.join(part[0] for part in one.pinyin.split())}"})
        for one in people
    ]


def chosen_person(field: Any) -> int:
    """Return the chosen person's id; what is no number is nobody's."""
    text = field.data or ""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 11 and int(text) <= BIGGEST else NOBODY


class PeopleForm(Form):
    """Owner, reviewer and department."""

    owner_id = person_field(_("责任人"), _("请选择责任人。"))
    reviewer_id = person_field(_("复核人"), _("请选择复核人。"))
    department = Text(_("责任部门"), 100, description=_("写在台账上的部门名称，可与责任人所在部门不同。"))
    note = Text(_("备注"), 500, description=_("不填则不改；要清掉已有的备注，填写〔清空〕。"))

    def offer(self, people: list[Colleague]) -> None:
        """Fill the choices with those who hold the role in the entity."""
        for field, role in ((self.owner_id, Role.OWNER), (self.reviewer_id, Role.REVIEWER)):
            field.choices = [("", gettext("请选择"), {}), *people_choices(p for p in people if role in p.roles)]

    def people(self) -> tuple[int, int, str, str | None]:
        """Return owner, reviewer, department and note as filled in; no note leaves the one that is there."""
        return chosen_person(self.owner_id), chosen_person(self.reviewer_id), self.department.data or "", kept_or(self.note.data or "")


class TermsForm(PeopleForm):
    """All terms of an assignment."""

    cadence = SelectField(_("频率"), description=_("建议频率是本项目的专业建议，不是条文规定的期限。"))
    review_every = SelectField(_("持续履行的确认周期"), description=_("只对“持续履行”的义务有效。"))
    first_due = DateField(_("首个截止日"), [Optional()], description=_("以后各期由此日按频率推算；只分派事件触发的义务时可不填。"))

    def offer(self, people: list[Colleague]) -> None:
        """Fill the choices."""
        super().offer(people)
        self.cadence.choices = [("", gettext("按建议：每项义务各自的建议频率")), *words_of(Cadence)]
        self.review_every.choices = [("", gettext("按建议：每项义务各自的确认周期")), *words_of(REVIEWABLE)]

    def terms(self) -> Terms:
        """Return what was filled in."""
        owner, reviewer, department, note = self.people()
        return Terms(
            owner, reviewer, self.first_due.data, department,
            Cadence(self.cadence.data) if self.cadence.data else None, Cadence(self.review_every.data) if self.review_every.data else None, note,
        )


class EndForm(Form):
    """Why assignments end."""

    reason = LongText(_("理由"), 500, _("请写明结束分派的理由（至少 4 个字）。"), description=_("写入操作留痕，并作为取消未完成任务的理由。"))


class OccasionForm(Form):
    """What has happened, and by when it is to be dealt with."""

    occasion = Text(_("发生了什么"), 200, _("请用 2 到 200 个字写明发生了什么。"))
    due_on = DateField(_("截止日"), [DataRequired(_("请填写截止日。"))], default=lambda: clock.today() + timedelta(days=14))


class HandOverForm(Form):
    """Who takes over."""

    heir_id = person_field(_("接手人"), _("请选择接手人。"))

    def offer(self, people: list[Colleague], leaver_id: int) -> None:
        """Fill the choices with everybody who can hold work, but the leaver."""
        able = [p for p in people if p.active and p.id != leaver_id and p.roles & {Role.OWNER, Role.REVIEWER}]
        self.heir_id.choices = [("", gettext("请选择"), {}), *people_choices(able)]

    def heir(self) -> int:
        """Return the id of who takes over."""
        return chosen_person(self.heir_id)
