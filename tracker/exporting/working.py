"""The worker: takes one job after the other, builds it, and keeps the file with its event and the job's end in one transaction."""

from __future__ import annotations

import secrets
import threading
import traceback
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass

from ..audit.heads.keys import Keyring
from ..audit.heads.signing import Signer
from ..config import Config
from ..db import EVERY_ENTITY, Database
from ..errors import Forbidden, Problem, why_not
from ..evidence.store import Store
from ..people.access import Viewer
from ..reports.actions import Written, export_store, write
from ..reports.jobs import actions, queries
from ..reports.jobs.actions import TakenAway
from ..reports.jobs.asking import Asked
from ..reports.jobs.models import ExportJob
from ..words import ExportKind, JobState
from .beating import Beat
from .moments import moments

PAST, WRITING = "正在还原当时的数据", "正在写入工作簿"
STOPPED = "服务停止时这份报告还没有生成完，没有留下任何文件。请点“再次生成”。"
BROKEN = "生成时程序出错，没有留下任何文件。请再次生成；如果仍然如此，请联系系统管理员查看服务的错误输出（{kind}）。"
GONE = "发起人已离职，或在这个主体中已没有角色，因此没有生成。请由仍有角色的人再次生成。"
# What a crash left half-written and nobody touched for an hour is nobody's any more.
ABANDONED = 3600


@dataclass(frozen=True, slots=True)
class Claimed:
    """A job in the hands of this worker."""

    id: int
    token: str
    asked: Asked


def work_off(config: Config, database: Database, name: str, stopping: threading.Event | None = None) -> Counter[JobState]:
    """Build what waits until nothing does, until `stopping` is set, or as many workers as the settings allow are busy; returns how the jobs ended."""
    store, ended, stopping = export_store(config.exports), Counter[JobState](), stopping or threading.Event()
    store.sweep(ABANDONED)
    while not stopping.is_set() and (job := _claim(database, name, config.workers)):
        ended[_build(config, database, store, job, stopping)] += 1
    return ended


def _claim(database: Database, name: str, most: int) -> Claimed | None:
    token = f"{name}.{secrets.token_hex(8)}"
    with database.writing(EVERY_ENTITY) as s:
        row = actions.claim(s, token, most)
        return Claimed(row.id, token, Asked.read(row.asked)) if row else None


def _build(config: Config, database: Database, store: Store, job: Claimed, stopping: threading.Event) -> JobState:
    """Build one job and end it; whatever goes wrong becomes its sentence."""
    try:
        with Beat(database, job.id, job.token, stopping) as beat:
            written = _written(config, database, store, job, beat)
        return _finish(database, store, job, written)
    except TakenAway:
        return JobState.CANCELLED
    except Problem as problem:
        return _fail(database, job, problem.sentence)
    except OSError as reason:
        return _fail(database, job, f"生成时读写文件出错：{why_not(reason)}。没有留下任何文件，请排除后再次生成。")
    except KeyboardInterrupt:
        _fail(database, job, STOPPED)
        raise
    except Exception as fault:
        traceback.print_exc()
        return _fail(database, job, BROKEN.format(kind=type(fault).__name__))


def _written(config: Config, database: Database, store: Store, job: Claimed, beat: Beat) -> Written:
    viewer, asked = _asker(database, job), job.asked
    evidence = Store(config.store, config.upload_limit) if asked.kind == ExportKind.PACKAGE else None
    with moments(database, viewer, asked, beat.telling(PAST)) as (then, compared):
        return write(
            then, viewer, asked.entities, asked.wanted, store, evidence=evidence, compared=compared, signer=Signer(database, Keyring(config.key_folder)),
            told=beat.telling(WRITING),
        )


def _asker(database: Database, job: Claimed) -> Viewer:
    with database.reading(EVERY_ENTITY) as s:
        row = s.get_one(ExportJob, job.id)
        found = queries.asker(s, row)
    if found is None:
        raise Forbidden(GONE)
    return found


def _finish(database: Database, store: Store, job: Claimed, written: Written) -> JobState:
    try:
        viewer = _asker(database, job)
        with database.writing(EVERY_ENTITY) as s:
            actions.finish(s, job.id, job.token, viewer, written, store)
    except BaseException:
        # A file without its row would be found by nobody; whatever is in the way of removing it is no news for who asked.
        with suppress(Exception), database.writing(EVERY_ENTITY) as s:
            actions.discard(s, written, store)
        raise
    return JobState.DONE


def _fail(database: Database, job: Claimed, sentence: str) -> JobState:
    with database.writing(EVERY_ENTITY) as s:
        return JobState.FAILED if actions.fail(s, job.id, job.token, sentence) else JobState.CANCELLED
