"""Starting workers: each is a process of its own, looked after by whoever serves the pages."""

from __future__ import annotations

import os
import secrets
import shutil
import subprocess
import sys
import threading
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from sqlalchemy.exc import SQLAlchemyError

from .. import clock
from ..config import PREFIX, ROOT, Config
from ..db import EVERY_ENTITY, Database
from ..errors import Problem
from ..reports.jobs import actions, queries

COMMAND = (sys.executable, "-m", "tracker.exporting")
DIED = "生成这份报告的进程意外中止（退出代码 {code}），没有留下任何文件。请点“再次生成”。"
NEVER_BEGAN = "生成报告的进程没有启动起来（{why}）。请稍后再次生成；如果仍然如此，请联系系统管理员查看服务的错误输出。"
PATIENCE = 20.0
DAY = 86_400


class Runner(Protocol):
    """Whoever sees to it that what waits is built."""

    def wake(self) -> None:
        """Look whether something waits or was left behind, and see to it."""

    def stop(self) -> None:
        """End what runs; the service goes."""


@dataclass(eq=False)
class Worker:
    """One process: its name, with which its tokens begin, and its folder for what it needs only while it works."""

    name: str
    folder: Path
    process: subprocess.Popen[bytes]
    watch: threading.Thread | None = None


class Workers:
    """Starts as many processes as there is work for and the settings allow, and fails what one of them leaves when it dies."""

    def __init__(self, config: Config, database: Database, command: Sequence[str] = COMMAND) -> None:
        self._config, self._database, self._command = config, database, tuple(command)
        self._lock, self._workers, self._stopped = threading.Lock(), set[Worker](), False

    def wake(self) -> None:
        """Fail what was left behind, and start workers for what waits; costs one small read when there is nothing to do."""
        with self._lock:
            if self._stopped:
                return
            with self._database.reading(EVERY_ENTITY) as s:
                load = queries.load(s, clock.now() - actions.SILENCE)
            if load.lost:
                with self._database.writing(EVERY_ENTITY) as s:
                    actions.give_up(s)
            # One that was started a moment ago has claimed nothing yet.
            busy = max(load.running, len(self._workers))
            for _ in range(min(load.queued, self._config.workers - busy)):
                self._start()

    def stop(self) -> None:
        """End every worker gently, then by force; what they held fails and can be started again."""
        with self._lock:
            self._stopped, left = True, list(self._workers)
        for worker in left:
            worker.process.terminate()
        for worker in left:
            try:
                worker.process.wait(PATIENCE)
            except subprocess.TimeoutExpired:
                worker.process.kill()
            if worker.watch:
                worker.watch.join(PATIENCE)

    def _start(self) -> None:
        name = secrets.token_hex(8)
        folder = self._config.work / name
        try:
            folder.mkdir(parents=True)
            process = subprocess.Popen([*self._command, name], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, env=self._environment(folder), **_apart())
        except OSError as reason:
            shutil.rmtree(folder, ignore_errors=True)
            self._fail_next(str(reason))
            return
        worker = Worker(name, folder, process)
        worker.watch = threading.Thread(target=self._watch, args=(worker,), name=f"worker {name}", daemon=True)
        self._workers.add(worker)
        worker.watch.start()

    def _environment(self, folder: Path) -> dict[str, str]:
        inherited = {name: value for name, value in os.environ.items() if not name.startswith(PREFIX)}
        path = os.pathsep.join([str(ROOT), *filter(None, [inherited.get("PYTHONPATH", "")])])
        # A worker that is killed cannot clear away the copy of the past that it had made: it lies where we do.
        return inherited | self._config.environment() | {"PYTHONPATH": path} | dict.fromkeys(("TMPDIR", "TEMP", "TMP"), str(folder))

    def _watch(self, worker: Worker) -> None:
        code = worker.process.wait()
        shutil.rmtree(worker.folder, ignore_errors=True)
        # What cannot be written now is noticed later: nobody hears of that worker any more.
        with suppress(Problem, SQLAlchemyError):
            with self._database.writing(EVERY_ENTITY) as s:
                held = actions.give_up_worker(s, worker.name, DIED.format(code=code))
            if code and not held and not self._stopped:
                self._fail_next(f"退出代码 {code}")
        with self._lock:
            self._workers.discard(worker)
        # What was asked while it was ending may have found it still there.
        with suppress(Problem, SQLAlchemyError):
            self.wake()

    def _fail_next(self, why: str) -> None:
        with self._database.writing(EVERY_ENTITY) as s:
            actions.give_up_next(s, NEVER_BEGAN.format(why=why))


def _apart() -> dict[str, Any]:
    # Ctrl+C in the console of the service is the service's to answer.
    if sys.platform == "win32":
        return {"creationflags": subprocess.CREATE_NEW_PROCESS_GROUP | subprocess.CREATE_NO_WINDOW}
    return {"start_new_session": True}


def sweep(config: Config) -> None:
    """Remove what workers of a service that was itself killed left in their folders a day ago or more."""
    for folder in config.work.glob("*"):
        if clock.now().timestamp() - folder.stat().st_mtime > DAY:
            shutil.rmtree(folder, ignore_errors=True)
