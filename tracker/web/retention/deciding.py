"""Pages on which a second person decides: requests, and legal holds placed and lifted."""

from __future__ import annotations

from flask import Blueprint, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from ... import clock
from ...errors import BadInput
from ...people.queries import entity_choices
from ...retention import asking, holding
from ...retention.keeping import need_keeper
from ...retention.queries import hold_row, request_row
from ...words import HoldKind, RequestState, Role
from ..addresses import row_id
from ..doors import done, reading, viewer, writing
from ..evidence.receiving import store
from ..filters import only_entity
from ..form import SOMETIMES, Form, shown_on
from .forms import HoldForm, ReasonForm
from .showing import Act, Things, shown

blueprint = Blueprint("deciding", __name__, url_prefix="/retention")
HOME = "retention.listing"


@blueprint.route("/requests/<int:request_id>", methods=["GET", "POST"])
def decide(request_id: int) -> ResponseReturnValue:
    """Show a request; somebody else than who asked approves it, which carries it out, or refuses it with a reason."""
    row = request_row(reading(), viewer(), request_id)
    need_keeper(viewer(), row.entity_id)
    do = request.form.get("do", "")
    form: Form = ReasonForm(request.form) if do != "approve" else Form(request.form)
    if request.method == "POST" and form.validate():
        with shown_on(form):
            with writing() as s:
                if do == "approve":
                    asking.approve(s, viewer(), request_id, store())
                elif do == "refuse":
                    asking.refuse(s, viewer(), request_id, form["reason"].data or "")
                else:
                    raise BadInput(_("请选择批准或不批准。"))
            return done(url_for(HOME), _("已批准并执行。") if do == "approve" else _("已记录：未批准。"))
    things = Things([row])
    facts = [
        (_("申请"), _("第 %(n)s 号：%(act)s", n=row.id, act=row.act.label)), (_("对象"), things.thing(row)), (_("理由"), row.reason), (_("法律依据"), row.basis),
        (_("提出"), f"{things.who(row.asked_by, row.asked_at)} {clock.local(row.asked_at):%Y-%m-%d %H:%M}"), (_("状态"), row.state.label),
    ]
    facts += [(_("决定"), f"{things.who(row.decided_by, row.decided_at)} {row.answer}")] if row.decided_at else []
    waiting = row.state == RequestState.WAITING
    buttons = [("approve", _("批准并执行"), "grave"), ("refuse", _("不批准"), "")] if waiting else []
    notes = [_("批准后立即执行，不能撤回。提出申请的人不能自己决定；批准不需要填写理由，不批准必须说明。")] if waiting else []
    shown_form = form if isinstance(form, ReasonForm) else _with_errors(form)
    shown_form.reason.flags.required = SOMETIMES
    page = Act(_("销毁或删除的申请"), facts, notes, shown_form, buttons, crumbs=[(_("保存与保全"), url_for(HOME))])
    return shown(page), 200 if request.method == "GET" else form.status


def _with_errors(form: Form) -> ReasonForm:
    full = ReasonForm()
    full.form_errors.extend(form.form_errors)
    return full


@blueprint.route("/holds/new", methods=["GET", "POST"])
def place() -> ResponseReturnValue:
    """Place a legal hold."""
    chosen = only_entity()
    need_keeper(viewer(), chosen)
    form = HoldForm(request.form, data=_asked_for())
    form.offer([(one.id, one.name) for one in entity_choices(reading(), viewer()) if viewer().is_admin or viewer().holds(one.id, Role.OFFICER)], chosen)
    if request.method == "POST" and form.validate():
        with shown_on(form):
            entity_id = row_id(form.entity.data) if form.entity.data else None
            with writing() as s:
                made = holding.place_hold(s, viewer(), HoldKind(form.kind.data), form.what.data or "", form.reason.data or "", entity_id).id
            return done(url_for(HOME), _("第 %(n)s 号法律保全已设置，其下的一切都不能销毁或删除。", n=made))
    notes = [_("保全期间，所涉及的证据和个人信息都不能销毁或删除，不论期限是否届满。解除须由另一位人员办理。对人员的保全，由系统管理员，或该人员现在或曾经任职的主体的合规管理设置和解除。")]
    page = Act(_("设置法律保全"), [], notes, form, [("place", _("设置保全"), "primary")], crumbs=[(_("保存与保全"), url_for(HOME))])
    return shown(page), 200 if request.method == "GET" else form.status


def _asked_for() -> dict[str, str]:
    """Return what the address fills in beforehand: the kind and the number."""
    kind, what = request.args.get("kind", ""), request.args.get("what", "")
    return {"kind": kind, "what": what[:60]} if kind in {str(one) for one in HoldKind} else {}


@blueprint.route("/holds/<int:hold_id>", methods=["GET", "POST"])
def hold(hold_id: int) -> ResponseReturnValue:
    """Show a legal hold; somebody else than who placed it lifts it."""
    row = hold_row(reading(), viewer(), hold_id)
    holding.need_keeper_of_hold(reading(), viewer(), row)
    form = ReasonForm(request.form)
    if request.method == "POST" and form.validate():
        with shown_on(form):
            with writing() as s:
                holding.lift_hold(s, viewer(), hold_id, form.reason.data or "")
            return done(url_for(HOME), _("第 %(n)s 号法律保全已解除。", n=hold_id))
    things = Things([row])
    facts = [
        (_("法律保全"), _("第 %(n)s 号：%(kind)s", n=row.id, kind=row.kind.label)), (_("对象"), things.thing(row)), (_("理由"), row.reason),
        (_("设置"), f"{things.who(row.placed_by, row.placed_at)} {clock.local(row.placed_at):%Y-%m-%d %H:%M}"),
    ]
    facts += [(_("解除"), f"{things.who(row.lifted_by, row.lifted_at)} {clock.local(row.lifted_at):%Y-%m-%d %H:%M} {row.lifting}")] if row.lifted_at else []
    buttons = [] if row.lifted_at else [("lift", _("解除保全"), "grave")]
    page = Act(_("法律保全"), facts, [_("设置的人不能自己解除。")] if buttons else [], form, buttons, crumbs=[(_("保存与保全"), url_for(HOME))])
    return shown(page), 200 if request.method == "GET" else form.status
