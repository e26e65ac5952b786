"""Who gets a file is recorded before its first byte leaves: evidence, previews, reports; and the page that shows it."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import event

from tests.evidence.samples import pdf
from tests.web.at_work import at_work, company, database, send, working_template, world
from tests.web.browsing import Browser
from tests.work import Company
from tracker.audit import trail
from tracker.audit.queries import Told, TrailFilter, events, faults
from tracker.db import PRAGMAS, Database
from tracker.evidence.models import Evidence
from tracker.web.doors import house

__all__ = ["at_work", "company", "database", "working_template", "world"]
Browsers = Callable[[str], Browser]


def log(company: Company) -> list[Told]:
    """Read the access log of 海川证券, oldest first."""
    with company.database.reading() as s:
        assert faults(s) == []
        return events(s, TrailFilter((trail.access_chain(company.world.ours),)), oldest_first=True)


@pytest.fixture
def piece(at_work: Company, browser: Browsers) -> int:
    """Let 王责任 upload a PDF of three pages and return its id."""
    assert send(browser("王责任"), f"/evidence?entity={at_work.world.ours}", "台账.pdf", pdf(3)).status_code == 201
    with at_work.database.reading(at_work.world.owner.entities) as s:
        return s.query(Evidence.id).scalar()  # type: ignore[no-any-return]


def test_every_download_counts_and_pages_once(at_work: Company, piece: int, browser: Browsers) -> None:
    auditor = browser("钱审计")
    for address in ("file", "file", "pages/1.png", "pages/2.png", "pages/3.png"):
        assert auditor.get(f"/evidence/{piece}/{address}").status_code == 200
    assert [one.action for one in log(at_work)] == ["evidence.downloaded", "evidence.downloaded", "evidence.previewed"]
    assert {(one.actor, one.object, one.personal["file_name"]) for one in log(at_work)} == {(at_work.world.auditor.actor.id, f"evidence:{piece}", "台账.pdf")}


def test_what_gives_no_file_leaves_no_record(at_work: Company, piece: int, browser: Browsers) -> None:
    assert browser("孙外人").get(f"/evidence/{piece}/file").status_code == 404
    wang = browser("王责任")
    assert wang.get(f"/evidence/{piece}/pages/9.png").status_code == 404
    assert wang.client.head(f"/evidence/{piece}/file", buffered=True).status_code == 200
    for file in (at_work.store.root).rglob("*"):
        if file.is_file():
            file.unlink()
    assert wang.get(f"/evidence/{piece}/file").status_code == 404
    assert log(at_work) == []


def test_a_report_that_is_downloaded_is_recorded_with_its_digest(at_work: Company, browser: Browsers) -> None:
    lin = browser("林合规")
    lin.post(f"/reports/new?entity={at_work.world.ours}", {"kind": "workbook", "as_of_day": "", "as_of_time": ""})
    page = lin.get("/reports").text
    found = re.search(r'href="(/reports/\d+/file)"', page)
    assert found
    answer = lin.get(found[1])
    assert answer.status_code == 200
    (told,) = log(at_work)
    assert (told.action, told.after["size"], told.after["sha256"] in page) == ("report.downloaded", len(answer.data), True)


def test_a_full_disk_gives_no_file_that_is_not_recorded_and_pages_go_on(at_work: Company, piece: int, browser: Browsers, app: Flask) -> None:
    wang = browser("王责任")
    with app.app_context():
        engine = house().database.engine
    with engine.connect() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
    event.listen(engine, "begin", lambda connection: connection.exec_driver_sql(f"PRAGMA max_page_count={pages}"))
    answers = []
    while not answers or (answers[-1].status_code == 200 and len(answers) < 200):
        answers.append(wang.get(f"/evidence/{piece}/file"))
    refused = answers.pop()
    assert (refused.status_code, "无法记入访问记录" in refused.text, b"%PDF" in refused.data) == (507, True, False)
    assert len(log(at_work)) == len(answers)
    assert wang.get(f"/evidence/{piece}").status_code == 200


def test_who_waits_too_long_gets_no_file_and_is_told_why(
    at_work: Company, piece: int, browser: Browsers, app: Flask, monkeypatch: pytest.MonkeyPatch,
) -> None:
    wang = browser("王责任")
    monkeypatch.setitem(PRAGMAS, "busy_timeout", 50)
    with app.app_context():
        house().database.close()
    with Database(at_work.database.engine.url.render_as_string()).writing():
        for address in ("file", "pages/1.png"):
            answer = wang.get(f"/evidence/{piece}/{address}")
            assert (answer.status_code, "没有来得及记入访问记录" in answer.text) == (503, True)
        assert wang.get(f"/evidence/{piece}").status_code == 200
    assert log(at_work) == []


def test_officers_and_auditors_see_the_access_log_and_its_check_and_others_the_ordinary_trail(at_work: Company, piece: int, browser: Browsers) -> None:
    browser("赵复核").get(f"/evidence/{piece}/file")
    for name in ("林合规", "钱审计"):
        page = browser(name).get("/trail?log=access").text
        assert "下载证据" in page and "赵复核" in page and "海川（访问）" in page
        assert "校验通过：2 条链" in browser(name).get("/trail/check").text
        assert re.search(r"访问记录 <b>1</b>", browser(name).get("/trail?action=task").text)
    for name in ("王责任", "赵复核", "管理员", "孙外人"):
        other = browser(name)
        assert ("访问记录 <b>" in other.get("/trail").text) == (name == "孙外人")
        assert "下载证据</td>" not in other.get("/trail").text
        assert "（访问）" not in other.get("/trail/check").text
    for name in ("王责任", "管理员"):
        assert browser(name).get("/trail?log=access").status_code == 422
    assert "还没有访问记录" in browser("孙外人").get("/trail?log=access").text
    assert browser("林合规").get("/trail?log=else").status_code == 422
