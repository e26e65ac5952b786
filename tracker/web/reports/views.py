"""Pages of reports: the workbooks that were exported, their files, and the export of what the task list shows."""

from __future__ import annotations

from functools import partial

from flask import Blueprint, Response, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from ...errors import NotFound
from ...people.queries import entity, entity_choices, names
from ...reports import actions, queries
from ...reports.jobs import actions as jobs
from ...reports.jobs.queries import may_cancel
from ...reports.layout import TITLES
from ..choosing import choose_entity
from ..doors import config, reading, viewer, writing
from ..filters import only_entity, page_of
from ..form import shown_on
from ..tasks.listing import asked
from .forms import BuildForm
from .jobs import begun, shown_jobs

blueprint = Blueprint("reports", __name__, url_prefix="/reports")
ZIP = "application/zip"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@blueprint.get("")
def listing() -> str:
    """List the exports of the chosen entity, or of all in sight."""
    s, who, entity_id = reading(), viewer(), only_entity()
    at = page_of(queries.export_count(s, who, entity_id))
    rows, unfinished = queries.exports(s, who, entity_id, at.offset, at.size), shown_jobs(s, who, entity_id)
    return render_template(
        "reports/exports.html", page_title=_("报告"), rows=rows, at=at, jobs=unfinished, may_cancel=partial(may_cancel, who), titles=TITLES, many_entities=entity_id is None,
        entities={one.id: one for one in entity_choices(s, who)}, people=names(s, [*(row.made_by for row in rows), *(one.row.requested_by for one in unfinished)]),
        new=url_for("reports.new", entity=entity_id),
    )


@blueprint.get("/new")
def new() -> str:
    """Show what would be exported: the filter of the task list in words, and how much it holds."""
    entity_id = only_entity()
    if entity_id is None:
        return choose_entity(_("导出审计工作簿"), _("一份审计工作簿只涉及一个主体。请选择要导出的主体，已设的筛选会保留。"))
    return _asking(entity_id, BuildForm())


def _asking(entity_id: int, form: BuildForm) -> str:
    s, who, query = reading(), viewer(), request.query_string.decode()
    return render_template(
        "reports/new.html", page_title=_("导出审计工作簿"), entity=entity(s, who, entity_id), foreseen=queries.foreseen(s, who, [entity_id], asked()),
        form=form, query=query, back=f"/tasks?{query}" if query else "/tasks",
    )


@blueprint.post("/new")
def build() -> ResponseReturnValue:
    """Ask for the export, of now or of the moment given; a small one is done by the time the next page opens."""
    who, entity_id, form = viewer(), only_entity(), BuildForm(request.form)
    if entity_id is None:
        raise NotFound
    wanted = asked()
    if form.validate():
        with shown_on(form):
            what = form.asked(reading(), (entity_id,), wanted)
            with writing() as s:
                job_id = jobs.ask(s, who, what).id
            return begun(job_id)
    return _asking(entity_id, form), form.status


@blueprint.get("/<int:export_id>/file")
def download(export_id: int) -> Response:
    """Send the workbook or package under its exact name, always as a download."""
    row = queries.export(reading(), viewer(), export_id)
    file = actions.export_store(config().exports).open(row.sha256)
    answer = send_file(file, mimetype=ZIP if row.is_package else XLSX, as_attachment=True, download_name=row.file_name, etag=False)
    answer.content_length = row.size
    return answer
