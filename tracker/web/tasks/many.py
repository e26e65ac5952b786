"""What is done to many tasks at once, all of them or none: officers put off, cancel, give to others; reviewers confirm again."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from flask import Blueprint, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from ...assignments import assigning, queries, reviewing, working
from ...assignments.models import Task
from ...bringing.fields import kept_or
from ...editions.queries import newest_edition
from ...errors import BadInput, Forbidden, NotFound, Place, RuleBroken, Stale
from ...people.queries import people_in_sight
from ...words import Role
from ..addresses import row_id, row_ids
from ..doors import done, reading, viewer, writing
from ..filters import MOST_PICKED, only_entity, picked
from ..form import Form, shown_on
from ..listing import here
from . import listing
from .forms import CommentForm, ReasonForm, ReassignForm, RescheduleForm

blueprint = Blueprint("task_bulk", __name__, url_prefix="/tasks")


@blueprint.post("")
def act() -> ResponseReturnValue:
    """Do to the ticked tasks what the pressed button says."""
    acts: dict[str, Callable[[], ResponseReturnValue]] = {"reschedule": _reschedule, "cancel": _cancel, "people": _reassign, "reconfirm": _reconfirm}
    chosen = acts.get(request.form.get("act", ""))
    if chosen is None:
        raise NotFound
    return chosen()


def _reschedule() -> ResponseReturnValue:
    form = RescheduleForm(request.form, prefix="due-")

    def put_off(s: Session, row: Task) -> None:
        working.reschedule(s, viewer(), row.id, form.day, form.reason.data or "")

    def run(ids: Sequence[int]) -> str:
        _each(ids, put_off)
        return str(_("已将 %(n)s 项任务改期。", n=len(ids)))

    return _answer("reschedule", form, run)


def _cancel() -> ResponseReturnValue:
    form = ReasonForm(request.form, prefix="cancel-")

    def run(ids: Sequence[int]) -> str:
        _each(ids, lambda s, row: working.cancel(s, viewer(), row.id, form.reason.data or ""))
        return str(_("已取消 %(n)s 项任务。", n=len(ids)))

    return _answer("cancel", form, run)


def _reassign() -> ResponseReturnValue:
    form = ReassignForm(request.form, prefix="people-")
    form.offer(people_in_sight(reading(), viewer(), only_entity()))

    def run(ids: Sequence[int]) -> str:
        owner, reviewer = (int(field.data) if field.data else None for field in (form.owner_id, form.reviewer_id))
        with writing() as s:
            changed = assigning.reassign_tasks(s, viewer(), ids, owner, reviewer, kept_or(form.department.data or ""))
        return str(_("已改派 %(n)s 项任务。", n=changed))

    return _answer("people", form, run)


def _reconfirm() -> ResponseReturnValue:
    form = CommentForm(request.form, prefix="again-")

    def run(ids: Sequence[int]) -> str:
        with writing() as s:
            _check_same_texts(s)
            count = reviewing.reconfirm(s, viewer(), ids, form.comment.data or "")
        return str(_("已重新确认 %(n)s 项任务的复核结论。", n=count))

    return _answer("reconfirm", form, run, Role.REVIEWER)


def _check_same_texts(s: Session) -> None:
    # The list shows no text, but which tasks await confirming and what their pages say depends on the editions in force.
    shown = request.form.get("edition", "")
    if shown and row_id(shown) != newest_edition(s):
        raise Stale(_("在您打开任务列表之后，登记册又载入了新的版本，没有确认任何任务。请先查看所选任务的义务现在改了什么，再重新确认。"))


def _answer(name: str, form: Form, run: Callable[[Sequence[int]], str], role: Role = Role.OFFICER) -> ResponseReturnValue:
    if not viewer().roles:
        raise NotFound
    if not listing.held_in(viewer(), only_entity(), role):
        raise Forbidden(_("只有合规管理人员可以批量改期、改派或取消任务。") if role == Role.OFFICER else _("只有复核人可以重新确认复核结论。"))
    ids: list[int] = []
    sound = form.validate()
    with shown_on(form):
        ids = _ids()
        if sound:
            return done(here(), run(ids))
    return listing.page(name, frozenset(ids), **{name: form}), form.status


def _ids() -> list[int]:
    ticked = picked(request.form)
    if ticked is not None:
        return row_ids(ticked)
    ids = queries.task_ids(reading(), viewer(), listing.asked())
    if not ids:
        raise BadInput.at("ids", _("没有符合条件的任务，请刷新页面。"))
    if len(ids) > MOST_PICKED:
        raise BadInput.at("ids", _("符合条件的任务有 %(n)s 项，一次最多处理 %(most)s 项。请缩小筛选范围，分几次处理。", n=len(ids), most=MOST_PICKED))
    return ids


def _each(ids: Sequence[int], act: Callable[[Session, Task], None]) -> None:
    with writing() as s:
        for row in queries.tasks(s, viewer(), ids):
            try:
                act(s, row)
            except (BadInput, RuleBroken, Forbidden) as problem:
                raise _naming(row, problem) from problem


def _naming(row: Task, problem: BadInput | RuleBroken | Forbidden) -> BadInput:
    which = _("“%(title)s”（%(entity)s，截止 %(due)s）", title=row.obligation.title, entity=row.entity.short_name, due=row.due_on.isoformat())
    sentence = _("%(which)s：%(why)s所选任务均未更改。", which=which, why=problem.sentence)
    where = problem.problems[0].where if isinstance(problem, BadInput) and problem.problems else "ids"
    return BadInput(sentence, [Place(where, sentence)])
