"""Pages of evidence: the library and its uploads, one piece, its file, its preview and its newer versions."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from ... import clock
from ...errors import BadInput, NotFound
from ...evidence import queries
from ...evidence.actions import (
    EvidenceFacts,
    add_evidence,
    note_download,
    note_preview,
    replace_evidence,
)
from ...evidence.models import Evidence
from ...evidence.preview import can_preview, preview_png
from ...people.access import need_role
from ...retention import keeping
from ...words import Role
from ..doors import done, reading, takes_files, viewer, wants_json, writing
from ..filters import only_entity
from ..form import shown_on
from ..giving import given, logged, opened
from . import showing
from .forms import DescribeForm, FactsForm
from .receiving import received, store, told_at_once

blueprint = Blueprint("evidence", __name__, url_prefix="/evidence")


def here(evidence_id: int) -> str:
    """Return the address of a piece of evidence."""
    return url_for("evidence.page", evidence_id=evidence_id)


@blueprint.get("")
def library() -> str:
    """List the evidence of the entities in sight, fifty pieces at a time."""
    return showing.library_page()


@blueprint.post("")
@takes_files
def upload() -> ResponseReturnValue:
    """Keep files in the library of the chosen entity; a script sends them one by one and gets JSON."""
    entity_id = only_entity()
    if entity_id is None:
        raise BadInput.at("entity", _("请先在页面上方选择一个主体，再上传证据。"))
    need_role(viewer(), entity_id, Role.OFFICER, Role.OWNER)
    form = FactsForm(request.form, prefix="file-")
    if wants_json():
        with told_at_once(form):
            _keep(entity_id, form.facts())
        return jsonify(message=_("已保存")), 201
    if form.validate():
        with shown_on(form):
            count = _keep(entity_id, form.facts())
            return done(url_for("evidence.library", entity=entity_id), _("已保存 %(n)s 个文件。", n=count))
    return showing.library_page(files=form), form.status


def _keep(entity_id: int, facts: EvidenceFacts) -> int:
    stored = received(facts)
    with writing() as s:
        for one in stored:
            add_evidence(s, viewer(), entity_id, one, facts)
    return len(stored)


@blueprint.get("/<int:evidence_id>")
def page(evidence_id: int) -> str:
    """Show one version of a piece: its preview, its versions, the tasks that cite it."""
    return showing.page(queries.evidence(reading(), viewer(), evidence_id))


@blueprint.get("/<int:evidence_id>/<any(describe,replace):_act>")
def back(evidence_id: int, _act: str) -> ResponseReturnValue:
    """Lead back to the piece from the address of a form that was refused and is loaded anew."""
    return redirect(here(evidence_id), 303)


@blueprint.post("/<int:evidence_id>/describe")
def describe(evidence_id: int) -> ResponseReturnValue:
    """Change the period, the day obtained and the note; an officer may shorten the term by it, with a reason."""
    row, form = queries.evidence(reading(), viewer(), evidence_id), DescribeForm(request.form)
    if form.validate():
        with shown_on(form):
            with writing() as s:
                keeping.describe(s, viewer(), evidence_id, form.facts(), form.read_version, form.why.data or "")
            return done(here(evidence_id), _("说明已保存。"))
    return showing.page(row, describe=form), form.status


@blueprint.post("/<int:evidence_id>/replace")
@takes_files
def replace(evidence_id: int) -> ResponseReturnValue:
    """Put a newer version in its place; the old one stays, and so does what cites it."""
    row, form = queries.evidence(reading(), viewer(), evidence_id), FactsForm(request.form, prefix="new-")
    need_role(viewer(), row.entity_id, Role.OFFICER, Role.OWNER)
    if form.validate():
        with shown_on(form):
            stored = received(form.facts())
            if len(stored) != 1:
                raise BadInput.at("files", _("新版本只能是一个文件，您选择了 %(n)s 个。", n=len(stored)))
            with writing() as s:
                newer = replace_evidence(s, viewer(), evidence_id, stored[0], form.facts()).id
            return done(here(newer), _("新版本已保存，旧版本仍可下载；引用旧版本的任务不会自动改用新版本。"))
    return showing.page(row, replace=form), form.status


@blueprint.get("/<int:evidence_id>/file")
def download(evidence_id: int) -> Response:
    """Send the file under its exact name, always as a download."""
    row = queries.evidence(reading(), viewer(), evidence_id)
    _still_there(row)
    name, size = row.name, row.size
    return given(opened("evidence", row.sha256, size, name), lambda s: note_download(s, viewer(), evidence_id), name, size)


def _still_there(row: Evidence) -> None:
    if row.destroyed_at:
        day = clock.local(row.destroyed_at).strftime("%Y-%m-%d")
        raise NotFound(_("“%(name)s”已于 %(day)s 到期销毁，文件不再保存。操作留痕中有销毁的记录。", name=row.name, day=day))


@blueprint.get("/<int:evidence_id>/pages/<int:number>.png")
def preview(evidence_id: int, number: int) -> Response:
    """Show a page of an image or PDF, re-encoded; nothing that was uploaded is ever sent for showing as it is."""
    row = queries.evidence(reading(), viewer(), evidence_id)
    _still_there(row)
    if can_preview(row.kind):
        opened("evidence", row.sha256, row.size, row.name).close()
    lately, page = queries.previewed_lately(reading(), viewer(), row), preview_png(store().path(row.sha256), row.kind, number)
    if not lately:
        logged(lambda s: note_preview(s, viewer(), evidence_id))
    return Response(page, mimetype="image/png")
