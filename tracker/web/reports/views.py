"""Pages of reports: the workbooks that were exported, their files, and the export of what the task list shows."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from urllib.parse import urlencode

from flask import Blueprint, Response, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from ...errors import NotFound
from ...people.queries import EntityRow, entity, entity_choices, names
from ...reports import actions, queries
from ...reports.jobs import actions as jobs
from ...reports.jobs.queries import may_cancel
from ...reports.layout import ABOUT, BOARD, TITLES
from ...reports.lists.differences import DIFFERENCES
from ...reports.proving.page import PROOF
from ..doors import reading, viewer, writing
from ..filters import only_entity, page_of
from ..form import shown_on
from ..giving import given, opened
from ..tasks.listing import asked
from .forms import BuildForm
from .jobs import begun, shown_jobs

blueprint = Blueprint("reports", __name__, url_prefix="/reports")
MOST_ENTITIES = 200
# What a workbook holds, for who is about to export one.
SHEETS = (
    ("封面", "主体、依据文件与文号、版本、截止时点、筛选条件、数量，编制、复核、批准签字处"), (BOARD, "完成率、逾期、退回，按领域与文件的分布，最需关注的十项"),
    *((title, about) for title, (about, _frozen, _note) in ABOUT.items()), (DIFFERENCES, "与更早的时点比较时才有：逐项、逐栏的变化"),
    (PROOF, "链头校验值、怎样离线校验，以及能证明什么、不能证明什么"),
)
ZIP = "application/zip"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@blueprint.get("")
def listing() -> str:
    """List the exports of the chosen entity, or of all in sight."""
    s, who, entity_id = reading(), viewer(), only_entity()
    at = page_of(queries.export_count(s, who, entity_id))
    rows, unfinished = queries.exports(s, who, entity_id, at.offset, at.size), shown_jobs(s, who, entity_id)
    return render_template(
        "reports/exports.html", page_title=_("报告"), rows=rows, at=at, jobs=unfinished, may_cancel=partial(may_cancel, who), titles=(*TITLES, DIFFERENCES),
        owners=queries.entities_of(s, rows), alarmed=queries.damaged(s, rows), many_entities=entity_id is None,
        entities={one.id: one for one in entity_choices(s, who)}, people=names(s, [*(row.made_by for row in rows), *(one.row.requested_by for one in unfinished)]),
        new=url_for("reports.new", entity=entity_id),
    )


def _chosen() -> list[int]:
    """Return the entities of the address: those ticked (`with`), or the chosen one."""
    ticked = [int(text) for text in request.args.getlist("with") if text.isascii() and text.isdigit() and len(text) < 10]
    only = only_entity()
    chosen = list(dict.fromkeys(ticked)) or ([] if only is None else [only])
    if len(chosen) > MOST_ENTITIES:
        raise NotFound
    return chosen


@blueprint.get("/new")
def new() -> str:
    """Show what would be exported: the filter of the task list in words, and how much it holds."""
    return _asking(_chosen(), BuildForm())


def _asking(chosen: list[int], form: BuildForm) -> str:
    s, who, query = reading(), viewer(), request.query_string.decode()
    if not chosen:
        choices = entity_choices(s, who)
        return render_template("reports/choose.html", page_title=_("导出审计工作簿"), entities=choices, groups=_groups(choices))
    back = urlencode([(key, value) for key, value in request.args.items(multi=True) if key != "with"])
    return render_template(
        "reports/new.html", page_title=_("导出审计工作簿"), entities=[entity(s, who, one) for one in chosen], foreseen=queries.foreseen(s, who, chosen, asked()),
        form=form, query=query, back=f"/tasks?{back}" if back else "/tasks", sheets=SHEETS,
    )


def _groups(choices: Sequence[EntityRow]) -> dict[int, list[int]]:
    """Return each entity that has others below it, with itself and all of them."""
    below: dict[int, list[int]] = {}
    above = {row.id: row.parent_id for row in choices}
    for row in choices:
        at: int | None = row.id
        while at is not None and at in above:
            below.setdefault(at, []).append(row.id)
            at = above[at]
    return {key: ids for key, ids in below.items() if len(ids) > 1}


@blueprint.post("/new")
def build() -> ResponseReturnValue:
    """Ask for the export, of now or of the moment given; a small one is done by the time the next page opens."""
    who, chosen, form = viewer(), _chosen(), BuildForm(request.form)
    if not chosen:
        raise NotFound
    wanted = asked()
    if form.validate():
        with shown_on(form):
            what = form.asked(reading(), tuple(chosen), wanted)
            with writing() as s:
                job_id = jobs.ask(s, who, what).id
            return begun(job_id)
    return _asking(chosen, form), form.status


@blueprint.get("/<int:export_id>/file")
def download(export_id: int) -> Response:
    """Send the workbook or package under its exact name, always as a download."""
    row = queries.export(reading(), viewer(), export_id)
    name, size = row.file_name, row.size
    kind = ZIP if row.is_package else XLSX
    return given(opened("exports", row.sha256, size, name), lambda s: actions.note_download(s, viewer(), export_id), name, size, kind)
