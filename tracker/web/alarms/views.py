"""The page of alarms, for administrators and the officers of the entities concerned."""

from __future__ import annotations

from flask import Blueprint, render_template
from flask_babel import gettext as _

from ...alarms import queries
from ...alarms.kinds import label
from ...errors import NotFound
from ...people.queries import entity_tree
from ..doors import reading, viewer

blueprint = Blueprint("alarms", __name__, url_prefix="/alarms")


@blueprint.get("")
def listing() -> str:
    """List open alarms, then the settled ones; nobody else hears that there are any."""
    s, who = reading(), viewer()
    if not queries.is_told(who):
        raise NotFound
    names = {row.id: row.short_name for row in entity_tree(s, who, for_managing=True)}
    return render_template("alarms/alarms.html", page_title=_("警报"), rows=queries.alarms(s, who), names=names, label=label)
