"""Verbs of signed heads for every door: who administers the system may make and change keys, sign, and accept a restored history."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sqlalchemy.orm import Session

from ..audit.heads import actions
from ..audit.heads.keys import Keyring
from ..audit.heads.signing import Round, Signer
from .access import Viewer, need_admin


def create_key(s: Session, viewer: Viewer, ring: Keyring) -> str:
    """Make the first signing key and return its fingerprint."""
    need_admin(viewer)
    return actions.create_key(s, viewer.actor, ring)


def rotate_key(s: Session, viewer: Viewer, ring: Keyring) -> str:
    """Change the signing key and return the new fingerprint."""
    need_admin(viewer)
    return actions.rotate_key(s, viewer.actor, ring)


def replace_lost_key(s: Session, viewer: Viewer, ring: Keyring, reason: str) -> str:
    """Declare the signing key lost and return the fingerprint of the one made anew."""
    need_admin(viewer)
    return actions.replace_lost_key(s, viewer.actor, ring, reason)


def sign_now(viewer: Viewer, signer: Signer, ways: Iterable[str]) -> Round:
    """Sign every head and a registry over all; `ways` are those in which it is to leave."""
    need_admin(viewer)
    return signer.sign_all(ways)


def accept_history(viewer: Viewer, signer: Signer, reason: str) -> Sequence[str]:
    """Record that signed history is no longer there, and go on; returns what was lost."""
    need_admin(viewer)
    return signer.accept(viewer.actor, reason)
