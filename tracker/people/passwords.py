"""Passwords and one-time tokens: argon2id, and only digests of tokens are ever stored."""

from __future__ import annotations

import hashlib
import secrets
from threading import BoundedSemaphore

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from ..errors import BadInput

SHORTEST, LONGEST = 10, 200
_hasher = PasswordHasher()
# Each hash takes 64 MiB for a moment: without a cap a burst of sign-ins exhausts memory.
_at_once = BoundedSemaphore(2)
_NOBODY = ""


def hashed(password: str) -> str:
    """Return the argon2id hash of a new password, or raise BadInput when it is too short or too long."""
    if not SHORTEST <= len(password) <= LONGEST:
        raise BadInput.at("password", f"密码需要 {SHORTEST} 到 {LONGEST} 个字符，您填写了 {len(password)} 个。")
    if len(set(password)) < 4:
        raise BadInput.at("password", "密码过于简单：请至少使用 4 种不同的字符。")
    with _at_once:
        return _hasher.hash(password)


def matches(stored: str | None, password: str) -> bool:
    """Tell whether the password is right; takes the same time for a person who does not exist."""
    global _NOBODY
    with _at_once:
        if not _NOBODY:
            _NOBODY = _hasher.hash(secrets.token_hex(16))
        try:
            return _hasher.verify(stored or _NOBODY, password[:LONGEST]) and stored is not None
        except (VerificationError, InvalidHashError):
            return False


def new_token() -> str:
    """Return a random token for a cookie or a one-time link."""
    return secrets.token_urlsafe(32)


def token_digest(token: str) -> str:
    """Return what is stored of a token."""
    return hashlib.sha256(token.encode()).hexdigest()
