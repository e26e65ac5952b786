"""Pages of bringing in: take a sheet to fill in, send it back, look at what it would do, carry it out or drop it."""

from __future__ import annotations

from io import BytesIO

from flask import Blueprint, Response, redirect, request, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from ... import clock
from ...assignments.queries import TaskFilter
from ...bringing import actions, queries, sheets
from ...errors import BadInput, NotFound
from ...people.access import need_role
from ...people.queries import entity
from ...reports.wording import filter_words
from ...words import ListKind, Role
from ...workbook.container import MOST_BYTES
from ..assigning.lists import UNASSIGNED, wanted
from ..choosing import choose_entity
from ..doors import config, done, reading, takes_files, viewer, writing
from ..filters import only_entity
from ..form import Form, shown_on
from ..tasks.listing import asked
from . import showing
from .forms import DecideForm, decided

blueprint = Blueprint("bringing", __name__, url_prefix="/import")
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
FIELD = "file"
LEADS_TO = {
    ListKind.ASSIGNMENTS: "assigning.listing", ListKind.TASKS: "tasks.tasks", ListKind.CONTROLS: "register.listing", ListKind.SCOPE: "scope.listing",
    ListKind.EVIDENCE: "evidence.library",
}


def _office() -> int:
    entity_id = only_entity()
    if entity_id is None:
        raise NotFound
    need_role(viewer(), entity_id, Role.OFFICER)
    return entity_id


@blueprint.get("")
def page() -> ResponseReturnValue:
    """Offer the sheets to fill in, and take them back."""
    if only_entity() is None:
        return choose_entity(_("导入 Excel"), _("导入按主体办理。请先选择一个主体。"))
    return showing.start_page(_office(), Form())


@blueprint.post("")
@takes_files
def bring() -> ResponseReturnValue:
    """Read a workbook and lead to its preview; nothing is changed yet."""
    entity_id, form = _office(), Form()
    with shown_on(form):
        data, name = _sent()
        taken = actions.read(viewer(), entity_id, data, name)
        try:
            with writing() as s:
                draft_id = actions.keep(s, viewer(), entity_id, taken).id
        except actions.NothingToDo as nothing:
            return showing.start_page(entity_id, form, nothing.sentence), 409
        return redirect(url_for("bringing.preview", draft_id=draft_id), 303)
    return showing.start_page(entity_id, form), form.status


def _sent() -> tuple[bytes, str]:
    files = [one for one in request.files.getlist(FIELD) if one.filename]
    if len(files) != 1:
        raise BadInput(_("请选择一个 Excel 文件。") if not files else _("一次导入一个文件，您选择了 %(n)s 个。", n=len(files)))
    # One byte more than may be: what is longer is refused by its size.
    return files[0].stream.read(MOST_BYTES + 1), (files[0].filename or "").replace("\\", "/").rpartition("/")[2]


@blueprint.get("/assignments.xlsx")
def duties() -> Response:
    """Send 分派表 for the filter of the list of assignments."""
    entity_id, s, who, out = _office(), reading(), viewer(), BytesIO()
    what = wanted(s, who, entity_id)
    words = filter_words(s, who, TaskFilter(what.obligation, entity_id))
    sheets.write_duties(s, who, entity_id, what.obligation, what.person_id, words, out, unassigned=what.show == UNASSIGNED)
    return _file(out, entity_id, ListKind.ASSIGNMENTS)


@blueprint.get("/tasks.xlsx")
def tasks() -> Response:
    """Send 任务表 for the filter of the list of tasks."""
    entity_id, s, who, out = _office(), reading(), viewer(), BytesIO()
    sheets.write_tasks(s, who, entity_id, asked(), filter_words(s, who, asked()), out)
    return _file(out, entity_id, ListKind.TASKS)


def _file(out: BytesIO, entity_id: int, what: ListKind) -> Response:
    out.seek(0)
    name = f"{entity(reading(), viewer(), entity_id).short_name}_{sheets.TITLES[what]}_{clock.local(clock.now()):%Y%m%d_%H%M%S}.xlsx"
    return send_file(out, mimetype=XLSX, as_attachment=True, download_name=name, etag=False)


@blueprint.get("/<int:draft_id>")
def preview(draft_id: int) -> ResponseReturnValue:
    """Show what a workbook would do."""
    return showing.preview_page(queries.draft(reading(), viewer(), draft_id), DecideForm())


@blueprint.get("/<int:draft_id>/<any(apply,drop):_act>")
def back(draft_id: int, _act: str) -> ResponseReturnValue:
    """Lead back to the preview from the address of a form that was refused and is loaded anew."""
    return redirect(url_for("bringing.preview", draft_id=draft_id), 303)


@blueprint.post("/<int:draft_id>/apply")
def apply(draft_id: int) -> ResponseReturnValue:
    """Carry it out as a whole, or show the preview again with what is in the way."""
    row, form = queries.draft(reading(), viewer(), draft_id), DecideForm(request.form)
    entity_id, what = row.entity_id, row.what
    if form.validate():
        with shown_on(form):
            chosen = decided(queries.preview(reading(), viewer(), row), request.form)
            with writing() as s:
                did = actions.apply(s, viewer(), draft_id, form.seen.data or "", chosen, form.without_refused.data, config().horizon_days)
            listing = url_for(LEADS_TO.get(what, "bringing.page"), entity=entity_id)
            return done(listing, showing.told(did), url_for("trail.listing", entity=entity_id), _("查看留痕"))
    return showing.preview_page(queries.draft(reading(), viewer(), draft_id), form), form.status


@blueprint.post("/<int:draft_id>/drop")
def drop(draft_id: int) -> ResponseReturnValue:
    """Put it away; nothing was changed and nothing will be."""
    entity_id = queries.draft(reading(), viewer(), draft_id).entity_id
    with writing() as s:
        actions.drop(s, viewer(), draft_id)
    return done(url_for("bringing.page", entity=entity_id), _("已放弃这次导入，没有更改任何内容。"))
