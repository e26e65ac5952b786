"""The base of every form: Chinese messages, bounded text, and errors of the rooms shown at the fields."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from flask_babel import gettext as _
from wtforms import DateField, StringField, TextAreaField
from wtforms import Form as WtForm
from wtforms.validators import DataRequired, InputRequired, Length, Optional, ValidationError

from ..errors import BadInput, Busy, DiskTrouble, NoSpace, RuleBroken, Stale, Throttled

# Control characters, half surrogates and non-characters: no workbook can hold them, and PostgreSQL refuses NUL.
UNHOLDABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")


# As a field's flag `required`: needed or not by what else is filled in; the form itself says when.
SOMETIMES = "sometimes"
# Likewise of a choice that always has a value: neither optional nor left to be filled in.
ALWAYS = "always"


class Form(WtForm):
    """A form of ours; the CSRF token is checked for every POST before any view runs, so forms carry none."""

    class Meta:
        locales = ["zh"]

    status = 422
    stale: Stale | None = None

    def validate(self, extra_validators: Any = None) -> bool:
        """Validate; messages of fields, translated when they are read, become plain text for the templates."""
        sound = super().validate(extra_validators)
        for field in self:
            field.errors = [one if isinstance(one, (list, dict)) else str(one) for one in field.errors]
        return sound

    def both_texts(self) -> list[tuple[str, str, str]]:
        """Return, after a stale edit, the fields that differ: label, what stands now, what was typed."""
        typed = {str(field.label.text): str(field.data or "") for field in self}
        theirs = self.stale.theirs if self.stale else {}
        return [(label, text, typed[label]) for label, text in theirs.items() if typed.get(label, text) != text]


def _trimmed(value: Any) -> Any:
    return value.strip() if isinstance(value, str) else value


def _holdable(_form: Any, field: Any) -> None:
    found = UNHOLDABLE.search(field.data or "")
    if found:
        code = f"U+{ord(found.group()):04X}"
        raise ValidationError(_("其中有无法保存的控制字符（%(code)s），请删去后重试。", code=code))


def _rules(most: int, needed: str) -> list[Any]:
    bounded = Length(max=most, message=_lazy_most(most))
    return [*([DataRequired(needed)] if needed else []), bounded, _holdable]


def _lazy_most(most: int) -> str:
    return f"最多 {most} 个字，请缩短后重试。"


class Text(StringField):
    """One line of text: trimmed, at most `most` characters; `needed` is the sentence when it is missing."""

    def __init__(self, label: Any, most: int, needed: Any = "", **more: Any) -> None:
        super().__init__(label, _rules(most, needed), filters=[_trimmed], **more)
        # The templates decide by the type's name how a field is drawn.
        self.type = "StringField"


class LongText(TextAreaField):
    """Several lines of text, bounded and trimmed likewise."""

    def __init__(self, label: Any, most: int = 2000, needed: Any = "", **more: Any) -> None:
        super().__init__(label, _rules(most, needed), filters=[_trimmed], **more)
        self.type = "TextAreaField"


class Day(DateField):
    """A day; `needed` is the sentence when it is missing."""

    def __init__(self, label: Any, needed: Any = "", **more: Any) -> None:
        super().__init__(label, [InputRequired(needed) if needed else Optional()], **more)
        self.type = "DateField"

    def process_formdata(self, valuelist: list[Any]) -> None:
        """Read the day, with a sentence that says how it is written."""
        try:
            super().process_formdata(valuelist)
        except ValueError:
            raise ValueError(_("请填写有效的日期，写法如 2026-11-22。")) from None


def show_problems(form: WtForm, problem: BadInput) -> None:
    """Put each sentence of a BadInput at the field it names, or above the form when there is no such field."""
    for place in problem.problems:
        field = form._fields.get(place.where)
        if field is None:
            form.form_errors.append(place.sentence)
        else:
            field.errors = [*field.errors, place.sentence]
    if not problem.problems:
        form.form_errors.append(problem.sentence)


@contextmanager
def shown_on(form: Form) -> Iterator[None]:
    """Catch what the user can put right on the form itself; `form.status` is then the status of the page.

    The view returns its redirect inside, and the page with the form after it.
    """
    try:
        yield
    except BadInput as problem:
        form.status = problem.status
        show_problems(form, problem)
    except (RuleBroken, Stale, Throttled, NoSpace, Busy, DiskTrouble) as problem:
        form.status = problem.status
        form.stale = problem if isinstance(problem, Stale) else None
        form.form_errors.append(problem.sentence)
