"""Pages of people, for administrators."""

from __future__ import annotations

from flask import Blueprint, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from ...audit.sealing.queries import unnamed
from ...errors import BadInput
from ...people import actions, queries, signing_in
from ...people.access import need_admin
from ...people.models import Person
from ...words import Role
from ..doors import config, done, reading, viewer, writing
from ..form import shown_on
from . import roles
from .forms import LeaveForm, PersonForm

blueprint = Blueprint("people", __name__, url_prefix="/people")
SHOWN_ONCE = "invite_link"


@blueprint.before_request
def _admins_only() -> None:
    need_admin(viewer())


@blueprint.get("")
def listing() -> str:
    """List everybody, those who left last; `?q=` narrows by name, login, pinyin, department or post."""
    s = reading()
    sought = request.args.get("q", "").strip().casefold()
    people = [p for p in queries.people_to_manage(s, viewer()) if sought in _searched(p)]
    names = {row.id: row.short_name for row in queries.entity_tree(s, viewer(), for_managing=True)}
    return render_template("people/people.html", page_title=_("人员"), people=people, told={p.id: _roles_told(p, names) for p in people})


def _searched(person: Person) -> str:
    words = (person.name, person.login, person.pinyin, person.pinyin.replace(" ", ""), person.department, person.post)
    return "\n".join(words).casefold()


def _roles_told(person: Person, names: dict[int, str]) -> str:
    held = {(grant.entity_id, grant.role) for grant in person.roles}
    told = ((name, "、".join(role.label for role in Role if (key, role) in held)) for key, name in names.items())
    return "；".join(f"{name}：{labels}" for name, labels in told if labels)


def _form_page(form: PersonForm, row: Person | None) -> str:
    title = _("修改“%(name)s”", name=row.name) if row else _("添加人员")
    return render_template("people/person_form.html", page_title=title, form=form, row=row)


@blueprint.route("/new", methods=["GET", "POST"])
def create() -> ResponseReturnValue:
    """Add a person and make the link with which he sets a password."""
    form = PersonForm(request.form)
    if request.method == "GET":
        return _form_page(form, None)
    if form.validate():
        with shown_on(form):
            with writing() as s:
                made = actions.add_person(s, viewer(), form.facts()).id
                token = signing_in.invite(s, viewer(), made)
            _show_once(made, token)
            return done(url_for("people.page", person_id=made), _("人员已添加。请把下面的链接交给本人，并授予角色。"))
    return _form_page(form, None), form.status


def _show_once(person_id: int, token: str) -> None:
    scheme = "https" if config().https else "http"
    session[SHOWN_ONCE] = [person_id, url_for("signing.invite", token=token, _external=True, _scheme=scheme)]


def _shown_once(person_id: int) -> str:
    whose, link = session.get(SHOWN_ONCE, (None, ""))
    if whose != person_id:
        return ""
    session.pop(SHOWN_ONCE)
    return str(link)


@blueprint.get("/<int:person_id>")
def page(person_id: int) -> str:
    """Show a person, what he is in which entity, and once the link that was just made."""
    row = queries.person_to_manage(reading(), viewer(), person_id)
    return _page(row, _lines(row), "", LeaveForm(), _shown_once(person_id))


def _page(row: Person, lines: list[roles.Line], problem: str, leaving: LeaveForm, link: str = "") -> str:
    return render_template(
        "people/person.html", page_title=row.name, row=row, lines=lines, problem=problem, leaving=leaving, link=link,
        is_self=row.id == viewer().person_id, sealed=row.id in unnamed(reading(), [row.id]),
    )


def _lines(row: Person) -> list[roles.Line]:
    held = {(grant.entity_id, grant.role) for grant in row.roles}
    entities = queries.entity_tree(reading(), viewer(), for_managing=True)
    return [
        roles.line(e.id, "　" * e.depth + e.short_name, "　" * e.depth + e.name, [r for r in Role if (e.id, r) in held])
        for e in entities if e.active
    ]


@blueprint.post("/<int:person_id>/roles")
def grant(person_id: int) -> ResponseReturnValue:
    """Grant and take a person's roles in many entities at once."""
    row = queries.person_to_manage(reading(), viewer(), person_id)
    lines = _lines(row)
    try:
        with writing() as s:
            roles.grant_all(roles.tick(lines, request.form), lambda one: actions.grant_roles(s, viewer(), person_id, one.id, one.ticked))
    except BadInput as problem:
        return _page(row, lines, problem.sentence, LeaveForm()), problem.status
    return done(url_for("people.page", person_id=person_id), _("角色已保存，立即生效。"))


@blueprint.route("/<int:person_id>/edit", methods=["GET", "POST"])
def edit(person_id: int) -> ResponseReturnValue:
    """Change a person's facts."""
    row = queries.person_to_manage(reading(), viewer(), person_id)
    form = PersonForm(request.form)
    if request.method == "GET":
        form.show(row)
        return _form_page(form, row)
    if form.validate():
        with shown_on(form):
            with writing() as s:
                actions.change_person(s, viewer(), person_id, form.facts(), form.read_version)
            return done(url_for("people.page", person_id=person_id), _("人员资料已保存。"))
        if form.stale:
            form.version.data = str(row.version)
    return _form_page(form, row), form.status


@blueprint.post("/<int:person_id>/invite")
def invite(person_id: int) -> ResponseReturnValue:
    """Make a new link; an earlier one stops working."""
    with writing() as s:
        token = signing_in.invite(s, viewer(), person_id)
    _show_once(person_id, token)
    return done(url_for("people.page", person_id=person_id), _("新的登录链接已生成，以前的链接随即失效。"))


@blueprint.post("/<int:person_id>/leave")
def leave(person_id: int) -> ResponseReturnValue:
    """Mark a person as having left."""
    row = queries.person_to_manage(reading(), viewer(), person_id)
    form = LeaveForm(request.form)
    if form.validate():
        with shown_on(form):
            with writing() as s:
                actions.set_person_active(s, viewer(), person_id, False, form.left_on.data)
            return _left(row)
    return _page(row, _lines(row), "", form), form.status


def _left(row: Person) -> Response:
    told, address = _("%(name)s已标记为离职，账号已停用。", name=row.name), url_for("people.page", person_id=row.id)
    # Only an officer of the entity can hand work over; an administrator need not be one.
    mine = sorted({grant.entity_id for grant in row.roles if viewer().holds(grant.entity_id, Role.OFFICER)})
    if not mine:
        return done(address, told + _("未完成的工作请各主体的合规管理在“分派”中移交。"))
    return done(address, told, url_for("handing.page", entity=mine[0], leaver=row.id), _("移交未完成的工作"))


@blueprint.post("/<int:person_id>/return")
def bring_back(person_id: int) -> ResponseReturnValue:
    """Bring a person back who had left."""
    with writing() as s:
        actions.set_person_active(s, viewer(), person_id, True)
    return done(url_for("people.page", person_id=person_id), _("已恢复在职，可以重新登录。"))
