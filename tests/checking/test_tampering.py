"""The tampering campaign in its short form; the long one is `python -m tests.torture.tampering`."""

from __future__ import annotations

import random
from datetime import timedelta
from pathlib import Path

import pytest
import time_machine

from tests.checking.second import Second, place_of, second
from tests.reports.opening import Opened
from tests.torture import flipping
from tests.torture.flipping import Tally, claimed, tables
from tests.torture.ground import LATER, opened_up, prepare, said_of
from tests.torture.parts import Parts
from tests.torture.structure import ATTACKS
from tests.torture.tampering import campaign
from tracker.audit.queries import TrailFilter, events
from tracker.audit.sealing import marking
from tracker.db import EVERY_ENTITY
from tracker.verify import EVIDENCE, LINKS, PROOF, SUMS, TRAIL

__all__ = ["second"]


def test_every_bit_that_is_changed_is_found_where_it_is_and_nothing_is_alleged_of_sound_states(tmp_path: Path, second: Second) -> None:
    def asked(book: bytes) -> str:
        told = second.ask("b.xlsx", book)
        return "sound" if told["sound"] else place_of(told["sentence"])

    tally, told = campaign(tmp_path, count=120, sound=9, seed=20261128, second=asked)
    assert tally.missed == []
    assert tally.made["second check"] >= 3 and len(told) == len(ATTACKS) + 1
    assert all("verify.py --earlier" in by for by in told.values())
    # An older state as a whole is sound in itself: only what left earlier knows better.
    assert {what for what, by in told.items() if "check" not in by} == {"older backup put back"}


def test_the_campaign_reaches_every_column_and_every_cell_that_the_checks_answer_for(tmp_path: Path) -> None:
    ground = prepare(tmp_path)
    connection = opened_up(ground.path)
    reached = set(tables(connection))
    assert {(f"audit_{table}", column) for table, columns in {
        "chain": "chain_id kind size head alg created_at", "event": "chain_id seq record body prev entry at actor action object",
        "disclosure": "chain_id seq field salt value", "checkpoint": "chain_id size head note", "registry": "number note lines", "sheets": "number digest note",
    }.items() for column in columns.split()} | {("deployment", "id"), ("deployment", "created_at")} <= reached
    connection.close()
    parts = Parts(ground.books[-1])
    cells = claimed(parts)
    assert {cell.title for cell in cells} == set(parts.sheets) >= {TRAIL, LINKS, PROOF, EVIDENCE, SUMS, "封面", "责任分派与任务"} and len(cells) > 800
    assert len({cell.row for cell in cells if cell.title == EVIDENCE}) >= 5, "nothing is cited"
    ground.database.close()


def test_a_missed_change_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.torture.ground.CHECKS", ())
    monkeypatch.setattr("tests.torture.flipping.said_of", lambda _book: "")
    ground, tally, chance = prepare(tmp_path), Tally(), random.Random(1)
    flipping.rows(ground, chance, 10, tally)
    flipping.cells(ground.books[-1], chance, 10, tally)
    ground.database.close()
    assert len(tally.missed) >= 10


def test_a_replaced_piece_whose_file_name_is_sealed_is_told_by_its_number_and_nothing_is_alleged(tmp_path: Path) -> None:
    ground = prepare(tmp_path)
    with ground.database.reading() as s:
        replaced = next(one for one in events(s, TrailFilter(("ent_1",))) if one.action == "evidence.replaced")
    with time_machine.travel(LATER + timedelta(hours=1)), ground.database.writing(EVERY_ENTITY) as s:
        marking.seal(s, ground.world.officer.actor, "ent_1", {replaced.seq: tuple(name for name in replaced.personal if name.endswith("file_name"))}, "含客户姓名")
    with time_machine.travel(LATER + timedelta(hours=2)):
        book = ground.export()
    told = next(row for row in Opened(book).rows(TRAIL) if row["序号"] == replaced.seq)
    assert "证据 1 → 证据 6" in told["变更内容"] and "evidence:" not in told["变更内容"] and "新版" not in told["变更内容"]
    assert said_of(book) == ""
    ground.database.close()
