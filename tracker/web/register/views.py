"""Pages of obligations: the list with its search and filters, and one obligation with where it stands."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from ...editions.queries import lineage
from ...errors import NotFound
from ...people.access import need_role
from ...register import queries
from ...words import Role
from ..assigning import dialogs
from ..assigning.forms import TermsForm
from ..citing import articles
from ..controls.many import Many, filled_in, many, set_many
from ..doors import chosen_entity, reading, viewer
from ..filters import only_entity, picked
from ..form import shown_on
from . import wording
from .lines import listed, matching, wanted
from .past import told
from .standing import stands

blueprint = Blueprint("register", __name__)


@blueprint.get("/obligations")
def listing() -> str:
    """List obligations; with one entity chosen also how each stands with it."""
    return _list_page(dialogs.terms_form(only_entity()), many(only_entity()))


def _list_page(form: TermsForm | None, controls: Many | None, failed: str = "") -> str:
    s, entity_id = reading(), only_entity()
    what = wanted(s, entity_id)
    return render_template(
        "register/obligations.html", page_title=_("义务"), what=what, words=queries.vocabulary(s), listed=listed(s, viewer(), what),
        form=form, controls=controls, failed=failed, entity_id=entity_id, entity_arg=chosen_entity(),
    )


@blueprint.post("/obligations")
def assign() -> ResponseReturnValue:
    """Assign the selected obligations in the chosen entity, or fill in what the entity adds to them."""
    who, entity_id, form, controls = viewer(), only_entity(), dialogs.terms_form(only_entity()), many(only_entity())
    if entity_id is None:
        raise NotFound
    need_role(who, entity_id, Role.OFFICER)
    if form is None or controls is None:
        raise NotFound
    doing = "controls" if request.form.get("do") == "controls" else "assign"
    sent = controls.form if doing == "controls" else form
    if sent.validate():
        with shown_on(sent):
            s = reading()
            ids = matching(s, who, wanted(s, entity_id), picked(request.form))
            return set_many(entity_id, ids, controls.form) if doing == "controls" else dialogs.assign(who, entity_id, ids, form)
    return _list_page(form, controls, failed=doing), sent.status


@blueprint.get("/obligations/<obligation_id>")
def page(obligation_id: str) -> ResponseReturnValue:
    """Show one obligation, where each of the viewer's entities stands with it, and how it came to say what it says."""
    s = reading()
    one = queries.obligation(s, obligation_id)
    if one.id != obligation_id:
        return redirect(url_for("register.page", obligation_id=one.id, entity=request.args.get("entity")), 301)
    words, former = queries.vocabulary(s), queries.former_ids(s, one.id)
    return render_template(
        "register/obligation.html", page_title=one.title, one=one, words=words, document=words.documents[one.document_id],
        clause=queries.clause(s, one.document_id, one.clause_no), wording=wording, articles=articles, stands=stands(s, viewer(), one), former=former,
        statutory=queries.facts_of(s, one), related=queries.related_to(s, one, former), past=told(s, lineage(s, one, former)), controls=filled_in(s, viewer(), one.id), entity_arg=chosen_entity(),
    )
