"""Pages of signing in and out, the two kinds of one-time link, and one's own account."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from ...errors import NotFound
from ...people import queries, signing_in
from .. import session
from ..addresses import own_path, row_id
from ..doors import config, done, open_to_all, reading, signed_in, viewer, writing
from ..form import shown_on
from .forms import InviteForm, PasswordForm, SetupForm, SignInForm

blueprint = Blueprint("signing", __name__)
HOME = "/"


def _next() -> str:
    return own_path(request.args.get("next")) or HOME


@blueprint.get("/sign-in")
@open_to_all
def sign_in() -> ResponseReturnValue:
    """Show the sign-in page, or lead on who is signed in already."""
    return redirect(_next(), 303) if signed_in() else _sign_in_page(SignInForm())


def _sign_in_page(form: SignInForm) -> str:
    s = reading()
    cast = queries.demo_cast(s) if config().demo else []
    return render_template("signing/sign_in.html", page_title=_("登录"), form=form, cast=cast, founded=queries.has_people(s))


@blueprint.post("/sign-in")
@open_to_all
def check_sign_in() -> ResponseReturnValue:
    """Sign somebody in who proves the password; failures are counted in a unit of work of their own."""
    form = SignInForm(request.form)
    if form.validate():
        login, password = form.login.data or "", form.password.data or ""
        with shown_on(form):
            signing_in.check_throttle(reading(), login, session.address())
            person_id = signing_in.password_fits(reading(), login, password)
            if person_id is not None:
                session.enter(person_id)
                return redirect(_next(), 303)
            with writing() as s:
                signing_in.note_failure(s, login, session.address())
            form.form_errors.append(signing_in.WRONG)
    return _sign_in_page(form), form.status


@blueprint.post("/sign-in/as")
@open_to_all
def sign_in_as() -> ResponseReturnValue:
    """Enter as one of the cast of a demonstration; anywhere else this address does not exist."""
    if not config().demo:
        raise NotFound
    wanted = row_id(request.form.get("person", ""))
    if wanted not in {person.id for person in queries.demo_cast(reading())}:
        raise NotFound
    session.enter(wanted)
    return redirect(_next(), 303)


@blueprint.post("/sign-out")
def sign_out() -> ResponseReturnValue:
    """End this session on the server."""
    session.leave()
    return done(url_for("signing.sign_in"), _("您已退出登录。"))


@blueprint.route("/setup/<token>", methods=["GET", "POST"])
@open_to_all
def setup(token: str) -> ResponseReturnValue:
    """Create the first administrator through the link printed on the console."""
    if signing_in.open_link(reading(), token).person_id is not None:
        raise NotFound
    form = SetupForm(request.form)
    if request.method == "GET":
        return render_template("signing/setup.html", page_title=_("设置系统管理员"), form=form)
    if form.validate():
        with shown_on(form):
            with writing() as s:
                person_id = signing_in.set_up(s, token, form.facts(), form.password.data or "").id
            session.enter(person_id)
            return done(url_for("entities.listing"), _("系统管理员已设置好。请先添加主体，再添加人员并授予角色。"))
    return render_template("signing/setup.html", page_title=_("设置系统管理员"), form=form), form.status


@blueprint.route("/invite/<token>", methods=["GET", "POST"])
@open_to_all
def invite(token: str) -> ResponseReturnValue:
    """Let an invited person set a password through a one-time link."""
    link = signing_in.open_link(reading(), token)
    form = InviteForm(request.form)
    invited = queries.names(reading(), [link.person_id]).get(link.person_id or 0)
    if invited is None or not invited.active:
        raise NotFound
    status = 200
    if request.method == "POST":
        if form.validate():
            with shown_on(form):
                with writing() as s:
                    person_id = signing_in.set_password(s, token, form.password.data or "").id
                session.enter(person_id)
                return done(HOME, _("密码已设置，您已登录。"))
        status = form.status
    return render_template("signing/invite.html", page_title=_("设置密码"), form=form, invited=invited), status


@blueprint.get("/account")
def account() -> ResponseReturnValue:
    """Show one's own account."""
    mine = queries.account(reading(), viewer(), session.token())
    return render_template("signing/account.html", page_title=_("我的账号"), account=mine)


@blueprint.route("/account/password", methods=["GET", "POST"])
def password() -> ResponseReturnValue:
    """Change one's own password; wrong old ones are counted like failed sign-ins."""
    form = PasswordForm(request.form)
    if request.method == "GET":
        return render_template("signing/password.html", page_title=_("修改密码"), form=form)
    if form.validate():
        who, key = viewer(), viewer().person_id or 0
        with shown_on(form):
            signing_in.check_throttle(reading(), key, session.address())
            with writing() as s:
                signing_in.change_password(s, who, form.old.data or "", form.password.data or "")
            session.enter(who.person_id or 0)
            return done(url_for("signing.account"), _("密码已修改，其他浏览器上的登录已全部退出。"))
        if form.old.errors:
            with writing() as s:
                signing_in.note_failure(s, key, session.address())
    return render_template("signing/password.html", page_title=_("修改密码"), form=form), form.status


@blueprint.post("/account/sign-out-elsewhere")
def sign_out_elsewhere() -> ResponseReturnValue:
    """End one's sessions in all other browsers."""
    with writing() as s:
        count = signing_in.sign_out_elsewhere(s, viewer(), session.token())
    return done(url_for("signing.account"), _("已退出其他浏览器上的 %(n)s 个登录。", n=count))
