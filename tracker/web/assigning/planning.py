"""Pages that make tasks: all that fall due, and one for an occasion that has arisen."""

from __future__ import annotations

from datetime import timedelta

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from ... import clock
from ...assignments import planning
from ...errors import NotFound
from ...people.access import need_role
from ...people.queries import names
from ...words import Role
from ..dates import day
from ..doors import config, done, reading, viewer, writing
from ..filters import only_entity
from ..form import shown_on
from .forms import OccasionForm

blueprint = Blueprint("planning", __name__, url_prefix="/assignments")


@blueprint.post("/plan")
def plan() -> ResponseReturnValue:
    """Make the tasks of one entity that fall due within the settings' horizon."""
    entity_id = only_entity()
    if entity_id is None:
        raise NotFound
    until = clock.today() + timedelta(days=config().horizon_days)
    with writing() as s:
        made = planning.plan(s, viewer(), until, entity_id)
    listing = url_for("assigning.listing", entity=entity_id)
    if not made:
        return done(listing, _("到%(day)s为止的任务都已经生成，没有新增。", day=day(until)))
    return done(listing, _("已生成到%(day)s为止的 %(n)s 个任务。", day=day(until), n=made), f"/tasks?entity={entity_id}", _("查看任务"))


@blueprint.route("/<int:assignment_id>/occasion", methods=["GET", "POST"])
def occasion(assignment_id: int) -> ResponseReturnValue:
    """Note that what triggers an obligation has happened, which makes its task."""
    s = reading()
    row = planning.assignment(s, viewer(), assignment_id)
    need_role(viewer(), row.entity_id, Role.OFFICER, Role.OWNER)
    form = OccasionForm(request.form)
    status = 200
    if request.method == "POST":
        if form.validate() and form.due_on.data:
            with shown_on(form):
                with writing() as w:
                    task_id = planning.note_occasion(w, viewer(), assignment_id, form.occasion.data or "", form.due_on.data).id
                return done(_back(row.obligation_id), _("事件已登记，任务已生成。"), f"/tasks/{task_id}", _("打开任务"))
        status = form.status
    row = planning.assignment(reading(), viewer(), assignment_id)
    page = render_template(
        "assigning/occasion.html", page_title=_("登记事件"), form=form, row=row, one=row.obligation,
        people=names(reading(), [row.owner_id, row.reviewer_id]), back=_back(row.obligation_id),
    )
    return page, status


def _back(obligation_id: str) -> str:
    return url_for("register.page", obligation_id=obligation_id)
