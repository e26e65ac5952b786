"""Signed-in browsers: the cookie holds a random token, the database knows its digest; nothing else is trusted."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from flask import Flask, request, session
from flask_login import LoginManager, current_user, login_user, logout_user

from ..config import Config
from ..errors import Problem
from ..people import signing_in
from ..people.access import Viewer
from ..people.queries import viewer_of
from . import doors

KEY_BYTES = 32


class SignedIn:
    """What Flask-Login keeps of somebody: the session token and the viewer it stands for."""

    is_authenticated = True
    is_active = True
    is_anonymous = False

    def __init__(self, token: str, viewer: Viewer | None = None) -> None:
        self.token = token
        self.viewer = viewer

    def get_id(self) -> str:
        """Return the token, which is all the cookie holds."""
        return self.token


def _load(token: str) -> SignedIn | None:
    reading = doors.first_reading()
    viewer = viewer_of(reading, token)
    if viewer is None:
        return None
    reading.info["entities"] = viewer.entities
    return SignedIn(token, viewer)


def keep_sessions(app: Flask, config: Config) -> None:
    """Set the key, the cookie and Flask-Login up."""
    name = "tracker_demo" if config.demo else "tracker"
    app.config.update(
        SECRET_KEY=secret_key(config.instance / "secret.key"),
        # The prefix makes browsers refuse the cookie from anybody but this very host over HTTPS.
        SESSION_COOKIE_NAME=f"__Host-{name}" if config.https else name,
        SESSION_COOKIE_HTTPONLY=True, SESSION_COOKIE_SAMESITE="Lax", SESSION_COOKIE_SECURE=config.https,
    )
    manager = LoginManager()
    manager.session_protection = None
    manager.user_loader(_load)
    manager.init_app(app, add_context_processor=False)


def secret_key(path: Path) -> bytes:
    """Return the key of this installation, made once; only the owner of the file may read it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        draft = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(secrets.token_bytes(KEY_BYTES))
        try:
            os.link(draft, path)
        except FileExistsError:
            pass  # Another process was quicker: its key is the one.
        finally:
            draft.unlink()
    key = path.read_bytes()
    if len(key) < KEY_BYTES:
        raise Problem(f"密钥文件 {path} 不完整。请删除它后重新启动，系统会生成新的密钥，所有人需要重新登录。")
    return key


def enter(person_id: int) -> None:
    """Start a session for a person whose identity was proved, in this browser."""
    # Whoever was signed in here before is of no account any more.
    with doors.house().database.writing() as s:
        token = signing_in.sign_in(s, person_id, doors.config().session_hours, address())
    take(token)


def take(token: str) -> None:
    """Put a new session token into the cookie; what the browser held before is worth nothing."""
    session.clear()
    login_user(SignedIn(token))


def leave() -> None:
    """End this browser's session on the server and forget its cookie."""
    with doors.writing() as s:
        signing_in.sign_out(s, doors.viewer(), token())
    logout_user()
    session.clear()


def token() -> str:
    """Return this browser's session token."""
    return str(current_user.get_id())


def address() -> str:
    """Return the network address the request came from."""
    return request.remote_addr or ""
