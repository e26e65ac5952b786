"""Pages of tasks: the list with what is done to many at once, and one task with what its owner and reviewer do."""

from __future__ import annotations

from flask import Blueprint, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from ...assignments import queries, reviewing, working
from ..doors import done, reading, viewer, writing
from ..form import shown_on
from . import listing, showing
from .forms import AcceptForm, ReconfirmForm, SendBackForm, WorkForm

blueprint = Blueprint("tasks", __name__, url_prefix="/tasks")


def here(task_id: int) -> str:
    """Return the address of a task."""
    return url_for("tasks.page", task_id=task_id)


@blueprint.get("")
def tasks() -> str:
    """List tasks, fifty at a time."""
    return listing.page()


@blueprint.get("/<int:task_id>")
def page(task_id: int) -> str:
    """Show a task: what is asked, what was done, what was decided."""
    return showing.page(queries.task(reading(), viewer(), task_id))


@blueprint.get("/<int:task_id>/<any(save,submit,recall,accept,returned,reconfirm,reopen,reschedule,cancel,people,files):_act>")
def back(task_id: int, _act: str) -> ResponseReturnValue:
    """Lead back to the task from the address of a form that was refused and is loaded anew."""
    return redirect(here(task_id), 303)


@blueprint.post("/<int:task_id>/save")
def save(task_id: int) -> ResponseReturnValue:
    """Save note and period without handing in."""
    row, form = queries.task(reading(), viewer(), task_id), WorkForm(request.form)
    if form.validate():
        with shown_on(form):
            with writing() as s:
                working.save_work(s, viewer(), task_id, form.work(), form.read_version)
            return done(here(task_id), _("已保存。办理完成后请提交复核。"))
    return showing.page(row, work=form), form.status


@blueprint.post("/<int:task_id>/submit")
def submit(task_id: int) -> ResponseReturnValue:
    """Hand in for review."""
    row, form = queries.task(reading(), viewer(), task_id), WorkForm(request.form)
    if form.validate():
        with shown_on(form):
            with writing() as s:
                working.submit(s, viewer(), task_id, form.work(), form.read_version)
            return done(here(task_id), _("已提交，等待%(name)s复核。", name=row.reviewer.name), "/", _("回到工作台"))
    return showing.page(row, work=form), form.status


@blueprint.post("/<int:task_id>/recall")
def recall(task_id: int) -> ResponseReturnValue:
    """Take back what is not yet decided."""
    with writing() as s:
        working.recall(s, viewer(), task_id)
    return done(here(task_id), _("已撤回，可以继续办理。"))


@blueprint.post("/<int:task_id>/accept")
def accept(task_id: int) -> ResponseReturnValue:
    """Accept what was handed in."""
    row, form = queries.task(reading(), viewer(), task_id), AcceptForm(request.form, prefix="accept-")
    if form.validate():
        with shown_on(form):
            with writing() as s:
                reviewing.accept(s, viewer(), task_id, form.comment.data or "", form.read_version, form.seen.data or "")
            return done(here(task_id), _("已接受，任务完成。"), "/", _("复核下一项"))
    return showing.page(row, accept=form), form.status


@blueprint.post("/<int:task_id>/returned")
def send_back(task_id: int) -> ResponseReturnValue:
    """Send back with a reason."""
    row, form = queries.task(reading(), viewer(), task_id), SendBackForm(request.form, prefix="back-")
    if form.validate():
        with shown_on(form):
            with writing() as s:
                reviewing.send_back(s, viewer(), task_id, form.reason.data or "", form.read_version)
            return done(here(task_id), _("已退回%(name)s补正。", name=row.owner.name), "/", _("复核下一项"))
    return showing.page(row, send_back=form), form.status


@blueprint.post("/<int:task_id>/reconfirm")
def reconfirm(task_id: int) -> ResponseReturnValue:
    """Confirm that the acceptance still stands under the obligation's present text."""
    row, form = queries.task(reading(), viewer(), task_id), ReconfirmForm(request.form, prefix="again-")
    if form.validate():
        with shown_on(form):
            with writing() as s:
                reviewing.reconfirm(s, viewer(), [task_id], form.comment.data or "", {task_id: form.seen.data or ""})
            return done(here(task_id), _("已重新确认，复核结论按现行义务文本继续有效。"), "/", _("复核下一项"))
    return showing.page(row, reconfirm=form), form.status
