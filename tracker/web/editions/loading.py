"""What administrators do with register files: look at one, put it in force with all it entails, or put it away."""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from werkzeug.utils import redirect

from ...db import EVERY_ENTITY
from ...editions import actions, queries
from ...people.access import need_admin
from ...register.source import SourceProblems
from ...register.source.decoding import MAX_BYTES
from ..doors import config, done, house, takes_up_to, viewer, writing
from ..form import shown_on
from . import views
from .forms import RegisterFile, on_server, uploaded
from .showing import OPEN, shown, totals

blueprint = Blueprint("loading", __name__, url_prefix="/registers")


@blueprint.post("")
@takes_up_to(MAX_BYTES)
def look() -> ResponseReturnValue:
    """Look at a file that was sent, or at the one of the settings; nothing is loaded yet."""
    need_admin(viewer())
    form = RegisterFile(request.form)
    given: Callable[[], tuple[bytes, str]] = (lambda: on_server(config().register)) if request.form.get("do") == "configured" else uploaded
    with shown_on(form):
        data, name = given()
        try:
            with writing() as s:
                draft_id = actions.look_at(s, viewer(), data, name).id
        except SourceProblems as refused:
            return faults_page(refused, name), refused.status
        return redirect(_here(draft_id), 303)
    return views.listing_page(form), form.status


def _here(draft_id: int) -> str:
    return url_for("loading.draft", draft_id=draft_id)


def faults_page(refused: SourceProblems, name: str) -> str:
    """Show every fault of a file at once, in the order of its lines."""
    return render_template("editions/faults.html", page_title=_("文件有问题"), faults=refused.problems, sentence=refused.sentence, name=name, form=RegisterFile())


@blueprint.get("/drafts/<int:draft_id>")
def draft(draft_id: int) -> ResponseReturnValue:
    """Show what a file would change in the register, and what that does in every entity."""
    who = viewer()
    with house().database.reading(EVERY_ENTITY) as s:
        row = queries.draft(s, who, draft_id)
        try:
            seen = queries.preview(s, who, row.source, row.name)
        except SourceProblems as refused:
            return faults_page(refused, row.name), refused.status
        told = shown(s, queries.Compared(seen.told_now, seen.register, seen.changes), seen.plan.revived)
        restored = queries.edition(s, row.restores_id) if row.restores_id else None
        return render_template(
            "editions/draft.html", page_title=_("预览新版本"), draft=row, seen=seen, shown=told, sums=totals(seen.touched), limit=OPEN, restored=restored,
            stale=(seen.now.id if seen.now else None) != row.based_on,
        )


@blueprint.post("/drafts/<int:draft_id>")
def apply(draft_id: int) -> ResponseReturnValue:
    """Put a draft in force, in every entity at once."""
    with writing(everywhere=True) as s:
        applied = actions.apply_draft(s, viewer(), draft_id)
    loaded, plan = applied.loaded, applied.loaded.plan
    numbers = _(
        "已载入版本 %(edition)s：新增 %(added)s，变更 %(changed)s，撤下 %(gone)s，未变 %(same)s。", edition=loaded.edition,
        added=len(plan.added) + len(plan.revived), changed=len(plan.changed), gone=len(plan.withdrawn), same=len(plan.unchanged),
    )
    ended = _("结束分派 %(n)s 项，取消任务 %(m)s 项。", n=applied.ended, m=applied.cancelled) if applied.ended else ""
    address = url_for("editions.edition", edition_id=loaded.edition_id) if loaded.edition_id else url_for("editions.history", key=loaded.register)
    return done(address, f"{numbers}{ended}")


@blueprint.post("/drafts/<int:draft_id>/again")
def again(draft_id: int) -> ResponseReturnValue:
    """Look at the file of a draft anew, on top of what is in force by now."""
    with writing() as s:
        row = queries.draft(s, viewer(), draft_id)
        return redirect(_here(actions.look_at(s, viewer(), row.source, row.name, row.restores_id).id), 303)


@blueprint.post("/drafts/<int:draft_id>/drop")
def drop(draft_id: int) -> ResponseReturnValue:
    """Put a draft away."""
    with writing() as s:
        actions.drop_draft(s, viewer(), draft_id)
    return done(url_for("editions.listing"), _("已放弃预览，没有载入任何内容，现行版本不变。"))


@blueprint.post("/editions/<int:edition_id>/restore")
def restore(edition_id: int) -> ResponseReturnValue:
    """Look at an earlier edition, to put it back in force."""
    with writing() as s:
        return redirect(_here(actions.look_back_at(s, viewer(), edition_id).id), 303)
