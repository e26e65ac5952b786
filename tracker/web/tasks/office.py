"""What the officer does to one task: put off, cancel, give to other people, reopen."""

from __future__ import annotations

from flask import Blueprint, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from ...assignments import assigning, queries, reviewing, working
from ...bringing.fields import kept_or
from ...people.queries import colleagues
from ..doors import done, reading, viewer, writing
from ..form import shown_on
from . import showing
from .forms import ReasonForm, ReassignForm, RescheduleForm
from .views import here

blueprint = Blueprint("task_office", __name__, url_prefix="/tasks")


@blueprint.post("/<int:task_id>/reschedule")
def reschedule(task_id: int) -> ResponseReturnValue:
    """Put the task off, or bring it forward."""
    row, form = queries.task(reading(), viewer(), task_id), RescheduleForm(request.form, prefix="due-")
    if form.validate():
        with shown_on(form):
            with writing() as s:
                working.reschedule(s, viewer(), task_id, form.day, form.reason.data or "")
            return done(here(task_id), _("已改期。"))
    return showing.page(row, reschedule=form), form.status


@blueprint.post("/<int:task_id>/cancel")
def cancel(task_id: int) -> ResponseReturnValue:
    """Cancel the task; the assignment goes on."""
    row, form = queries.task(reading(), viewer(), task_id), ReasonForm(request.form, prefix="cancel-")
    if form.validate():
        with shown_on(form):
            with writing() as s:
                working.cancel(s, viewer(), task_id, form.reason.data or "")
            return done(here(task_id), _("任务已取消。分派仍然有效，以后各期不受影响。"))
    return showing.page(row, cancel=form), form.status


@blueprint.post("/<int:task_id>/people")
def reassign(task_id: int) -> ResponseReturnValue:
    """Give the task to other people."""
    row, form = queries.task(reading(), viewer(), task_id), ReassignForm(request.form, prefix="people-")
    form.offer(colleagues(reading(), viewer(), row.entity_id))
    if form.validate():
        owner, reviewer = (int(field.data) if field.data else None for field in (form.owner_id, form.reviewer_id))
        with shown_on(form):
            with writing() as s:
                changed = assigning.reassign_tasks(s, viewer(), [task_id], owner, reviewer, kept_or(form.department.data or ""))
            return done(here(task_id), _("已改派。") if changed else _("没有需要更改的内容。"))
    return showing.page(row, reassign=form), form.status


@blueprint.post("/<int:task_id>/reopen")
def reopen(task_id: int) -> ResponseReturnValue:
    """Open a closed task again; its acceptance stays on record."""
    row, form = queries.task(reading(), viewer(), task_id), ReasonForm(request.form, prefix="reopen-")
    if form.validate():
        with shown_on(form):
            with writing() as s:
                reviewing.reopen(s, viewer(), task_id, form.reason.data or "")
            return done(here(task_id), _("任务已重新打开，原来的复核结论保留在记录中。"))
    return showing.page(row, reopen=form), form.status
