"""The list of tasks as a page: its rows, its filters, and the dialogs for what is done to many."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from functools import lru_cache
from typing import Any

from flask import current_app, render_template, request
from flask_babel import get_locale
from markupsafe import Markup

from ... import clock
from ...assignments import queries
from ...assignments.queries import TaskFilter
from ...assignments.workflow import shown_state
from ...editions.queries import newest_edition
from ...people.access import Viewer
from ...people.queries import Colleague, people_in_sight
from ...words import Role
from ..doors import reading, viewer
from ..filters import only_entity, order_of, page_of
from ..listing import here
from ..saying import say as _
from .forms import CommentForm, ReasonForm, ReassignForm, RescheduleForm
from .wanted import task_facets, task_filter

DEFAULT = "due"


def asked() -> TaskFilter:
    """Return the filter of the address."""
    entity_id = only_entity()
    return task_filter(task_facets(reading(), viewer(), entity_id), entity_id)


def page(opened: str = "", picked: frozenset[int] = frozenset(), **forms: Any) -> str:
    """Draw the list; after a refusal `opened` names the dialog that stays open and `picked` the rows that stay ticked."""
    s, who, entity_id = reading(), viewer(), only_entity()
    people = people_in_sight(s, who, entity_id)
    facets = task_facets(s, who, entity_id, people)
    wanted = task_filter(facets, entity_id)
    officer = held_in(who, entity_id, Role.OFFICER)
    sort, descending = order_of(queries.SORTS, DEFAULT)
    at = page_of(queries.task_count(s, who, wanted))
    rows = queries.task_rows(s, who, wanted, sort, descending, at.offset, at.size)
    confirming = frozenset(row.entity_id for row in rows if row.outdated and row.reviewer_id == who.person_id) & held_in(who, entity_id, Role.REVIEWER)
    return render_template(
        "tasks/tasks.html", page_title=_("任务"), facets=facets, at=at, rows=rows, today=clock.today(), shown_state=shown_state,
        many_entities=entity_id is None, filtered=bool(set(request.args) - {"entity", "sort", "page"}), officer=officer, confirming=confirming,
        edition=newest_edition(s) if confirming else 0,
        cleared=here(q=None, **{facet.name: None for facet in facets}), views=_views(who, entity_id), picked=picked,
        dialogs=_drawn(bool(officer or confirming), people, opened, forms),
    )


def _views(who: Viewer, entity_id: int | None) -> list[tuple[str, str, bool]]:
    """Return the usual ways to look at the list: label, address, whether it is the one shown."""
    today, me = clock.today(), who.person_id
    soon = {"state": "open", "due_from": today.isoformat(), "due_to": (today + timedelta(days=30)).isoformat()}
    asked: list[tuple[str, dict[str, object]]] = [
        (_("全部任务"), {}), (_("未完成"), {"state": "open"}), (_("已逾期"), {"state": "overdue"}), (_("待复核"), {"state": "submitted"}),
        (_("30 天内到期"), dict(soon)),
    ]
    held = list(who.roles.values()) if entity_id is None else [who.roles[entity_id]]
    if any(Role.OWNER in roles for roles in held):
        asked.append((_("我负责的"), {"state": "open", "owner": me}))
    if any(Role.REVIEWER in roles for roles in held):
        asked += [(_("我复核的"), {"state": "open", "reviewer": me}), (_("待我重新确认"), {"state": "reconfirm", "reviewer": me})]
    given = {key: value for key, value in request.args.items() if key not in {"entity", "sort", "page"}}
    cleared = dict.fromkeys(given)
    return [(label, here(**{**cleared, **query}), given == {key: str(value) for key, value in query.items()}) for label, query in asked]


def held_in(who: Viewer, entity_id: int | None, role: Role) -> frozenset[int]:
    """Return those of the entities shown in which the viewer holds a role."""
    return frozenset(one for one in ([entity_id] if entity_id is not None else list(who.roles)) if who.holds(one, role))


@lru_cache(maxsize=32)
def _dialogs(people: tuple[Colleague, ...], _language: str) -> str:
    # As long as nothing was refused they are the same for everybody who sees the same people, and slow to draw.
    return _draw("", people, {})


def _draw(opened: str, people: Sequence[Colleague], given: dict[str, Any]) -> str:
    # Without the frame, which would be read a second time.
    return current_app.jinja_env.get_template("tasks/many.html").render(opened=opened, **_forms(people, given))


def _forms(people: Sequence[Colleague], given: dict[str, Any]) -> dict[str, Any]:
    forms: dict[str, Any] = {
        "reschedule": RescheduleForm(prefix="due-"), "cancel": ReasonForm(prefix="cancel-"), "people": ReassignForm(prefix="people-"),
        "reconfirm": CommentForm(prefix="again-"),
    }
    if "people" not in given:
        forms["people"].offer(people)
    return {**forms, **given}


def _drawn(acts: bool, people: Sequence[Colleague], opened: str, given: dict[str, Any]) -> Markup:
    if not acts:
        return Markup()
    return Markup(_draw(opened, people, given) if opened else _dialogs(tuple(people), str(get_locale())))
