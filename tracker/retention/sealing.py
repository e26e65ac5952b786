"""Verbs on personal data that one person may do: seal it in the trail, and unseal it; both with a reason, both may be undone."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy.orm import Session

from ..audit import trail
from ..audit.sealing import marking
from ..errors import BadInput
from ..people.access import Viewer, need_admin
from .keeping import need_keeper_of, said
from .queries import disclosed_of, event_at, person_named


def seal(s: Session, viewer: Viewer, chain: str, seq: int, fields: Collection[str], reason: str) -> int:
    """Give chosen values of one event out no more; returns how many were not sealed before."""
    return marking.seal(s, viewer.actor, *_chosen(s, viewer, chain, seq, fields), said(reason))


def unseal(s: Session, viewer: Viewer, chain: str, seq: int, fields: Collection[str], reason: str) -> int:
    """Give sealed values of one event out again; returns how many."""
    return marking.unseal(s, viewer.actor, *_chosen(s, viewer, chain, seq, fields), said(reason))


def _chosen(s: Session, viewer: Viewer, chain: str, seq: int, fields: Collection[str]) -> tuple[str, dict[int, list[str]]]:
    need_keeper_of(viewer, chain)
    event_at(s, chain, seq)
    if not fields:
        raise BadInput.at("fields", "请至少选择一栏。")
    return chain, {seq: sorted(set(fields))}


def seal_person(s: Session, viewer: Viewer, person_id: int, reason: str) -> int:
    """Give out no more whatever the trail tells of a person; within the statutory term this is what an erasure request means."""
    return _of_person(s, viewer, person_id, said(reason), "person.sealed")


def unseal_person(s: Session, viewer: Viewer, person_id: int, reason: str) -> int:
    """Give it out again, but for what is gone."""
    return _of_person(s, viewer, person_id, said(reason), "person.unsealed")


def _of_person(s: Session, viewer: Viewer, person_id: int, reason: str, action: str) -> int:
    # A person is nobody's alone: whoever administers the system decides.
    need_admin(viewer)
    row = person_named(s, person_id)
    if row.redacted_at:
        raise BadInput.at("person", f"“{row.name}”的个人信息已依法删除，没有可以封存的内容。")
    verb = marking.seal if action == "person.sealed" else marking.unseal
    chains: dict[str, dict[int, tuple[str, ...]]] = {}
    for one in disclosed_of(s, person_id):
        chains.setdefault(one.chain, {})[one.seq] = one.fields
    count = sum(verb(s, viewer.actor, chain, fields, reason) for chain, fields in sorted(chains.items()))
    if count:
        trail.record(s, viewer.actor, action, row.audit_ref, after={"cells": count}, personal={"reason": reason})
    return count
