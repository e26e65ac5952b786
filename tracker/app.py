"""Composition root: puts rooms and doors together; only __main__ and tests come in here."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

from flask import Flask
from flask_babel import Babel
from flask_wtf import CSRFProtect

from .config import MEGABYTE, Config, read_config
from .db import Database
from .exporting.starting import Runner, Workers
from .web import addresses, dates, doors, errors, framing, headers, health, look, saying, session
from .web.alarms.views import blueprint as alarms
from .web.assigning.handing import blueprint as handing
from .web.assigning.planning import blueprint as planning
from .web.assigning.views import blueprint as assigning
from .web.bringing.views import blueprint as bringing
from .web.controls.views import blueprint as controls
from .web.editions.loading import blueprint as loading
from .web.editions.views import blueprint as editions
from .web.evidence.views import blueprint as evidence
from .web.home.views import blueprint as home
from .web.ledgers.views import blueprint as ledgers
from .web.people.entity_views import blueprint as entities
from .web.people.views import blueprint as people
from .web.register.documents import blueprint as documents
from .web.register.views import blueprint as register
from .web.reports.jobs import blueprint as jobs
from .web.reports.views import blueprint as reports
from .web.retention.deciding import blueprint as deciding
from .web.retention.views import blueprint as retention
from .web.scope.views import blueprint as scope
from .web.signing.views import blueprint as signing
from .web.spooling import SpoolingRequest
from .web.tasks.many import blueprint as task_bulk
from .web.tasks.office import blueprint as task_office
from .web.tasks.pieces import blueprint as task_pieces
from .web.tasks.views import blueprint as tasks
from .web.texts.views import blueprint as texts
from .web.trail.heads import blueprint as heads
from .web.trail.views import blueprint as trail

BLUEPRINTS = (
    health.blueprint,
    signing,
    entities,
    people,
    register,
    documents,
    editions,
    loading,
    ledgers,
    texts,
    scope,
    controls,
    assigning,
    planning,
    handing,
    bringing,
    home,
    tasks,
    task_bulk,
    task_office,
    task_pieces,
    evidence,
    reports,
    jobs,
    trail,
    retention,
    deciding,
    heads,
    alarms,
)


def create_app(config: Config | None = None, runner: Callable[[Config, Database], Runner] = Workers) -> Flask:
    """Build the application on a database that is already migrated; Problem when the settings are wrong.

    `runner` gives whoever builds exports; in earnest, processes of their own.
    """
    config = config or read_config()
    for folder in (config.instance, config.store, config.exports):
        folder.mkdir(parents=True, exist_ok=True)
    app = Flask("tracker.web")
    app.request_class = SpoolingRequest
    app.config.update(MAX_CONTENT_LENGTH=MEGABYTE, WTF_CSRF_TIME_LIMIT=None)
    database = Database(config.url)
    app.extensions[doors.KEY] = doors.House(config, database, runner(config, database))
    app.url_map.converters["int"] = addresses.RowNumber
    Babel(app, default_locale="zh_Hans_CN", default_timezone="Asia/Shanghai")
    saying.speak(app)
    _put_doors_in(app, config)
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
    return app


def _put_doors_in(app: Flask, config: Config) -> None:
    session.keep_sessions(app, config)
    # The guard comes before the CSRF check, which reads the whole body.
    app.before_request(doors.guard)
    CSRFProtect(app)
    app.teardown_appcontext(doors.close_reading)
    headers.protect(app, config.https)
    errors.answer_errors(app)
    look.dress(app)
    dates.speak_dates(app)
    app.context_processor(framing.around)
    for endpoint in ("static", "icons"):
        doors.open_to_all(app.view_functions[endpoint])
    _version_static_files(app)


def _version_static_files(app: Flask) -> None:
    # One digest over all of them: browsers keep files for good and ask again after any change.
    digest = hashlib.sha256()
    for path in sorted(Path(str(app.static_folder)).rglob("*")):
        if path.is_file():
            digest.update(path.read_bytes())
    version = digest.hexdigest()[:12]

    def add_version(endpoint: str, values: dict[str, Any]) -> None:
        if endpoint == "static":
            values.setdefault("v", version)

    app.url_defaults(add_version)
