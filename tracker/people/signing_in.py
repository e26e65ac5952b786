"""Verbs of signing in and out, one-time links, and throttling, all kept in the database."""

from __future__ import annotations

from datetime import timedelta
from math import ceil

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from .. import clock
from ..audit import trail
from ..audit.actor import SYSTEM, Actor
from ..errors import BadInput, NotFound, Problem, Throttled
from ..words import Via
from .access import Viewer
from .actions import PersonFacts, add_person
from .models import OneTimeLink, Person, SignIn, SignInAttempt
from .passwords import hashed, matches, new_token, token_digest
from .queries import has_people, person_to_manage

WINDOW = timedelta(minutes=15)
TRIES_PER_LOGIN, TRIES_PER_ADDRESS = 6, 30
LINK_LIFE = timedelta(days=3)
WRONG = "登录名或密码不正确。"


def _key(who: str | int) -> str:
    # A person's own key cannot be typed as a login name: nobody else can use it up.
    return f"person:{who}" if isinstance(who, int) else f"login:{who.strip().casefold()[:64]}"


def check_throttle(s: Session, who: str | int, address: str) -> None:
    """Raise Throttled when this login name (or person, by id) or address has failed too often in the last 15 minutes."""
    since = clock.now() - WINDOW
    for key, most in ((_key(who), TRIES_PER_LOGIN), (f"address:{address}", TRIES_PER_ADDRESS)):
        recent = select(func.count(), func.min(SignInAttempt.at)).where(SignInAttempt.key == key, SignInAttempt.at > since)
        tries, first = s.execute(recent).one()
        if tries >= most:
            wait = max(1, ceil((first + WINDOW - clock.now()).total_seconds()))
            raise Throttled(f"登录失败次数过多，请在 {ceil(wait / 60)} 分钟后再试。", wait)


def note_failure(s: Session, who: str | int, address: str) -> None:
    """Count a failed sign-in of a login name or person, forget those older than the window."""
    now = clock.now()
    for old in s.scalars(select(SignInAttempt).where(SignInAttempt.at <= now - WINDOW).limit(200)):
        s.delete(old)
    s.add(SignInAttempt(key=_key(who), at=now))
    s.add(SignInAttempt(key=f"address:{address}", at=now))


def password_fits(s: Session, login: str, password: str) -> int | None:
    """Return the id of the active person with this login and password, or None; costs the same either way."""
    row = s.execute(select(Person.id, Person.password_hash).where(Person.login == login.strip().casefold(), Person.active)).one_or_none()
    return row.id if matches(row.password_hash if row else None, password) and row else None


def sign_in(s: Session, person_id: int, hours: int, address: str = "", via: Via = Via.WEB) -> str:
    """Start a session for a person whose identity was proved; return the token for the cookie."""
    person = s.get_one(Person, person_id)
    now, token = clock.now(), new_token()
    for old in s.scalars(select(SignIn).where(SignIn.expires_at <= now).limit(200)):
        s.delete(old)
    s.add(SignIn(token_digest=token_digest(token), person_id=person.id, created_at=now, expires_at=now + timedelta(hours=hours), address=address[:64]))
    trail.record(s, Actor(f"u_{person.id}", person.name, via), "person.signed_in", person.audit_ref, personal={"address": address})
    return token


def sign_out(s: Session, viewer: Viewer, token: str) -> None:
    """End a session; its cookie is worth nothing afterwards."""
    row = s.get(SignIn, token_digest(token))
    if row is not None:
        s.delete(row)
        trail.record(s, viewer.actor, "person.signed_out", f"person:{row.person_id}")


def sign_out_elsewhere(s: Session, viewer: Viewer, token: str) -> int:
    """End every other session of the viewer; return how many there were."""
    others = s.scalars(select(SignIn).where(SignIn.person_id == viewer.person_id, SignIn.token_digest != token_digest(token))).all()
    for row in others:
        s.delete(row)
    if others:
        trail.record(s, viewer.actor, "person.signed_out", f"person:{viewer.person_id}", after={"others": len(others)})
    return len(others)


def first_link(s: Session) -> str | None:
    """Make the one-time set-up link's token when nobody exists yet; earlier unused ones stop working."""
    if has_people(s):
        return None
    return _new_link(s, None)


def invite(s: Session, viewer: Viewer, person_id: int) -> str:
    """Make a one-time token with which a person sets a (new) password; signs nobody out yet."""
    row = person_to_manage(s, viewer, person_id)
    if not row.active:
        raise Problem(f"{row.name}已离职，不能再发送登录链接。")
    trail.record(s, viewer.actor, "person.invited", row.audit_ref)
    return _new_link(s, row.id)


def _new_link(s: Session, person_id: int | None) -> str:
    for old in s.scalars(select(OneTimeLink).where(OneTimeLink.person_id.is_(person_id) if person_id is None else OneTimeLink.person_id == person_id)):
        s.delete(old)
    now, token = clock.now(), new_token()
    s.add(OneTimeLink(token_digest=token_digest(token), person_id=person_id, created_at=now, expires_at=now + LINK_LIFE))
    return token


def open_link(s: Session, token: str) -> OneTimeLink:
    """Load a one-time link that still works, or raise NotFound."""
    row = s.get(OneTimeLink, token_digest(token))
    if row is None or row.used_at is not None or row.expires_at <= clock.now():
        raise NotFound("这个链接已经用过或已过期。请向系统管理员索取新的链接；首次安装时，请重新启动系统以获得新的链接。")
    return row


def set_up(s: Session, token: str, facts: PersonFacts, password: str) -> Person:
    """Create the first administrator through the set-up link."""
    link = open_link(s, token)
    if link.person_id is not None or has_people(s):
        raise NotFound
    host = Viewer(None, SYSTEM.name, is_admin=True, via=Via.SYSTEM, is_operator=True)
    person = add_person(s, host, PersonFacts(facts.login, facts.name, facts.department, facts.post, facts.email, True, facts.pinyin))
    person.password_hash = hashed(password)
    link.used_at = clock.now()
    trail.record(s, Actor(f"u_{person.id}", person.name, Via.WEB), "person.password_set", person.audit_ref)
    return person


def set_password(s: Session, token: str, password: str) -> Person:
    """Set the password of an invited person and sign out his other browsers."""
    link = open_link(s, token)
    if link.person_id is None:
        raise NotFound
    person = s.get_one(Person, link.person_id)
    if not person.active:
        raise NotFound
    _replace_password(s, person, password)
    link.used_at = clock.now()
    return person


def change_password(s: Session, viewer: Viewer, old: str, new: str) -> None:
    """Change one's own password, proving the old one; other browsers are signed out."""
    if viewer.person_id is None:
        raise NotFound
    person = s.get_one(Person, viewer.person_id)
    if not matches(person.password_hash, old):
        raise BadInput.at("old", "原密码不正确。")
    _replace_password(s, person, new)


def _replace_password(s: Session, person: Person, password: str) -> None:
    person.password_hash = hashed(password)
    for other in s.scalars(select(SignIn).where(SignIn.person_id == person.id)):
        s.delete(other)
    trail.record(s, Actor(f"u_{person.id}", person.name, Via.WEB), "person.password_set", person.audit_ref)
