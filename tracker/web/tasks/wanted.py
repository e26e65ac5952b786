"""What an address asks of the list of tasks; the workbook of the same rows reads it with the same words."""

from __future__ import annotations

from collections.abc import Sequence

from flask import request
from sqlalchemy.orm import Session

from ...assignments.queries import TaskFilter, departments
from ...people.access import Viewer
from ...people.queries import Colleague, people_in_sight
from ...register.queries import ObligationFilter, vocabulary
from ...words import Modality, Role, Severity, TaskState
from ..filters import day_of, value_of, words_of
from ..listing import Facet
from ..saying import say as _


def task_facets(s: Session, viewer: Viewer, entity_id: int | None, people: Sequence[Colleague] | None = None) -> list[Facet]:
    """Return the filters of a list of tasks, with what may be chosen in these entities; `people` when they were read already."""
    words, people = vocabulary(s), people_in_sight(s, viewer, entity_id) if people is None else people
    states = [("open", _("未完成（全部）")), ("at_hand", _("待办理")), ("overdue", _("已逾期")), ("reconfirm", _("待重新确认")), *words_of(TaskState)]
    return [
        Facet("state", _("状态"), states, "one"),
        Facet("owner", _("责任人"), _holding(people, Role.OWNER, Role.OFFICER), "one"),
        Facet("reviewer", _("复核人"), _holding(people, Role.REVIEWER, Role.OFFICER), "one"),
        Facet("department", _("部门"), [(name, name) for name in departments(s, viewer, entity_id)], "one"),
        Facet("due_from", _("截止日从"), kind="date"),
        Facet("due_to", _("截止日至"), kind="date"),
        Facet("domain", _("领域"), list(words.live_domains.items()), "one"),
        Facet("document", _("文件"), [(one.id, one.number or one.title) for one in words.documents.values()], "one"),
        Facet("modality", _("性质"), words_of(Modality), "one"),
        Facet("severity", _("重要程度"), words_of(Severity), "one"),
        Facet("obligation", _("义务编号"), kind="text"),
    ]


def _holding(people: Sequence[Colleague], *roles: Role) -> list[tuple[str, str]]:
    return [(str(one.id), one.shown) for one in people if one.roles.intersection(roles)]


def task_filter(facets: Sequence[Facet], entity_id: int | None) -> TaskFilter:
    """Read the filter of this address; BadInput when it asks for what is no choice."""
    asked = {facet.name: value_of(facet, request.args) for facet in facets if facet.kind == "one"}
    days = {facet.name: day_of(facet) for facet in facets if facet.kind == "date"}
    of_obligation = ObligationFilter(
        q=request.args.get("q", "")[:200].strip(), document=asked["document"], domain=asked["domain"], modality=asked["modality"],
        severity=asked["severity"], withdrawn=True,
    )
    return TaskFilter(
        of_obligation, entity_id, asked["state"], int(asked["owner"] or 0) or None, int(asked["reviewer"] or 0) or None, asked["department"],
        days["due_from"], days["due_to"], request.args.get("obligation", "")[:64],
    )
