"""The icon sprite: only what is used, taken from the installed package."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree

import pytest
from flask import Flask

from tracker.web import icons, look

SVG = "{http://www.w3.org/2000/svg}"


def test_the_sprite_holds_the_named_icons_in_their_order() -> None:
    drawn = ElementTree.fromstring(icons.sprite(["x-lg", "bell", "circle-half"]))
    assert [symbol.get("id") for symbol in drawn] == ["x-lg", "bell", "circle-half"]
    assert all(symbol.get("viewBox") == "0 0 16 16" and len(symbol) for symbol in drawn.iter(f"{SVG}symbol"))


def test_an_icon_that_does_not_exist_is_named() -> None:
    with pytest.raises(KeyError, match="no-such-icon"):
        icons.sprite(["bell", "no-such-icon"])


def test_every_listed_icon_exists_once_and_all_of_them_stay_small() -> None:
    body, _digest = icons.served()
    ids = [symbol.get("id") for symbol in ElementTree.fromstring(body)]
    assert ids == list(icons.NAMES)
    assert len(set(ids)) == len(ids)
    assert len(body) < 60_000


def test_the_sprite_is_served_under_an_address_that_names_its_version() -> None:
    app = Flask(__name__)
    look.dress(app)
    with app.test_request_context():
        address = look.icons_url()
    answer = app.test_client().get(address)
    assert (answer.status_code, answer.mimetype) == (200, "image/svg+xml")
    assert answer.data == icons.served()[0]
    assert icons.served()[1] in address
    assert answer.get_etag() == (icons.served()[1], False)
