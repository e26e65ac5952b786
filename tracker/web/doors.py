"""The web door: who is asking, which entity is chosen, the session for reads and the one unit of work for writes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from typing import Any, Final, TypeVar, cast

from flask import current_app, flash, g, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from sqlalchemy.exc import DBAPIError
from werkzeug.wrappers import Response

from ..config import MEGABYTE, Config
from ..db import EVERY_ENTITY, Database, UnitOfWork
from ..errors import Forbidden, NotFound, Problem
from ..exporting.starting import Runner
from ..people.access import Viewer
from ..people.queries import viewer_of
from .addresses import row_id

View = TypeVar("View", bound=Callable[..., Any])
KEY: Final = "tracker"
TOO_LATE: Final = "登录已过期，您刚才的操作没有保存。请重新登录后再试一次。"


@dataclass(frozen=True, slots=True)
class House:
    """What every page stands on."""

    config: Config
    database: Database
    runner: Runner


class SignedOut(Problem):
    """Somebody sends a form without being signed in (any more)."""

    status = 401


def house() -> House:
    """Return the settings and the database of the running application."""
    return cast(House, current_app.extensions[KEY])


def config() -> Config:
    """Return the settings in force."""
    return house().config


def open_to_all(view: View) -> View:
    """Mark a view that needs no signed-in person; every other view does."""
    view.open_to_all = True  # type: ignore[attr-defined]
    return view


def takes_files(view: View) -> View:
    """Mark a view that takes uploads: its request may hold ten files of the size the settings allow."""
    return _bounded(view, lambda: 10 * config().upload_limit + MEGABYTE)


def takes_up_to(most: int) -> Callable[[View], View]:
    """Mark a view whose request may hold one file of at most this many bytes."""
    return lambda view: _bounded(view, lambda: most + MEGABYTE)


def _bounded(view: View, most: Callable[[], int]) -> View:
    view.most_bytes = most  # type: ignore[attr-defined]
    return view


def guard() -> ResponseReturnValue | None:
    """Refuse by default: before every request, and before its body is read."""
    view = current_app.view_functions.get(request.endpoint or "")
    if view is None:
        return None
    if any("\0" in text for text in (request.path, *(value for values in request.args.listvalues() for value in values))):
        raise NotFound
    if getattr(view, "open_to_all", False):
        return None
    if signed_in() is None:
        if request.method in {"GET", "HEAD"} and not wants_json():
            return redirect(url_for("signing.sign_in", next=request.full_path.rstrip("?")), 303)
        raise SignedOut(TOO_LATE)
    if most := getattr(view, "most_bytes", None):
        request.max_content_length = most()
    return None


def wants_json() -> bool:
    """Tell whether a script of ours is asking, which shows the sentence by itself."""
    return request.accept_mimetypes.best == "application/json"


def signed_in() -> Viewer | None:
    """Return who is signed in, or None."""
    return getattr(current_user, "viewer", None)


def viewer() -> Viewer:
    """Return who is asking; behind the guard there is always somebody."""
    found = signed_in()
    if found is None:
        raise NotFound
    return found


def first_reading() -> UnitOfWork:
    """Return the request's read session before anybody is known; it sees no entity's rows."""
    if "reading" not in g:
        g.closing = ExitStack()
        g.reading = g.closing.enter_context(house().database.reading())
    return cast(UnitOfWork, g.reading)


def reading() -> UnitOfWork:
    """Return the one read session of this request; it sees the rows of the viewer's entities."""
    signed_in()
    return first_reading()


@contextmanager
def writing(everywhere: bool = False) -> Iterator[UnitOfWork]:
    """Give the session of one unit of work, committed at the end; reads afterwards see what it wrote.

    `everywhere`: it reaches every entity, for what an administrator does to all of them at once.
    """
    who = signed_in()
    g.saved = False
    entities = EVERY_ENTITY if everywhere and who is not None and who.is_admin else who.entities if who else ()
    with house().database.writing(entities) as session:
        if who is not None:
            _check_unchanged(session, who)
        yield session
    g.saved = True
    if "reading" in g:
        g.reading.close()


def _check_unchanged(session: UnitOfWork, who: Viewer) -> None:
    # A long upload or a wait for the lock lies between the first look and this one; rights may have gone meanwhile.
    now = viewer_of(session, str(current_user.get_id()))
    if now is None:
        raise SignedOut(TOO_LATE)
    if (now.is_admin, now.roles) != (who.is_admin, who.roles):
        raise Forbidden("您的角色刚刚被调整，您的操作没有保存。请刷新页面后再试。")


def close_reading(_error: BaseException | None = None) -> None:
    """End the read session when the request is over."""
    if "closing" in g:
        g.pop("reading")
        # The answer is made: that its last read could not be ended well is no news for anybody.
        with suppress(DBAPIError):
            g.pop("closing").close()


def chosen_entity() -> int | None:
    """Return the entity of `?entity=ID`, or None for 全部主体; NotFound when the viewer does not see it."""
    text = request.args.get("entity", "")
    if not text:
        return None
    found = row_id(text)
    if not viewer().sees(found):
        raise NotFound
    return found


def done(address: str, sentence: str, href: str = "", label: str = "") -> Response:
    """Answer a successful POST: one quiet line, with a link if there is one, on the page that comes next."""
    flash(cast(str, {"text": sentence, "href": href, "label": label}) if href else sentence)
    return redirect(address, 303)
