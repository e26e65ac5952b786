"""Forms of retention: a reason, the class of a piece, a legal hold, the fields of an event, a request for deletion."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from wtforms import RadioField, SelectField, SelectMultipleField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]
from wtforms.validators import DataRequired, ValidationError
from wtforms.widgets import CheckboxInput, ListWidget

from ...evidence.models import Evidence
from ...retention.classes import CLASSES, RetentionClass
from ...words import HoldKind
from ..form import ALWAYS, SOMETIMES, Day, Form, LongText, Text

MOST = 1000
REASON = _("请填写理由，它会记入操作留痕。")


class ReasonForm(Form):
    """A reason, which goes into the trail."""

    reason = LongText(_("理由"), MOST, REASON)


class TakingForm(ReasonForm):
    """A reason and the law it rests on, to have something taken away."""

    basis = LongText(_("法律依据"), MOST, _("请填写法律依据，它会记入操作留痕。"), description=_("例如：本人请求，《个人信息保护法》第47条（未核验）；保存期限届满，《证券法》第137条。"))


class FieldsForm(ReasonForm):
    """Which personal values of one event, and why."""

    fields = SelectMultipleField(
        _("涉及的栏目"), [DataRequired(_("请至少选择一栏。"))], widget=ListWidget(prefix_label=False), option_widget=CheckboxInput(), validate_choice=False,
    )

    def offer(self, choices: Iterable[tuple[str, str]]) -> None:
        """Offer the personal fields of the event."""
        self.fields.choices = [SelectChoice(code, label) for code, label in choices]


class TakingFieldsForm(FieldsForm, TakingForm):
    """Which personal values of one event are to be deleted."""


class ClassForm(Form):
    """The retention class of a piece, its first day, and a reason where the term becomes shorter."""

    retention = SelectField(_("保存类别"))
    kept_from = Day(_("起算日"), description=_("业务委托结束、清算终止、账户销户等系统不知道的日期，在这里填写；其他类别从上传、取得和所属期间中最晚的一日起算。"))
    why = LongText(_("缩短期限的理由"), MOST, description=_("延长期限不需要理由；缩短，或改用起算日尚未填写的类别，必须说明。"))

    def offer(self, default: RetentionClass) -> None:
        """Offer every class, the entity's own first."""
        own = SelectChoice("", gettext("按主体类型：%(name)s（%(term)s）", name=default.label, term=default.term))
        self.retention.flags.required, self.why.flags.required = ALWAYS, SOMETIMES
        self.retention.choices = [own, *(SelectChoice(one.code, f"{one.label}（{one.term}）") for one in CLASSES.values())]

    def show(self, row: Evidence) -> None:
        """Fill in what stands now."""
        self.retention.data, self.kept_from.data = row.retention, row.kept_from


class NeededFor:
    """Demands a field of a hold of these kinds, with a sentence."""

    field_flags: ClassVar[dict[str, str]] = {"required": SOMETIMES}

    def __init__(self, sentence: Any, *kinds: HoldKind) -> None:
        self._sentence, self._kinds = sentence, {str(one) for one in kinds}

    def __call__(self, form: Any, field: Any) -> None:
        """Refuse a field that is empty though the kind needs it."""
        if form.kind.data in self._kinds and not field.data:
            raise ValidationError(str(self._sentence))


class HoldForm(Form):
    """What a legal hold is placed on, and why."""

    kind = RadioField(_("保全范围"), [DataRequired(_("请选择保全范围。"))], choices=[SelectChoice(str(one), one.label) for one in HoldKind], default=str(HoldKind.ENTITY))
    entity = SelectField(
        _("主体"), [NeededFor(_("请选择主体：整个主体和一项义务按主体保全。"), HoldKind.ENTITY, HoldKind.OBLIGATION)], validate_choice=False,
        description=_("保全整个主体或一项义务时必须选择；保全一份证据时如果选择，会核对证据属于它；保全人员时不必选择。"),
    )
    what = Text(_("编号"), 60, description=_("一项义务填义务编号；一份证据填其编号（证据页地址末尾的数字）；一名人员填登录名、姓名或编号；整个主体不必填。"))
    reason = LongText(_("理由"), MOST, REASON)

    def __init__(self, *given: Any, **more: Any) -> None:
        super().__init__(*given, **more)
        self.what.flags.required = SOMETIMES
        self.what.validators = [NeededFor(_("请填写编号。"), HoldKind.OBLIGATION, HoldKind.EVIDENCE, HoldKind.PERSON), *self.what.validators]

    def offer(self, entities: Iterable[tuple[int, str]], chosen: int | None) -> None:
        """Offer the entities where the viewer may place one."""
        choices: list[Any] = [SelectChoice("", gettext("请选择")), *(SelectChoice(str(key), name) for key, name in entities)]
        self.entity.choices = choices
        if not self.entity.data and chosen is not None:
            self.entity.data = str(chosen)
