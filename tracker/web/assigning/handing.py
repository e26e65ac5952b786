"""The page on which all open work of one person goes to another."""

from __future__ import annotations

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from ...assignments.assigning import hand_over
from ...assignments.queries import open_work_of
from ...errors import NotFound
from ...people.access import need_role
from ...people.queries import Colleague
from ...words import Role
from ..addresses import row_id
from ..choosing import choose_entity
from ..doors import done, reading, viewer, writing
from ..filters import only_entity
from ..form import shown_on
from .forms import HandOverForm
from .holders import everybody

blueprint = Blueprint("handing", __name__, url_prefix="/assignments/hand-over")


@blueprint.get("")
def page() -> ResponseReturnValue:
    """Choose whose work it is, see how much, and choose who takes over."""
    entity_id = only_entity()
    if entity_id is None:
        return choose_entity(_("移交工作"), _("移交按主体办理。请先选择一个主体。"))
    need_role(viewer(), entity_id, Role.OFFICER)
    asked = request.args.get("leaver", "")
    return _page(entity_id, row_id(asked) if asked else None, HandOverForm())


def _page(entity_id: int, leaver_id: int | None, form: HandOverForm) -> str:
    s = reading()
    people = everybody(s, viewer(), entity_id, leaver_id)
    leaver = _leaver(people, leaver_id)
    work = open_work_of(s, viewer(), entity_id, leaver.id) if leaver else (0, 0)
    if leaver:
        form.offer(people, leaver.id)
    return render_template(
        "assigning/hand_over.html", page_title=_("移交工作"), people=people, leaver=leaver, work=work, form=form, entity_id=entity_id,
    )


def _leaver(people: list[Colleague], leaver_id: int | None) -> Colleague | None:
    if leaver_id is None:
        return None
    found = next((one for one in people if one.id == leaver_id), None)
    if found is None:
        raise NotFound
    return found


@blueprint.post("")
def hand() -> ResponseReturnValue:
    """Hand everything over in one go."""
    entity_id, leaver_id = only_entity(), row_id(request.args.get("leaver", ""))
    if entity_id is None:
        raise NotFound
    need_role(viewer(), entity_id, Role.OFFICER)
    people = everybody(reading(), viewer(), entity_id, leaver_id)
    leaver, form = _leaver(people, leaver_id), HandOverForm(request.form)
    form.offer(people, leaver_id)
    if form.validate() and leaver:
        heir_id = form.heir()
        with shown_on(form):
            with writing() as s:
                did = hand_over(s, viewer(), entity_id, leaver.id, heir_id)
            heir = next(one for one in people if one.id == heir_id)
            return done(url_for("assigning.listing", entity=entity_id, person=heir_id), _(
                "已将%(leaver)s的 %(n)s 项分派和 %(m)s 个未完成的任务移交给%(heir)s。",
                leaver=leaver.name, heir=heir.name, n=did.changed, m=did.tasks,
            ))
    return _page(entity_id, leaver_id, form), form.status
