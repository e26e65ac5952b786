"""The real register with a part of its obligations: what a test does with all of them it does with these, in less time."""

from __future__ import annotations

import re
import tempfile
from functools import cache
from pathlib import Path

from tracker.config import ROOT

WHOLE = ROOT / "obligations.yaml"
EVERY = 3
BLOCK = re.compile(r"^ {10}- id: (\S+)\n(?:(?: {11,}.*)?\n)*", re.MULTILINE)
DOMAIN = re.compile(r"^ +domain: (\S+)$", re.MULTILINE)
RELATED = re.compile(r"\{id: (\S+), how: \w+\}(?:, )?")
EMPTY = re.compile(r"^( {8}obligations:)(?=\n(?! {10}))", re.MULTILINE)
_FOLDER = tempfile.TemporaryDirectory(prefix="register-")


def _kept(text: str) -> set[str]:
    """Name every third obligation, and the first of each domain."""
    kept, domains = set(), set[str]()
    for number, found in enumerate(BLOCK.finditer(text)):
        domain = DOMAIN.findall(found.group())[0]
        if number % EVERY == 1 or domain not in domains:
            kept.add(found.group(1))
        domains.add(domain)
    return kept


def selected(text: str) -> str:
    """Return the text of a register with a third of its obligations; documents, clauses, sentences, facts and comments stay as they are."""
    kept = _kept(text)
    text = BLOCK.sub(lambda found: found.group() if found.group(1) in kept else "", text)
    text = RELATED.sub(lambda found: found.group() if found.group(1) in kept else "", text)
    text = re.sub(r", \](?=\n)", "]", re.sub(r"^ +related: \[\]\n", "", text, flags=re.MULTILINE))
    return EMPTY.sub(r"\1 []", text)


@cache
def register() -> Path:
    """Write it once and return where it lies."""
    path = Path(_FOLDER.name) / WHOLE.name
    path.write_text(selected(WHOLE.read_text(encoding="utf-8")), encoding="utf-8")
    return path
