"""A whole official text of the suite's own words for any document of a register: its titles and anchors stand where the classes want them.

What people import is not ours to copy, so tests and measurements make a text that the register covers without a gap.
"""

from __future__ import annotations

import os
from collections import defaultdict
from itertools import cycle
from pathlib import Path

import pytest

from tracker.register.shape import Clause, Document, Obligation
from tracker.register.text import flat
from tracker.words import Modality, SentenceClass

SOURCES = Path(os.environ.get("TRACKER_SOURCES") or Path(__file__).parents[3] / "shared" / "sources")
STRENGTH = (SentenceClass.OBLIGATION, SentenceClass.EXPOSURE, SentenceClass.RIGHT)
CLASS_OF = {
    Modality.MUST: SentenceClass.OBLIGATION, Modality.MUST_NOT: SentenceClass.OBLIGATION, Modality.EXPOSURE: SentenceClass.EXPOSURE, Modality.RIGHT: SentenceClass.RIGHT,
}
LINE = 38
PADDING = ("为便于逐句核对而写", "只用来测量页面的快慢", "与任何一份公文的内容都没有关系", "读到这里的人不必当真", "各处照例空出几个字")


def official_text(document: Document, padding: int = 3) -> str:
    """Write the text on wrapped lines with page numbers between them; `padding` phrases of no meaning lengthen each sentence."""
    pieces = [document.title, *(_sentence([], n, padding) for n, _one in enumerate(document.preface))]
    paragraphs = ["".join(pieces[:1]), "".join(pieces[1:]), *(_clause(one, padding) for one in document.clauses)]
    return "\n".join(_wrapped(paragraph) for paragraph in paragraphs if paragraph)


def real_text(document_id: str) -> str:
    """Return the official text itself, or skip the test where nobody has it."""
    path = SOURCES / f"{document_id}.txt"
    if not path.is_file():
        pytest.skip(f"the official text {path.name} is not at hand: put it into {SOURCES} or name its folder in TRACKER_SOURCES")
    return path.read_text(encoding="utf-8")


def _wrapped(paragraph: str) -> str:
    lines = [paragraph[at : at + LINE] for at in range(0, len(paragraph), LINE)]
    # A page ends in the middle of a sentence as often as not.
    return "\n- 7 -\n".join("\n".join(lines[at : at + 20]) for at in range(0, len(lines), 20))


def _clause(clause: Clause, padding: int) -> str:
    held = _placed(clause)
    said = (_sentence(held[n], n, padding) for n, _one in enumerate(clause.sentences))
    return f"{clause.no}.{clause.title}。" + "".join(said)


def _sentence(anchors: list[str], n: int, padding: int) -> str:
    more = cycle(PADDING[n % len(PADDING) :] + PADDING[: n % len(PADDING)])
    phrases = [f"这一处写着{anchor}这几个字" for anchor in anchors] + [next(more) for _ in range(padding)]
    return "，".join(phrases) + "。"


def _placed(clause: Clause) -> dict[int, list[str]]:
    places: dict[int, list[str]] = defaultdict(list)
    turns = {kind: cycle(found) for kind in STRENGTH if (found := [n for n, one in enumerate(clause.sentences) if one.kind is kind])}
    # The strongest first, so that every sentence gets one of its own class before others share it.
    for strongest, anchor in sorted(_groups(clause.obligations), key=lambda group: STRENGTH.index(group[0])):
        # The weaker may stand in a sentence of a stronger class, never the other way round.
        kind = next(one for one in (strongest, *reversed(STRENGTH[: STRENGTH.index(strongest)])) if one in turns)
        places[next(turns[kind])].append(anchor)
    return places


def _groups(held: tuple[Obligation, ...]) -> list[tuple[SentenceClass, str]]:
    """Put an anchor that lies within another one into its sentence, so that it still stands in the clause once."""
    outer = [one for one in held if not any(flat(one.anchor) in flat(other.anchor) and one.id != other.id for other in held)]
    within = {one.id: [other for other in held if flat(other.anchor) in flat(one.anchor)] for one in outer}
    return [(min((CLASS_OF[other.modality] for other in within[one.id]), key=STRENGTH.index), one.anchor) for one in outer]
