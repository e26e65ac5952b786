"""Passwords and tokens: argon2id, sentences that help, and only digests stored."""

from __future__ import annotations

import hashlib

import pytest

from tracker.errors import BadInput
from tracker.people import passwords


@pytest.mark.parametrize(
    ("password", "sentence"),
    [("", "您填写了 0 个"), ("nine char", "您填写了 9 个"), ("x1" * 101, "您填写了 202 个"), ("aaaaaaaaaaaa", "过于简单"), ("ababababababc", "过于简单")],
)
def test_a_weak_password_is_refused_at_its_field_with_the_reason(password: str, sentence: str) -> None:
    with pytest.raises(BadInput, match=sentence) as refused:
        passwords.hashed(password)
    assert [place.where for place in refused.value.problems] == ["password"]
    assert password not in refused.value.sentence or not password


@pytest.mark.parametrize("password", ["ten chars!", "汉字也可以作为密码啊", "x1y2" * 50])
def test_a_good_password_matches_itself_and_nothing_else(password: str) -> None:
    stored = passwords.hashed(password)
    assert stored.startswith("$argon2id$")
    assert password not in stored
    assert passwords.matches(stored, password)
    assert not passwords.matches(stored, password[:-1] + "~")
    assert not passwords.matches(stored, "")


def test_the_same_password_is_salted_anew() -> None:
    assert passwords.hashed("correct horse") != passwords.hashed("correct horse")


@pytest.mark.parametrize("stored", [None, "", "not a hash", "$argon2id$broken"])
def test_without_a_sound_hash_nothing_matches(stored: str | None) -> None:
    assert not passwords.matches(stored, "correct horse")


def test_a_password_beyond_the_limit_is_not_hashed_in_full() -> None:
    assert not passwords.matches(passwords.hashed("x1y2" * 50), "z" * 1_000_000)


def test_tokens_are_long_and_never_the_same() -> None:
    tokens = {passwords.new_token() for _ in range(1000)}
    assert len(tokens) == 1000
    assert min(map(len, tokens)) >= 43
    token = tokens.pop()
    assert passwords.token_digest(token) == hashlib.sha256(token.encode()).hexdigest()
