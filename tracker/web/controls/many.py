"""Controls of many obligations as a dialog of their list, and what one obligation's page shows of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flask import request
from flask_babel import gettext as _
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from ...controls.actions import set_controls
from ...controls.fields import BY_NAME, shown
from ...controls.queries import controls_on, used_values
from ...people.access import Viewer
from ..assigning.dialogs import officer_of
from ..doors import done, reading, viewer, writing
from .forms import GROUPS, ManyForm


@dataclass(frozen=True, slots=True)
class Many:
    """The dialog of a list: its form, the groups of its fields, and what the entity wrote elsewhere."""

    form: ManyForm
    used: Mapping[str, Sequence[str]]
    groups: Sequence[tuple[str, Sequence[str]]] = GROUPS


def many(entity_id: int | None) -> Many | None:
    """Make the dialog for an officer of the entity; nobody else gets one."""
    if entity_id is None or not officer_of(entity_id):
        return None
    form, used = ManyForm(request.form, prefix="control-"), used_values(reading(), viewer(), entity_id)
    form.offer(used)
    return Many(form, used)


def set_many(entity_id: int, ids: list[str], form: ManyForm) -> Response:
    """Change the given fields of many obligations, and say on the list what came of it."""
    with writing() as s:
        changed = set_controls(s, viewer(), entity_id, ids, form.changes())
    said = _("已修改 %(n)s 项义务的管控信息。", n=len(changed)) if changed else _("所选各项的管控信息已经是这样，没有更改。")
    return done(request.full_path.rstrip("?"), said)


def filled_in(s: Session, who: Viewer, obligation_id: str) -> dict[int, list[tuple[str, str]]]:
    """Return what each entity in sight filled in of an obligation, as (label, text) pairs: one statement."""
    return {
        entity_id: [(BY_NAME[name].label, shown(name, value)) for name, value in row.values.items() if value]
        for entity_id, row in controls_on(s, who, obligation_id).items()
    }
