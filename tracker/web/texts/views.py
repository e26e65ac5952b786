"""Pages of official texts: 原文对照, the import of a file, and the file as it was imported."""

from __future__ import annotations

import io

from flask import Blueprint, Response, jsonify, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from ...errors import BadInput, NotFound
from ...people.access import need_admin
from ...people.queries import entity_choices, names
from ...register import queries
from ...register.original.queries import imported_file, newest_text, sheet
from ...register.texts.actions import FIELD, Imported, fitted, import_text
from ...register.texts.bounds import MOST_BYTES
from ...standing.queries import live
from ..doors import chosen_entity, done, reading, takes_up_to, viewer, wants_json, writing
from ..filters import only_entity
from ..register.documents import document_page
from .showing import beside

blueprint = Blueprint("texts", __name__, url_prefix="/documents")


@blueprint.get("/<document_id>/text")
def page(document_id: str) -> str:
    """Show the official text beside the register, with how the chosen entity stands."""
    s, who, entity_id = reading(), viewer(), only_entity()
    document = queries.vocabulary(s).documents.get(document_id)
    if document is None:
        raise NotFound
    text = newest_text(s, document_id)
    standing = {} if entity_id is None else live(s, who, entity_id, document_id)
    return render_template(
        "texts/text.html", page_title=document.title, document=document, view=beside(text, sheet(s, document_id, text), standing),
        entity_id=entity_id, entities=entity_choices(s, who) if entity_id is None else [], entity_arg=chosen_entity(),
        importer=names(s, [text.imported_by]).get(text.imported_by) if text and text.imported_by else None,
    )


@blueprint.post("/<document_id>/text")
@takes_up_to(MOST_BYTES)
def bring_in(document_id: str) -> ResponseReturnValue:
    """Import a file as the official text of a document; what does not fit is refused with every reason."""
    need_admin(viewer())
    if document_id not in queries.vocabulary(reading()).documents:
        raise NotFound
    try:
        told = _told(_kept(document_id))
    except BadInput as refused:
        if wants_json():
            raise BadInput("\n".join([refused.sentence, *(place.sentence for place in refused.problems if place.sentence != refused.sentence)])) from refused
        return document_page(document_id, refused), refused.status
    return (jsonify(message=told), 201) if wants_json() else done(url_for("texts.page", document_id=document_id), told)


def _kept(document_id: str) -> Imported:
    file = request.files.get(FIELD)
    if file is None or not file.filename:
        raise BadInput.at(FIELD, _("请先选择要导入的文件。"))
    # One byte more than the limit tells that there are too many.
    data = file.stream.read(MOST_BYTES + 1)
    fit = fitted(reading(), document_id, data, file.filename)
    with writing() as s:
        return import_text(s, viewer(), document_id, data, file.filename, fit, replace=request.form.get("replace") == "1")


def _told(imported: Imported) -> str:
    if imported.already:
        return str(_("现有原文就是这份文件，逐字节相同，没有重复导入。"))
    gaps = _("缺口 %(n)s 处，已在页面上逐处标明。", n=len(imported.gaps)) if imported.gaps else _("每一句都有归类，每一处锚点都找到了。")
    return str(_("原文已导入，共 %(n)s 句。%(gaps)s", n=len(imported.proof.lines), gaps=gaps)) + imported.note


@blueprint.get("/<document_id>/text/file")
@blueprint.get("/<document_id>/text/file/<int:text_id>")
def download(document_id: str, text_id: int | None = None) -> Response:
    """Send the file that was imported last, or an earlier one, under its name, always as a download."""
    row = imported_file(reading(), document_id, text_id)
    return send_file(io.BytesIO(row.original), mimetype="application/octet-stream", as_attachment=True, download_name=row.name, etag=False)
