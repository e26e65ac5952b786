"""The workbench: what one has to do now; and the search over obligations, tasks and evidence."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

from flask import Blueprint, render_template, request
from flask_babel import gettext as _

from ... import clock
from ...assignments import queries
from ...assignments.queries import TaskFilter
from ...assignments.workflow import shown_state
from ...evidence.queries import LibraryFilter, library
from ...people.access import Viewer
from ...people.queries import EntityRow, entity_choices
from ...register.queries import ObligationFilter, edition_in_force, obligation_count, obligations, vocabulary
from ...register.search import terms
from ...standing.bench import workbench as bench_of
from ...standing.queries import entity_counts
from ...words import Role
from ..doors import chosen_entity, reading, viewer

blueprint = Blueprint("home", __name__)
MOST_FOUND = 8


@blueprint.get("/")
def workbench() -> str:
    """Show what the viewer has to do, review and put right, and how the entities stand that he watches over."""
    s, who, chosen = reading(), viewer(), chosen_entity()
    entities = [one for one in entity_choices(s, who) if chosen in (None, one.id)]
    watched = [one for one in entities if who.holds(one.id, Role.OFFICER, Role.AUDITOR)]
    counts = entity_counts(s, who, chosen) if entities else {}
    return render_template(
        "home/workbench.html", page_title=_("工作台"), bench=bench_of(s, who, chosen), entities=entities, watched=watched,
        counts=counts, sums=_sums(watched, counts), many_entities=chosen is None and len(entities) > 1, today=clock.today(), day_long=timedelta(days=1), shown_state=shown_state,
        me=who.person_id, chosen=chosen, works=_holds(who, entities, Role.OWNER), reviews=_holds(who, entities, Role.REVIEWER),
        officer=_holds(who, entities, Role.OFFICER), admin=who.is_admin, edition=edition_in_force(s),
    )


def _holds(who: Viewer, entities: list[EntityRow], role: Role) -> bool:
    return any(who.holds(one.id, role) for one in entities)


def _sums(watched: list[EntityRow], counts: dict[int, Counter[str]]) -> Counter[str]:
    return sum((counts.get(one.id, Counter[str]()) for one in watched), Counter[str]())


@blueprint.get("/search")
def search() -> str:
    """Look for words in obligations, in the tasks of those obligations, and in the names of files; of one entity when it is chosen."""
    sought, chosen = request.args.get("q", "")[:200].strip(), chosen_entity()
    if not terms(sought):
        return render_template("home/search.html", page_title=_("搜索"), sought=sought, asked=False)
    s, who = reading(), viewer()
    of_text, of_tasks = ObligationFilter(q=sought), TaskFilter(ObligationFilter(q=sought, withdrawn=True), chosen)
    of_files = LibraryFilter(() if chosen is None else (chosen,), sought)
    return render_template(
        "home/search.html", page_title=_("搜索“%(q)s”", q=sought), sought=sought, asked=True, today=clock.today(), shown_state=shown_state,
        obligations=obligations(s, of_text, limit=MOST_FOUND), obligation_count=obligation_count(s, of_text),
        tasks=queries.task_rows(s, who, of_tasks, "due", True, limit=MOST_FOUND), task_count=queries.task_count(s, who, of_tasks),
        evidence=library(s, who, of_files, limit=MOST_FOUND), documents=vocabulary(s).documents, many_entities=chosen is None and len(who.roles) > 1,
        chosen=chosen,
    )
