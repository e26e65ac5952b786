"""The page on which an officer fills in what the entity adds to one obligation; many at once are filled in on the list."""

from __future__ import annotations

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from ...controls.actions import set_controls
from ...controls.queries import control, used_values
from ...errors import NotFound
from ...people.access import need_role
from ...people.queries import entity
from ...register.models import Obligation
from ...register.queries import obligation
from ...words import Role
from ..doors import done, reading, viewer, writing
from ..filters import only_entity
from ..form import shown_on
from .forms import GROUPS, ControlForm

blueprint = Blueprint("controls", __name__)


@blueprint.route("/obligations/<obligation_id>/controls", methods=["GET", "POST"])
def edit(obligation_id: str) -> ResponseReturnValue:
    """Show and save all fields of one obligation in the chosen entity."""
    one, entity_id = obligation(reading(), obligation_id), only_entity()
    if entity_id is None:
        raise NotFound
    need_role(viewer(), entity_id, Role.OFFICER)
    form, used = ControlForm(request.form), used_values(reading(), viewer(), entity_id)
    form.offer(used)
    if request.method == "GET":
        form.show(control(reading(), viewer(), entity_id, one.id))
        return _page(form, one, entity_id, used)
    if form.validate():
        with shown_on(form):
            return _save(form, one.id, entity_id)
        if form.stale:
            # Whoever has seen both texts may keep his own.
            now = control(reading(), viewer(), entity_id, one.id)
            form.version.data = str(now.version if now else 0)
    return _page(form, one, entity_id, used), form.status


def _save(form: ControlForm, obligation_id: str, entity_id: int) -> Response:
    with writing() as s:
        changed = set_controls(s, viewer(), entity_id, [obligation_id], form.changes(), {obligation_id: form.read_version})
    back = url_for("register.page", obligation_id=obligation_id, entity=request.args.get("entity"), _anchor="controls")
    return done(back, _("管控信息已保存。") if changed else _("管控信息没有更改。"))


def _page(form: ControlForm, one: Obligation, entity_id: int, used: dict[str, list[str]]) -> str:
    there = entity(reading(), viewer(), entity_id)
    return render_template("controls/edit.html", page_title=_("管控信息"), form=form, one=one, entity=there, groups=GROUPS, used=used)
