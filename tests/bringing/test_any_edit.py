"""Whatever is edited: after applying, the next export shows those edits and nothing else; what both sides changed, and only that, is a conflict."""

from __future__ import annotations

from datetime import date
from random import Random
from typing import Any

import pytest

from tests.bringing.audit import EVIDENCE, FIELDS, SCOPES, TASKS, THREE, Audit, desk_of, exported, shown
from tests.bringing.paper import Desk
from tests.making import Making
from tests.reports.story import HOSTILE, Story, story
from tests.work import Company
from tracker.bringing.merging import Verdict
from tracker.controls.actions import set_controls
from tracker.controls.fields import BY_NAME
from tracker.errors import RuleBroken
from tracker.evidence.models import Evidence
from tracker.words import Role, Severity

__all__ = ["story"]
Edit = tuple[str, str, str]
WORDS = [text for text in HOSTILE if text.strip() == text]
OPEN = ("not_started", "in_progress", "submitted", "returned", "occasion")


@pytest.fixture
def making(company: Company) -> Making:
    """Make rows in the company's database."""
    return Making(company.database, company.world)


def texts(die: Random, field: str) -> str:
    """Make up what may stand in a field."""
    if field == "risk_level":
        return die.choice([word.label for word in Severity])
    word = die.choice([one for one in WORDS if "\n" not in one or BY_NAME[field].most > 200])
    return f"{word}{die.randrange(1000)}" if word != "#N/A" else word


def current(at: Desk, ref: str) -> bool:
    """Tell whether a piece of evidence may still be described."""
    with at.company.database.reading(at.viewer.entities) as s:
        return s.get_one(Evidence, int(ref)).is_current


def filled_in(die: Random, paper: Audit, number: int) -> dict[Edit, str]:
    """Edit cells of the three lists, each field of an obligation in one of its lists only."""
    made: dict[Edit, str] = {}
    taken: set[tuple[str, str]] = set()
    for _ in range(number):
        title = die.choice(THREE)
        ref, heading = die.choice(paper.refs(title)), die.choice(list(FIELDS[title]))
        field = FIELDS[title][heading]
        text = texts(die, field)
        if (ref, field) not in taken and text != paper.cell(title, ref, heading).value:
            taken.add((ref, field))
            made[title, ref, heading] = text
    return made


def others(die: Random, at: Desk, paper: Audit, story: Story) -> dict[Edit, Any]:
    """Edit cells of the other sheets."""
    made: dict[Edit, Any] = {}
    for name in die.sample(OPEN, 2):
        made[TASKS, str(story.tasks[name]), "部门"] = f"{die.choice(WORDS[:4])}部{die.randrange(99)}"
    made[TASKS, str(story.tasks["not_started"]), "责任人"] = "周接手"
    for ref in die.sample([one for one in paper.refs(EVIDENCE) if current(at, one)], 3):
        made[EVIDENCE, ref, die.choice(("说明", "取得日", "有效期至"))] = date(2026, 11, die.randint(5, 28))
    for ref in die.sample([one for one in paper.refs(SCOPES) if paper.cell(SCOPES, one, "认定").value == "适用"], 4):
        made[SCOPES, ref, "理由"] = f"{die.choice(WORDS)} 之理由 {die.randrange(99)}"
    return {edit: value.isoformat() if edit[2] == "说明" else value for edit, value in made.items()}


def expected(before: dict[Edit, Any], edits: dict[Edit, Any]) -> dict[Edit, Any]:
    """Return what the next export must show: the edits, and what is made of them by definition."""
    after = before | edits
    for (title, ref, heading), text in edits.items():
        for other in THREE if title in THREE else ():
            after |= {(other, ref, named): text for named, field in FIELDS[other].items() if field == FIELDS[title][heading]}
    for title, ref, heading in edits:
        # What names no process stands under its business.
        process = "流程管控清单", ref, "一级流程"
        if title in THREE and FIELDS[title][heading] == "business" and process not in edits and before[process] == before[title, ref, heading]:
            after[process] = edits[title, ref, heading]
    return after


def seen(cells: dict[Edit, Any]) -> dict[Edit, Any]:
    """Leave out who decided and when: both follow from the edit."""
    return {edit: value for edit, value in cells.items() if not (edit[0] == SCOPES and edit[2] in {"认定人", "认定时间"})}


@pytest.mark.parametrize("seed", range(1))
def test_the_next_export_shows_exactly_the_edits(story: Story, making: Making, seed: int) -> None:
    die, at, paper = Random(seed), desk_of(story), exported(story)
    making.person("周接手", roles=[Role.OWNER])
    before = shown(story)
    edits: dict[Edit, Any] = {**filled_in(die, paper, 40), **others(die, at, paper, story)}
    for edit, value in edits.items():
        paper.put(*edit, value)
    data = paper.data
    did = at.through(data)
    assert did.cells == len(edits) and not did.left_out
    assert seen(shown(story)) == seen(expected(before, edits))
    with pytest.raises(RuleBroken, match="没有可以导入的更改"):
        at.bring(data)
    with pytest.raises(RuleBroken, match="没有可以导入的更改"):
        at.bring(exported(story).data)


@pytest.mark.parametrize("seed", range(1))
def test_what_both_have_changed_and_only_that_is_a_conflict(story: Story, seed: int) -> None:
    die, at, world = Random(100 + seed), desk_of(story), story.company.world
    paper = exported(story)
    mine = filled_in(die, paper, 60)
    theirs = {(ref, FIELDS[title][heading]): texts(die, FIELDS[title][heading]) for title, ref, heading in [*die.sample(list(mine), 15), *filled_in(die, paper, 15)]}
    with at.company.database.writing(world.officer.entities) as s:
        for (ref, field), text in theirs.items():
            set_controls(s, world.officer, world.ours, [ref], {field: text})
    for edit, text in mine.items():
        paper.put(*edit, text)
    found = at.preview(at.bring(paper.data))
    both = {paper.place(*edit) for edit, text in mine.items() if theirs.get((edit[1], FIELDS[edit[0]][edit[2]]), text) != text}
    only = {paper.place(*edit) for edit in mine if (edit[1], FIELDS[edit[0]][edit[2]]) not in theirs}
    assert len(both) >= 10
    assert {cell.place for _, cell in found.cells(Verdict.CONFLICT)} == both
    assert {cell.place for _, cell in found.cells(Verdict.CHANGE)} == only
    kept = {place for place in both if die.random() < 0.5}
    before = shown(story)
    at.apply(at.bring(paper.data), lambda cell: cell.place not in kept)
    went_in = {edit: text for edit, text in mine.items() if paper.place(*edit) in only | (both - kept)}
    assert seen(shown(story)) == seen(expected(before, went_in))
