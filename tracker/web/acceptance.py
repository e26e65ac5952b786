"""What an acceptance pinned beside what holds now: the obligation's text, the edition, each piece of evidence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from ..assignments.models import Reconfirmation, Submission, Task
from ..assignments.working import edition_now
from ..editions.wording import Part, parts
from ..evidence.queries import damaged, evidence_rows, newest_of
from ..people.access import Viewer
from ..register.queries import accepted_text
from ..words import Outcome, TaskState
from .evidence.receiving import store


class Fate(Enum):
    """What became of a piece after the acceptance."""

    SAME, REPLACED, GONE, DAMAGED = "same", "replaced", "gone", "damaged"


@dataclass(frozen=True, slots=True)
class Piece:
    """One piece as it was pinned, and what became of it: in a sentence and as a kind."""

    id: int
    name: str
    version: int
    sha256: str
    fate: Fate
    told: str


@dataclass(frozen=True, slots=True)
class Beside:
    """An acceptance and the present: editions (empty where not recorded), title and statement compared (none where the earlier text is not kept), evidence."""

    edition_then: str
    edition_now: str
    digest_then: str
    texts: list[list[Part]]
    known: bool
    pieces: list[Piece]


def beside(s: Session, who: Viewer, row: Task, handed_in: Sequence[Submission], again: Sequence[Reconfirmation]) -> Beside | None:
    """Compare what the acceptance of a task stands on with what holds now; None for a task that is not accepted."""
    accepted = next((one for one in handed_in if one.outcome == Outcome.ACCEPTED), None)
    if row.state != TaskState.DONE or accepted is None or not row.accepted_digest:
        return None
    last = max((one for one in again if accepted.decided_at and one.decided_at >= accepted.decided_at), key=lambda one: one.id, default=None)
    then = accepted_text(s, row.obligation_id, row.accepted_digest)
    known = then is not None or row.accepted_digest == row.obligation.digest
    old = then.content if then is not None else {"title": row.obligation.title, "statement": row.obligation.statement}
    texts = [parts(str(old[key]), getattr(row.obligation, key)) for key in ("title", "statement")] if known else []
    edition = last.edition if last is not None else accepted.decided_edition
    return Beside(edition or "", edition_now(s, row) or "", row.accepted_digest, texts, known, _pieces(s, who, accepted))


def _pieces(s: Session, who: Viewer, accepted: Submission) -> list[Piece]:
    rows = evidence_rows(s, who, [piece["id"] for piece in accepted.pinned])
    newest, shelf, found = newest_of(s, who, {row.series_id for row in rows.values()}), store(), []
    alarmed = damaged(s, [piece["sha256"] for piece in accepted.pinned])
    for piece in accepted.pinned:
        row = rows.get(piece["id"])
        path = shelf.path(piece["sha256"])
        if row is None or row.sha256 != piece["sha256"]:
            fate, told = Fate.GONE, _("库中已没有这一版，或其 SHA-256 已不是复核时的")
        elif row.destroyed_at:
            # Another piece may need the same content, so that the file is still there.
            fate, told = Fate.GONE, _("已到期销毁")
        elif not path.is_file() or path.stat().st_size != row.size:
            fate, told = Fate.GONE, _("文件已销毁或缺失")
        elif row.sha256 in alarmed:
            fate, told = Fate.DAMAGED, _("损坏（见警报）")
        elif newest[row.series_id] > row.version_no:
            fate, told = Fate.REPLACED, _("已由第 %(n)s 版取代；复核的这一版仍在", n=newest[row.series_id])
        else:
            fate, told = Fate.SAME, _("未变")
        found.append(Piece(piece["id"], piece["name"], piece["version"], piece["sha256"], fate, told))
    return found
