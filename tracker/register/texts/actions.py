"""The verb of official texts: import one, which must be the text of the document it is imported for."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy.orm import Session

from ... import clock
from ...audit import trail
from ...errors import BadInput, Place
from ...people.access import Viewer, need_admin
from ...words import TextKind
from .. import cover, shape
from ..cover import Gap, GapKind, Proof
from ..models import OfficialText
from ..original.queries import newest_text, registers_in_force, sheet
from .reading import Reading, read_text

FIELD = "file"
LISTED = 10
_LONGEST_NAME = 200


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


def import_text(s: Session, viewer: Viewer, document_id: str, data: bytes, name: str, reading: Reading | None = None, replace: bool = False) -> Imported:
    """Keep a file as the official text of a document (an empty id: of whichever it is); BadInput with every reason when it is another's.

    A text that fits is kept, with its gaps reported. The file that counts already changes nothing and leaves no event.
    One with more gaps than the text that counts is refused, unless it is to `replace` that one all the same. `reading` is what was read of it before the unit of work began, since a large file takes its time.
    """
    need_admin(viewer)
    reading = reading or read_text(data, name)
    document = _document(registers_in_force(s), reading.text, document_id)
    proof, sha256, now = cover.prove(document, reading.text), hashlib.sha256(data).hexdigest(), newest_text(s, document.id)
    if now is not None and now.sha256 == sha256:
        return Imported(now, proof, reading.note, already=True)
    if now is not None and not replace:
        _refuse_a_worse_one(proof, len(sheet(s, document.id, now).layout.gaps))
    row = _new_row(viewer, document.id, data, sha256, name, reading)
    s.add(row)
    s.flush()
    trail.record(
        s, viewer.actor, "document.text_imported", row.audit_ref, before=_told(now) if now else {}, after=_told(row),
        personal={"file_name": row.name},
    )
    return Imported(row, proof, reading.note, already=False)


def _refuse_a_worse_one(proof: Proof, now: int) -> None:
    if (gaps := len(proof.gaps)) > now:
        raise BadInput(
            f"新的原文与登记册有 {gaps} 处对不上，现有原文是 {now} 处，没有替换。确实要换的，请勾选“仍然替换”（命令行加 --replace）再导入一次。",
            _listed([gap.said for gap in proof.gaps]),
        )


def _new_row(viewer: Viewer, document_id: str, data: bytes, sha256: str, name: str, reading: Reading) -> OfficialText:
    return OfficialText(
        document_id=document_id, kind=TextKind(str(reading.kind)), name=_shown(name), original=data, size=len(data), sha256=sha256, text=reading.text,
        text_sha256=hashlib.sha256(reading.text.encode()).hexdigest(), imported_at=clock.now(), imported_by=viewer.person_id,
    )


def _shown(name: str) -> str:
    # Without folders, and without characters that turn a name around or that no workbook holds.
    last = re.split(r"[/\\]", name)[-1]
    return "".join(sign for sign in last if sign.isprintable()).strip()[-_LONGEST_NAME:] or "原文"


def _told(row: OfficialText) -> dict[str, object]:
    return {"kind": str(row.kind), "size": row.size, "sha256": row.sha256, "text_sha256": row.text_sha256}


def _document(registers: Iterable[shape.Register], raw: str, document_id: str) -> shape.Document:
    every = [document for register in registers for document in register.documents]
    if not every:
        raise BadInput.at(FIELD, "登记册里还没有文件，无法核对这是哪一份文件的原文。请先载入义务清单。")
    # Ids are unique over all registers, so that one document can be looked for among all.
    among = shape.Register.model_construct(documents=tuple(every))
    try:
        return cover.document_of(among, raw, document_id)
    except BadInput as refused:
        wanted = next((one for one in every if one.id == document_id), None)
        raise BadInput(_hinted(refused.sentence, among, raw, wanted), _misfits(wanted, raw)) from None


def _hinted(sentence: str, among: shape.Register, raw: str, wanted: shape.Document | None) -> str:
    if wanted is None:
        return sentence
    try:
        other = cover.document_of(among, raw)
    except BadInput:
        return sentence
    return f"{sentence}它像是《{other.title}》（{other.id}）的原文，如果是，请导入到那份文件。"


def _misfits(document: shape.Document | None, raw: str) -> list[Place]:
    if document is None:
        return []
    kinds = {GapKind.CLAUSE, GapKind.TITLE, GapKind.MISSING}
    return _listed([gap.said for gap in cover.prove(document, raw).gaps if gap.kind in kinds])


def _listed(found: list[str]) -> list[Place]:
    more = [f"另外 {len(found) - LISTED} 处对不上，没有逐一列出。"] if len(found) > LISTED else []
    return [Place(FIELD, said) for said in [*found[:LISTED], *more]]
