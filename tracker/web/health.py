"""An address for monitors: answers when the application and its database do."""

from __future__ import annotations

from flask import Blueprint, Response

from ..people.queries import has_people
from .doors import open_to_all, reading

blueprint = Blueprint("health", __name__)


@blueprint.get("/healthz")
@open_to_all
def healthz() -> Response:
    """Read one row and say ok."""
    has_people(reading())
    return Response("ok\n", mimetype="text/plain")
