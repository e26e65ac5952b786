"""Pages of ledgers: send one, say what its columns mean, take the register file, or lead into the preview of editions."""

from __future__ import annotations

from dataclasses import replace
from io import BytesIO

from flask import Blueprint, redirect, request, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from ...errors import BadInput
from ...filenames import harmless
from ...ledgers import actions, queries
from ...ledgers.building import Choices
from ...ledgers.models import LedgerDraft
from ...ledgers.queries import Opened
from ...people.access import need_admin
from ...register.source import SourceProblems
from ...workbook.container import MOST_BYTES
from ...workbook.reading import Workbook
from ..doors import done, reading, takes_up_to, viewer, writing
from ..editions.loading import faults_page
from ..form import Form, shown_on
from . import showing
from .forms import LedgerForm, said, worded

blueprint = Blueprint("ledgers", __name__, url_prefix="/ledgers")


@blueprint.get("")
def start() -> str:
    """Offer to take a ledger, and show what is remembered of those that came before."""
    need_admin(viewer())
    return showing.start_page(Form())


@blueprint.post("")
@takes_up_to(MOST_BYTES)
def take() -> ResponseReturnValue:
    """Read a workbook and lead to its columns; nothing is changed yet."""
    need_admin(viewer())
    form = Form()
    with shown_on(form):
        data, name = _sent()
        book = actions.read(viewer(), data, name)
        with writing() as s:
            draft_id = actions.keep(s, viewer(), data, name, book).id
        return redirect(url_for("ledgers.page", draft_id=draft_id), 303)
    return showing.start_page(form), form.status


def _sent() -> tuple[bytes, str]:
    given = request.files.get("file")
    if given is None or not given.filename:
        raise BadInput(_("请先选择台账文件（.xlsx）。"))
    # One byte more than may be: what is longer is refused by its size.
    return given.stream.read(MOST_BYTES + 1), harmless(given.filename, "?")


def _opened(row: LedgerDraft, choices: Choices | None = None) -> tuple[Workbook, Opened]:
    book = actions.read(viewer(), row.source, row.name)
    return book, queries.opened(reading(), viewer(), row, book, choices)


@blueprint.get("/<int:draft_id>")
def page(draft_id: int) -> str:
    """Show a ledger with what its columns mean, and what it comes to."""
    row = queries.draft(reading(), viewer(), draft_id)
    _book, found = _opened(row)
    return showing.ledger_page(row, found, LedgerForm.of(found.choices, found.words, queries.ledger_registers(reading())))


@blueprint.post("/<int:draft_id>")
def work(draft_id: int) -> ResponseReturnValue:
    """Keep what was chosen, and do what was asked: show it anew, send the register file, or preview it as an edition."""
    row = queries.draft(reading(), viewer(), draft_id)
    book, found = _opened(row, _chosen(row))
    choices = found.choices if request.form.get("do") == "sheet" else worded(request.form, found.choices, found.questions)
    found = queries.opened(reading(), viewer(), row, book, choices)
    with writing() as s:
        actions.choose(s, viewer(), draft_id, found.choices)
    do, form = request.form.get("do"), LedgerForm.of(found.choices, found.words, queries.ledger_registers(reading()), request.form)
    if do in {"file", "preview"} and form.validate():
        with shown_on(form):
            return _file(row, found) if do == "file" else _preview(draft_id, book, row.name)
    elif do not in {"file", "preview"}:
        return redirect(url_for("ledgers.page", draft_id=draft_id), 303)
    return showing.ledger_page(row, found, form), form.status


def _chosen(row: LedgerDraft) -> Choices:
    kept = Choices.restored(row.choices)
    if request.form.get("do") != "sheet":
        return said(request.form, kept)
    head = request.form.get("head", "").strip()
    given = int(head) if head.isascii() and head.isdigit() and 0 < len(head) < 7 else None
    # Of another sheet, or under other headings, nothing that was said of columns holds.
    return replace(kept, sheet=request.form.get("sheet", ""), head=given or None, columns={})


def _file(row: LedgerDraft, found: Opened) -> ResponseReturnValue:
    made = actions.write(reading(), viewer(), row, found)
    return send_file(BytesIO(made.data), mimetype="text/yaml", as_attachment=True, download_name=made.name, etag=False)


def _preview(draft_id: int, book: Workbook, name: str) -> ResponseReturnValue:
    try:
        with writing() as s:
            edition = actions.look(s, viewer(), draft_id, book).id
    except SourceProblems as refused:
        return faults_page(refused, name), refused.status
    return redirect(url_for("loading.draft", draft_id=edition), 303)


@blueprint.post("/<int:draft_id>/drop")
def drop(draft_id: int) -> ResponseReturnValue:
    """Put a ledger away."""
    with writing() as s:
        actions.drop(s, viewer(), draft_id)
    return done(url_for("ledgers.start"), _("已放弃这份台账，没有导入任何内容。"))


@blueprint.post("/mappings/<int:mapping_id>/forget")
def forget(mapping_id: int) -> ResponseReturnValue:
    """Forget what the columns of a kind of ledger mean."""
    with writing() as s:
        actions.forget(s, viewer(), mapping_id)
    return done(url_for("ledgers.start"), _("已忘记这种台账的对应关系，下次导入时重新选择。"))
