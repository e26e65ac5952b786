"""The form of a preview: how conflicts are decided, and whether rows that cannot be taken are left out."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from werkzeug.datastructures import MultiDict
from wtforms import BooleanField, HiddenField, SelectField

from ...bringing.merging import Verdict
from ...bringing.queries import Preview
from ..form import Form

MINE, THEIRS = "mine", "theirs"


class DecideForm(Form):
    """What the officer decides on a preview; `seen` is a digest of what was shown."""

    seen = HiddenField()
    rest = SelectField(_("没有逐项选择的冲突"), validate_choice=False)
    without_refused = BooleanField(_("不导入有问题的行，只导入其余各行"))

    def __init__(self, formdata: Any = None) -> None:
        super().__init__(formdata)
        self.rest.choices = [("", gettext("（逐项选择）")), (MINE, gettext("一律采用文件中的值")), (THEIRS, gettext("一律保留系统现值"))]


def decided(found: Preview, given: MultiDict[str, str]) -> dict[str, bool]:
    """Return which conflicts were decided, one by one or all at once: place → whether the file's word counts."""
    rest = given.get("rest", "")
    chosen = {cell.place: given.get(f"take-{cell.place}", rest) for _row, cell in found.cells(Verdict.CONFLICT)}
    return {place: choice == MINE for place, choice in chosen.items() if choice in {MINE, THEIRS}}
