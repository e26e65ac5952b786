"""Forms of controls: all fields of one obligation, and the fields to change of many."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from wtforms import BooleanField, HiddenField, SelectField

from ...controls.fields import BY_NAME, FIELDS, LEVEL, LEVELS, Field, shown
from ...controls.models import Control
from ...errors import NotFound
from ..form import Form, LongText, Text

HELP = {
    "post_duty": _("不填时用义务的合规管理要求。"), "risk_no": _("不填时用义务编号。"), LEVEL: _("不填时用登记册的重要程度。"),
    "lead_department": _("不填时用分派的责任部门。"), "business": _("不填时用义务的领域。"), "post_name": _("不填时用责任人的岗位。"),
}
CLEAR = "clear_"


def _input(field: Field) -> Any:
    if field.name == LEVEL:
        return SelectField(field.label, default="", description=HELP[LEVEL])
    kind = Text if field.most <= 200 else LongText
    return kind(field.label, field.most, description=HELP.get(field.name, ""))


class _Fields(Form):
    """What both forms share."""

    def offer(self, used: Mapping[str, Sequence[str]]) -> None:
        """Offer the levels, and what the entity wrote elsewhere in its one-line fields."""
        level: Any = self[LEVEL]
        level.choices = [("", gettext("不填")), *LEVELS.items()]
        for name, texts in used.items():
            if texts:
                self[name].render_kw = {"list": f"{self[name].id}-used"}


class ControlForm(_Fields):
    """All fields of one obligation; what stands in a field when it is saved is what stands there afterwards."""

    version = HiddenField(default="0")

    def show(self, row: Control | None) -> None:
        """Fill in what stands now."""
        self.process(data={**(row.values if row else {}), "version": str(row.version if row else 0)})

    def changes(self) -> dict[str, str]:
        """Return every field as filled in."""
        return {name: self[name].data or "" for name in BY_NAME}

    @property
    def read_version(self) -> int:
        """Return the version that was shown, 0 for nothing yet; NotFound when somebody tampered with it."""
        text = self.version.data or ""
        if not (text.isascii() and text.isdigit() and len(text) < 10):
            raise NotFound
        return int(text)

    def both_texts(self) -> list[tuple[str, str, str]]:
        """Return, after a stale edit, the fields that differ, the level as people read it."""
        theirs = self.stale.theirs if self.stale else {}
        typed = {BY_NAME[name].label: shown(name, value) for name, value in self.changes().items()}
        return [(label, text, typed[label]) for label, text in theirs.items() if typed[label] != text]


class ManyForm(_Fields):
    """Fields to change of many obligations: an empty one stays as it is, a ticked box clears."""

    def changes(self) -> dict[str, str]:
        """Return the fields to change; a cleared one is an empty text."""
        filled = {name: self[name].data for name in BY_NAME if self[name].data}
        return filled | {name: "" for name in BY_NAME if self[CLEAR + name].data}

    def validate(self, extra_validators: Any = None) -> bool:
        """Validate; something must change, and nothing can be filled in and cleared at once."""
        sound = super().validate(extra_validators)
        for name in BY_NAME:
            if self[name].data and self[CLEAR + name].data:
                self[name].errors = [*self[name].errors, gettext("%(label)s既填写了内容又勾选了清空，请只选一样。", label=BY_NAME[name].label)]
                sound = False
        if sound and not self.changes():
            self.form_errors.append(gettext("请至少填写一项，或勾选要清空的项。"))
            return False
        return sound


def _groups() -> Iterator[tuple[str, list[str]]]:
    sheets = dict.fromkeys(field.sheet for field in FIELDS)
    yield from ((sheet, [field.name for field in FIELDS if field.sheet == sheet]) for sheet in sheets)


# The lists with the names of the fields that were made for them, the shared ones first.
GROUPS = tuple(_groups())
for _field in FIELDS:
    setattr(ControlForm, _field.name, _input(_field))
    setattr(ManyForm, _field.name, _input(_field))
    setattr(ManyForm, CLEAR + _field.name, BooleanField(_("清空")))
