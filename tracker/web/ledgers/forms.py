"""The form of a ledger: the register it becomes, what stands for rows that say nothing, and what its columns and words mean."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from wtforms import BooleanField, SelectField

from ...ledgers.building import Choices, Question
from ...ledgers.fields import CHOSEN, FIELDS
from ...ledgers.rows import NEW, Words, labels
from ...register.models import HeldRegister
from ..form import Day, Form, Text

DEFAULTS = {"subject": _("义务主体"), "domain": _("领域"), "modality": _("性质"), "severity": _("重要程度"), "cadence": _("频率")}


class LedgerForm(Form):
    """What is said of a ledger beside its columns."""

    register = SelectField(_("载入到"), validate_choice=False)
    name = Text(_("登记册名称"), 60, needed=_("请填写登记册名称。"))
    issuer = Text(_("编制单位"), 60, needed=_("请填写台账的编制单位。"))
    issued = Day(_("台账日期"), needed=_("请填写台账日期。"))
    default_subject = SelectField(DEFAULTS["subject"], validate_choice=False)
    default_domain = SelectField(DEFAULTS["domain"], validate_choice=False)
    default_modality = SelectField(DEFAULTS["modality"], validate_choice=False)
    default_severity = SelectField(DEFAULTS["severity"], validate_choice=False)
    default_cadence = SelectField(DEFAULTS["cadence"], validate_choice=False)
    leave = BooleanField(_("不导入有问题的行，只导入其余各行"))

    @classmethod
    def of(cls, choices: Choices, words: Words, registers: Sequence[HeldRegister], given: Any = None) -> LedgerForm:
        """Make the form with what is chosen, or with what was sent."""
        form = cls(given, data={**_fields(choices), "issued": _day(choices.issued)})
        form.register.choices = [("", gettext("新的登记册")), *((one.key, one.name) for one in registers)]
        for code in DEFAULTS:
            field: SelectField = getattr(form, f"default_{code}")
            known = list(labels(code, words).items())
            field.choices = [*([("", gettext("请选择"))] if code == "subject" else []), *([(NEW, gettext("新设领域，与登记册同名"))] if code == "domain" else []), *known]
            field.flags.required = True
        form.register.flags.required = True
        return form


def _fields(choices: Choices) -> dict[str, Any]:
    told = {f"default_{code}": value for code, value in choices.defaults.items()}
    return {**told, "register": choices.register, "name": choices.name, "issuer": choices.issuer, "leave": choices.leave}


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def value_name(one: Question) -> str:
    """Return what the choice for a word is called in the form."""
    return f"value-{one.field}-{hashlib.sha256(one.value.encode()).hexdigest()[:12]}"


def said(given: Mapping[str, str], choices: Choices) -> Choices:
    """Return the choices with everything that was sent but the meaning of words."""
    columns = {number: code for number, was in choices.columns.items() if (code := given.get(f"col-{number}", was)) in FIELDS}
    defaults = {code: given.get(f"default_{code}", choices.defaults.get(code, "")) for code in DEFAULTS}
    plain = {name: given.get(name, getattr(choices, name)).strip()[:60] for name in ("register", "name", "issuer", "issued")}
    return replace(choices, columns={**choices.columns, **columns}, defaults=defaults, leave="leave" in given, **plain)


def worded(given: Mapping[str, str], choices: Choices, asked: Sequence[Question]) -> Choices:
    """Return the choices with the meaning of the words that were asked about."""
    values = {field: dict(choices.values.get(field, {})) for field in CHOSEN}
    for one in asked:
        values[one.field][one.value] = given.get(value_name(one), values[one.field].get(one.value, ""))
    return replace(choices, values={field: found for field, told in values.items() if (found := {word: code for word, code in told.items() if code})})
