"""Pure rule: gives the entries of a ledger ids that stay, and writes them as a register file that the reader takes."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from ..errors import BadInput
from ..register.changes import located
from ..register.shape import FORMAT, OWN_LEDGER, Register
from ..register.writing.pages import scalar
from ..register.writing.starter import initials
from ..words import Basis, Cadence, LawBasis
from .rows import LONGEST_CLAUSE, NEW, NUMBER_NOTE, Entry

MOST_CLAUSES = MOST_IN_CLAUSE = 999
NATURE = f"{OWN_LEDGER}，由企业自行编制，不是官方文件"
ENGLISH, TITLE_EN, DOMAIN_EN = "Taken from the company's own ledger; the Chinese text counts.", "The company's own ledger", "From the company's own ledger"
REVIEW_EVERY = Cadence.ANNUAL


@dataclass(frozen=True, slots=True)
class Earlier:
    """An obligation of the same register as it was before: by these the same row is known again."""

    id: str
    clause: str
    number: str
    title: str
    statement: str
    noted: frozenset[tuple[str, str]] = frozenset()


@dataclass(frozen=True, slots=True)
class Known:
    """What is held of the register already: its obligations, withdrawn ones too, all ids ever used, its clauses, its own domains by code.

    `codes` are those of the domains of every register: a new one takes another.
    """

    obligations: Sequence[Earlier] = ()
    taken: frozenset[str] = frozenset()
    clauses: Mapping[int, str] = field(default_factory=dict)
    domains: Mapping[str, str] = field(default_factory=dict)
    codes: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Frame:
    """What stands around the entries: the register, its one document, and the sheet from which the rows come."""

    register: str
    name: str
    edition: str
    document: str
    prefix: str
    title: str
    issuer: str
    issued: dt.date
    source: str = ""
    sheet: str = ""


@dataclass(frozen=True, slots=True)
class Placed:
    """An entry with its clause and id; `formerly` when the row moved to another clause."""

    entry: Entry
    clause: int
    id: str
    formerly: str = ""


def known_of(register: Register) -> Known:
    """Return what a register file says, for a ledger that comes again."""
    rows = [earlier(one.id, clause.title, one.title, one.statement, [(note.label, note.text) for note in one.noted]) for _, clause, one in located(register)]
    taken = {row.id for row in rows} | {old for _, _, one in located(register) for old in one.formerly}
    clauses = {clause.no: clause.title for document in register.documents for clause in document.clauses}
    return Known(rows, frozenset(taken), clauses, {code: domain.label for code, domain in register.domains.items()})


def earlier(code: str, clause: str, title: str, statement: str, noted: Sequence[tuple[str, str]]) -> Earlier:
    """Return an obligation as it was, the number of the ledger's own taken from what is noted."""
    return Earlier(code, clause, dict(noted).get(NUMBER_NOTE, ""), title, statement, frozenset(noted))


Told = Entry | Earlier
_BY_TEXT: tuple[Callable[[Told], Hashable], ...] = (
    lambda one: (one.clause, one.title, one.statement, frozenset(one.noted)), lambda one: (one.number, one.title, one.statement),
    lambda one: (one.clause, one.title, one.statement), lambda one: (one.title, one.statement),
)
_BY_NUMBER: tuple[Callable[[Told], Hashable], ...] = (lambda one: one.number and (one.clause, one.number), lambda one: one.number)


def same_rows(entries: Sequence[Entry], before: Sequence[Earlier]) -> dict[int, Earlier]:
    """Find for each entry, by its place, what it was before: by all it says, by number and text, by its text, by its number.

    A row that was changed keeps its number; a row before which another was put in keeps its text. Rows of one text go by
    their order; a number that stands several times says nothing.
    """
    found: dict[int, Earlier] = {}
    used: set[str] = set()
    for rule in (*_BY_TEXT, *_BY_NUMBER):
        mine: dict[Hashable, list[int]] = defaultdict(list)
        theirs: dict[Hashable, list[Earlier]] = defaultdict(list)
        for n, entry in enumerate(entries):
            if n not in found:
                mine[rule(entry)].append(n)
        for one in before:
            if one.id not in used:
                theirs[rule(one)].append(one)
        for key, places in mine.items():
            alone = len(places) == len(theirs.get(key, ())) == 1
            for n, one in zip(places, theirs.get(key, ()), strict=False) if key and (alone or rule in _BY_TEXT) else ():
                found[n] = one
                used.add(one.id)
    return found


def placed(entries: Sequence[Entry], prefix: str, known: Known) -> tuple[dict[int, str], list[Placed]]:
    """Give each entry its clause and id: what was there keeps its own, what is new takes one that nobody ever had."""
    before, ids = same_rows(entries, known.obligations), _Ids(prefix, known)
    rows: list[Placed] = []
    for n, entry in enumerate(entries):
        held = before.get(n)
        if held is not None and held.clause == entry.clause or held is not None and held.clause.startswith(f"{entry.clause[:50]}（续"):
            rows.append(Placed(entry, int(held.id.split("-")[1]), held.id))
            continue
        clause, code = ids.next(entry.clause)
        rows.append(Placed(entry, clause, code, held.id if held else ""))
    rows.sort(key=lambda one: one.clause)
    return {no: ids.titles[no] for no in sorted({one.clause for one in rows})}, rows


class _Ids:
    """Hands out clauses and ids, in order."""

    def __init__(self, prefix: str, known: Known) -> None:
        self.prefix, self.titles = prefix, dict(known.clauses)
        self.last: dict[int, int] = defaultdict(int)
        for one in known.taken:
            _prefix, no, number = one.split("-")
            self.last[int(no)] = max(self.last[int(no)], int(number))

    def next(self, title: str) -> tuple[int, str]:
        """Return the clause of this title and the next id in it; a full clause goes on in another."""
        name, part = title, 1
        while True:
            no = next((no for no, known in self.titles.items() if known == name), 0)
            if no and self.last[no] < MOST_IN_CLAUSE:
                break
            if not no:
                no = self._new(name)
                break
            part += 1
            name = f"{title[: LONGEST_CLAUSE - 10]}（续{part}）"
        self.last[no] += 1
        return no, f"{self.prefix}-{no:02d}-{self.last[no]:02d}"

    def _new(self, title: str) -> int:
        no = max([*self.titles, *self.last], default=0) + 1
        if no > MOST_CLAUSES:
            raise BadInput(f"类别太多：一本登记册最多 {MOST_CLAUSES} 个类别（条款），历次导入的都计算在内。请把“类别”对应到更粗的一列，或改为照录。")
        self.titles[no] = title
        return no


def domains_of(entries: Sequence[Entry], register: str, held: Known) -> dict[str, str]:
    """Return code → label of the domains that the register itself defines: those in use that it had, and new ones."""
    used, known = {one.domain for one in entries}, held.domains
    found = {code: label for code, label in known.items() if code in used}
    codes = {label: code for code, label in known.items()}
    for label in dict.fromkeys(one.domain.removeprefix(NEW) for one in entries if one.domain.startswith(NEW)):
        code = codes.get(label) or _code(f"{register[:24]}_{initials(label)}", {*known, *found, *held.codes})
        found[code] = label
    return found


def _code(wanted: str, taken: set[str]) -> str:
    return next(code for code in (wanted, *(f"{wanted}{n}" for n in range(2, 10_000))) if code not in taken)


def register_file(entries: Sequence[Entry], frame: Frame, known: Known) -> str:
    """Return the text of the register file."""
    clauses, rows = placed(entries, frame.prefix, known)
    domains = domains_of(entries, frame.register, known)
    lines = [*_head(frame), *_domains(domains), *_document(frame), "    clauses:"]
    codes = {f"{NEW}{label}": code for code, label in domains.items()}
    for no, title in clauses.items():
        lines += [f"      - no: {no}", f"        title: {scalar(title)}", "        obligations:"]
        for one in rows:
            if one.clause == no:
                lines += [f"          # {frame.sheet} 第 {one.entry.line} 行", *_obligation(one, codes)]
    return "\n".join(lines) + "\n"


def says_the_same(file: str, before: str, dated: bool) -> bool:
    """Tell whether two register files say the same, whatever workbook and rows they came from; the day counts only when it was `dated`."""
    def told(text: str) -> list[str]:
        # Every value stands on one line, so no line of a value begins like a remark.
        return [line for line in text.splitlines() if not line.lstrip().startswith("# ") and (dated or not line.startswith("    issued:"))]

    return told(file) == told(before)


def _head(frame: Frame) -> Iterator[str]:
    yield f"# {frame.name}：由企业自己的台账导入，不是官方文件。性质、频率、建议证据按导入时的选择，依据方式一律为 implied（推定）。"
    if frame.source:
        yield f"# 来源：{frame.source}"
    yield f"format: {FORMAT}"
    yield f"register: {scalar(frame.register)}"
    yield f"name: {scalar(frame.name)}"
    yield f'edition: "{frame.edition}"'


def _domains(domains: Mapping[str, str]) -> Iterator[str]:
    if domains:
        yield "domains:"
    for code, label in domains.items():
        yield f"  {code}: {{label: {_flow(label)}, en: {_flow(DOMAIN_EN)}}}"


def _document(frame: Frame) -> Iterator[str]:
    yield "documents:"
    yield f"  - id: {scalar(frame.document)}"
    for key, value in (("title", frame.title), ("title_en", TITLE_EN)):
        yield f"    {key}: {scalar(value)}"
    yield f"    issuers: [{_flow(frame.issuer)}]"
    yield f"    issued: {frame.issued.isoformat()}"
    yield f"    nature: {scalar(NATURE)}"


def _flow(text: str) -> str:
    """Write a text inside brackets, always in quotation marks there."""
    written = scalar(text)
    return written if written.startswith('"') else f'"{written}"'


def _list(texts: Sequence[str]) -> str:
    return f"[{', '.join(map(_flow, texts))}]"


def _obligation(one: Placed, codes: Mapping[str, str]) -> Iterator[str]:
    entry, margin = one.entry, "            "
    yield f"          - id: {one.id}"
    told: list[tuple[str, str]] = [
        ("anchor", _flow(entry.anchor)), ("modality", entry.modality), ("basis", Basis.IMPLIED), ("subjects", f"[{', '.join(entry.subjects)}]"),
        ("inferred", f"[{', '.join(entry.inferred)}]" if entry.inferred else ""), ("title", _flow(entry.title)), ("statement", _flow(entry.statement)),
        ("en", _flow(ENGLISH)), ("domain", codes.get(entry.domain, entry.domain)), ("severity", entry.severity),
        ("consequences", f"[{', '.join(entry.consequences)}]" if entry.consequences else ""),
    ]
    yield from (f"{margin}{key}: {value}" for key, value in told if value)
    if entry.law:
        yield f"{margin}law:"
    for name, articles in entry.law:
        listed = f", articles: {_list(articles)}" if articles else ""
        yield f"{margin}  - {{name: {_flow(name)}{listed}, basis: {LawBasis.UNVERIFIED}}}"
    yield f"{margin}evidence: {_list(entry.evidence)}"
    yield f"{margin}cadence: {entry.cadence}"
    if entry.cadence == Cadence.CONTINUOUS:
        yield f"{margin}review_every: {REVIEW_EVERY}"
    if entry.trigger:
        yield f"{margin}trigger: {_flow(entry.trigger)}"
    if entry.noted:
        yield f"{margin}noted:"
    for label, text in entry.noted:
        yield f"{margin}  - {{label: {_flow(label)}, text: {_flow(text)}}}"
    if one.formerly:
        yield f"{margin}formerly: [{one.formerly}]"
