"""Forms of signing in, setting up and passwords."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _
from wtforms import PasswordField
from wtforms.validators import DataRequired, EqualTo, Length

from ...people.actions import PersonFacts
from ..form import Form, Text

LONGEST = 200


def _new_password(label: Any) -> PasswordField:
    return PasswordField(label, [DataRequired(_("请填写密码。"))], description=_("至少 10 个字符。用几个互不相干的词连起来，好记也安全。"))


def _repeat(label: Any) -> PasswordField:
    return PasswordField(label, [DataRequired(_("请再填写一次密码。")), EqualTo("password", _("两次填写的密码不一致。"))])


class SignInForm(Form):
    """Login name and password."""

    login = Text(_("登录名"), 64, _("请填写登录名。"))
    password = PasswordField(_("密码"), [DataRequired(_("请填写密码。")), Length(max=LONGEST, message=_("登录名或密码不正确。"))])


class InviteForm(Form):
    """A new password through a one-time link."""

    password = _new_password(_("新密码"))
    repeat = _repeat(_("再次填写新密码"))


class SetupForm(Form):
    """The first administrator."""

    name = Text(_("姓名"), 64, _("请填写姓名。"))
    login = Text(_("登录名"), 64, _("请填写登录名，其中不能有空格。"), description=_("登录时填写，例如姓名的拼音。"))
    department = Text(_("部门"), 100)
    post = Text(_("岗位"), 100)
    email = Text(_("邮箱"), 200)
    password = _new_password(_("密码"))
    repeat = _repeat(_("再次填写密码"))

    def facts(self) -> PersonFacts:
        """Return what was filled in about the person."""
        return PersonFacts(
            self.login.data or "", self.name.data or "", self.department.data or "", self.post.data or "", self.email.data or "",
        )


class PasswordForm(Form):
    """One's own new password, proving the old one."""

    old = PasswordField(_("原密码"), [DataRequired(_("请填写原密码。"))])
    password = _new_password(_("新密码"))
    repeat = _repeat(_("再次填写新密码"))
