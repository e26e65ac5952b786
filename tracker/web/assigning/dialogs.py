"""The form of assigning as a dialog of a list: made for one entity, filled in by what was just sent."""

from __future__ import annotations

from flask import request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from ...assignments import assigning
from ...assignments.assigning import Assigned
from ...people.access import Viewer
from ...people.queries import colleagues
from ...words import Role
from ..doors import config, done, reading, viewer, writing
from .forms import TermsForm


def officer_of(entity_id: int | None) -> bool:
    """Tell whether the viewer assigns in this entity."""
    return entity_id is not None and viewer().holds(entity_id, Role.OFFICER)


def terms_form(entity_id: int | None) -> TermsForm | None:
    """Make the form for an officer of the entity; nobody else gets one."""
    if entity_id is None or not officer_of(entity_id):
        return None
    form = TermsForm(request.form, prefix="terms-")
    form.offer(colleagues(reading(), viewer(), entity_id))
    return form


def assign(who: Viewer, entity_id: int, ids: list[str], form: TermsForm) -> Response:
    """Assign, and say on the list what came of it."""
    with writing() as s:
        did = assigning.assign(s, who, entity_id, ids, form.terms(), config().horizon_days)
    return done(request.full_path.rstrip("?"), told(did), url_for("assigning.listing", entity=entity_id), _("查看分派"))


def told(did: Assigned) -> str:
    """Say what an assigning did."""
    parts = []
    if did.made:
        parts.append(_("新分派 %(n)s 项义务", n=did.made))
    if did.changed:
        parts.append(_("更改 %(n)s 项分派", n=did.changed))
    if did.tasks:
        parts.append(_("生成 %(n)s 个任务", n=did.tasks))
    return "，".join(parts) + "。" if parts else str(_("所选各项已经是这样分派的，没有更改。"))
