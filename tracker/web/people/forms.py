"""Forms of entities and people."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask_babel import lazy_gettext as _
from wtforms import BooleanField, DateField, HiddenField, SelectField, SelectMultipleField
from wtforms.validators import DataRequired, Optional, Regexp, ValidationError
from wtforms.widgets import CheckboxInput, ListWidget

from ... import clock
from ...people.actions import EntityFacts, PersonFacts
from ...people.models import Entity, Person
from ...people.queries import EntityRow
from ..addresses import row_id
from ..form import Form, Text


class _Kinds(SelectMultipleField):
    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()


class _Versioned(Form):
    version = HiddenField()

    @property
    def read_version(self) -> int:
        """Return the version of the row that was shown; NotFound when somebody tampered with it."""
        return row_id(self.version.data or "")


class EntityForm(_Versioned):
    """One entity."""

    name = Text(_("名称"), 200, _("请填写主体的全称。"), description=_("营业执照上的全称，写在报告封面上。"))
    short_name = Text(_("简称"), 40, _("请填写简称，列表和切换处显示它。"))
    code = Text(_("统一社会信用代码"), 40)
    parent_id = SelectField(_("上级主体"), description=_("集团中直接控制它的主体。"))
    kinds = _Kinds(_("主体类型"), [DataRequired(_("请至少选择一种主体类型，系统据此建议适用的义务。"))], description=_("可多选。系统据此建议哪些义务适用。"))

    def offer(self, rows: list[EntityRow], kinds: list[tuple[str, str]]) -> None:
        """Fill the choices: every entity as a parent, indented by level, and every kind of the register."""
        self.parent_id.choices = [("", str(_("（无，是最上级）"))), *((str(row.id), "　" * row.depth + row.name) for row in rows)]
        self.kinds.choices = [*kinds]

    def show(self, row: Entity) -> None:
        """Fill in what stands now."""
        self.process(data={
            "name": row.name, "short_name": row.short_name, "code": row.code, "parent_id": str(row.parent_id or ""),
            "kinds": [kind.kind for kind in row.kinds], "version": str(row.version),
        })

    def facts(self) -> EntityFacts:
        """Return what was filled in."""
        parent = self.parent_id.data
        return EntityFacts(
            self.name.data or "", self.short_name.data or "", tuple(self.kinds.data or ()), self.code.data or "",
            int(parent) if parent else None,
        )


class PersonForm(_Versioned):
    """One person."""

    name = Text(_("姓名"), 64, _("请填写姓名。"))
    login = Text(_("登录名"), 64, _("请填写登录名，其中不能有空格。"), description=_("登录时填写，例如姓名的拼音。"))
    department = Text(_("部门"), 100)
    post = Text(_("岗位"), 100)
    email = Text(_("邮箱"), 200)
    pinyin = Text(_("姓名拼音"), 200, description=_("用于排序和查找，不填则自动生成；多音字请核对。"))
    is_admin = BooleanField(_("系统管理员"), description=_("管理人员、主体和角色；看不到任何主体的工作，除非另外授予角色。"))

    def validate_email(self, field: Any) -> None:
        """Check the shape of an address, when there is one."""
        if field.data:
            Regexp(r"^[^@\s]+@[^@\s]+\.[^@\s]+$", message=str(_("邮箱的写法不对，应像 name@example.com。")))(self, field)

    def show(self, row: Person) -> None:
        """Fill in what stands now."""
        self.process(obj=row)

    def facts(self) -> PersonFacts:
        """Return what was filled in."""
        return PersonFacts(
            self.login.data or "", self.name.data or "", self.department.data or "", self.post.data or "", self.email.data or "",
            bool(self.is_admin.data), self.pinyin.data or "",
        )


class LeaveForm(Form):
    """The day on which somebody left."""

    left_on = DateField(_("离职日期"), [Optional()], description=_("不填为今天。"))

    def validate_left_on(self, field: Any) -> None:
        """Refuse a day that is still to come: the account is closed at once."""
        if isinstance(field.data, date) and field.data > clock.today():
            raise ValidationError(str(_("离职日期不能晚于今天，因为账号会立即停用。")))
