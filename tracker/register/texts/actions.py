"""The verb of official texts: import one, which must be the text of the document it is imported for."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy.orm import Session

from ... import clock
from ...audit import trail
from ...errors import BadInput, Place
from ...filenames import harmless
from ...people.access import Viewer, need_admin
from ...words import TextKind
from .. import cover, shape
from ..cover import Gap, GapKind, Proof
from ..models import Document, OfficialText
from ..original.queries import documents_in_force, edition_of, newest_text, registers_in_force, sheet
from .reading import Reading, read_text

FIELD = "file"
LISTED = 10


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import did: the row, the proof with its gaps, a note on what was not read, and whether this very file was there already."""

    row: OfficialText
    proof: Proof
    note: str
    already: bool

    @property
    def gaps(self) -> tuple[Gap, ...]:
        """Return what is missing from the proof."""
        return self.proof.gaps


@dataclass(frozen=True, slots=True)
class Fit:
    """What was read of a file, proven against the document whose text it is, as one edition has it."""

    reading: Reading
    proof: Proof
    edition_id: int | None


def fitted(s: Session, document_id: str, data: bytes, name: str) -> Fit:
    """Read a file and prove it as the text of a document (an empty id: of whichever it is); BadInput with every reason when it is another's.

    It only reads and takes its time: done before the unit of work begins, nobody waits for it.
    """
    reading = read_text(data, name)
    document = _named(s, document_id, reading.text) if document_id else _found(registers_in_force(s), reading.text)
    return Fit(reading, cover.prove(document, reading.text), edition_of(s, document.id))


def import_text(s: Session, viewer: Viewer, document_id: str, data: bytes, name: str, fit: Fit | None = None, replace: bool = False) -> Imported:
    """Keep a file as the official text of a document (an empty id: of whichever it is); BadInput with every reason when it is another's.

    A text that fits is kept, with its gaps reported. The file that counts already changes nothing and leaves no event.
    One with more gaps than the text that counts is refused, unless it is to `replace` that one all the same.
    `fit` is what `fitted` found before the unit of work began; it is found anew when another edition came into force since.
    """
    need_admin(viewer)
    if fit is None or fit.edition_id != edition_of(s, fit.proof.document.id):
        fit = fitted(s, document_id, data, name)
    document, sha256 = fit.proof.document, hashlib.sha256(data).hexdigest()
    now = newest_text(s, document.id)
    if now is not None and now.sha256 == sha256:
        return Imported(now, fit.proof, fit.reading.note, already=True)
    if now is not None and not replace:
        _refuse_a_worse_one(fit.proof, len(sheet(s, document.id, now).layout.gaps))
    row = _new_row(viewer, document.id, data, sha256, name, fit.reading)
    s.add(row)
    s.flush()
    trail.record(
        s, viewer.actor, "document.text_imported", row.audit_ref, before=_told(now) if now else {}, after=_told(row),
        personal={"file_name": row.name},
    )
    return Imported(row, fit.proof, fit.reading.note, already=False)


def _refuse_a_worse_one(proof: Proof, now: int) -> None:
    if (gaps := len(proof.gaps)) > now:
        raise BadInput(
            f"新的原文与登记册有 {gaps} 处对不上，现有原文是 {now} 处，没有替换。确实要换的，请勾选“仍然替换”（命令行加 --replace）再导入一次。",
            _listed([gap.said for gap in proof.gaps]),
        )


def _new_row(viewer: Viewer, document_id: str, data: bytes, sha256: str, name: str, reading: Reading) -> OfficialText:
    return OfficialText(
        document_id=document_id, kind=TextKind(str(reading.kind)), name=harmless(name, "原文"), original=data, size=len(data), sha256=sha256, text=reading.text,
        text_sha256=hashlib.sha256(reading.text.encode()).hexdigest(), imported_at=clock.now(), imported_by=viewer.person_id,
    )


def _told(row: OfficialText) -> dict[str, object]:
    return {"kind": str(row.kind), "size": row.size, "sha256": row.sha256, "text_sha256": row.text_sha256}


def _named(s: Session, document_id: str, raw: str) -> shape.Document:
    known = s.get(Document, document_id)
    if known is None:
        raise BadInput.at(FIELD, f"登记册中没有编号为“{document_id[:40]}”的文件。可用的编号：{'、'.join(documents_in_force(s)) or '无'}。")
    if known.withdrawn:
        raise BadInput.at(FIELD, f"《{known.title}》已从现行登记册中撤下，不再导入新的原文；以前导入的原文仍可查看和下载。")
    # The page of the document has read it before, as a rule.
    wanted = sheet(s, document_id, newest_text(s, document_id)).document
    try:
        return cover.document_of(_among([wanted]), raw, document_id)
    except BadInput as refused:
        raise BadInput(_hinted(refused.sentence, s, raw), _misfits(wanted, raw)) from None


def _found(registers: Iterable[shape.Register], raw: str) -> shape.Document:
    every = [document for register in registers for document in register.documents]
    if not every:
        raise BadInput.at(FIELD, "登记册里还没有文件，无法核对这是哪一份文件的原文。请先载入义务清单。")
    return cover.document_of(_among(every), raw)


def _among(documents: Iterable[shape.Document]) -> shape.Register:
    # Ids are unique over all registers, so that one document can be looked for among all.
    return shape.Register.model_construct(documents=tuple(documents))


def _hinted(sentence: str, s: Session, raw: str) -> str:
    try:
        other = _found(registers_in_force(s), raw)
    except BadInput:
        return sentence
    return f"{sentence}它像是《{other.title}》（{other.id}）的原文，如果是，请导入到那份文件。"


def _misfits(document: shape.Document, raw: str) -> list[Place]:
    kinds = {GapKind.CLAUSE, GapKind.TITLE, GapKind.MISSING}
    return _listed([gap.said for gap in cover.prove(document, raw).gaps if gap.kind in kinds])


def _listed(found: list[str]) -> list[Place]:
    more = [f"另外 {len(found) - LISTED} 处对不上，没有逐一列出。"] if len(found) > LISTED else []
    return [Place(FIELD, said) for said in [*found[:LISTED], *more]]
