"""The page of alarms, for administrators and the officers of the entities concerned."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from flask import Blueprint, render_template, url_for
from flask_babel import gettext as _

from ...alarms import queries
from ...alarms.kinds import EVIDENCE_DAMAGED, EXPORT_DAMAGED, label
from ...alarms.models import Alarm
from ...assignments.queries import citing
from ...errors import NotFound
from ...evidence.queries import evidence_rows, with_contents
from ...people.queries import entity_tree
from ...reports.queries import in_sight
from ..doors import reading, viewer

blueprint = Blueprint("alarms", __name__, url_prefix="/alarms")


@dataclass(slots=True)
class Concerned:
    """What an alarm is about, for who may see it: the files and the tasks that cite them, each as (words, address)."""

    files: list[tuple[str, str]] = field(default_factory=list)
    tasks: list[tuple[str, str]] = field(default_factory=list)


def _concerned(rows: Sequence[Alarm]) -> dict[int, Concerned]:
    """Name what each of these alarms is about: a few statements for a page, and nothing of entities out of sight."""
    s, who = reading(), viewer()
    number = {row.id: int(row.object.rpartition(":")[2]) for row in rows if row.kind in {EVIDENCE_DAMAGED, EXPORT_DAMAGED}}
    digests = {key: one.sha256 for key, one in evidence_rows(s, who, [number[row.id] for row in rows if row.kind == EVIDENCE_DAMAGED]).items()}
    pieces = with_contents(s, who, set(digests.values()))
    exports = in_sight(s, who, [number[row.id] for row in rows if row.kind == EXPORT_DAMAGED])
    cited, found = citing(s, who, [one.id for one in pieces]), {row.id: Concerned() for row in rows}
    for row in rows:
        if row.kind == EXPORT_DAMAGED and (export := exports.get(number[row.id])):
            found[row.id].files = [(export.file_name, url_for("reports.listing", entity=row.entity_id))]
        if row.kind != EVIDENCE_DAMAGED or number[row.id] not in digests:
            continue
        for one in (one for one in pieces if one.entity_id == row.entity_id and one.sha256 == digests[number[row.id]]):
            found[row.id].files.append((_("%(name)s（第 %(n)s 版）", name=one.name, n=one.version_no), url_for("evidence.page", evidence_id=one.id)))
            told = [(f"{task.title} {task.due_on:%Y-%m-%d}", url_for("tasks.page", task_id=task.id)) for task in cited.get(one.id, [])]
            found[row.id].tasks += [one for one in told if one not in found[row.id].tasks]
    return found


@blueprint.get("")
def listing() -> str:
    """List open alarms, then the settled ones; nobody else hears that there are any."""
    s, who = reading(), viewer()
    if not queries.is_told(who):
        raise NotFound
    names = {row.id: row.short_name for row in entity_tree(s, who, for_managing=True)}
    rows = queries.alarms(s, who)
    return render_template("alarms/alarms.html", page_title=_("警报"), rows=rows, names=names, label=label, concerned=_concerned(rows))
