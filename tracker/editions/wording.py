"""Pure rule of comparing wording: what of a text stayed, what went and what came, word by word."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal

Kind = Literal["same", "del", "ins"]

# Latin words and numbers are read as one; a Chinese character or a mark stands for itself.
_TOKEN = re.compile(r"[A-Za-zÀ-ɏ]+|[0-9]+(?:[.,][0-9]+)*|.", re.DOTALL)
_SENTENCE = re.compile(r"[^。！？；\n]*[。！？；\n]|[^。！？；\n]+")
# Two texts of 800 words each take some hundredths of a second; longer ones are compared sentence by sentence first.
_MOST_PAIRS = 640_000
# What is this short between two changes is chance, and would only break them into crumbs.
_ISLAND = 3
_ALIKE = 0.5


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a compared text: in both, only in the old (`del`), or only in the new (`ins`)."""

    kind: Kind
    text: str


@dataclass(frozen=True, slots=True)
class _Block:
    """A run of text in the old and in the new version; `same` when they are equal."""

    same: bool
    old: str
    new: str


def parts(old: str, new: str) -> list[Part]:
    """Compare two texts; `same` and `del` joined are the old one, `same` and `ins` the new one. Equal texts give one part."""
    if old == new:
        return [Part("same", old)] if old else []
    found: list[Part] = []
    for block in _without_islands(_blocks(old, new)):
        pieces = [Part("same", block.old)] if block.same else [Part("del", block.old), Part("ins", block.new)]
        found += [piece for piece in pieces if piece.text]
    return found


def items(old: Sequence[str], new: Sequence[str]) -> list[list[Part]]:
    """Compare two lists whose order does not count: new members in their order, each beside the old one most like it, then what went."""
    kept, gone = set(old) & set(new), [one for one in old if one not in set(new)]
    found = []
    for one in new:
        near = "" if one in kept else _nearest(one, gone)
        if near:
            gone.remove(near)
        found.append(parts(one if one in kept else near, one))
    return found + [[Part("del", one)] for one in gone]


def _nearest(one: str, others: Sequence[str]) -> str:
    likeness = {other: SequenceMatcher(None, other, one, autojunk=False).ratio() for other in others}
    best = max(likeness, key=likeness.__getitem__, default="")
    return best if best and likeness[best] >= _ALIKE else ""


def _blocks(old: str, new: str) -> Iterator[_Block]:
    words = _TOKEN.findall(old), _TOKEN.findall(new)
    if len(words[0]) * len(words[1]) <= _MOST_PAIRS:
        yield from _matched(*words)
        return
    sentences = _SENTENCE.findall(old), _SENTENCE.findall(new)
    if len(sentences[0]) * len(sentences[1]) > _MOST_PAIRS or (len(sentences[0]) < 2 and len(sentences[1]) < 2):
        yield _Block(False, old, new)
        return
    for block in _matched(*sentences):
        within = not block.same and len(block.old) * len(block.new) <= _MOST_PAIRS
        yield from _matched(_TOKEN.findall(block.old), _TOKEN.findall(block.new)) if within else (block,)


def _matched(old: Sequence[str], new: Sequence[str]) -> Iterator[_Block]:
    for kind, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        yield _Block(kind == "equal", "".join(old[a:b]), "".join(new[c:d]))


def _without_islands(blocks: Iterator[_Block]) -> list[_Block]:
    found: list[_Block] = []
    waiting: _Block | None = None
    for block in blocks:
        if block.same:
            waiting = _Block(True, waiting.old + block.old, waiting.new + block.new) if waiting else block
            continue
        before = found[-1] if found else None
        if waiting and (before is None or not _is_island(waiting, before, block)):
            found.append(waiting)
        elif before is not None:
            middle = waiting.old if waiting else ""
            block = _Block(False, before.old + middle + block.old, before.new + middle + block.new)
            found.pop()
        waiting = None
        found.append(block)
    return [*found, waiting] if waiting else found


def _is_island(middle: _Block, before: _Block, after: _Block) -> bool:
    # Between two mere additions, or two mere cuttings, even one character is best left standing.
    replaced = [bool(block.old and block.new) for block in (before, after)]
    if len(middle.old) <= 1:
        return any(replaced) or bool(before.old) != bool(after.old)
    around = sum(len(text) for block in (before, after) for text in (block.old, block.new))
    return all(replaced) and len(middle.old) <= _ISLAND and 4 * len(middle.old) <= around
