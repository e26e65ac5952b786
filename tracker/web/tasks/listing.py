"""The list of tasks as a page: its rows, its filters, and the dialogs for what is done to many."""

from __future__ import annotations

from typing import Any

from flask import render_template, request
from flask_babel import gettext as _

from ... import clock
from ...assignments import queries
from ...assignments.queries import TaskFilter
from ...assignments.workflow import shown_state
from ...people.access import Viewer
from ...people.queries import people_in_sight
from ...words import Role
from ..doors import reading, viewer
from ..filters import only_entity, order_of, page_of
from ..listing import here
from .forms import ReasonForm, ReassignForm, RescheduleForm
from .wanted import task_facets, task_filter

DEFAULT = "due"


def asked() -> TaskFilter:
    """Return the filter of the address."""
    entity_id = only_entity()
    return task_filter(task_facets(reading(), viewer(), entity_id), entity_id)


def page(opened: str = "", picked: frozenset[int] = frozenset(), **forms: Any) -> str:
    """Draw the list; after a refusal `opened` names the dialog that stays open and `picked` the rows that stay ticked."""
    s, who, entity_id = reading(), viewer(), only_entity()
    facets = task_facets(s, who, entity_id)
    wanted = task_filter(facets, entity_id)
    sort, descending = order_of(queries.SORTS, DEFAULT)
    at = page_of(queries.task_count(s, who, wanted))
    rows = queries.task_rows(s, who, wanted, sort, descending, at.offset, at.size)
    return render_template(
        "tasks/tasks.html", page_title=_("任务"), facets=facets, at=at, rows=rows, today=clock.today(), shown_state=shown_state,
        many_entities=entity_id is None, filtered=bool(set(request.args) - {"entity", "sort", "page"}), officer=offices(who, entity_id),
        cleared=here(q=None, **{facet.name: None for facet in facets}), opened=opened, picked=picked, **_forms(entity_id, forms),
    )


def offices(who: Viewer, entity_id: int | None) -> bool:
    """Tell whether the viewer is an officer of the entity shown, or of any of those shown."""
    return any(who.holds(one, Role.OFFICER) for one in ([entity_id] if entity_id is not None else list(who.roles)))


def _forms(entity_id: int | None, given: dict[str, Any]) -> dict[str, Any]:
    forms: dict[str, Any] = {
        "reschedule": RescheduleForm(prefix="due-"), "cancel": ReasonForm(prefix="cancel-"), "people": ReassignForm(prefix="people-"),
    }
    forms.update(given)
    if offices(viewer(), entity_id) and "people" not in given:
        forms["people"].offer(people_in_sight(reading(), viewer(), entity_id))
    return forms
