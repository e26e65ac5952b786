"""The page of alarms: which file, whose, what cites it, and whether it is missing or damaged; names only for who sees the entity."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.web.at_work import at_work, company, database, working_template, world
from tests.web.browsing import Browser
from tests.work import Company
from tracker.alarms.kinds import label
from tracker.evidence.models import Evidence
from tracker.reports.models import Export

__all__ = ["at_work", "company", "database", "working_template", "world"]
Browsers = Callable[[str], Browser]


@pytest.mark.parametrize(("how", "called"), [("missing", "证据文件缺失"), ("rotten", "证据文件损坏")])
def test_an_alarm_names_the_file_and_leads_to_it_and_to_the_tasks(at_work: Company, browser: Browsers, how: str, called: str) -> None:
    task = at_work.task()
    piece = at_work.hand_in(task)
    with at_work.database.reading("every entity") as s:
        row = s.get(Evidence, piece)
        assert row
        path = at_work.store.path(row.sha256)
    path.unlink() if how == "missing" else path.write_bytes(b"x")
    lin = browser("林合规")
    lin.client.get(f"/evidence/{piece}/file")
    page = lin.get("/alarms").text
    assert f">{called}</td>" in page and f'<a href="/evidence/{piece}">检查记录.txt（第 1 版）</a>' in page
    assert f'<a href="/tasks/{task}">' in page and path.name in page and "backup restore-file" in page
    of_admin = browser("管理员").get("/alarms").text
    assert called in of_admin and path.name in of_admin and "检查记录" not in of_admin and f"/tasks/{task}" not in of_admin


def test_an_alarm_on_an_export_names_its_file(at_work: Company, browser: Browsers) -> None:
    lin = browser("林合规")
    lin.post(f"/reports/new?entity={at_work.world.ours}")
    with at_work.database.reading("every entity") as s:
        row = s.get(Export, 1)
        assert row
        (at_work.store.root.with_name("exports") / row.sha256[:2] / row.sha256[2:4] / row.sha256).unlink()
    assert "导出件目录中缺少这个文件：“" in lin.client.get("/reports/1/file").text
    page = lin.get("/alarms").text
    assert ">导出件缺失</td>" in page and f'<a href="/reports?entity={at_work.world.ours}">{row.file_name}</a>' in page


def test_an_earlier_alarm_keeps_its_sentence_and_says_missing_likewise() -> None:
    assert label("evidence_damaged", "证据文件不见了，SHA-256 0") == "证据文件缺失" and label("evidence_damaged") == "证据文件损坏"
