"""Proves that the version shown with a law is the one in which it was read, when the checked statute facts are at hand."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from tests.register.test_obligations_yaml import SOURCES, register
from tracker.register.changes import located
from tracker.register.shape import LawRef


def read_versions() -> list[dict[str, Any]]:
    path = SOURCES.parent / "legal" / "refs.yaml"
    if not path.is_file():
        pytest.skip(f"the checked statute facts are not at hand: expected {path}")
    facts: Any = yaml.load(path.read_text(encoding="utf-8"), yaml.CSafeLoader)
    return [law for theme in facts["themes"] for law in theme.get("law") or ()]


def fits(shown: LawRef, read: dict[str, Any]) -> bool:
    same = (read["name"], read["basis"]) == (shown.name, shown.basis.value) and set(read["articles"]) >= set(shown.articles)
    return same and read["version"].startswith(shown.version)


def test_a_version_shown_is_the_one_that_was_read() -> None:
    shown = [(one.id, law) for _, _, one in located(register()) for law in one.law if law.version]
    read = read_versions()
    assert shown
    assert [(code, law.name, law.version) for code, law in shown if not any(fits(law, one) for one in read)] == []


def test_no_law_is_shown_in_two_versions_on_the_same_basis() -> None:
    versions: dict[tuple[str, str], set[str]] = {}
    for _, _, one in located(register()):
        for law in one.law:
            if law.version:
                versions.setdefault((law.name, law.basis.value), set()).add(law.version)
    assert {key: found for key, found in versions.items() if len(found) > 1} == {}
