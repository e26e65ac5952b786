"""Reads of official texts: the newest one that was imported of a document, and the document laid out on it."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from threading import Lock

from sqlalchemy import func, select
from sqlalchemy.orm import Session, undefer

from ...errors import NotFound
from .. import shape
from ..models import Document, Edition, OfficialText
from ..source import read_stored
from .layout import Layout, laid_out, without_text


@dataclass(frozen=True, slots=True)
class Sheet:
    """A document as an edition has it, laid out on its newest official text, if there is one, and its obligations by id."""

    document: shape.Document
    layout: Layout
    obligations: dict[str, shape.Obligation]


# By document, digest of the text and digest of the edition, of a withdrawn document the digests of all: the content alone
# decides, whatever database it came from.
_Key = tuple[str, ...]
_sheets: OrderedDict[_Key, Sheet] = OrderedDict()
_lock = Lock()
MOST_SHEETS = 8


def newest_text(s: Session, document_id: str) -> OfficialText | None:
    """Return the official text of a document that was imported last, without its bytes and its words; None when there is none."""
    return s.scalar(select(OfficialText).where(OfficialText.document_id == document_id).order_by(OfficialText.id.desc()).limit(1))


def earlier_texts(s: Session, document_id: str) -> Sequence[OfficialText]:
    """Return the official texts of a document that a newer one has replaced, the latest first, without bytes and words."""
    return s.scalars(select(OfficialText).where(OfficialText.document_id == document_id).order_by(OfficialText.id.desc()).offset(1)).all()


def imported_file(s: Session, document_id: str, text_id: int | None = None) -> OfficialText:
    """Load an official text of a document with its file, the newest one when none is named, or raise NotFound."""
    wanted = select(func.max(OfficialText.id)).where(OfficialText.document_id == document_id)
    if text_id is not None:
        wanted = wanted.where(OfficialText.id == text_id)
    row = s.scalar(select(OfficialText).where(OfficialText.id == wanted.scalar_subquery()).options(undefer(OfficialText.original)))
    if row is None:
        raise NotFound("这份文件还没有导入原文。")
    return row


def sheet(s: Session, document_id: str, text: OfficialText | None) -> Sheet:
    """Lay a document out on this text of it, a withdrawn one as the last edition that held it has it; NotFound when none did.

    One statement when text and editions are known to this process.
    """
    mine = select(Edition.id, Edition.digest, Document.withdrawn).join(Document, Document.register_key == Edition.register_key)
    editions = s.execute(mine.where(Document.id == document_id).order_by(Edition.id.desc())).all()
    if editions and not editions[0].withdrawn:
        editions = editions[:1]
    key = (document_id, text.text_sha256 if text else "", *(one.digest for one in editions))
    with _lock:
        if key in _sheets:
            _sheets.move_to_end(key)
            return _sheets[key]
    made = _made(s, document_id, text, [one.id for one in editions])
    with _lock:
        _sheets[key] = made
        while len(_sheets) > MOST_SHEETS:
            _sheets.popitem(last=False)
    return made


def _made(s: Session, document_id: str, text: OfficialText | None, edition_ids: Sequence[int]) -> Sheet:
    document = next((found for one in edition_ids if (found := _document(s, document_id, one))), None)
    if document is None:
        raise NotFound
    layout = without_text(document) if text is None else laid_out(document, _words(s, text))
    return Sheet(document, layout, {one.id: one for clause in document.clauses for one in clause.obligations})


def _document(s: Session, document_id: str, edition_id: int) -> shape.Document | None:
    source = s.execute(select(Edition.source).where(Edition.id == edition_id)).scalar_one()
    # Reading a file takes a second; one that does not name the document, and could not write it otherwise, need not be read.
    if document_id.encode() not in source and b"\\" not in source:
        return None
    return next((one for one in _register(s, edition_id).documents if one.id == document_id), None)


def _words(s: Session, text: OfficialText) -> str:
    return s.execute(select(OfficialText.text).where(OfficialText.id == text.id)).scalar_one()


def _register(s: Session, edition_id: int) -> shape.Register:
    row = s.get_one(Edition, edition_id, options=[undefer(Edition.source)])
    return read_stored(row.source, f"版本 {row.edition}")


def edition_of(s: Session, document_id: str) -> int | None:
    """Return the edition in force of the register that a document belongs to, or None when nothing is known of it."""
    mine = select(func.max(Edition.id)).join(Document, Document.register_key == Edition.register_key)
    return s.scalar(mine.where(Document.id == document_id))


def documents_in_force(s: Session) -> Sequence[str]:
    """List the ids of all documents in force, in the order of the registers."""
    return s.scalars(select(Document.id).where(~Document.withdrawn).order_by(Document.position)).all()


def registers_in_force(s: Session) -> Sequence[shape.Register]:
    """Read every register as its edition in force tells it."""
    newest = s.scalars(select(func.max(Edition.id)).group_by(Edition.register_key))
    return [_register(s, edition_id) for edition_id in sorted(newest)]
