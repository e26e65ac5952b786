"""Pure rule of the page 原文对照: an official text with its classes and anchors, laid out clause by clause, sentence by sentence.

Of each sentence the pieces are given in order: plain ones, and those that lie within one anchor or, where anchors overlap,
within several. What the proof finds missing is told at its place: at the sentence, at the obligation, or at the clause.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from ...words import SentenceClass, Word
from .. import cover
from .. import text as official
from ..cover import PREFACE, PROVISIONAL, Gap
from ..shape import Clause, Document, Obligation
from ..shape import Sentence as Classed
from ..text import ClauseText, Sentence


class Open(Word):
    """What stands in the place of a class as long as nobody has decided on one."""

    PROVISIONAL = "provisional", PROVISIONAL
    UNCLASSIFIED = "unclassified", "未归类"


Kind = SentenceClass | Open
KINDS: tuple[Kind, ...] = (*SentenceClass, *Open)


@dataclass(frozen=True, slots=True)
class Whole:
    """A whole text in its order; `headings` has what stands above each clause, `top` and `below` what belongs to none of it."""

    top: str
    preface: tuple[Sentence, ...]
    headings: dict[int, str]
    clauses: dict[int, ClauseText]
    below: str


@dataclass(frozen=True, slots=True)
class Piece:
    """Some characters of a sentence; `ids` are anchored in them, the one that begins last at the end, `begins` are those that begin here."""

    text: str
    ids: tuple[str, ...] = ()
    begins: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Said:
    """One sentence with its class, its pieces, the ids anchored in it in their order, and what is wrong with it."""

    no: int
    kind: Kind
    why: str
    pieces: tuple[Piece, ...]
    ids: tuple[str, ...]
    gaps: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Loose:
    """An obligation whose anchor has no place in the text, and why; without a text there is nothing wrong with it."""

    id: str
    anchor: str
    gap: str


@dataclass(frozen=True, slots=True)
class Part:
    """One clause, or the preface with the number 0; `heading` stands above it, `classes` counts its sentences as the register has them."""

    no: int
    heading: str
    title: str
    sentences: tuple[Said, ...]
    loose: tuple[Loose, ...]
    classes: dict[Kind, int]
    gaps: tuple[str, ...]

    @property
    def ids(self) -> tuple[str, ...]:
        """Return every obligation of it in the order in which it is shown."""
        return (*(one for said in self.sentences for one in said.ids), *(one.id for one in self.loose))


@dataclass(frozen=True, slots=True)
class Layout:
    """A document laid out; without a text its parts have no sentences and all anchors are loose."""

    top: str
    parts: tuple[Part, ...]
    below: str
    gaps: tuple[Gap, ...]

    @property
    def classes(self) -> dict[Kind, int]:
        """Return how many sentences each class has, and how many have none yet."""
        counted: Counter[Kind] = Counter()
        for part in self.parts:
            counted.update(Counter(said.kind for said in part.sentences) if part.sentences else part.classes)
        return {kind: counted[kind] for kind in KINDS if counted[kind]}


def whole(raw: str, title: str) -> Whole:
    """Take the text of the document of this title apart, so that nothing of it is left out: joined again, the parts are the text."""
    text, preface, clauses = official.flat(raw), official.preface(raw, title), official.clauses(raw)
    top, end = (text[: preface[0].begin], preface[-1].end) if preface else (None, 0)
    headings: dict[int, str] = {}
    for no, clause in clauses.items():
        begin = text.index(clause.text, end)
        headings[no] = text[end:begin] if top is not None else ""
        top, end = text[:begin] if top is None else top, begin + len(clause.text)
    return Whole(top or "", preface, headings, clauses, text[end:])


class _Gaps:
    """What the proof found, by its place."""

    def __init__(self, found: Iterable[Gap]) -> None:
        self.of_sentences: dict[tuple[int, int], list[str]] = defaultdict(list)
        self.of_obligations: dict[str, str] = {}
        self.of_clauses: dict[int, list[str]] = defaultdict(list)
        for gap in found:
            if gap.obligation:
                self.of_obligations[gap.obligation] = gap.said
            elif gap.sentence and gap.kind is not cover.GapKind.SURPLUS:
                self.of_sentences[gap.clause, gap.sentence].append(gap.said)
            else:
                self.of_clauses[gap.clause].append(gap.said)


def laid_out(document: Document, raw: str) -> Layout:
    """Lay a document out on its official text."""
    found, proof = whole(raw, document.title), cover.prove(document, raw)
    gaps, known = _Gaps(proof.gaps), {clause.no: clause for clause in document.clauses}
    return Layout(found.top, tuple(_parts(document, found, known, gaps)), found.below, proof.gaps)


def without_text(document: Document) -> Layout:
    """Lay a document out as the register alone knows it: clauses, counted classes, and anchors."""
    preface = [_bare(PREFACE, "", document.preface, ())] if document.preface else []
    return Layout("", (*preface, *(_bare(one.no, official.own_title(one.no, one.title), one.sentences, one.obligations) for one in document.clauses)), "", ())


def _bare(no: int, title: str, classes: Sequence[Classed], held: Sequence[Obligation]) -> Part:
    return Part(no, "", title, (), tuple(Loose(one.id, one.anchor, "") for one in held), _counted(classes), ())


def _counted(classes: Sequence[Classed]) -> dict[Kind, int]:
    counted = Counter(map(_kind, classes))
    return {kind: counted[kind] for kind in KINDS if counted[kind]}


def _kind(classed: Classed | None) -> Kind:
    if classed is None:
        return Open.UNCLASSIFIED
    return Open.PROVISIONAL if classed.why == PROVISIONAL else classed.kind


def _parts(document: Document, found: Whole, known: dict[int, Clause], gaps: _Gaps) -> Iterator[Part]:
    if found.preface or document.preface:
        said = tuple(_said(PREFACE, one, document.preface, (), gaps) for one in found.preface)
        yield Part(PREFACE, "", "", said, (), _counted(document.preface), tuple(gaps.of_clauses[PREFACE]))
    for no in sorted({*found.clauses, *known}):
        yield _part(no, found.headings.get(no, ""), known.get(no), found.clauses.get(no), gaps)


def _part(no: int, heading: str, clause: Clause | None, text: ClauseText | None, gaps: _Gaps) -> Part:
    held, classes = (clause.obligations, clause.sentences) if clause else ((), ())
    spans = [] if text is None else sorted(_span(text, one) for one in held if one.id not in gaps.of_obligations)
    sentences = () if text is None else tuple(_said(no, one, classes, spans, gaps) for one in text.sentences)
    placed = {one for said in sentences for one in said.ids}
    loose = tuple(Loose(one.id, one.anchor, gaps.of_obligations.get(one.id, "")) for one in held if one.id not in placed)
    title = text.title if text else official.own_title(no, clause.title) if clause else ""
    return Part(no, heading, title, sentences, loose, _counted(classes), tuple(gaps.of_clauses[no]))


# Where an anchor begins, where it ends (negative, so that of two that begin together the longer comes first), and whose it is.
_Span = tuple[int, int, str]


def _span(text: ClauseText, one: Obligation) -> _Span:
    begin = official.positions(text.text, one.anchor)[0]
    return begin, -begin - len(official.flat(one.anchor)), one.id


def _said(no: int, sentence: Sentence, classes: Sequence[Classed], spans: Sequence[_Span], gaps: _Gaps) -> Said:
    classed = classes[sentence.no - 1] if sentence.no <= len(classes) else None
    mine = [(begin - sentence.begin, -end - sentence.begin, key) for begin, end, key in spans if sentence.begin <= begin < sentence.end]
    kind = _kind(classed)
    why = classed.why if classed and kind is not Open.PROVISIONAL else None
    return Said(
        sentence.no, kind, why or "", tuple(_pieces(sentence.text, mine)),
        tuple(key for _begin, _end, key in mine), tuple(gaps.of_sentences[no, sentence.no]),
    )


def _pieces(text: str, spans: Sequence[tuple[int, int, str]]) -> Iterator[Piece]:
    cuts = sorted({0, len(text), *(place for begin, end, _key in spans for place in (begin, end))})
    for begin, end in pairwise(cuts):
        within = [one for one in spans if one[0] <= begin and end <= one[1]]
        yield Piece(text[begin:end], tuple(key for _b, _e, key in within), tuple(key for first, _e, key in within if first == begin))
