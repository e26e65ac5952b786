"""Reads of exports that were asked for: one of them, those that are not done, and whether a worker has to be started."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice

from sqlalchemy import and_, case, func, or_, select
from sqlalchemy.orm import Session

from ... import clock
from ...errors import NotFound
from ...people.access import Viewer, need_sight
from ...people.queries import viewer_as
from ...words import JobState, Role
from .models import ExportJob

SHOWN, LOOKED_AT, REMEMBERED = 30, 500, timedelta(days=14)


def sees(viewer: Viewer, row: ExportJob) -> bool:
    """Tell whether the viewer may know of it: he sees every entity whose work it shows."""
    return all(viewer.sees(entity_id) for entity_id in (row.entity_id, *row.entities))


def may_cancel(viewer: Viewer, row: ExportJob) -> bool:
    """Tell whether the viewer may cancel it: his own, or as officer or administrator with a role in the entity."""
    own = viewer.person_id is not None and viewer.person_id == row.requested_by
    return sees(viewer, row) and (own or viewer.is_admin or viewer.holds(row.entity_id, Role.OFFICER))


def job(s: Session, viewer: Viewer, job_id: int) -> ExportJob:
    """Load one the viewer may see, or raise NotFound."""
    row = s.scalar(select(ExportJob).where(ExportJob.id == job_id))
    if row is None or not sees(viewer, row):
        raise NotFound
    return row


def open_jobs(s: Session, viewer: Viewer, entity_id: int | None = None) -> list[ExportJob]:
    """List those that are not done, of one entity or of all in sight: what runs, what waits, and what failed or was cancelled lately."""
    ended, lately = (JobState.FAILED, JobState.CANCELLED), clock.now() - REMEMBERED
    wanted = select(ExportJob).where(or_(
        ExportJob.state.in_((JobState.QUEUED, JobState.RUNNING)), and_(ExportJob.state.in_(ended), ExportJob.ended_at > lately),
    ))
    if entity_id is not None:
        need_sight(viewer, entity_id)
    elif not viewer.is_operator:
        wanted = wanted.where(ExportJob.entity_id.in_(list(viewer.roles)))
    place = case((ExportJob.state == JobState.RUNNING, 0), (ExportJob.state == JobState.QUEUED, 1), else_=2)
    # Of which entities a job tells stands in what is asked; few are unfinished, so they are looked through here.
    rows = s.scalars(wanted.order_by(place, ExportJob.requested_at.desc(), ExportJob.id.desc()).limit(LOOKED_AT))
    seen = (row for row in rows if sees(viewer, row) and entity_id in (None, *row.entities))
    return list(islice(seen, SHOWN))


def newest_jobs(s: Session, limit: int = 50) -> Sequence[ExportJob]:
    """List the newest ones of all entities in sight of the session, done ones too; for the operator."""
    return s.scalars(select(ExportJob).order_by(ExportJob.id.desc()).limit(limit)).all()


def ahead(s: Session) -> dict[int, int]:
    """Return how many come before each one that waits, by its id, of those in the entities that the session sees; one statement."""
    unfinished = select(ExportJob.id).where(ExportJob.state.in_((JobState.QUEUED, JobState.RUNNING)))
    running_first = case((ExportJob.state == JobState.RUNNING, 0), else_=1)
    order = s.scalars(unfinished.order_by(running_first, ExportJob.requested_at, ExportJob.id).limit(1000))
    return {job_id: place for place, job_id in enumerate(order)}


@dataclass(frozen=True, slots=True)
class Load:
    """How much there is to do in all: what waits, what is being built, and what was left by a worker that is not heard of any more."""

    queued: int
    running: int
    lost: int


def load(s: Session, heard_since: datetime) -> Load:
    """Count what there is to do, one statement; what was last heard of before `heard_since` is lost."""
    alive = case((ExportJob.heartbeat_at < heard_since, 0), else_=1)
    wanted = select(ExportJob.state, alive, func.count()).where(ExportJob.state.in_((JobState.QUEUED, JobState.RUNNING)))
    found = {(state, lives): number for state, lives, number in s.execute(wanted.group_by(ExportJob.state, alive))}
    queued = sum(number for (state, _), number in found.items() if state == JobState.QUEUED)
    return Load(queued, found.get((JobState.RUNNING, 1), 0), found.get((JobState.RUNNING, 0), 0))


def asker(s: Session, row: ExportJob) -> Viewer | None:
    """Return who asked, with the roles of now; None when he has left or may not see the entities any more."""
    found = viewer_as(s, row.requested_by)
    return found if found and sees(found, row) else None
