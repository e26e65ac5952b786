"""Reads of alarms: those that a viewer is told of, open ones first."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, func, select, true
from sqlalchemy.orm import Session

from ..people.access import Viewer
from ..words import Role
from .models import Alarm

MOST = 200


def is_told(viewer: Viewer) -> bool:
    """Tell whether this viewer hears of alarms at all: administrators of every one, officers of those of their entities."""
    return viewer.is_admin or bool(_watched(viewer))


def _watched(viewer: Viewer) -> list[int]:
    return [entity_id for entity_id in viewer.roles if viewer.holds(entity_id, Role.OFFICER)]


def _in_sight(viewer: Viewer) -> ColumnElement[bool]:
    return true() if viewer.is_admin else Alarm.entity_id.in_(_watched(viewer))


def open_count(s: Session, viewer: Viewer) -> int:
    """Count the open alarms of which this viewer is told."""
    return s.scalar(select(func.count()).select_from(Alarm).where(Alarm.settled_at.is_(None), _in_sight(viewer))) or 0


def alarms(s: Session, viewer: Viewer) -> Sequence[Alarm]:
    """List the alarms of which this viewer is told: open ones first, then the newest; two hundred at most."""
    newest: list[ColumnElement[Any]] = [Alarm.settled_at.is_not(None), Alarm.raised_at.desc(), Alarm.id.desc()]
    return s.scalars(select(Alarm).where(_in_sight(viewer)).order_by(*newest).limit(MOST)).all()


def open_objects(s: Session, kind: str) -> set[str]:
    """Return the things about which an alarm of this kind stands."""
    return set(s.scalars(select(Alarm.object).where(Alarm.kind == kind, Alarm.settled_at.is_(None))))
