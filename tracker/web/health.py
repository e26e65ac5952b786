"""An address for monitors: answers when the application and its database do."""

from __future__ import annotations

from flask import Blueprint, Response
from flask.blueprints import BlueprintSetupState

from .. import migrate
from ..people.queries import has_people
from .doors import house, open_to_all, reading

blueprint = Blueprint("health", __name__)


@blueprint.record_once
def _know_own_version(_state: BlueprintSetupState) -> None:
    migrate.started_with(migrate.MIGRATIONS)


@blueprint.get("/healthz")
@open_to_all
def healthz() -> Response:
    """Read one row and say ok; 503 when somebody has meanwhile taken the database to another version of the program."""
    if not migrate.fits(house().database):
        return Response("数据库的版本与运行中的程序不符，请停止服务后重新启动。\n", 503, mimetype="text/plain")
    has_people(reading())
    return Response("ok\n", mimetype="text/plain")
