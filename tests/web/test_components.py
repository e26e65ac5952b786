"""The components say what they must: marks in words, fields with their errors, lists with their addresses."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask_babel import Babel
from flask_wtf import CSRFProtect
from wtforms import DateField, Form, PasswordField, SelectField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired

import tracker.web
from tracker.web import look
from tracker.web.listing import Facet

ROOT = Path(tracker.web.__file__).parent


class Entry(Form):
    """A small form with one field of each kind that the macro treats apart."""

    name = StringField("名称", [InputRequired("请填写名称。")], description="与执照一致。")
    password = PasswordField("密码")
    since = DateField("日期")
    owner = SelectField("责任人", choices=[SelectChoice("1", "王责任", {"data-find": "wzr"})])


@pytest.fixture(scope="module")
def app() -> Flask:
    app = Flask(__name__, template_folder=str(ROOT / "templates"), static_folder=str(ROOT / "static"))
    app.config["SECRET_KEY"] = "for this test only"
    Babel(app, default_locale="zh_Hans_CN")
    CSRFProtect(app)
    look.dress(app)
    return app


def _show(app: Flask, source: str, address: str = "/tasks", **values: Any) -> str:
    with app.test_request_context(address):
        return app.jinja_env.from_string(source).render(**values)


def _mark(app: Flask, call: str) -> str:
    return _show(app, f'{{% import "components/marks.html" as marks %}}{{{{ marks.{call} }}}}')


def test_an_implied_duty_says_so_in_a_word_and_a_stated_one_does_not(app: Flask) -> None:
    implied = _mark(app, "modality('must', '应当', 'implied')")
    assert "推定" in implied
    assert 'class="modality must implied"' in implied
    assert "推定" not in _mark(app, "modality('must', '应当', 'stated')")


@pytest.mark.parametrize("code", ["not_started", "in_progress", "submitted", "returned", "done", "overdue", "reconfirm", "not_applicable", "cancelled"])
def test_every_state_has_its_own_shape_beside_the_word(app: Flask, code: str) -> None:
    shapes = {other: _mark(app, f"state('{other}', '词')").partition("#")[2].partition('"')[0]
              for other in ("not_started", "in_progress", "submitted", "returned", "done", "overdue", "reconfirm", "not_applicable", "cancelled")}
    assert "词" in _mark(app, f"state('{code}', '词')")
    assert list(shapes.values()).count(shapes[code]) == 1


def test_a_law_that_nobody_checked_is_never_shown_as_checked(app: Flask) -> None:
    assert "已核原文" in _mark(app, "law_status('full_text')")
    assert "未核验" in _mark(app, "law_status('unverified')")
    assert "未核验" in _mark(app, "law_status('something_new')")


def test_a_person_who_has_left_stays_readable(app: Flask) -> None:
    assert "王责任（已离职）" in _mark(app, "person('王责任', '', True)")
    assert "未指定" in _mark(app, "person(none)")


def test_a_name_cannot_become_markup(app: Flask) -> None:
    said = _show(app, '{% import "components/marks.html" as marks %}{{ marks.person(name, name) }}', name='"><script>x')
    assert "<script>" not in said


def test_an_error_stands_at_its_field_and_is_told_to_a_screen_reader(app: Flask) -> None:
    form = Entry(data={})
    form.name.errors = ["请填写名称。"]
    said = _show(app, '{% import "components/forms.html" as forms %}{{ forms.field(form.name) }}', form=form)
    assert 'aria-invalid="true"' in said
    assert 'aria-describedby="name-help name-error"' in said
    assert 'id="name-error"' in said
    assert "与执照一致。" in said


def test_only_a_compulsory_field_is_compulsory_in_the_browser(app: Flask) -> None:
    said = _show(app, '{% import "components/forms.html" as forms %}{{ forms.field(form.name) }}|{{ forms.field(form.password) }}', form=Entry()).split("|")
    assert ["required" in one for one in said] == [True, False]
    assert "None" not in said[1]


def test_fields_tell_the_browser_what_they_are(app: Flask) -> None:
    said = _show(app, '{% import "components/forms.html" as forms %}{{ forms.field(form.password) }}{{ forms.field(form.since) }}{{ forms.people(form.owner) }}', form=Entry())
    assert 'autocomplete="current-password"' in said
    assert 'type="date"' in said
    assert 'data-find="wzr"' in said


def test_what_is_filtered_stands_in_chips_that_can_be_taken_away(app: Flask) -> None:
    facets = [Facet("state", "状态", [("submitted", "待复核"), ("done", "已完成")])]
    source = '{% from "components/filters.html" import filter_bar %}{{ filter_bar(facets) }}'
    said = _show(app, source, "/tasks?entity=3&state=submitted&state=invented&page=2", facets=facets)
    assert said.count('class="chip"') == 1
    assert 'href="/tasks?entity=3&amp;state=invented"' in said
    assert 'href="/tasks?entity=3"' in said


def test_a_heading_sorts_and_turns_round(app: Flask) -> None:
    source = '{% import "components/lists.html" as lists %}{{ lists.th("截止", "due") }}'
    assert 'href="/tasks?state=done&amp;sort=due"' in _show(app, source, "/tasks?state=done")
    turned = _show(app, source, "/tasks?state=done&sort=due")
    assert 'aria-sort="ascending"' in turned
    assert "sort=-due" in turned


@pytest.mark.parametrize(("page", "words", "links"), [(1, "1–50 / 1,284", 1), (13, "601–650 / 1,284", 2), (26, "1,251–1,284 / 1,284", 1)])
def test_the_pager_says_where_one_is(app: Flask, page: int, words: str, links: int) -> None:
    said = _show(app, '{% import "components/lists.html" as lists %}{{ lists.pager(page, 50, 1284) }}', f"/tasks?page={page}", page=page)
    assert words in said
    assert said.count("<a ") == links


def test_the_selection_posts_the_filter_of_the_screen(app: Flask) -> None:
    source = '{% import "components/lists.html" as lists %}{% call lists.selection(1284) %}{% endcall %}'
    said = _show(app, source, "/tasks?state=done&q=x")
    assert 'name="filter" value="state=done&amp;q=x"' in said
    assert "选择全部 1,284 项符合条件的" in said
    assert 'name="csrf_token"' in said
