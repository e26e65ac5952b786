"""Verbs of signing keys: the first one, one in the place of another, and a new one after a loss. Who may is the caller's to check."""

from __future__ import annotations

from sqlalchemy.orm import Session

from ...errors import BadInput, RuleBroken
from ...journal.recording import moment
from .. import trail
from ..actor import Actor
from . import notes, queries
from .keys import Keyring
from .models import SigningKey
from .notes import Key


def create_key(s: Session, actor: Actor, ring: Keyring) -> str:
    """Make the first key of this installation and return its fingerprint; the file lies in its folder before the row is written."""
    if queries.keys(s):
        raise RuleBroken("已经有签名密钥。更换请用 python -m tracker heads key rotate；密钥文件遗失请用 python -m tracker heads key lost。")
    if not trail.deployment_id(s):
        raise RuleBroken("数据库中还没有部署标识，不能建立密钥。请先启动一次服务（python -m tracker），首个密钥会随之建立。")
    public = ring.create()
    return _keep(s, actor, "key.created", Key(1, public, notes.fingerprint(public), moment(s), notes.FIRST), "")


def rotate_key(s: Session, actor: Actor, ring: Keyring) -> str:
    """Put a new key in the place of the one in force and return its fingerprint; both sign the change."""
    old = _in_force(s)
    if not ring.holds(old.fingerprint):
        ring.sign(old.fingerprint, "")
    public, at = ring.create(), moment(s)
    new, text = notes.fingerprint(public), notes.statement(trail.deployment_id(s), old.fingerprint, public, at)
    key = Key(old.number + 1, public, new, at, notes.CHANGED, ring.sign(old.fingerprint, text), ring.sign(new, text))
    return _keep(s, actor, "key.rotated", key, old.fingerprint)


def replace_lost_key(s: Session, actor: Actor, ring: Keyring, reason: str) -> str:
    """Declare the key in force lost, put a new one in its place, and return its fingerprint; nothing links the two.

    Raises RuleBroken while its file is there and whole: a change that both sign keeps the fingerprint that people know.
    """
    if not reason.strip():
        raise BadInput.at("reason", "请写明密钥是怎样遗失的。")
    old = _in_force(s)
    if ring.holds(old.fingerprint):
        raise RuleBroken(
            f"密钥文件还在（指纹 {old.fingerprint[:16]}…），没有遗失，没有另建。要更换请用 python -m tracker heads key rotate，以前的指纹继续有效；"
            "文件可能已被他人取得的，也请用 rotate。"
        )
    public = ring.create()
    key = Key(old.number + 1, public, notes.fingerprint(public), moment(s), notes.LOST)
    return _keep(s, actor, "key.lost", key, old.fingerprint, reason.strip())


def _in_force(s: Session) -> Key:
    every = queries.keys(s)
    if not every:
        raise RuleBroken("还没有签名密钥。请先运行 python -m tracker heads key create。")
    return every[-1]


def _keep(s: Session, actor: Actor, action: str, key: Key, previous: str, reason: str = "") -> str:
    s.add(SigningKey(
        number=key.number, public=key.public, fingerprint=key.fingerprint, at=key.at, kind=key.kind, old_signature=key.old_signature,
        new_signature=key.new_signature,
    ))
    s.flush()
    trail.record(
        s, actor, action, f"key:{key.number}", before={"fingerprint": previous} if previous else {},
        after={"fingerprint": key.fingerprint, "public": key.public}, personal={"reason": reason} if reason else {},
    )
    return key.fingerprint
