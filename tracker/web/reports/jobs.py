"""Pages of exports that are being built: how far one is, cancelling it, starting it again."""

from __future__ import annotations

import logging
import time

from flask import Blueprint, jsonify, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from ...errors import Problem
from ...people.access import Viewer
from ...people.queries import entity_choices, names
from ...reports.jobs import actions, queries
from ...reports.jobs.asking import Asked
from ...reports.layout import TITLES
from ...reports.lists.differences import DIFFERENCES
from ...reports.queries import export
from ...words import JobState
from ..doors import done, house, reading, viewer, writing
from .showing import Shown, shown

log = logging.getLogger(__name__)
blueprint = Blueprint("jobs", __name__, url_prefix="/reports/jobs")
# How long a request waits for a small export, in seconds.
SOON, LOOK = 2.5, 0.05


def begun(job_id: int) -> ResponseReturnValue:
    """Have an export built that was just asked for, wait a moment for it, and lead to its page."""
    try:
        house().runner.wake()
        for _look in range(int(SOON / LOOK)):
            with house().database.reading(viewer().entities) as s:
                if queries.job(s, viewer(), job_id).state not in actions.UNFINISHED:
                    break
            time.sleep(LOOK)
    except (Problem, DBAPIError, OSError):
        # What was asked for is kept, whatever is wrong at this moment: its page, which comes next, wakes somebody again.
        log.warning("export %s waits", job_id, exc_info=True)
    return redirect(url_for("jobs.page", job_id=job_id), 303)


def shown_jobs(s: Session, who: Viewer, entity_id: int | None) -> list[Shown]:
    """Return what is not done, for the list of reports; what has no worker gets one."""
    found = shown(s, queries.open_jobs(s, who, entity_id))
    if any(one.unfinished for one in found):
        house().runner.wake()
    return found


@blueprint.get("/<int:job_id>")
def page(job_id: int) -> str:
    """Show how far an export is, or what came of it."""
    s, who = reading(), viewer()
    (one,) = shown(s, [queries.job(s, who, job_id)])
    if one.unfinished:
        house().runner.wake()
    row = one.row
    return render_template(
        "reports/job.html", page_title=_("导出%(kind)s", kind=row.kind.label), one=one, row=row, titles=(*TITLES, DIFFERENCES),
        made=export(s, who, row.export_id) if row.state == JobState.DONE and row.export_id else None,
        entities=[choice for choice in entity_choices(s, who) if choice.id in row.entities], asker=names(s, [row.requested_by])[row.requested_by],
        since=Asked.read(row.asked).since, cancels=queries.may_cancel(who, row),
    )


@blueprint.get("/<int:job_id>/state")
def state(job_id: int) -> ResponseReturnValue:
    """Tell the page's script how far an export is; what has no worker gets one."""
    s, who = reading(), viewer()
    (one,) = shown(s, [queries.job(s, who, job_id)])
    if one.unfinished:
        house().runner.wake()
    return jsonify(one.told())


@blueprint.post("/<int:job_id>/cancel")
def cancel(job_id: int) -> ResponseReturnValue:
    """Cancel an export."""
    with writing() as s:
        row = actions.cancel(s, viewer(), job_id)
        entity_id = row.entity_id if len(row.entities) == 1 else None
    return done(url_for("reports.listing", entity=entity_id), _("导出已取消，没有留下任何文件。"), url_for("jobs.page", job_id=job_id), _("查看"))


@blueprint.post("/<int:job_id>/again")
def again(job_id: int) -> ResponseReturnValue:
    """Start an export again that failed or was cancelled."""
    with writing() as s:
        actions.again(s, viewer(), job_id)
    return begun(job_id)
