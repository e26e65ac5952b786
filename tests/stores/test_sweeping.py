"""The janitor: finds what nobody names, never touches what somebody names, however late he comes."""

from __future__ import annotations

import io
import os
import threading
from datetime import UTC
from pathlib import Path

import pytest
import time_machine

from tests.backup.conftest import Shop
from tracker import clock
from tracker.db import EVERY_ENTITY
from tracker.evidence import store as store_module
from tracker.evidence.actions import EvidenceFacts, add_evidence
from tracker.evidence.store import Store, Stored
from tracker.stores import sweeping
from tracker.stores.sweeping import DAY, QUARANTINE, Swept, sweep, sweep_leftovers


@pytest.fixture(autouse=True)
def _running_clock(frozen_clock: time_machine.Traveller) -> None:
    """Files get their times from the system: here the clock runs with it."""
    frozen_clock.move_to(time_machine.escape_hatch.datetime.datetime.now(UTC), tick=True)


def aged(path: Path, days: float = 2) -> None:
    """Make a file look as if nobody had touched it for days."""
    then = clock.now().timestamp() - days * DAY
    os.utime(path, (then, then))


class Shelf:
    """The evidence store of a shop, with files put past the rows."""

    def __init__(self, shop: Shop) -> None:
        self.shop, self.store = shop, Store(shop.config.store, 10**7)

    def orphan(self, text: str, days: float = 2) -> Path:
        """Keep a content without a row, some days ago."""
        path = self.store.path(self.keep(text).sha256)
        aged(path, days)
        return path

    def keep(self, text: str) -> Stored:
        """Keep a content, as an upload does before its row."""
        return self.store.put(io.BytesIO(text.encode()), "证据.txt")

    def name(self, stored: Stored) -> None:
        """Write the row."""
        owner = self.shop.company.world.owner
        with self.shop.database.writing(owner.entities) as s:
            add_evidence(s, owner, self.shop.company.world.ours, stored, EvidenceFacts())

    def sweep(self, delete: bool = True) -> Swept:
        """Let the janitor go round."""
        return sweep(self.shop.config, self.shop.database, delete)


@pytest.fixture
def shelf(shop: Shop) -> Shelf:
    """Give the shelf of the shop."""
    return Shelf(shop)


def test_only_what_no_row_names_and_nobody_touched_for_a_day_is_found(shelf: Shelf) -> None:
    named = shelf.store.path(shelf.shop.add("有主.txt", "有主"))
    aged(named, 400)
    fresh, old = shelf.orphan("刚刚", 0.5), shelf.orphan("无主")
    done = shelf.sweep(delete=False)
    assert [(one.store, one.sha256, one.size) for one in done.found] == [("evidence", old.name, 6)]
    assert old.exists() and fresh.exists() and named.exists()


def test_deleting_goes_by_way_of_quarantine(shelf: Shelf) -> None:
    old, quarantine = shelf.orphan("无主"), shelf.store.root / QUARANTINE
    done = shelf.sweep()
    assert (done.moved, done.removed, old.exists(), (quarantine / old.name).exists()) == (1, 0, False, True)
    assert shelf.sweep().removed == 0
    aged(quarantine / old.name)
    assert shelf.sweep().removed == 1 and not any(quarantine.iterdir())


def test_what_a_row_names_comes_back_from_quarantine(shelf: Shelf) -> None:
    path = shelf.orphan("后来有主")
    stored = shelf.keep("后来有主")
    aged(path)
    assert shelf.sweep().moved == 1
    shelf.name(stored)
    sweep_leftovers(shelf.shop.config, shelf.shop.database)
    assert path.read_bytes() == "后来有主".encode()


def test_what_gets_its_row_after_the_janitor_has_looked_is_not_emptied_from_quarantine(shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    path = shelf.orphan("后来有主")
    stored = shelf.keep("后来有主")
    aged(path)
    assert shelf.sweep().moved == 1
    aside = shelf.store.root / QUARANTINE / path.name
    aged(aside)
    shelf.name(stored)
    with monkeypatch.context() as patch:
        # As if the row had been committed a moment after he had looked for what to put back.
        patch.setattr(sweeping, "put_back", lambda *given: None)
        assert shelf.sweep().removed == 0 and aside.exists()
    assert shelf.sweep().returned == 1 and path.exists()


def test_an_upload_that_finds_the_file_there_keeps_it_from_the_janitor(shelf: Shelf) -> None:
    path = shelf.orphan("同一内容")
    stored = shelf.keep("同一内容")
    assert shelf.sweep().moved == 0
    shelf.name(stored)
    assert path.exists()


def test_an_upload_in_the_very_moment_of_the_move_gets_its_file_back(shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    path, stored, replaced = shelf.orphan("同一内容"), [], os.replace

    def upload_first(source: Path, target: Path) -> None:
        if not stored and target.parent.name == QUARANTINE:
            stored.append(shelf.keep("同一内容"))
        replaced(source, target)

    monkeypatch.setattr(sweeping.os, "replace", upload_first)
    assert shelf.sweep().moved == 0
    assert stored and path.exists()


def test_an_upload_whose_file_is_taken_away_under_its_hands_puts_its_own_there(shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    path, touch, moved = shelf.orphan("同一内容"), os.utime, []

    def swept_first(target: Path, *times: object) -> None:
        if not moved and target == path:
            moved.append(True)
            sweeping.move(path, shelf.store.root / QUARANTINE / path.name, DAY)
        touch(target, *times)  # type: ignore[call-overload]

    (shelf.store.root / QUARANTINE).mkdir()
    monkeypatch.setattr(store_module.os, "utime", swept_first)
    stored = shelf.keep("同一内容")
    assert moved and path.exists()
    shelf.name(stored)
    assert path.read_bytes() == "同一内容".encode()


def test_uploads_and_the_janitor_at_the_same_moment_lose_nothing(shelf: Shelf) -> None:
    faults: list[BaseException] = []
    for number in range(20):
        text, start = f"第 {number} 轮", threading.Barrier(3)
        path = shelf.orphan(text)

        def upload(text: str = text, start: threading.Barrier = start) -> None:
            start.wait()
            try:
                shelf.name(shelf.keep(text))
            except BaseException as fault:
                faults.append(fault)

        def clean(start: threading.Barrier = start) -> None:
            start.wait()
            try:
                shelf.sweep()
            except BaseException as fault:
                faults.append(fault)

        threads = [threading.Thread(target=work) for work in (upload, upload, clean)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert faults == []
        assert path.read_bytes() == text.encode()
    with shelf.shop.database.reading(EVERY_ENTITY) as s:
        assert sweeping.named(s, "evidence", [path.name])


def test_the_command_lists_and_clears_away(shelf: Shelf) -> None:
    assert "没有无主文件" in shelf.shop.terminal.said("evidence", "sweep")
    path = shelf.orphan("无主")
    assert path.name in (said := shelf.shop.terminal.said("evidence", "sweep")) and "无主文件 1 个，没有改动" in said
    assert "已移到隔离目录 1 个" in shelf.shop.terminal.said("evidence", "sweep", "--delete")
