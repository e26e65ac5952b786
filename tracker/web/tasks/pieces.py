"""Evidence of one task: upload files, cite what the library has, take a citation back."""

from __future__ import annotations

from flask import Blueprint, jsonify, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from ...assignments import queries, workflow, working
from ...assignments.models import Task
from ...evidence.actions import EvidenceFacts, add_evidence
from ...evidence.queries import LibraryFilter, library
from ..addresses import row_id, row_ids
from ..doors import done, reading, takes_files, viewer, wants_json, writing
from ..evidence.forms import FactsForm
from ..evidence.receiving import received, told_at_once
from ..form import Form, shown_on
from . import showing
from .views import here

MOST_FOUND = 30
blueprint = Blueprint("task_pieces", __name__, url_prefix="/tasks")


@blueprint.post("/<int:task_id>/files")
@takes_files
def upload(task_id: int) -> ResponseReturnValue:
    """Keep files and cite them; a script sends them one by one and gets JSON, a plain form all at once."""
    row = working.task_to_work(reading(), viewer(), task_id)
    workflow.after("work", row.state)
    form = FactsForm(request.form, prefix="file-")
    if wants_json():
        with told_at_once(form):
            _keep(row, form.facts())
        return jsonify(message=_("已保存")), 201
    if form.validate():
        with shown_on(form):
            return done(here(task_id), _("已上传并引用 %(n)s 个文件。", n=_keep(row, form.facts())))
    return showing.page(row, files=form), form.status


def _keep(row: Task, facts: EvidenceFacts) -> int:
    stored = received(facts)
    with writing() as s:
        added = [add_evidence(s, viewer(), row.entity_id, one, facts) for one in stored]
        working.cite(s, viewer(), row.id, {one.evidence.id for one in added})
    return len(stored)


@blueprint.get("/<int:task_id>/cite")
def cite_page(task_id: int) -> str:
    """Offer what the entity's library has; the dialog of the task's page fetches its list from here."""
    return _cite_page(queries.task(reading(), viewer(), task_id), Form())


def _cite_page(row: Task, form: Form) -> str:
    sought = request.args.get("q", "")[:100]
    found = library(reading(), viewer(), LibraryFilter((row.entity_id,), sought), limit=MOST_FOUND)
    return render_template(
        "tasks/cite.html", page_title=_("引用已有证据"), row=row, form=form, found=found, sought=sought,
        cited={link.evidence_id for link in row.cited},
    )


@blueprint.post("/<int:task_id>/cite")
def cite(task_id: int) -> ResponseReturnValue:
    """Cite evidence that is in the library already."""
    row, form = queries.task(reading(), viewer(), task_id), Form()
    ids = row_ids(request.form.getlist("evidence"))
    if not ids:
        form.form_errors.append(_("请先勾选至少一份证据。"))
    else:
        with shown_on(form):
            with writing() as s:
                count = working.cite(s, viewer(), task_id, ids)
            return done(here(task_id), _("已引用 %(n)s 份证据。", n=count))
    return _cite_page(row, form), form.status


@blueprint.post("/<int:task_id>/uncite")
def uncite(task_id: int) -> ResponseReturnValue:
    """Take a citation back."""
    with writing() as s:
        working.uncite(s, viewer(), task_id, row_id(request.form.get("evidence", "")))
    return done(here(task_id), _("已从本任务移除，文件仍在证据库中。"), url_for("evidence.library"), _("打开证据库"))
