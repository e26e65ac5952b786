"""Pure rule of completeness: proves a document of the register against its official text, sentence by sentence.

The class of a sentence is the strongest thing that it holds for a company, and the obligations anchored in it show it:
`obligation` when one of them is a must or a must_not, stated or implied, whatever else is anchored there; `exposure` when
there is an exposure and no duty; `right` when there are rights only; `authority` (for courts and authorities, nothing for
a company to do) and `preamble` when nothing is anchored. An anchor lies wholly within one sentence. A class whose reason is 待归类 is a placeholder, not a class.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ..errors import BadInput
from ..words import Modality, SentenceClass, Word
from . import text as official
from .shape import Clause, Document, Obligation, Register
from .shape import Sentence as Classed
from .text import ClauseText, Sentence

PREFACE = 0
# The reason that a starter file gives for every class: somebody has still to decide.
PROVISIONAL = "待归类"
NO_CLAUSES = (
    "文本中找不到条款，不像一份公文或制度的正文。认得的编号有三种：“1.标题。”“（一）标题。”和“第一条”，都写在行首；"
    "“2.1.3”这样的多级编号目前不支持。"
)
HOLDING = (SentenceClass.OBLIGATION, SentenceClass.EXPOSURE, SentenceClass.RIGHT)

_SHOWN = 12
# What share of titles and anchors must agree, and how many make a part of a text known for what it is.
_FITS, _TELLING = 0.5, 3
_CLASS_OF = {
    Modality.MUST: SentenceClass.OBLIGATION,
    Modality.MUST_NOT: SentenceClass.OBLIGATION,
    Modality.EXPOSURE: SentenceClass.EXPOSURE,
    Modality.RIGHT: SentenceClass.RIGHT,
}


class GapKind(Word):
    """What is missing from the proof."""

    CLAUSE = "clause", "条款对不上"
    TITLE = "title", "条标题对不上"
    UNCLASSIFIED = "unclassified", "句子未归类"
    PROVISIONAL = "provisional", "暂定归类"
    SURPLUS = "surplus", "归类多于句子"
    BARE = "bare", "归类后没有义务"
    MISPLACED = "misplaced", "义务落在无事可做的句子"
    WRONG_CLASS = "wrong_class", "句子类别不符"
    MISSING = "missing", "锚点找不到"
    AMBIGUOUS = "ambiguous", "锚点不唯一"
    ACROSS = "across", "锚点不在一个句子之内"


@dataclass(frozen=True, slots=True)
class Gap:
    """One hole in the proof with its sentence for the reader; `clause` is 0 for the preface."""

    kind: GapKind
    clause: int
    said: str
    sentence: int = 0
    obligation: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """One sentence of the text with its class and the ids anchored in it; `opening` is its first few characters.

    `kind` is None for a sentence that has no class, or only a provisional one.
    """

    clause: int
    no: int
    opening: str
    kind: SentenceClass | None
    obligations: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Proof:
    """The whole proof of one document: every sentence of the text, and every gap."""

    document: Document
    lines: tuple[Line, ...]
    gaps: tuple[Gap, ...]

    @property
    def counts(self) -> dict[SentenceClass, int]:
        """Return how many sentences each class has, in the order of the classes."""
        counted = Counter(line.kind for line in self.lines)
        return {kind: counted[kind] for kind in SentenceClass}


def document_of(register: Register, raw: str, document_id: str = "") -> Document:
    """Find the document whose text this is, or the one named if the text fits it; otherwise raise BadInput."""
    if document_id and document_id not in {one.id for one in register.documents}:
        known = "、".join(one.id for one in register.documents)
        raise BadInput(f"清单中没有编号为“{document_id[:40]}”的文件。可用的编号：{known}。")
    found = official.clauses(raw)
    if not found:
        raise BadInput(NO_CLAUSES)
    candidates = [one for one in register.documents if document_id in ("", one.id)]
    best = max(candidates, key=lambda one: _fit(one, found))
    if _fit(best, found) < _FITS:
        _refuse_what_is_cut_short(candidates, found)
        wanted = f"《{best.title}》" if document_id else "清单中的任何一份文件"
        raise BadInput(f"这份文本不是{wanted}：条款标题和锚点大多对不上。请核对是否选错了文件。")
    return best


def _refuse_what_is_cut_short(candidates: Sequence[Document], found: dict[int, ClauseText]) -> None:
    best = max(candidates, key=lambda one: _hits(one, found)[0])
    hits, total = _hits(best, found)
    missing = [clause.no for clause in best.clauses if clause.no not in found]
    if missing and hits >= _TELLING and hits >= total * _FITS:
        there, whole = len(best.clauses) - len(missing), len(best.clauses)
        raise BadInput(
            f"这份文本像是《{best.title}》，但从第 {missing[0]} 条起缺失（只有 {there} 条，应有 {whole} 条）。请换用完整的文本；"
            "如果文本其实是完整的，请检查缺失的条款是否写成了认得的编号，并写在行首。"
        )


def prove(document: Document, raw: str) -> Proof:
    """Prove a document against its official text; a proof without gaps is complete."""
    found = official.clauses(raw)
    lines, gaps = _classified(PREFACE, official.preface(raw, document.title), document.preface, {})
    for clause in document.clauses:
        if clause.no not in found:
            gaps.append(Gap(GapKind.CLAUSE, clause.no, f"清单中的{place(clause.no)}“{clause.title}”在文本中找不到。"))
            continue
        more, holes = _clause(clause, found[clause.no])
        lines += more
        gaps += holes
    for no in sorted(set(found) - {clause.no for clause in document.clauses}):
        gaps.append(Gap(GapKind.CLAUSE, no, f"文本中的{place(no)}“{found[no].title[:_SHOWN]}”不在清单中。"))
    return Proof(document, tuple(lines), tuple(gaps))


def place(clause: int, sentence: int = 0) -> str:
    """Name a clause, or a sentence in it, for the reader."""
    where = f"第 {clause} 条" if clause != PREFACE else "前言"
    return f"{where}第 {sentence} 句" if sentence else where


def _fit(document: Document, found: dict[int, ClauseText]) -> float:
    return _hits(document, found)[0] / sum(1 + len(clause.obligations) for clause in document.clauses)


def _hits(document: Document, found: dict[int, ClauseText]) -> tuple[int, int]:
    """Count what agrees in the clauses that both have, and what could."""
    hits = total = 0
    for clause in document.clauses:
        if (text := found.get(clause.no)) is not None:
            total += 1 + len(clause.obligations)
            hits += _alike(clause, text) + sum(bool(official.positions(text.text, one.anchor)) for one in clause.obligations)
    return hits, total


def _alike(clause: Clause, text: ClauseText) -> bool:
    # Articles have no headings, and all texts have an article 12: the number of sentences tells them apart.
    return text.title == official.flat(clause.title) if text.title else len(text.sentences) == len(clause.sentences)


def _clause(clause: Clause, text: ClauseText) -> tuple[list[Line], list[Gap]]:
    gaps: list[Gap] = []
    held: dict[int, list[Obligation]] = {}
    if text.title and official.flat(clause.title) != text.title:
        gaps.append(Gap(GapKind.TITLE, clause.no, f"{place(clause.no)}的标题，清单写“{clause.title}”，文本是“{text.title[:_SHOWN]}”。"))
    for one in clause.obligations:
        sentence = _home(clause.no, one, text)
        if isinstance(sentence, Gap):
            gaps.append(sentence)
        else:
            held.setdefault(sentence.no, []).append(one)
    lines, more = _classified(clause.no, text.sentences, clause.sentences, held)
    return lines, gaps + more


def _home(no: int, one: Obligation, text: ClauseText) -> Sentence | Gap:
    places = official.positions(text.text, one.anchor)
    named = f"{one.id} 的锚点“{one.anchor[:_SHOWN]}{'…' if len(one.anchor) > _SHOWN else ''}”"
    if not places:
        return Gap(GapKind.MISSING, no, f"{named}在{place(no)}中找不到。", obligation=one.id)
    if len(places) > 1:
        return Gap(GapKind.AMBIGUOUS, no, f"{named}在{place(no)}中出现 {len(places)} 次，应当只出现一次。", obligation=one.id)
    begin, end = places[0], places[0] + len(official.flat(one.anchor))
    for sentence in text.sentences:
        if sentence.begin <= begin and end <= sentence.end:
            return sentence
    return Gap(GapKind.ACROSS, no, f"{named}跨了两个句子，或落在{place(no)}的标题里。", obligation=one.id)


def _classified(
    no: int, sentences: Sequence[Sentence], classes: Sequence[Classed], held: dict[int, list[Obligation]]
) -> tuple[list[Line], list[Gap]]:
    lines: list[Line] = []
    gaps: list[Gap] = []
    for sentence in sentences:
        classed = classes[sentence.no - 1] if sentence.no <= len(classes) else None
        kind = classed.kind if classed and classed.why != PROVISIONAL else None
        line = Line(no, sentence.no, sentence.text[:_SHOWN], kind, tuple(one.id for one in held.get(sentence.no, ())))
        lines.append(line)
        gaps += _holes(line, held.get(sentence.no, []), provisional=classed is not None)
    if len(classes) > len(sentences):
        said = f"{place(no)}在清单中归类了 {len(classes)} 句，文本只有 {len(sentences)} 句。"
        gaps.append(Gap(GapKind.SURPLUS, no, said, len(sentences) + 1))
    return lines, gaps


def _holes(line: Line, held: list[Obligation], provisional: bool) -> Iterator[Gap]:
    where, ids = f"{place(line.clause, line.no)}“{line.opening}…”", "、".join(line.obligations)
    strongest = next((kind for kind in HOLDING if kind in {_CLASS_OF[one.modality] for one in held}), None)
    if line.kind is None and provisional:
        yield Gap(GapKind.PROVISIONAL, line.clause, f"{where}暂写为“{PROVISIONAL}”，请定下类别，并删去或改写理由。", line.no)
    elif line.kind is None:
        yield Gap(GapKind.UNCLASSIFIED, line.clause, f"{where}没有归类。", line.no)
    elif line.kind in HOLDING and strongest is None:
        yield Gap(GapKind.BARE, line.clause, f"{where}归为{line.kind.label}，却没有义务锚定在其中。", line.no)
    elif line.kind not in HOLDING and strongest is not None:
        yield Gap(GapKind.MISPLACED, line.clause, f"{where}归为{line.kind.label}，却有 {ids} 锚定在其中。", line.no)
    elif line.kind in HOLDING and strongest is not None and line.kind is not strongest:
        said = f"{where}归为{line.kind.label}，而锚定在其中的 {ids} 最强的是{strongest.label}。"
        yield Gap(GapKind.WRONG_CLASS, line.clause, said, line.no)
