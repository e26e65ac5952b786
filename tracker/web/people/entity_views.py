"""Pages of entities, for administrators."""

from __future__ import annotations

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from ...errors import BadInput
from ...people import actions, queries
from ...people.access import need_admin
from ...people.models import Entity
from ...register.queries import entity_kinds, subject_labels
from ..doors import done, reading, viewer, writing
from ..form import shown_on
from . import roles
from .forms import EntityForm

blueprint = Blueprint("entities", __name__, url_prefix="/entities")


@blueprint.before_request
def _admins_only() -> None:
    need_admin(viewer())


@blueprint.get("")
def listing() -> str:
    """List all entities as a tree."""
    s = reading()
    rows = queries.entity_tree(s, viewer(), for_managing=True)
    return render_template("people/entities.html", page_title=_("主体"), rows=rows, labels=subject_labels(s))


def _form() -> EntityForm:
    form = EntityForm(request.form)
    s = reading()
    form.offer(queries.entity_tree(s, viewer(), for_managing=True), entity_kinds(s))
    return form


def _form_page(form: EntityForm, row: Entity | None) -> str:
    title = _("修改“%(name)s”", name=row.short_name) if row else _("添加主体")
    return render_template("people/entity_form.html", page_title=title, form=form, row=row)


@blueprint.route("/new", methods=["GET", "POST"])
def create() -> ResponseReturnValue:
    """Add an entity."""
    form = _form()
    if request.method == "GET":
        form.parent_id.data = ""
        return _form_page(form, None)
    if form.validate():
        with shown_on(form):
            with writing() as s:
                made = actions.create_entity(s, viewer(), form.facts()).id
            if viewer().sees(made):
                return done(f"/scope?entity={made}", _("主体已添加。请确认系统建议的适用义务。"))
            return done(url_for("entities.page", entity_id=made), _("主体已添加。请在下面授予角色；至少要有一位合规管理，才能确认适用性和分派任务。"))
    return _form_page(form, None), form.status


@blueprint.get("/<int:entity_id>")
def page(entity_id: int) -> str:
    """Show an entity's master data and who is what in it."""
    row = queries.entity_to_manage(reading(), viewer(), entity_id)
    return _page(row, _lines(entity_id), "")


def _page(row: Entity, lines: list[roles.Line], problem: str) -> str:
    s = reading()
    above = queries.entity_to_manage(s, viewer(), row.parent_id) if row.parent_id else None
    return render_template("people/entity.html", page_title=row.name, row=row, above=above, labels=subject_labels(s), lines=lines, problem=problem)


def _lines(entity_id: int) -> list[roles.Line]:
    people = queries.people_to_manage(reading(), viewer())
    held = {person.id: [grant.role for grant in person.roles if grant.entity_id == entity_id] for person in people}
    lines = [roles.line(p.id, p.name, f"{p.department} {p.post}".strip(), held[p.id]) for p in people if p.active or held[p.id]]
    # Those who are something here come first; within both groups the order by name stays.
    return sorted(lines, key=lambda one: not one.held)


@blueprint.post("/<int:entity_id>/roles")
def grant(entity_id: int) -> ResponseReturnValue:
    """Grant and take roles of many people in one entity at once."""
    row = queries.entity_to_manage(reading(), viewer(), entity_id)
    lines = _lines(entity_id)
    try:
        with writing() as s:
            roles.grant_all(roles.tick(lines, request.form), lambda one: actions.grant_roles(s, viewer(), one.id, entity_id, one.ticked))
    except BadInput as problem:
        return _page(row, lines, problem.sentence), problem.status
    return done(url_for("entities.page", entity_id=entity_id), _("角色已保存，立即生效。"))


@blueprint.route("/<int:entity_id>/edit", methods=["GET", "POST"])
def edit(entity_id: int) -> ResponseReturnValue:
    """Change an entity's master data."""
    row = queries.entity_to_manage(reading(), viewer(), entity_id)
    form = _form()
    if request.method == "GET":
        form.show(row)
        return _form_page(form, row)
    if form.validate():
        with shown_on(form):
            with writing() as s:
                actions.change_entity(s, viewer(), entity_id, form.facts(), form.read_version)
            return done(url_for("entities.page", entity_id=entity_id), _("主体资料已保存。"))
        if form.stale:
            form.version.data = str(row.version)
    return _form_page(form, row), form.status


@blueprint.post("/<int:entity_id>/active")
def set_active(entity_id: int) -> ResponseReturnValue:
    """Deactivate an entity, or bring it back."""
    active = request.form.get("active") == "1"
    with writing() as s:
        actions.set_entity_active(s, viewer(), entity_id, active)
    told = _("主体已恢复使用。") if active else _("主体已停用：它不再出现在工作中，历史记录全部保留。")
    return done(url_for("entities.page", entity_id=entity_id), told)
