"""Translations looked up once per language: a page says hundreds of words, and asking Flask-Babel for each is slow."""

from __future__ import annotations

from typing import cast

from flask import Flask, g
from flask_babel import get_locale, gettext
from markupsafe import Markup


class _Language:
    """What was said in one language; only literals of our own come in, so it cannot grow without bound."""

    def __init__(self) -> None:
        self.texts: dict[str, str] = {}
        self.markup: dict[str, Markup] = {}
        self.finished: dict[str, Markup] = {}


_LANGUAGES: dict[str, _Language] = {}


def _language() -> _Language:
    found = g.get("language")
    if found is None:
        found = g.language = _LANGUAGES.setdefault(str(get_locale()), _Language())
    return cast(_Language, found)


def say(text: str, **values: object) -> str:
    """Translate like `flask_babel.gettext`; for words that stand in every row of a list."""
    known = _language().texts
    if text not in known:
        known[text] = str(gettext(text))
    return known[text] % values if values else known[text]


def _show(text: str, **values: object) -> Markup:
    # As Jinja's own newstyle gettext: the text is ours and safe, values are escaped, %% is always a percent sign.
    language = _language()
    known = language.markup if values else language.finished
    if text not in known:
        told = gettext(text)
        known[text] = Markup(told) if values else Markup(told % {})
    return known[text] % values if values else known[text]


def speak(app: Flask) -> None:
    """Let templates say `_()` quickly."""
    app.jinja_env.globals.update(_=_show, gettext=_show)
