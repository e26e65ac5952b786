"""The page of signed heads, for administrators: keys, how far every chain is signed, what left the machine, and signing now."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from flask import Blueprint, Response, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from ... import clock
from ...audit.heads import queries
from ...audit.heads.keys import Keyring
from ...audit.heads.models import AuditRegistry
from ...audit.heads.notes import Key
from ...audit.heads.signing import Signer
from ...audit.trail import SYSTEM_CHAIN, access_chain, entity_chain
from ...errors import NotFound
from ...people import head_keys
from ...people.access import need_admin
from ...people.queries import entity_tree
from ...tending.signing import told, ways
from ..doors import config, done, house, reading, viewer

blueprint = Blueprint("heads", __name__, url_prefix="/trail/heads")


@blueprint.before_request
def _admins_only() -> None:
    need_admin(viewer())


def said(stamp: str) -> str:
    """Say a stamp of a note to the minute in Shanghai; nothing when there is none."""
    return f"{clock.local(datetime.fromisoformat(stamp)):%Y-%m-%d %H:%M}" if stamp else ""


@blueprint.get("")
def page() -> str:
    """Show keys, chains and registries."""
    s, ring = reading(), Keyring(config().key_folder)
    rows, every = queries.registries(s), queries.keys(s)
    names = {SYSTEM_CHAIN: _("系统")}
    for one in entity_tree(s, viewer(), for_managing=True):
        names |= {entity_chain(one.id): one.short_name, access_chain(one.id): _("%(name)s的访问记录", name=one.short_name)}
    return render_template(
        "trail/heads.html", page_title=_("签名与链头"), keys=every, held={key.number for key in every if ring.holds(key.fingerprint)}, kinds=_kinds(), said=said,
        chains=queries.behind(s), names=names, rows=rows, sent=queries.deliveries(s, [row.number for row, _note in rows]), ways=_ways(),
        leaves=bool(ways(config())), able=bool(every) and ring.holds(every[-1].fingerprint),
    )


def _kinds() -> dict[str, str]:
    return {"first": _("首个密钥"), "changed": _("由上一密钥更换"), "lost": _("上一密钥遗失后另建")}


def _ways() -> dict[str, str]:
    return {"folder": _("写到目录"), "mail": _("寄出")}


@blueprint.post("")
def sign() -> ResponseReturnValue:
    """Sign every head now; whatever has to leave does so with the next round of duties."""
    made = head_keys.sign_now(viewer(), Signer(house().database, Keyring(config().key_folder)), ways(config()))
    return done(url_for("heads.page"), told(made))


@blueprint.get("/<int:number>/file")
def download(number: int) -> Response:
    """Give the file of heads of a registry."""
    s: Session = reading()
    if s.get(AuditRegistry, number) is None:
        raise NotFound
    name, text = queries.heads_file(s, number)
    return Response(text, mimetype="text/plain", headers={"Content-Disposition": f'attachment; filename="{name}"', "X-Content-Type-Options": "nosniff"})


class Signed(NamedTuple):
    """How far a chain is signed: to the minute of its newest signature (empty: never), and how many events came after."""

    at: str
    since: int


def standing(s: Session, chains: list[str]) -> tuple[Key | None, dict[str, Signed]]:
    """Say for the pages of the trail: the key in force, and of each of these chains that has begun how far it is signed."""
    every = queries.keys(s)
    return every[-1] if every else None, {one.chain: Signed(said(one.at), one.size - (one.signed or 0)) for one in queries.behind(s, chains)}
