"""A file that is damaged or missing on disk is given to nobody, and every page that knows of it says so."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.evidence.samples import pdf
from tests.web.at_work import at_work, company, database, send, working_template, world
from tests.web.browsing import Browser
from tests.web.test_acceptance import accepted
from tests.work import Company
from tracker.audit.queries import TrailFilter, events
from tracker.audit.trail import access_chain, entity_chain
from tracker.evidence.models import Evidence
from tracker.reports.models import Export

__all__ = ["accepted", "at_work", "company", "database", "working_template", "world"]
Browsers = Callable[[str], Browser]


def actions(work: Company, chain: str) -> list[str]:
    """List what a chain tells, oldest first."""
    with work.database.reading("every entity") as s:
        return [one.action for one in events(s, TrailFilter((chain,)), oldest_first=True)]


def path_of(work: Company, piece: int) -> Path:
    """Return where the file of a piece lies."""
    with work.database.reading("every entity") as s:
        row = s.get(Evidence, piece)
        assert row
        return work.store.path(row.sha256)


def spoil(path: Path, how: str) -> None:
    """Overwrite a byte, add one, take the file away, or put something in its place that gives no bytes."""
    content = bytearray(path.read_bytes())
    content[0] ^= 1
    if how in {"missing", "unreadable"}:
        path.unlink()
        if how == "unreadable":
            path.mkdir()
    else:
        path.write_bytes(bytes(content) if how == "rotten" else path.read_bytes() + b"x")


@pytest.mark.parametrize(("how", "status", "sentence"), [
    ("rotten", 503, "的文件已损坏，与保存时的 SHA-256 不符，因此没有提供"), ("longer", 503, "的文件已损坏"), ("missing", 404, "证据库中缺少这个文件"),
    ("unreadable", 503, "的文件已损坏，读不出来"),
])
def test_a_file_that_is_not_sound_is_not_given_and_raises_the_alarm_at_once(
    at_work: Company, browser: Browsers, accepted: tuple[int, int], how: str, status: int, sentence: str
) -> None:
    task, piece = accepted
    wang, lin, ours = browser("王责任"), browser("林合规"), at_work.world.ours
    path, before = path_of(at_work, piece), len(actions(at_work, access_chain(ours)))
    content = path.read_bytes()
    spoil(path, how)
    for _ in range(2):
        answer = wang.client.get(f"/evidence/{piece}/file")
        assert (answer.status_code, sentence in answer.text, content.decode() in answer.text) == (status, True, False)
    assert len(actions(at_work, access_chain(ours))) == before
    assert actions(at_work, entity_chain(ours)).count("evidence.damaged") == 1
    page = wang.get(f"/evidence/{piece}").text
    assert f'/evidence/{piece}/file" download>' not in page.split("版本</h2>")[0] and "从备份恢复之前不能下载和预览" in page and "查看警报" not in page
    assert "查看警报" in lin.get(f"/evidence/{piece}").text
    assert "损坏（见警报）" in wang.get("/evidence").text
    shown = wang.get(f"/tasks/{task}").text
    beside = shown[shown.index('id="beside"'):]
    assert ("文件已销毁或缺失" if how != "rotten" else "损坏（见警报）") in beside and "损坏（见警报）" in shown
    if how == "unreadable":
        path.rmdir()
    path.write_bytes(content)
    assert wang.get(f"/evidence/{piece}/file").data == content


def test_a_damaged_picture_is_not_shown_and_a_missing_one_is_said_to_be_missing(at_work: Company, browser: Browsers) -> None:
    wang = browser("王责任")
    send(wang, f"/evidence?entity={at_work.world.ours}", "终稿.pdf", pdf(1))
    path = path_of(at_work, 1)
    content = path.read_bytes()
    path.write_bytes(content + b"\n")
    answer = wang.client.get("/evidence/1/pages/1.png")
    assert (answer.status_code, "已损坏" in answer.text) == (503, True)
    assert "文件已损坏，无法预览" in wang.get("/evidence/1").text
    path.unlink()
    assert wang.client.get("/evidence/1/pages/1.png").status_code == 404
    page = wang.get("/evidence/1").text
    assert "缺少这个文件，无法预览" in page and "此类文件不在浏览器中预览" not in page
    assert not actions(at_work, access_chain(at_work.world.ours))


def test_a_damaged_report_is_not_given(at_work: Company, browser: Browsers) -> None:
    lin, ours = browser("林合规"), at_work.world.ours
    lin.post(f"/reports/new?entity={ours}")
    with at_work.database.reading("every entity") as s:
        row = s.get(Export, 1)
        assert row
        path = at_work.store.root.with_name("exports") / row.sha256[:2] / row.sha256[2:4] / row.sha256
    spoil(path, "rotten")
    answer = lin.client.get("/reports/1/file")
    assert (answer.status_code, "已损坏" in answer.text) == (503, True)
    assert "report.downloaded" not in actions(at_work, access_chain(ours)) and "report.damaged" in actions(at_work, entity_chain(ours))
    assert "损坏（见警报）" in lin.get("/reports").text


def test_what_only_lay_aside_is_put_back_and_given(at_work: Company, browser: Browsers) -> None:
    piece = at_work.evidence()
    path = path_of(at_work, piece)
    aside = at_work.store.root / "quarantine" / path.name
    aside.parent.mkdir()
    path.rename(aside)
    assert browser("王责任").get(f"/evidence/{piece}/file").status_code == 200
    assert path.is_file() and "evidence.damaged" not in actions(at_work, entity_chain(at_work.world.ours))
