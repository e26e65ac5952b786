"""Verbs of exports that take their time: people ask, cancel and start again; workers claim, tell how far they are, finish or fail.

Every verb looks at the row under its lock, so that two never decide on the same state. A worker is known by its token;
whoever does not hold the job any more can neither tell nor finish anything.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from ... import clock
from ...audit import trail
from ...audit.actor import SYSTEM
from ...errors import Forbidden, NotFound, Problem, RuleBroken
from ...evidence.store import Store
from ...journal.recording import take_turn
from ...people.access import Viewer, need_sight
from ...words import JobState
from ..actions import Written, keep
from ..models import Export
from ..wording import filter_words
from .asking import Asked
from .models import ExportJob
from .queries import may_cancel, sees

SILENCE = timedelta(seconds=30)
MOST_OPEN = 20
LOST = "生成这份报告的进程意外中止（例如断电或被强行结束），没有留下任何文件。请点“再次生成”。"
UNFINISHED = (JobState.QUEUED, JobState.RUNNING)


class TakenAway(Problem):
    """The job was cancelled, or is another's by now: whoever builds it stops, and nothing of it is kept."""

    status = 409


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a worker is: rows done of all, in which stage, and about how many seconds are left."""

    stage: str = ""
    done: int = 0
    total: int = 0
    seconds_left: int | None = None


def ask(s: Session, viewer: Viewer, asked: Asked) -> ExportJob:
    """Ask for an export; everybody with a role in all of its entities may. It waits for a worker."""
    for entity_id in asked.entities:
        need_sight(viewer, entity_id)
    person_id = _person(viewer)
    _check_patience(s, person_id)
    row = ExportJob(
        entity_id=asked.entities[0], kind=asked.kind, asked=asked.stored(), filter_words=filter_words(s, viewer, asked.wanted), as_of=asked.as_of,
        state=JobState.QUEUED, requested_by=person_id, requested_at=clock.now(),
    )
    s.add(row)
    s.flush()
    _record_asking(s, viewer, row)
    return row


def again(s: Session, viewer: Viewer, job_id: int) -> ExportJob:
    """Start one that failed or was cancelled again, for whoever asks now."""
    row = _seen(s, viewer, job_id)
    if row.state not in (JobState.FAILED, JobState.CANCELLED):
        raise RuleBroken(f"这份导出现在是“{row.state.label}”，只有未完成或已取消的才能再次生成。")
    person_id = _person(viewer)
    _check_patience(s, person_id)
    row.requested_by, row.requested_at = person_id, clock.now()
    row.state, row.error, row.started_at, row.ended_at = JobState.QUEUED, "", None, None
    _set(row, Progress())
    _record_asking(s, viewer, row)
    return row


def cancel(s: Session, viewer: Viewer, job_id: int) -> ExportJob:
    """Cancel one that waits or is being built; whoever asked for it may, and an officer or administrator of the entity."""
    row = _seen(s, viewer, job_id)
    if not may_cancel(viewer, row):
        raise Forbidden("只有发起人和本主体的合规管理人员可以取消。")
    if row.state not in UNFINISHED:
        raise RuleBroken(f"这份导出现在是“{row.state.label}”，不需要取消。")
    _end(row, JobState.CANCELLED)
    trail.record(s, viewer.actor, "report.cancelled", row.audit_ref, entity_id=row.entity_id, after=_what(row))
    return row


def claim(s: Session, token: str, most: int) -> ExportJob | None:
    """Take the next one that waits for this worker, unless `most` are being built already."""
    take_turn(s.connection())
    give_up(s)
    running = s.scalar(select(func.count()).select_from(ExportJob).where(ExportJob.state == JobState.RUNNING)) or 0
    waits = select(ExportJob).where(ExportJob.state == JobState.QUEUED).order_by(ExportJob.requested_at, ExportJob.id).limit(1)
    row = s.scalar(waits.with_for_update(skip_locked=True))
    if running >= most or row is None:
        return None
    row.state, row.worker, row.started_at = JobState.RUNNING, token, clock.now()
    _set(row, Progress())
    row.heartbeat_at = row.started_at
    return row


def heartbeat(s: Session, job_id: int, token: str, progress: Progress) -> bool:
    """Say that the worker lives and how far it is; False when the job is not its own any more."""
    row = _held(s, job_id, token)
    if row is None:
        return False
    _set(row, progress)
    row.heartbeat_at = clock.now()
    return True


def finish(s: Session, job_id: int, token: str, viewer: Viewer, written: Written, store: Store) -> Export:
    """Keep what was written, with its event, and end the job: both or neither. TakenAway when the job is not this worker's any more."""
    row = _held(s, job_id, token)
    if row is None:
        raise TakenAway("这份导出已被取消，或已由别的进程接手。")
    # After the row, as everywhere: two who wait for a row and for a turn must do so in the same order.
    take_turn(s.connection())
    if not store.path(written.stored.sha256).is_file():
        raise RuleBroken("生成的文件在保存之前被移走了。请再次生成。")
    kept, rows = keep(s, viewer, written), sum(written.counts.values())
    _end(row, JobState.DONE)
    _set(row, Progress(done=rows, total=rows))
    row.export_id = kept.id
    return kept


def fail(s: Session, job_id: int, token: str, sentence: str) -> bool:
    """End a job that could not be done, with the sentence for whoever asked; False when it is not this worker's any more."""
    row = _held(s, job_id, token)
    if row is None:
        return False
    _fail(s, row, sentence)
    return True


def give_up(s: Session) -> int:
    """Fail every job whose worker has not been heard of for half a minute; returns how many."""
    silent = select(ExportJob).where(ExportJob.state == JobState.RUNNING, ExportJob.heartbeat_at < clock.now() - SILENCE)
    # One that is locked is being changed by somebody who lives.
    return _fail_all(s, s.scalars(silent.with_for_update(skip_locked=True)), LOST)


def give_up_worker(s: Session, worker: str, sentence: str) -> int:
    """Fail what a worker that has ended still held, by the beginning of its tokens; returns how many."""
    held = select(ExportJob).where(ExportJob.state == JobState.RUNNING, ExportJob.worker.startswith(f"{worker}.", autoescape=True))
    return _fail_all(s, s.scalars(held.with_for_update()), sentence)


def give_up_next(s: Session, sentence: str) -> int:
    """Fail the next job that waits, when no worker could even begin: who asked shall not wait for ever."""
    waits = select(ExportJob).where(ExportJob.state == JobState.QUEUED).order_by(ExportJob.requested_at, ExportJob.id).limit(1)
    return _fail_all(s, s.scalars(waits.with_for_update()), sentence)


def discard(s: Session, written: Written, store: Store) -> None:
    """Take a written file out of the store again, unless an export has the same."""
    take_turn(s.connection())
    if not s.scalar(select(func.count()).select_from(Export).where(Export.sha256 == written.stored.sha256)):
        store.path(written.stored.sha256).unlink(missing_ok=True)


def _person(viewer: Viewer) -> int:
    if viewer.person_id is None:
        raise RuleBroken("命令行没有登录的人，不能排队导出。请用 python -m tracker reports build 直接导出。")
    return viewer.person_id


def _check_patience(s: Session, person_id: int) -> None:
    waiting = select(func.count()).select_from(ExportJob).where(ExportJob.requested_by == person_id, ExportJob.state.in_(UNFINISHED))
    if (s.scalar(waiting) or 0) >= MOST_OPEN:
        raise RuleBroken(f"您已有 {MOST_OPEN} 份导出在等待或生成。请等它们完成，或先取消几份。")


def _locked(s: Session, job_id: int) -> ExportJob | None:
    return s.scalar(select(ExportJob).where(ExportJob.id == job_id).with_for_update())


def _seen(s: Session, viewer: Viewer, job_id: int) -> ExportJob:
    row = _locked(s, job_id)
    if row is None or not sees(viewer, row):
        raise NotFound
    return row


def _held(s: Session, job_id: int, token: str) -> ExportJob | None:
    row = _locked(s, job_id)
    return row if row is not None and row.state == JobState.RUNNING and row.worker == token else None


def _set(row: ExportJob, progress: Progress) -> None:
    row.stage, row.done, row.total, row.seconds_left = progress.stage, progress.done, progress.total, progress.seconds_left


def _end(row: ExportJob, state: JobState) -> None:
    row.state, row.ended_at, row.worker, row.seconds_left = state, clock.now(), "", None


def _fail(s: Session, row: ExportJob, sentence: str) -> None:
    _end(row, JobState.FAILED)
    row.error = sentence
    trail.record(s, SYSTEM, "report.failed", row.audit_ref, entity_id=row.entity_id, after={**_what(row), "error": sentence})


def _fail_all(s: Session, rows: Iterable[ExportJob], sentence: str) -> int:
    found = list(rows)
    for row in found:
        _fail(s, row, sentence)
    return len(found)


def _record_asking(s: Session, viewer: Viewer, row: ExportJob) -> None:
    trail.record(s, viewer.actor, "report.asked", row.audit_ref, entity_id=row.entity_id, after=_what(row))


def _what(row: ExportJob) -> dict[str, str]:
    moment = {"as_of": clock.stamp(row.as_of)} if row.as_of else {}
    return {"export_kind": str(row.kind), "filter": row.filter_words, **moment}
