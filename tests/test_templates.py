"""Templates and static files keep the rules: no inline script or style, Chinese through gettext, small, nothing from elsewhere."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from jinja2 import Environment, nodes

import tracker.web
from tracker.app import create_app
from tracker.config import Config
from tracker.web import icons
from tracker.web.doors import house

DOOR = Path(tracker.web.__file__).parent
ROOT = DOOR / "templates"
TEMPLATES = sorted(str(path.relative_to(ROOT)) for path in ROOT.rglob("*.html"))
STATIC = sorted(path for path in (DOOR / "static").rglob("*") if path.suffix in {".css", ".js", ".svg"})
# A mark such as 、 between two translated pieces is no sentence.
CHINESE = re.compile(r"[\u4e00-\u9fff]")
INLINE = re.compile(r"<style|\sstyle\s*=|\son[a-z]+\s*=\s*[\"'{]|javascript:|<script(?![^>]*\ssrc=)", re.IGNORECASE)
ELSEWHERE = re.compile(r"(?:src|href|action|url\(|@import|import|from|fetch)\s*[=(]?\s*[\"'(]?(?:https?:)?//", re.IGNORECASE)
GETTEXT = {"_", "gettext", "ngettext", "pgettext"}


@pytest.fixture(scope="module")
def env(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Environment]:
    app = create_app(Config(instance=tmp_path_factory.mktemp("templates-env")))
    yield app.jinja_env
    with app.app_context():
        house().database.close()


def _text(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def _untranslated(env: Environment, source: str) -> Iterator[str]:
    """Give every Chinese piece of a template that does not go through gettext; comments do not count."""
    tree = env.parse(source)
    translated = {id(piece) for call in tree.find_all(nodes.Call) if isinstance(call.node, nodes.Name) and call.node.name in GETTEXT
                  for piece in call.find_all(nodes.Const)}
    for data in tree.find_all(nodes.TemplateData):
        yield from (line.strip() for line in data.data.splitlines() if CHINESE.search(line))
    for const in tree.find_all(nodes.Const):
        if isinstance(const.value, str) and CHINESE.search(const.value) and id(const) not in translated:
            yield const.value


def test_there_are_templates_to_look_at() -> None:
    assert {"base.html", "bare.html", "components/marks.html"} <= set(TEMPLATES)


@pytest.mark.parametrize("name", TEMPLATES)
def test_a_template_is_small_and_can_be_compiled(env: Environment, name: str) -> None:
    assert len(_text(name).splitlines()) <= 150
    env.compile(_text(name), name)


@pytest.mark.parametrize("name", TEMPLATES)
def test_a_template_has_no_inline_script_or_style_and_fetches_nothing_from_elsewhere(name: str) -> None:
    assert INLINE.findall(_text(name)) == []
    assert ELSEWHERE.findall(_text(name)) == []


@pytest.mark.parametrize("name", TEMPLATES)
def test_every_chinese_sentence_of_a_template_goes_through_gettext(env: Environment, name: str) -> None:
    assert list(_untranslated(env, _text(name))) == []


@pytest.mark.parametrize("name", TEMPLATES)
def test_every_icon_named_in_a_template_is_in_the_sprite(env: Environment, name: str) -> None:
    tree = env.parse(_text(name))
    named = {call.args[0].value for call in tree.find_all(nodes.Call)
             if isinstance(call.node, nodes.Name) and call.node.name == "icon" and call.args and isinstance(call.args[0], nodes.Const)}
    assert named - set(icons.NAMES) == set()


@pytest.mark.parametrize("name", [name for name in TEMPLATES if name.startswith("components/")])
def test_a_component_begins_by_saying_what_it_takes(name: str) -> None:
    assert _text(name).startswith("{#")


@pytest.mark.parametrize("name", TEMPLATES)
def test_every_form_that_posts_carries_the_token(name: str) -> None:
    for form in re.findall(r"<form[^>]*method=\"post\".*?</form>", _text(name), re.IGNORECASE | re.DOTALL):
        assert "csrf_token" in form


@pytest.mark.parametrize("path", STATIC, ids=lambda path: path.name)
def test_a_static_file_is_small_and_fetches_nothing_from_elsewhere(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert len(text.splitlines()) <= 300
    assert ELSEWHERE.findall(text) == []


@pytest.mark.parametrize("path", [path for path in STATIC if path.suffix == ".js"], ids=lambda path: path.name)
def test_a_script_takes_its_sentences_from_the_page(path: Path) -> None:
    code = re.sub(r"//.*", "", path.read_text(encoding="utf-8"))
    assert CHINESE.findall(code) == []
    assert re.findall(r"\beval\b|innerHTML|document\.write|\.style\b", code) == []


@pytest.mark.parametrize(
    "bad",
    ['<p style="x">', "<p onclick='x'>", "<script>x</script>", "<style>x</style>", '<a href="javascript:x">', '<p onload="{{ x }}">'],
)
def test_the_search_for_inline_code_finds_it(bad: str) -> None:
    assert INLINE.findall(bad)


@pytest.mark.parametrize("bad", ["<p>保存</p>", "{{ '保存' }}", "{{ f(label='保存') }}", "{{ _('a') ~ '项' }}"])
def test_the_search_for_untranslated_chinese_finds_it(env: Environment, bad: str) -> None:
    assert list(_untranslated(env, bad))
