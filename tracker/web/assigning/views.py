"""Pages of standing assignments: what is held by whom, what nobody holds yet, what has ended."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from ...assignments import assigning, planning
from ...assignments.models import Assignment
from ...errors import NotFound
from ...people.access import need_role
from ...people.queries import colleagues
from ...register.queries import vocabulary
from ...words import Role
from ..addresses import row_ids
from ..choosing import choose_entity
from ..doors import chosen_entity, done, reading, viewer, writing
from ..filters import only_entity, picked
from ..form import Form, shown_on
from .dialogs import assign, officer_of, told
from .forms import EndForm, PeopleForm, TermsForm
from .lists import UNASSIGNED, Listed, Wanted, listed, tabs, wanted

blueprint = Blueprint("assigning", __name__, url_prefix="/assignments")


@dataclass(frozen=True, slots=True)
class Forms:
    """The dialogs of the lists."""

    terms: TermsForm
    people: PeopleForm
    end: EndForm


def _forms(entity_id: int | None) -> Forms | None:
    if entity_id is None or not officer_of(entity_id):
        return None
    forms = Forms(TermsForm(request.form, prefix="terms-"), PeopleForm(request.form, prefix="people-"), EndForm(request.form, prefix="end-"))
    there = colleagues(reading(), viewer(), entity_id)
    forms.terms.offer(there)
    forms.people.offer(there)
    return forms


@blueprint.get("")
def listing() -> str:
    """List assignments: those that stand, those that ended, and what applies and is not assigned."""
    if only_entity() is None and (request.args.get("person") or request.args.get("show") == UNASSIGNED):
        return choose_entity(_("分派"), _("这个列表按主体显示。请先选择一个主体。"))
    return _list_page(_forms(only_entity()))


def _list_page(forms: Forms | None, failed: str = "") -> str:
    s, what = reading(), _wanted()
    return render_template(
        "assigning/assignments.html", page_title=_("分派"), what=what, listed=listed(s, viewer(), what), ways=tabs(s, viewer(), what),
        words=vocabulary(s), forms=forms, failed=failed, entity_arg=chosen_entity(),
    )


def _wanted() -> Wanted:
    return wanted(reading(), viewer(), only_entity())


@blueprint.post("")
def act() -> ResponseReturnValue:
    """Assign, change or end what is selected, in one entity."""
    entity_id, doing = only_entity(), request.form.get("do", "")
    if entity_id is None or doing not in DOINGS:
        raise NotFound
    need_role(viewer(), entity_id, Role.OFFICER)
    forms = _forms(entity_id)
    if forms is None:
        raise NotFound
    name, do = DOINGS[doing]
    form: Form = getattr(forms, name)
    if form.validate():
        with shown_on(form):
            return do(entity_id, forms)
    return _list_page(forms, failed=doing), form.status


def _here() -> str:
    return request.full_path.rstrip("?")


def _all_matching() -> Listed:
    return listed(reading(), viewer(), _wanted(), whole=True)


def _obligations() -> list[str]:
    ids = picked(request.form)
    return list(_all_matching().ids) if ids is None else ids


def _assignments() -> list[int]:
    ids = picked(request.form)
    return [row.id for row in _all_matching().rows] if ids is None else row_ids(ids)


def _assign(entity_id: int, forms: Forms) -> Response:
    return assign(viewer(), entity_id, _obligations(), forms.terms)


def _rows(entity_id: int) -> list[Assignment]:
    rows = [planning.assignment(reading(), viewer(), row_id) for row_id in _assignments()]
    if any(row.entity_id != entity_id for row in rows):
        raise NotFound
    return rows


def _change(entity_id: int, forms: Forms) -> Response:
    rows = _rows(entity_id)
    return assign(viewer(), entity_id, [row.obligation_id for row in rows], forms.terms)


def _people(entity_id: int, forms: Forms) -> Response:
    ids = _assignments()
    with writing() as s:
        did = assigning.reassign(s, viewer(), entity_id, ids, *forms.people.people())
    if not did.changed and not did.tasks:
        return done(_here(), told(did))
    return done(_here(), _("已改派 %(n)s 项分派，随之移交 %(m)s 个未完成的任务；频率和截止日不变。", n=did.changed, m=did.tasks))


def _end(entity_id: int, forms: Forms) -> Response:
    ids, reason = [row.id for row in _rows(entity_id)], forms.end.reason.data or ""
    with writing() as s:
        cancelled = sum(planning.end_assignment(s, viewer(), row_id, reason) for row_id in ids)
    return done(_here(), _("已结束 %(n)s 项分派，取消 %(m)s 个未完成的任务；历史和证据都保留。", n=len(ids), m=cancelled))


# What a button sends → (the form it stands in, what is done).
DOINGS: Final[dict[str, tuple[str, Callable[[int, Forms], Response]]]] = {
    "assign": ("terms", _assign), "change": ("terms", _change), "people": ("people", _people), "end": ("end", _end),
}
