"""Names of the trail: every event and field that is recorded has a Chinese label, and values read as words."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

import tracker
from tests.cast import World
from tests.making import Making
from tracker.audit import names, queries, trail
from tracker.audit.queries import TrailFilter
from tracker.db import Database
from tracker.words import Outcome, Role

ROOT = Path(tracker.__file__).parent
CHINESE = re.compile("[\u4e00-\u9fff]")
CODE = re.compile(r"[a-z]+\.[a-z_]+")


# Named here first, so that every checker says them alike; the rooms that record them come one after the other.
COMING = {"disclosure.sealed", "disclosure.unsealed", "disclosure.redacted", "evidence.downloaded", "report.downloaded"}


def recorded() -> set[str]:
    """Find every event code in the files that record events."""
    found = set()
    for path in ROOT.rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        if "trail.record(" not in text:
            continue
        strings = (n.value for n in ast.walk(ast.parse(text)) if isinstance(n, ast.Constant) and isinstance(n.value, str))
        found |= {s for s in strings if CODE.fullmatch(s) and s.split(".")[0] in names.FAMILIES}
    return found


def test_every_event_that_is_recorded_has_a_name_and_every_name_an_event() -> None:
    found = recorded()
    assert len(found) > 20
    # The reviewer's decision is written as `task.` and the outcome.
    assert found | {f"task.{outcome}" for outcome in Outcome} | COMING == set(names.ACTIONS)


def test_every_family_has_a_name_and_events() -> None:
    assert {action.split(".")[0] for action in names.ACTIONS} == set(names.FAMILIES)


@pytest.mark.parametrize("labels", [names.ACTIONS, names.FAMILIES, names.FIELDS], ids=["actions", "families", "fields"])
def test_every_label_is_chinese_and_no_two_events_share_one(labels: dict[str, str]) -> None:
    assert [code for code, label in labels.items() if not CHINESE.search(label) and label != "SHA-256"] == []
    assert len(set(labels.values())) == len(labels)


def test_every_field_of_what_people_and_entities_do_has_a_name(database: Database, world: World, making: Making) -> None:
    making.token(making.person("新人", roles=[Role.OWNER], is_admin=True))
    chains = (trail.SYSTEM_CHAIN, trail.entity_chain(world.ours), trail.entity_chain(world.others))
    with database.reading() as s:
        told = queries.events(s, TrailFilter(chains))
    fields = {field for event in told for field in (*event.before, *event.after)}
    personal = {name.rpartition(".")[2] for event in told for name in event.personal if name not in names.HIDDEN}
    assert len(fields) > 5
    assert (fields | personal) - set(names.FIELDS) == set()


def test_an_event_of_a_later_version_keeps_its_code() -> None:
    assert names.action_label("moon.landed") == "moon.landed"
    assert names.via_label("rocket") == "rocket"
    assert names.via_label("web") == "网页"


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("active", True, "是"), ("active", False, "否"), ("code", "", ""), ("roles", [], ""), ("roles", ["officer", "owner"], "合规管理、责任人"),
        ("state", "submitted", "待复核"), ("state", "not_applicable", "不适用"), ("cadence", "quarterly", "每季度"), ("sha256", "a" * 64, "a" * 16),
        ("owner", "u_3", "王责任"), ("kinds", ["listed_company"], "上市公司"), ("size", 1234, "1234"), ("left_on", None, ""),
    ],
)
def test_a_value_reads_as_words(field: str, value: object, words: str) -> None:
    assert names.value_text(field, value, {"u_3": "王责任", "listed_company": "上市公司"}) == words


def test_before_and_after_stand_side_by_side_personal_values_in_their_places() -> None:
    rows = names.changes({"is_admin": False}, {"is_admin": True}, {"actor_name": "管理员", "before.post": "旧", "after.post": "新", "reason": "升职"}, {})
    assert rows == [("系统管理员", "否", "是"), ("岗位", "旧", "新"), ("理由", "", "升职")]
