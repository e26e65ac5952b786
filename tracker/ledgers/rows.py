"""Pure rule: one row of a ledger as an obligation of a register of one's own, with the place of all that is wrong with it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from ..register import text as official
from ..words import Cadence, Consequence
from .fields import CHOSEN, FIELDS, IGNORE, KEEP, TEXTS, choice
from .sheet import Column, Ledger, Line

LONGEST_TITLE, LONGEST_STATEMENT, LONGEST_PIECE, LONGEST_NOTE, LONGEST_CLAUSE, LONGEST_LABEL = 20, 400, 60, 4000, 60, 40
MOST_PIECES, MOST_LAWS, MOST_NOTES = 12, 30, 60
NUMBER_NOTE, WHOLE_NOTE = "台账编号", "全文"
NO_EVIDENCE, NO_TRIGGER, NO_CLAUSE = "台账所列事项的办理记录", "台账没有写明触发情形", "台账各项"
EMPTY, NEW = "", "+"
_PARTED = re.compile(r"[、，,；;/\n]+|\s+(?=[^\s])")
_LINED = re.compile(r"[；;\n]+")
_END = re.compile(r"[。；！？.;!?]")
_LAW = re.compile(r"《([^《》]{1,120})》\s*((?:[、，和及]?第[一二三四五六七八九十百零〇0-9]{1,6}条(?:之[一二三四五六七八九十])?)*)")
_ARTICLE = re.compile(r"第([一二三四五六七八九十百零〇0-9]{1,6})条(?:之([一二三四五六七八九十]))?")


@dataclass(frozen=True, slots=True)
class Words:
    """The words that a row may use: code → label; `own` are domains that the register itself defines."""

    domains: Mapping[str, str]
    subjects: Mapping[str, str]
    own: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Wishes:
    """What columns and words mean, and what stands for a row that says nothing: each a code."""

    columns: Mapping[int, str]
    values: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    defaults: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Entry:
    """One row as an obligation; without an id yet. `domain` begins with + where it is a new one of this register, by its label."""

    line: int
    number: str
    clause: str
    title: str
    statement: str
    modality: str
    subjects: tuple[str, ...]
    inferred: tuple[str, ...]
    domain: str
    severity: str
    cadence: str
    trigger: str
    consequences: tuple[str, ...]
    law: tuple[tuple[str, tuple[str, ...]], ...]
    evidence: tuple[str, ...]
    noted: tuple[tuple[str, str], ...]

    @property
    def anchor(self) -> str:
        """Return words of the row itself, 8 to 40 of them: its ledger is the document in which it is anchored."""
        flat = official.flat(self.statement) or official.flat(self.title)
        return flat[:40] if len(flat) >= 8 else f"本台账所列事项：{flat}"

    @property
    def content(self) -> tuple[object, ...]:
        """Return everything but the row and its number: two rows that agree in it say the same."""
        return (self.clause, self.title, self.statement, self.modality, self.subjects, self.domain, self.severity, self.cadence, self.trigger,
                self.consequences, self.law, self.evidence, tuple(pair for pair in self.noted if pair[0] != NUMBER_NOTE))


def pieces(field: str, text: str, words: Words) -> list[str]:
    """Part a cell that may hold several words; what is one choice, or one known word, stays whole."""
    if field != "subject" or choice(field, text, words.subjects):
        return [text]
    return list(dict.fromkeys(one.strip() for one in _PARTED.split(text) if one.strip()))


def labels(field: str, words: Words) -> Mapping[str, str]:
    """Return the words of a field: code → label."""
    kind = CHOSEN[field]
    return {str(word): word.label for word in kind} if kind else words.subjects if field == "subject" else words.domains


def options(field: str, words: Words) -> list[tuple[str, str]]:
    """List what a word of this field may be said to mean: (code, label)."""
    return list(labels(field, words).items())


def means(field: str, value: str, wishes: Wishes, words: Words) -> str:
    """Return the code that a word of a cell stands for, + and the word for a new domain, an empty text when nobody knows."""
    known = labels(field, words)
    said = wishes.values.get(field, {}).get(value, "")
    if said and (said in known or (field == "domain" and said == NEW)):
        return f"{NEW}{value}" if said == NEW else said
    return choice(field, value, known) or ""


class RowReading:
    """One row on its way to an entry; collects its faults and remarks as sentences that begin with the cell."""

    def __init__(self, ledger: Ledger, line: Line, wishes: Wishes, words: Words) -> None:
        self.ledger, self.line, self.wishes, self.words = ledger, line, wishes, words
        self.columns = {one.number: one for one in ledger.columns}
        self.faults = [f"{ledger.place(line.number, column)}：{why}" for column, why in line.faults.items() if wishes.columns.get(column, KEEP) != IGNORE]
        self.remarks: list[str] = []
        self.noted: list[tuple[str, str]] = []

    def asked(self) -> list[str]:
        """List the fields of which one has to say something."""
        used = set(self.wishes.columns.values())
        return [code for code in (*TEXTS, "title") if code in used]

    def says_something(self) -> bool:
        """Tell whether the row says what it asks, or has a fault that must be told."""
        return bool(self.faults) or any(self.texts(code) for code in self.asked())

    def texts(self, code: str) -> list[tuple[int, str]]:
        """Return column and text of every cell of a field that says something."""
        return [(column, self.line.cells[column]) for column, meant in self.wishes.columns.items() if meant == code and self.line.cells.get(column)]

    def text(self, code: str) -> str:
        """Return the text of a field of one column."""
        return next((text for _, text in self.texts(code)), "")

    def fault(self, column: int, sentence: str) -> None:
        """Note a fault of a cell."""
        self.faults.append(f"{self.ledger.place(self.line.number, column)}：{sentence}")

    def remark(self, column: int, sentence: str) -> None:
        """Note what should be known of a cell."""
        self.remarks.append(f"{self.ledger.place(self.line.number, column)}：{sentence}")

    def note(self, column: int, text: str, label: str = "") -> None:
        """Keep a text beside the obligation, under the heading of its column."""
        if len(text) > LONGEST_NOTE:
            self.fault(column, f"文字有 {len(text):,} 个字，最多 {LONGEST_NOTE:,} 个。请缩短，或拆成几行。")
        name = label or _label(self.columns[column])
        taken = {one for one, _ in self.noted}
        self.noted.append((next(one for one in (name, *(f"{name[:36]}（{n}）" for n in range(2, 99))) if one not in taken), text))

    def entry(self) -> Entry:
        """Make the entry; with faults it is not to be used."""
        title, statement = self._words()
        law = self._law()
        for code in ("consequence", "deadline", "department", "owner", KEEP):
            for column, text in self.texts(code):
                self.note(column, text, f"{_label(self.columns[column])[:34]}（仅作提示）" if code == "deadline" else "")
        number = self.texts("number")
        if number:
            self.note(*number[0], NUMBER_NOTE)
        if len(self.noted) > MOST_NOTES:
            self.faults.append(f"{self.ledger.title}!A{self.line.number}：照录的栏目有 {len(self.noted)} 个，最多 {MOST_NOTES} 个。")
        subjects = self._subjects()
        cadence = self._chosen("cadence")
        return Entry(
            self.line.number, self.text("number"), self._clause(), title, statement, self._chosen("modality"), subjects,
            () if self.texts("subject") else subjects, self._chosen("domain"), self._chosen("severity"), cadence, self._trigger(cadence),
            self._consequences(), law, self._evidence(), tuple(self.noted),
        )

    def _words(self) -> tuple[str, str]:
        parts = [(column, code, text) for column, code in self.wishes.columns.items() if code in TEXTS and (text := self.line.cells.get(column, ""))]
        titled = self.texts("title")
        if not parts:
            parts = [(column, "statement", text) for column, text in titled]
        whole = "".join(_closed(text if len(parts) == 1 or code == "statement" else f"{_label(self.columns[column])}：{text}", n == len(parts)) for n, (column, code, text) in enumerate(parts, 1))
        statement = whole
        if len(whole) > LONGEST_STATEMENT:
            statement = _shortened(whole, LONGEST_STATEMENT)
            for column, _code, text in parts:
                self.note(column, text, f"{_label(self.columns[column])[:30]}（{WHOLE_NOTE}）")
            self.remark(parts[0][0], f"要求共 {len(whole):,} 个字，义务的要求最多 {LONGEST_STATEMENT} 个字：取前 {len(statement)} 个字，全文保留在台账记载中。")
        title = titled[0][1] if titled else _opening(parts[0][2]) if parts else ""
        if len(title) > LONGEST_TITLE:
            column = titled[0][0]
            self.note(column, title)
            self.remark(column, f"标题有 {len(title)} 个字，最多 {LONGEST_TITLE} 个：缩短显示，全文保留在台账记载中。")
            title = f"{title[: LONGEST_TITLE - 1]}…"
        return title, statement

    def _clause(self) -> str:
        told = self.texts("clause")
        if not told:
            return _cut(self.line.section, LONGEST_CLAUSE) or NO_CLAUSE
        if len(told[0][1]) > LONGEST_CLAUSE:
            self.fault(told[0][0], f"类别有 {len(told[0][1])} 个字，最多 {LONGEST_CLAUSE} 个。请缩短。")
        return told[0][1][:LONGEST_CLAUSE]

    def _chosen(self, code: str) -> str:
        told = self.texts(code)
        if not told:
            return self.wishes.defaults.get(code, "")
        column, text = told[0]
        found = means(code, text, self.wishes, self.words)
        if not found:
            self.fault(column, f"“{text[:40]}”不是已知的{FIELDS[code].label}，请在“取值对应”中说明它的意思。")
        if found.startswith(NEW) and len(found) > LONGEST_LABEL:
            self.fault(column, f"领域名称有 {len(text)} 个字，最多 {LONGEST_LABEL - 1} 个。请缩短。")
        return found

    def _subjects(self) -> tuple[str, ...]:
        found: list[str] = []
        for column, text in self.texts("subject"):
            for value in pieces("subject", text, self.words):
                code = means("subject", value, self.wishes, self.words)
                if code:
                    found.append(code)
                else:
                    self.fault(column, f"“{value[:40]}”不是已知的义务主体，请在“取值对应”中说明它的意思。")
        return tuple(dict.fromkeys(found)) or tuple(filter(None, [self.wishes.defaults.get("subject", "")]))

    def _trigger(self, cadence: str) -> str:
        told = self.texts("trigger")
        if told and cadence == Cadence.EVENT and len(told[0][1]) <= LONGEST_PIECE:
            return told[0][1]
        for column, text in told:
            self.note(column, text)
        return NO_TRIGGER if cadence == Cadence.EVENT else ""

    def _law(self) -> tuple[tuple[str, tuple[str, ...]], ...]:
        told, article = self.texts("law"), self.texts("article")
        found: dict[str, tuple[str, ...]] = {}
        read = laws("".join(text for _, text in told) + "".join(text for _, text in article)) if len(told) == 1 else None
        if read is not None:
            return tuple(read)
        for column, text in told:
            alone = laws(text)
            if alone is None:
                self.note(column, text)
            for name, articles in alone or ():
                found.setdefault(name, articles)
        for column, text in article:
            self.note(column, text)
        return tuple(found.items())[:MOST_LAWS]

    def _consequences(self) -> tuple[str, ...]:
        named = {word.label: str(word) for word in Consequence}
        words = [one for _, text in self.texts("consequence") for one in _PARTED.split(text)]
        return tuple(dict.fromkeys(named[word] for word in words if word in named)) if words and all(word in named for word in words) else ()

    def _evidence(self) -> tuple[str, ...]:
        told = self.texts("evidence")
        parted = list(dict.fromkeys(one.strip() for _, text in told for one in _LINED.split(text) if one.strip()))
        if parted and len(parted) <= MOST_PIECES and max(map(len, parted)) <= LONGEST_PIECE:
            return tuple(parted)
        for column, text in told:
            self.note(column, text)
        return (NO_EVIDENCE,)


def laws(text: str) -> list[tuple[str, tuple[str, ...]]] | None:
    """Read a text that is nothing but laws with their articles; None when it says anything else, which must be kept as it is."""
    rest = re.sub(r"[\s、，,；;。]", "", _LAW.sub("", text))
    found = list(_LAW.finditer(text))
    if rest or not found or len(found) > MOST_LAWS:
        return None
    told: list[tuple[str, tuple[str, ...]]] = []
    for match in found:
        numbers = [(official.number(one[1]), official.number(one[2] or "")) for one in _ARTICLE.finditer(match[2])]
        if any(not number for number, _ in numbers) or not match[1].strip() or match[1] in dict(told):
            return None
        told.append((match[1].strip(), tuple(dict.fromkeys(f"{number}-{sub}" if sub else str(number) for number, sub in numbers))))
    return told


def _label(column: Column) -> str:
    return _cut(column.heading, LONGEST_LABEL)


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most - 1]}…"


def _closed(text: str, last: bool) -> str:
    return text if last or _END.match(text[-1:]) else f"{text}。"


def _shortened(text: str, most: int) -> str:
    """Return the beginning of a text up to the last full stop within, or cut off with a mark."""
    end = max((found.end() for found in _END.finditer(text, 0, most)), default=0)
    return text[:end] if end >= most // 4 else f"{text[: most - 1]}…"


def _opening(text: str) -> str:
    """Return the first words of a text, short enough for a title."""
    first = next((one for one in _words_of(text)), text)
    return _cut(first, LONGEST_TITLE)


def _words_of(text: str) -> Iterator[str]:
    yield from (one for one in re.split(r"[。；;，,：:！!？?\s]", text) if one)
