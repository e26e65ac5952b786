"""What the pages of bringing in show: the start with its sheets, and a preview cell by cell."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from urllib.parse import urlencode

from flask import render_template, request, url_for
from flask_babel import gettext as _

from ...bringing import queries
from ...bringing.actions import Applied
from ...bringing.merging import Verdict
from ...bringing.models import ImportDraft
from ...bringing.queries import Preview
from ...bringing.rules.columns import label
from ...people.queries import entity, names
from ...words import ListKind
from ...workbook.container import MEGABYTE, MOST_BYTES
from ..doors import reading, viewer
from ..form import Form
from .forms import DecideForm

# A page stays readable; what is beyond is counted, and decided all at once.
MOST_SHOWN = 300


def start_page(entity_id: int, form: Form, nothing: str = "") -> str:
    """Draw the page from which sheets go out and to which they come back; `nothing` says that one just now had nothing new."""
    s, who = reading(), viewer()
    rows = queries.imports(s, who, entity_id)
    kept = {key: value for key, value in request.args.items() if key not in {"list", "entity", "page", "sort"}}
    of_tasks = request.args.get("list") == ListKind.TASKS
    duties = {"entity": entity_id, **({} if of_tasks else kept)}
    tasks = {"entity": entity_id, **(kept if of_tasks and kept else {"state": "open"})}
    return render_template(
        "bringing/start.html", page_title=_("导入 Excel"), entity=entity(s, who, entity_id), form=form, rows=rows, most=MOST_BYTES // MEGABYTE,
        people=names(s, [row.made_by for row in rows]), filtered=bool(kept), of_tasks=of_tasks, nothing=nothing,
        duties=f"{url_for('bringing.duties')}?{urlencode(duties)}", tasks=f"{url_for('bringing.tasks')}?{urlencode(tasks)}",
    )


def preview_page(row: ImportDraft, form: DecideForm) -> str:
    """Draw a preview: what is wrong on top, then conflicts, then changes."""
    s, who = reading(), viewer()
    found = queries.preview(s, who, row)
    form.seen.data = found.seen
    lists = {verdict: found.cells(verdict) for verdict in (Verdict.REFUSED, Verdict.CONFLICT, Verdict.CHANGE)}
    return render_template(
        "bringing/preview.html", page_title=_("导入预览"), row=row, entity=entity(s, who, row.entity_id), form=form, found=found,
        refused=lists[Verdict.REFUSED], conflicts=lists[Verdict.CONFLICT], changes=lists[Verdict.CHANGE], most=MOST_SHOWN,
        field_label=lambda one, cell: label(cell.field, one.line.what) if cell.field and one.line.what else "", chosen=request.form, sheets=_sheets(row, found),
    )


@dataclass(frozen=True, slots=True)
class SheetLine:
    """What a preview says of one sheet: its title, what it is (none: nothing of it may be edited), its rows, and its cells by verdict."""

    title: str
    what: str
    rows: int
    changes: int
    conflicts: int
    refused: int


def _sheets(row: ImportDraft, found: Preview) -> list[SheetLine]:
    counted = {
        verdict: Counter(cell.place.rpartition("!")[0] for _, cell in found.cells(verdict)) for verdict in (Verdict.CHANGE, Verdict.CONFLICT, Verdict.REFUSED)
    }
    return [
        SheetLine(
            one["title"], ListKind(one["what"]).label if one["what"] else "", one["rows"],
            *(counted[verdict][one["title"]] for verdict in (Verdict.CHANGE, Verdict.CONFLICT, Verdict.REFUSED)),
        )
        for one in row.sheets
    ]


def told(did: Applied) -> str:
    """Say what an import did."""
    said = [_("已导入：%(n)s 行、%(m)s 个单元格已更改", n=did.rows, m=did.cells) if did.rows else _("没有需要更改的内容")]
    if did.mine or did.theirs:
        said.append(_("冲突中 %(n)s 处采用文件、%(m)s 处保留系统现值", n=did.mine, m=did.theirs))
    if did.left_out:
        said.append(_("%(n)s 行有问题，没有导入", n=did.left_out))
    return "；".join(said) + "。"
