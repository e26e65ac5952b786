"""Words of the pages: translated once per language, values escaped in templates, percent signs kept."""

from __future__ import annotations

from flask import Flask, render_template_string

from tracker.web.saying import say


def test_values_are_escaped_in_templates_and_the_text_is_not(app: Flask) -> None:
    with app.test_request_context("/"):
        for _again in range(2):
            assert render_template_string("{{ _('<b>%(n)s</b>', n='<i>') }}") == "<b>&lt;i&gt;</b>"


def test_a_doubled_percent_sign_is_one_with_and_without_values(app: Flask) -> None:
    with app.test_request_context("/"):
        for _again in range(2):
            assert render_template_string("{{ _('完成 100%%') }}|{{ _('%(n)s%%', n=5) }}|{{ gettext('甲') }}") == "完成 100%|5%|甲"


def test_code_says_the_same_words_as_plain_text(app: Flask) -> None:
    with app.test_request_context("/"):
        for _again in range(2):
            assert say("还有 %(n)s 天", n=3) == "还有 3 天"
            assert say("今天") == "今天"
            assert type(say("今天")) is str
