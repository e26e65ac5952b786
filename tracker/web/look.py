"""Gives a Flask application what the templates need to look right: the icon sprite and the address helpers."""

from __future__ import annotations

from flask import Flask, Response, request

from . import icons, listing


def _icons() -> Response:
    body, digest = icons.served()
    answer = Response(body, mimetype="image/svg+xml")
    answer.headers["Cache-Control"] = "public, max-age=31536000, immutable"
    answer.set_etag(digest)
    return answer


def icons_url() -> str:
    """The address of the icon sprite; it changes whenever the sprite does."""
    # A page asks for dozens of icons, and url_for is slow.
    return f"{request.script_root}/icons.svg?v={icons.served()[1]}"


def thousands(number: int) -> str:
    """A whole number with thousands marks: 1,284."""
    return f"{number:,}"


def dress(app: Flask) -> None:
    """Add the open route `icons` and the template globals `icons_url`, `here`, `here_without`, filter `thousands`."""
    app.add_url_rule("/icons.svg", endpoint="icons", view_func=_icons)
    app.add_template_global(icons_url)
    app.add_template_global(listing.here)
    app.add_template_global(listing.here_without)
    app.add_template_filter(thousands)
