"""The sheet of differences equals a plain comparison of the two workbooks, whatever happened between the moments."""

from __future__ import annotations

import random
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.asof.histories import ACTS, OFTEN, Life
from tests.asof.test_histories import life_in
from tests.reports.opening import Opened
from tracker import asof, clock
from tracker.assignments.queries import TaskFilter
from tracker.errors import BadInput
from tracker.exporting.moments import moments
from tracker.reports.actions import export_store, remember, write
from tracker.reports.jobs.asking import Asked
from tracker.reports.lists.differences import ADDED, CHANGED, COMPARED, DIFFERENCES, FILLED, GONE, LEFT_OUT

WHOLE = "（整行）"
UNSEEN = {"行标识", "行版本", "导出时的值", "单元格校验", "义务编号", "管控版本"}
# What the three lists take from elsewhere.
DERIVED = {"合规风险名称", "风险行为描述", "责任或后果", "合规依据", "合规义务", "合规义务来源", "合规重要环节", "义务来源", "合规风险点"}
Told = set[tuple[str, str, str, str, str, str]]


def _opened(life: Life, moment: datetime, since: datetime | None = None, wanted: TaskFilter | None = None) -> Opened:
    officer, store = life.world.officer, export_store(life.store.root.with_name("exports"))
    asked, compared = Asked((life.world.ours,), wanted or TaskFilter()), None
    if since:
        # Past `moments`, so that the moment compared with may also be the later one.
        with asof.looking(life.database, officer.entities, since) as earlier:
            compared = remember(earlier, officer, asked.entities, {}, asked.wanted)
    with asof.looking(life.database, officer.entities, moment) as s:
        written = write(s, officer, asked.entities, asked.wanted, store, compared=compared)
    if compared:
        compared.__exit__()
    return Opened(store.path(written.stored.sha256).read_bytes())


def _text(value: Any) -> str:
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M:%S}"
    return value.isoformat() if isinstance(value, date) else str(value)


def _table(opened: Opened, title: str) -> dict[str, dict[str, str]]:
    rows = [{name: _text(value) for name, value in row.items()} for row in opened.rows(title)]
    return {row[COMPARED[title].key]: row for row in rows}


def _plainly(now: Opened, then: Opened) -> Told:
    found: Told = set()
    for title, how in COMPARED.items():
        before, after = _table(then, title), _table(now, title)
        left_out = LEFT_OUT | (UNSEEN - ({"义务编号"} if title == "责任分派与任务" else set())) | (DERIVED if title in FILLED else set())
        for one in before.keys() | after.keys():
            number = (after.get(one) or before[one])[how.number]
            if one in before and one in after:
                found |= {
                    (title, number, CHANGED, name, before[one][name], after[one][name]) for name in after[one].keys() - left_out
                    if before[one][name] != after[one][name]
                }
            elif title not in FILLED:
                found.add((title, number, ADDED if one in after else GONE, WHOLE, "", ""))
    return found


def _told(opened: Opened) -> Told:
    """Return what the sheet says; of an item that came or went without its content."""
    rows = opened.rows(DIFFERENCES)
    return {
        (row["工作表"], str(row["编号"]), row["变更类型"], row["栏目"], *((row["先前内容"], row["现在内容"]) if row["栏目"] != WHOLE else ("", "")))
        for row in rows
    }


@pytest.mark.parametrize("seed", [1])
def test_the_differences_of_a_random_history_are_those_of_the_two_workbooks(templates: dict[str, Path], seed: int) -> None:
    die = random.Random(seed)
    with life_in(templates) as life:
        seen = []
        for number in range(50):
            if number in (5, 30):
                seen.append(clock.now())
                life.clock.shift(timedelta(seconds=1))
            life.live(die.choice([*sorted(ACTS), *OFTEN]), die.randint(0, 2**20))
        seen.append(clock.now())
        life.clock.shift(timedelta(seconds=1))
        kinds: set[str] = set()
        forth: Told = set()
        for since, moment in ((seen[0], seen[2]), (seen[1], seen[2]), (seen[2], seen[0])):
            opened = _opened(life, moment, since)
            assert opened.titles[opened.titles.index("操作留痕") + 1] == DIFFERENCES
            told = _told(opened)
            assert told == _plainly(opened, _opened(life, since))
            assert len(told) == len(opened.rows(DIFFERENCES)) > 0
            kinds |= {one[2] for one in told}
            forth = forth or told
        assert kinds == {ADDED, CHANGED, GONE}
        mirror = {ADDED: GONE, GONE: ADDED, CHANGED: CHANGED}
        # Index numbers are those of each workbook.
        assert {one for one in told if one[0] != "证据目录"} == {(sheet, key, mirror[kind], name, new, old) for sheet, key, kind, name, old, new in forth if sheet != "证据目录"}
        assert _opened(life, seen[1], seen[1]).rows(DIFFERENCES) == []
        assert DIFFERENCES not in _opened(life, seen[1]).titles
        overdue = TaskFilter(state="overdue")
        narrow = _opened(life, seen[2], seen[0], overdue)
        assert _told(narrow) == _plainly(narrow, _opened(life, seen[0], wanted=overdue))


def test_a_moment_that_is_not_earlier_is_refused_at_its_field(templates: dict[str, Path]) -> None:
    with life_in(templates) as life:
        now, officer, ours = clock.now(), life.world.officer, life.world.ours
        life.clock.shift(timedelta(hours=1))
        for since, moment in ((now, now), (now + timedelta(seconds=1), now), (clock.now(), None)):
            asked = Asked((ours,), TaskFilter(), moment, since)
            with pytest.raises(BadInput, match="比较时点须早于截至时点") as refused, moments(life.database, officer, asked):
                raise AssertionError("nothing to see")
            assert [place.where for place in refused.value.problems] == ["since"]
        asked = Asked((ours,), TaskFilter(), None, asof.moment_of("2020-01-01", asof.SINCE))
        with pytest.raises(BadInput, match="比较时点 2020.*早于历史记录开始") as refused, moments(life.database, officer, asked):
            raise AssertionError("nothing to see")
        assert [place.where for place in refused.value.problems] == ["since"]
        with pytest.raises(BadInput, match="比较时点“昨天”不是有效的时间") as refused:
            asof.moment_of("昨天", asof.SINCE)
        assert [place.where for place in refused.value.problems] == ["since"]
