"""Pages of scope: every obligation as it stands with one entity, and the officer's decisions on many at once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from ...assignments.planning import decide_scope
from ...errors import NotFound
from ...people.access import need_role
from ...people.queries import entity, names
from ...register.queries import SORTS, vocabulary
from ...scope import queries
from ...scope.actions import confirm_suggestions
from ...words import Role, ScopeState, Standing
from ..assigning.dialogs import officer_of
from ..choosing import choose_entity
from ..doors import chosen_entity, done, reading, viewer, writing
from ..filters import obligation_facets, obligation_filter, only_entity, order_of, page_of, picked
from ..form import Form, shown_on
from ..listing import here
from .forms import AppliesForm, ExcludeForm

blueprint = Blueprint("scope", __name__)
TABS: Final = (Standing.SUGGESTED, Standing.SUGGESTED_NOT, Standing.APPLIES, Standing.NOT_APPLICABLE)


def _tab() -> str:
    asked = request.args.get("standing", "")
    return asked if asked in (*TABS, queries.RECONSIDER) else ""


def _forms() -> dict[str, Form]:
    return {
        "confirm": Form(request.form), "apply": AppliesForm(request.form, prefix="apply-"),
        "exclude": ExcludeForm(request.form, prefix="exclude-"),
    }


@blueprint.get("/scope")
def listing() -> ResponseReturnValue:
    """List obligations as they stand with one entity; without one, ask which."""
    entity_id = only_entity()
    if entity_id is None:
        return choose_entity(_("适用性"), _("适用性按主体逐项确认。请先选择一个主体。"))
    return _list_page(entity_id, _forms())


def _list_page(entity_id: int, forms: dict[str, Form], failed: str = "") -> str:
    s, who, tab = reading(), viewer(), _tab()
    # Held here, the entity is read once for all the counts below.
    there = entity(s, who, entity_id)
    facets = obligation_facets(s)
    wanted = obligation_filter(facets)
    counts = {word: queries.scope_count(s, who, entity_id, wanted, word) for word in TABS}
    changed = queries.scope_count(s, who, entity_id, wanted, queries.RECONSIDER)
    total = changed if tab == queries.RECONSIDER else counts[Standing(tab)] if tab in counts else sum(counts.values())
    page, (sort, descending) = page_of(total), order_of(SORTS, "clause")
    rows = queries.scope_rows(s, who, entity_id, wanted, tab, page.offset, page.size, sort, descending)
    return render_template(
        "scope/scope.html", page_title=_("适用性"), entity=there, rows=rows, page=page, ways=_ways(counts, tab, changed), tab=tab,
        facets=facets, words=vocabulary(s), people=names(s, [row.decision.decided_by for row in rows if row.decision]),
        forms=forms if officer_of(entity_id) else None, failed=failed, entity_arg=chosen_entity(),
    )


def _ways(counts: dict[Standing, int], tab: str, changed: int) -> list[tuple[str, int, str, bool]]:
    ways = [(word.label, number, here(standing=word.value), tab == word) for word, number in counts.items()]
    if changed or tab == queries.RECONSIDER:
        # Only after an edition that changed whom an obligation is for; otherwise nobody needs the word.
        ways.append((str(_("文本已变，建议改认")), changed, here(standing=queries.RECONSIDER), tab == queries.RECONSIDER))
    return [*ways, (_("全部"), sum(counts.values()), here(standing=None), not tab)]


@blueprint.post("/scope")
def decide() -> ResponseReturnValue:
    """Confirm what is suggested, or decide that the selected obligations apply or do not."""
    entity_id, doing, forms = only_entity(), request.form.get("do", ""), _forms()
    if entity_id is None or doing not in DOINGS:
        raise NotFound
    need_role(viewer(), entity_id, Role.OFFICER)
    form = forms[doing]
    if form.validate():
        with shown_on(form):
            return DOINGS[doing](entity_id, _chosen(entity_id), form)
    return _list_page(entity_id, forms, failed=doing), form.status


def _chosen(entity_id: int) -> list[str]:
    ids, s = picked(request.form), reading()
    if ids is not None:
        return ids
    return queries.scope_ids(s, viewer(), entity_id, obligation_filter(obligation_facets(s)), _tab())


def _confirm(entity_id: int, ids: list[str], _form: Form) -> Response:
    with writing() as s:
        changed = confirm_suggestions(s, viewer(), entity_id, ids)
    if not changed:
        return done(_here(), _("所选各项都已经确认过，没有更改。"))
    return done(_here(), _("已按建议确认 %(n)s 项。", n=len(changed)))


def _decided(entity_id: int, ids: list[str], form: Form, state: ScopeState) -> Response:
    reason = form["reason"].data or ""
    with writing() as s:
        changed, ended = decide_scope(s, viewer(), entity_id, ids, state, reason)
    said = _("已将 %(n)s 项定为%(state)s。", n=changed, state=state.label) if changed else _("所选各项已经是这样确认的，没有更改。")
    if ended:
        said += _("其中 %(n)s 项原有的分派随之结束，未完成的任务已取消。", n=ended)
    return done(_here(), said)


def _here() -> str:
    return request.full_path.rstrip("?")


DOINGS: Final[dict[str, Callable[[int, list[str], Form], Response]]] = {
    "confirm": _confirm,
    "apply": lambda entity_id, ids, form: _decided(entity_id, ids, form, ScopeState.APPLIES),
    "exclude": lambda entity_id, ids, form: _decided(entity_id, ids, form, ScopeState.NOT_APPLICABLE),
}
