"""Pages of registers: what is kept here, the history of each, what an edition changed, and any two compared."""

from __future__ import annotations

import hashlib
import io
from pathlib import Path

from flask import Blueprint, Response, render_template, request, send_file
from flask_babel import gettext as _

from ...editions import queries
from ...errors import NotFound
from ...people.queries import names
from ...register.models import Edition
from ...register.queries import edition_in_force, editions_in_force, registers, vocabulary
from ..addresses import row_id
from ..doors import config, reading, viewer
from .forms import RegisterFile
from .showing import OPEN, shown

blueprint = Blueprint("editions", __name__, url_prefix="/registers")


@blueprint.get("")
def listing() -> str:
    """List the registers with the edition of each that is in force."""
    return listing_page(RegisterFile())


def listing_page(form: RegisterFile) -> str:
    """Draw the list; administrators also find the way to load a file."""
    s, who = reading(), viewer()
    editions, documents = editions_in_force(s), vocabulary(s).documents.values()
    told = {key: [one for one in documents if one.register_key == key and not one.withdrawn] for key in editions}
    # A file that was in force once is no news: whoever loaded a newer one meant it.
    waiting = _differs(config().register, queries.digests(s)) if who.is_admin else False
    return render_template(
        "editions/registers.html", page_title=_("登记册"), registers=registers(s), editions=editions, documents=told, form=form,
        people=names(s, [row.loaded_by for row in editions.values()]), admin=who.is_admin, waiting=config().register.name if waiting else "",
        draft=queries.pending(s, who),
    )


def _differs(path: Path, digests: set[str]) -> bool:
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest() not in digests
    except OSError:
        return False


@blueprint.get("/<key>")
def history(key: str) -> str:
    """List every edition of a register, newest first."""
    s = reading()
    register, rows = queries.register_of(s, key), queries.history(s, key)
    return render_template(
        "editions/history.html", page_title=register.name, register=register, rows=rows, people=names(s, [row.loaded_by for row in rows]),
        admin=viewer().is_admin,
    )


@blueprint.get("/<key>/compare")
def compare(key: str) -> str:
    """Compare two editions of a register; without a choice the newest with the one before it."""
    s = reading()
    rows = queries.history(s, key)
    chosen = [row_id(request.args[name]) if request.args.get(name) else None for name in ("old", "new")]
    old, new = (_of(key, one or default) for one, default in zip(chosen, (rows[:2][-1].id, rows[0].id), strict=True))
    return render_template(
        "editions/compare.html", page_title=_("比较版本"), register=queries.register_of(s, key), old=old, new=new, limit=OPEN,
        shown=shown(s, queries.side_by_side(old, new)), rows=rows,
    )


def _of(key: str, edition_id: int) -> Edition:
    row = queries.edition(reading(), edition_id)
    if row.register_key != key:
        raise NotFound
    return row


@blueprint.get("/editions/<int:edition_id>")
def edition(edition_id: int) -> str:
    """Show what an edition changed against the one before it."""
    s = reading()
    row = queries.edition(s, edition_id)
    register, now, before = queries.register_of(s, row.register_key), edition_in_force(s, row.register_key), queries.before(s, row)
    return render_template(
        "editions/edition.html", page_title=_("%(name)s %(edition)s", name=register.name, edition=row.edition),
        register=register, row=row, before=before, limit=OPEN, people=names(s, [row.loaded_by]), admin=viewer().is_admin,
        shown=shown(s, queries.side_by_side(before, row), row.changes.get("revived", ())), newest=now is not None and now.id == row.id,
    )


@blueprint.get("/editions/<int:edition_id>/file")
def download(edition_id: int) -> Response:
    """Send the file of an edition exactly as it was loaded."""
    row = queries.edition(reading(), edition_id)
    name = f"{row.register_key}-{row.edition}.yaml"
    return send_file(io.BytesIO(row.source), mimetype="text/yaml", as_attachment=True, download_name=name, etag=False)
