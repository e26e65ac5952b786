"""Reads of ledgers: a draft with what it comes to now, what was said of the same headings before, what a register holds already."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from sqlalchemy import select
from sqlalchemy.orm import Session, undefer

from .. import clock
from ..errors import BadInput, NotFound
from ..people.access import Viewer, need_admin
from ..register.models import Clause, Document, Domain, HeldRegister, Obligation
from ..register.queries import former_names, registers, vocabulary
from ..register.shape import OWN_LEDGER
from ..words import Cadence, Modality, Severity
from ..workbook.reading import Page, Workbook
from .building import Built, Choices, Question, build, headings_key, named, questions
from .fields import guesses
from .models import LedgerDraft, LedgerMapping
from .rows import LONGEST_LABEL, NEW, Words
from .sheet import Ledger, ledger
from .writing import Known, earlier


@dataclass(frozen=True, slots=True)
class Opened:
    """A ledger with all that was said of it: `ledger` is None, with the sentence why, where a sheet cannot be read as one."""

    sheets: Sequence[str]
    choices: Choices
    words: Words
    ledger: Ledger | None = None
    why_not: str = ""
    questions: Sequence[Question] = ()
    built: Built | None = None
    remembered: LedgerMapping | None = None
    names: frozenset[str] = frozenset()


def draft(s: Session, viewer: Viewer, draft_id: int) -> LedgerDraft:
    """Load the viewer's own draft with its workbook, or raise NotFound."""
    need_admin(viewer)
    row = s.get(LedgerDraft, draft_id, options=[undefer(LedgerDraft.source)])
    if row is None or row.made_by != viewer.person_id:
        raise NotFound("没有这份台账：它已被放弃，或被您后来上传的台账代替。请在“台账导入”页面重新选择文件。")
    return row


def pending(s: Session, viewer: Viewer) -> LedgerDraft | None:
    """Return the viewer's ledger that is being mapped, if there is one."""
    need_admin(viewer)
    return s.scalar(select(LedgerDraft).where(LedgerDraft.made_by == viewer.person_id).order_by(LedgerDraft.id.desc()).limit(1))


def mappings(s: Session, viewer: Viewer) -> Sequence[LedgerMapping]:
    """List what is remembered of ledgers, the last said first."""
    need_admin(viewer)
    return s.scalars(select(LedgerMapping).order_by(LedgerMapping.made_at.desc(), LedgerMapping.id.desc())).all()


def mapping(s: Session, key: str) -> LedgerMapping | None:
    """Return what was said of a ledger with these headings."""
    return s.scalar(select(LedgerMapping).where(LedgerMapping.key == key))


def ledger_registers(s: Session) -> list[HeldRegister]:
    """List the registers that came from ledgers: those whose documents in force are all ledgers of the company's own."""
    others = select(Document.register_key).where(~Document.withdrawn, Document.nature.not_like(f"{OWN_LEDGER}%"))
    ours = select(Document.register_key).where(~Document.withdrawn, Document.nature.like(f"{OWN_LEDGER}%"))
    query = select(HeldRegister).where(HeldRegister.key.in_(ours), HeldRegister.key.not_in(others))
    return list(s.scalars(query.order_by(HeldRegister.position)))


def words_of(s: Session, key: str) -> Words:
    """Return the words that a register may use."""
    told = vocabulary(s)
    own = frozenset(s.scalars(select(Domain.code).where(Domain.register_key == key)))
    return Words(told.live_domains, told.live_subjects, own)


def known(s: Session, key: str) -> Known:
    """Return what is held of a register, nothing of one that is not kept here yet."""
    mine = select(Obligation, Clause.title).join(Clause, (Clause.document_id == Obligation.document_id) & (Clause.no == Obligation.clause_no))
    mine = mine.join(Document, Document.id == Obligation.document_id).where(Document.register_key == key)
    rows = [earlier(row.id, title, row.title, row.statement, [(note["label"], note["text"]) for note in row.noted])
            for row, title in s.execute(mine.order_by(Obligation.position))]
    clauses = s.execute(select(Clause.no, Clause.title).join(Document, Document.id == Clause.document_id).where(Document.register_key == key))
    domains = s.execute(select(Domain.code, Domain.label, Domain.register_key)).all()
    return Known(
        rows, frozenset({*(row.id for row in rows), *former_names(s, key)}), {row[0]: row[1] for row in clauses},
        {code: label for code, label, register in domains if register == key}, frozenset(code for code, _, _ in domains),
    )


def opened(s: Session, viewer: Viewer, row: LedgerDraft, book: Workbook, choices: Choices | None = None) -> Opened:
    """Say what a ledger comes to with these choices, or with those that are kept; what nobody said is guessed or remembered."""
    need_admin(viewer)
    kept = choices or Choices.restored(row.choices)
    pages = [page for page in book.sheets if not page.hidden and page.rows]
    if not pages:
        raise BadInput(f"文件“{row.name}”里没有可以导入的工作表：各表都是空的或隐藏的。")
    page = next((one for one in pages if one.title == kept.sheet), None) or likeliest(pages)
    titles = [one.title for one in pages]
    try:
        read = ledger(page, kept.head)
    except BadInput as refused:
        return Opened(titles, replace(kept, sheet=page.title), words_of(s, kept.register), None, refused.sentence)
    held = mapping(s, headings_key(read.columns))
    if not kept.columns:
        kept = _first(s, viewer, replace(kept, sheet=page.title), read, held, row.name)
    kept = replace(kept, sheet=page.title, columns={one.number: kept.columns.get(one.number, "note") for one in read.columns})
    told = words_of(s, kept.register)
    return Opened(titles, kept, told, read, "", questions(read, kept.wishes, told), build(read, kept.wishes, told), held, frozenset(one.name for one in registers(s)))


def likeliest(pages: Sequence[Page]) -> Page:
    """Return the sheet that looks most like a ledger: the one with the most rows under headings that say something."""
    def rows(page: Page) -> int:
        try:
            return len(ledger(page).lines)
        except BadInput:
            return -1

    return max(pages, key=rows)


def _first(s: Session, viewer: Viewer, kept: Choices, read: Ledger, held: LedgerMapping | None, name: str) -> Choices:
    """Fill in what was said last time of the same headings, else what they let guess."""
    if held is not None:
        told = Choices.restored({**held.told, "columns": {}})
        there = {register.key for register in ledger_registers(s)}
        told = replace(told, defaults=_with_own_domain(s, told))
        columns = {number: held.told["columns"].get(heading, "note") for heading, number in named(read.columns).items()}
        return replace(told, sheet=kept.sheet, head=kept.head, columns=columns, leave=False, register=told.register if told.register in there else "",
                       issued=clock.today().isoformat())
    columns = dict(zip((one.number for one in read.columns), guesses(one.parts for one in read.columns), strict=True))
    # What is to be put right is done once; how often the rest is shown is a suggestion all the same.
    cadence = Cadence.ONCE if {"problem", "measure"} & set(columns.values()) else Cadence.ANNUAL
    defaults = {"modality": str(Modality.MUST), "severity": str(Severity.MEDIUM), "cadence": str(cadence), "domain": NEW, "subject": ""}
    return replace(kept, columns=columns, defaults=defaults, name=(read.above or name.rpartition(".")[0])[:60], issued=clock.today().isoformat())


def _with_own_domain(s: Session, told: Choices) -> dict[str, str]:
    """Return defaults in which the domain that the register defined last time stands by its code: a new name makes no new one."""
    mine = {label: code for code, label in known(s, told.register).domains.items()}
    domain = told.defaults.get("domain", "")
    return {**told.defaults, "domain": mine.get(told.name[:LONGEST_LABEL], domain) if domain == NEW else domain}
