"""Pages of what one person may do: the overview, the class of a piece, sealing, and asking for more."""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from ... import clock
from ...audit import queries as trail_queries
from ...audit.names import CONCEALED, action_label, field_label
from ...errors import BadInput, NotFound
from ...evidence.queries import evidence
from ...people.access import need_admin
from ...people.queries import entity_choices
from ...retention import asking, executing, keeping, sealing
from ...retention.classes import CLASSES
from ...retention.queries import (
    defaults,
    disclosed_of,
    ending,
    event_at,
    event_term,
    hold_on_evidence,
    holds,
    person_named,
    requests,
    terms,
)
from ...words import HoldKind, RequestState, RetentionAct, Role
from ..doors import chosen_entity, done, reading, viewer, writing
from ..form import shown_on
from .covered import Covered, answered, covered, state_of
from .forms import ClassForm, FieldsForm, ReasonForm, TakingFieldsForm, TakingForm
from .showing import Act, Things, shown

blueprint = Blueprint("retention", __name__, url_prefix="/retention")
HOME = "retention.listing"
ASK = "ask"


@blueprint.get("")
def listing() -> str:
    """Show what waits for a second person, what is held, what ends soon, and the classes with their law."""
    s, who, chosen = reading(), viewer(), chosen_entity()
    if chosen is None and not keeping.keeps(who):
        raise NotFound
    keeping.need_keeper(who, chosen)
    entities = {one.id: one.short_name for one in entity_choices(s, who) if chosen in (None, one.id) and (who.is_admin or who.holds(one.id, Role.OFFICER))}
    waiting, decided = ([row for row in requests(s, who) if (row.state == RequestState.WAITING) is open_] for open_ in (True, False))
    held = holds(s, who, only_standing=False)
    return render_template(
        "retention/retention.html", page_title=_("保存与保全"), waiting=waiting, decided=decided[:20], held=held, things=Things([*waiting, *decided, *held]),
        ending=ending(s, who, list(entities), clock.today()), entities=entities, classes=CLASSES.values(), today=clock.today(),
    )


@blueprint.route("/evidence/<int:evidence_id>", methods=["GET", "POST"])
def piece(evidence_id: int) -> ResponseReturnValue:
    """Show until when a piece is kept and why; put it into another class, or ask that it be destroyed."""
    row = evidence(reading(), viewer(), evidence_id)
    keeping.need_keeper(viewer(), row.entity_id)
    wants_more = request.form.get("do") == ASK
    form, more = ClassForm(None if wants_more else request.form), TakingForm(request.form if wants_more else None, prefix="ask-")
    form.offer(defaults(reading(), [row.entity_id])[row.entity_id])
    if request.method == "GET" or wants_more:
        form.show(row)
    back = url_for("retention.piece", evidence_id=evidence_id)
    if request.method == "POST" and (more if wants_more else form).validate():
        with shown_on(more if wants_more else form):
            with writing() as s:
                if wants_more:
                    asking.ask(s, viewer(), RetentionAct.DESTROY, row.audit_ref, more.reason.data or "", more.basis.data or "")
                else:
                    keeping.classify(s, viewer(), evidence_id, form.retention.data, form.kept_from.data, form.why.data or "")
            return done(url_for(HOME) if wants_more else back, _("申请已提出，等待另一人决定。") if wants_more else _("保存期限已确定。"))
    term, hold = terms(reading(), [row])[row.id], hold_on_evidence(reading(), row)
    facts = [
        (_("证据"), row.name), (_("保存类别"), term.kept_as.label), (_("起算"), f"{term.kept_as.begin.label}{f'：{term.start}' if term.start else _('，尚未填写')}"),
        (_("保存期限至"), term.end.isoformat() if term.end else _("未起算")), (_("依据"), term.kept_as.basis), (_("法律保全"), _("第 %(n)s 号", n=hold.id) if hold else _("没有")),
    ]
    notes = [_("期限届满、没有法律保全时，经另一人批准才能销毁；销毁后文件不再保存，记录和操作留痕仍在。期限届满以前，任何人都不能销毁。")]
    place = url_for("deciding.place", entity=row.entity_id, kind=HoldKind.EVIDENCE, what=row.id)
    links = [] if row.destroyed_at else [(_("设置保全…"), place)]
    buttons = [] if row.destroyed_at else [("classify", _("保存"), "primary")]
    crumbs = [(_("证据"), url_for("evidence.library")), (row.name, url_for("evidence.page", evidence_id=row.id))]
    page = Act(_("保存期限"), facts, notes, form, buttons, more, [(ASK, _("申请销毁"), "grave")], crumbs, executing.against_destroying(reading(), row), links)
    return shown(page), 200 if request.method == "GET" else (more if wants_more else form).status


@blueprint.route("/trail/<chain>/<int:seq>", methods=["GET", "POST"])
def disclosure(chain: str, seq: int) -> ResponseReturnValue:
    """Show the personal values of one event and the state of each; seal or unseal those chosen, or ask that they be deleted."""
    keeping.need_keeper_of(viewer(), chain)
    row, kind = event_at(reading(), chain, seq)
    told, do = trail_queries.events_at(reading(), chain, seq), request.form.get("do", "")
    form, more = FieldsForm(None if do == ASK else request.form), TakingFieldsForm(request.form if do == ASK else None, prefix="ask-")
    for one in (form, more):
        one.offer((name, f"{_side(name)}{field_label(name.rpartition('.')[2])}：{told.personal[name]}{state_of(told.personal[name])}") for name in sorted(told.personal))
    used = more if do == ASK else form
    if request.method == "POST" and used.validate():
        with shown_on(used):
            reason, fields = used.reason.data or "", used.fields.data or []
            with writing() as s:
                if do == ASK:
                    asking.ask(s, viewer(), RetentionAct.REDACT, f"event:{chain}:{seq}", reason, more.basis.data or "", fields)
                    count = len(fields)
                else:
                    count = _sealing(do)(s, viewer(), chain, seq, fields, reason)
            return _answered(do, count, url_for("retention.disclosure", chain=chain, seq=seq))
    term, state = event_term(kind, row.action, row.at), covered([(chain, seq, told.personal)])
    facts = [(_("记录"), f"{chain} · {seq}"), (_("操作"), action_label(row.action)), (_("状态"), state.words), (_("保存期限至"), str(term.end)), (_("依据"), term.kept_as.basis)]
    page = Act(_("封存与解除封存"), facts, _notes(), form, state.buttons, *_asking(more, state), [(_("操作留痕"), url_for("trail.listing"))], executing.against_redacting(reading(), chain, seq))
    return shown(page), 200 if request.method == "GET" else used.status


def _sealing(do: str) -> Callable[..., int]:
    verbs: dict[str, Callable[..., int]] = {"seal": sealing.seal, "unseal": sealing.unseal}
    return _chosen(verbs, do)


def _chosen(verbs: dict[str, Callable[..., int]], do: str) -> Callable[..., int]:
    if do not in verbs:
        raise BadInput(_("请选择要做的事：封存、解除封存或申请删除。"))
    return verbs[do]


def _answered(do: str, count: int, address: str) -> ResponseReturnValue:
    return done(url_for(HOME), _("申请已提出，等待另一人决定。")) if do == ASK else answered(do, count, address)


def _asking(more: TakingForm, state: Covered) -> tuple[TakingForm | None, list[tuple[str, str, str]]]:
    """Return the form that asks for deletion and its button, where there is anything left to delete."""
    return (more if state.open or state.sealed else None), [(ASK, _("申请删除"), "grave")]


@blueprint.route("/people/<int:person_id>", methods=["GET", "POST"])
def person(person_id: int) -> ResponseReturnValue:
    """Seal or unseal whatever the trail tells of a person, or ask that it be deleted everywhere."""
    need_admin(viewer())
    row, do = person_named(reading(), person_id), request.form.get("do", "")
    form, more = ReasonForm(None if do == ASK else request.form), TakingForm(request.form if do == ASK else None, prefix="ask-")
    used = more if do == ASK else form
    if request.method == "POST" and used.validate():
        with shown_on(used):
            reason, count = used.reason.data or "", 1
            with writing() as s:
                if do == ASK:
                    asking.ask(s, viewer(), RetentionAct.REDACT_PERSON, row.audit_ref, reason, more.basis.data or "")
                else:
                    count = _chosen({"seal": sealing.seal_person, "unseal": sealing.unseal_person}, do)(s, viewer(), person_id, reason)
            return _answered(do, count, url_for("retention.person", person_id=person_id))
    told = disclosed_of(reading(), person_id)
    last, state = max((one.term.end for one in told if one.term.end), default=None), covered((one.chain, one.seq, one.fields) for one in told)
    facts = [
        (_("人员"), row.name), (_("在职"), _("是") if row.active else _("已离职")), (_("涉及的操作留痕"), _("%(n)s 条", n=len(told))), (_("状态"), state.words),
        (_("最晚的保存期限至"), str(last or "")),
    ]
    notes = [*_notes(), _("删除人员后，姓名改为“已删除人员%(n)s”，登录名、部门、岗位、邮箱一并清除，历史版本和过去时点的导出中也不再出现。文件名、他人写下的文字、导出时的筛选条件，以及已经交出的文件和备份不会改变。", n=row.id)]
    crumbs = [(_("人员"), url_for("people.listing")), (row.name, url_for("people.page", person_id=row.id))]
    page = Act(_("个人信息的封存与解除封存"), facts, notes, form, state.buttons, *_asking(more, state), crumbs, executing.against_redacting_person(reading(), row))
    return shown(page), 200 if request.method == "GET" else used.status


def _side(name: str) -> str:
    return str(_("原")) if name.startswith("before.") else ""


def _notes() -> list[str]:
    return [
        _("封存：内容仍在，但页面和今后的一切导出（包括过去时点的）都只显示“%(mark)s”，可以解除。保存期限内的删除请求以封存处理。", mark=CONCEALED["sealed"]),
        _("删除：保存期限届满、没有法律保全，经另一人批准后永久删去，以后只显示“%(mark)s”；链照样校验得过，链中留有删除的记录。", mark=CONCEALED["redacted"]),
    ]
