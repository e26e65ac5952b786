"""The library of evidence, one piece with its versions, its preview and its file."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from urllib.parse import unquote

import pytest
from flask import Flask
from sqlalchemy import select

from tests.evidence.samples import pdf, picture, workbook
from tests.web.at_work import at_work, company, counting, database, send, upload, working_template, world
from tests.web.browsing import Browser
from tests.work import Company
from tracker.evidence.models import Evidence

__all__ = ["at_work", "company", "database", "working_template", "world"]
Browsers = Callable[[str], Browser]
NAME = "适当性匹配意见（2026年第三季度）“终稿”.pdf"


def pieces(work: Company) -> list[Evidence]:
    """Read every piece, in order."""
    with work.database.reading("every entity") as s:
        return list(s.scalars(select(Evidence).order_by(Evidence.id)))


def facts(page: str, **fields: str) -> dict[str, str]:
    """Return the fields of the description of the piece shown, with some typed over."""
    version = re.search(r'name="version"[^>]*value="(\d+)"', page)
    assert version
    return {"version": version.group(1), "period_from": "", "period_to": "", "obtained_on": "", "note": "", **fields}


@pytest.fixture
def wang(at_work: Company, browser: Browsers) -> Browser:
    """Give the owner's browser."""
    return browser("王责任")


@pytest.fixture
def document(at_work: Company, wang: Browser) -> int:
    """Upload a PDF of three pages into the library and return its id."""
    assert send(wang, f"/evidence?entity={at_work.world.ours}", NAME, pdf(3), **{"file-obtained_on": "2026-11-20"}).status_code == 201
    return pieces(at_work)[0].id


def test_a_download_has_the_exact_bytes_and_the_exact_chinese_name(document: int, wang: Browser) -> None:
    answer = wang.get(f"/evidence/{document}/file")
    assert answer.data == pdf(3) or hashlib.sha256(answer.data).hexdigest() in wang.get(f"/evidence/{document}").text
    disposition = answer.headers["Content-Disposition"]
    assert disposition.startswith("attachment;")
    assert unquote(disposition.partition("filename*=UTF-8''")[2]) == NAME
    assert (answer.mimetype, answer.headers["X-Content-Type-Options"], answer.headers["Cache-Control"]) == ("application/octet-stream", "nosniff", "no-store")
    assert answer.content_length == len(answer.data)


def test_pages_are_shown_re_encoded_and_only_as_png(document: int, wang: Browser) -> None:
    answer = wang.get(f"/evidence/{document}/pages/3.png")
    assert (answer.status_code, answer.mimetype, answer.data[:4]) == (200, "image/png", b"\x89PNG")
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert wang.get(f"/evidence/{document}/pages/4.png").status_code == 404
    page = wang.get(f"/evidence/{document}?page=2").text
    assert "第 2 / 3 页" in page and f"/evidence/{document}/pages/2.png" in page
    assert "第 3 / 3 页" in wang.get(f"/evidence/{document}?page=99").text


def test_what_cannot_be_shown_says_so_and_can_be_downloaded(at_work: Company, wang: Browser) -> None:
    send(wang, f"/evidence?entity={at_work.world.ours}", "台账.xlsx", workbook())
    piece = pieces(at_work)[0].id
    assert "此类文件不在浏览器中预览" in wang.get(f"/evidence/{piece}").text
    assert wang.get(f"/evidence/{piece}/pages/1.png").status_code == 415
    assert wang.get(f"/evidence/{piece}/file").status_code == 200


def test_a_file_the_store_has_lost_is_told_and_not_a_crash(at_work: Company, document: int, wang: Browser) -> None:
    at_work.store.path(pieces(at_work)[0].sha256).unlink()
    assert wang.get(f"/evidence/{document}").status_code == 200
    answer = wang.get(f"/evidence/{document}/file")
    assert (answer.status_code, "证据库中缺少这个文件" in answer.text) == (404, True)


def test_a_newer_version_supersedes_and_the_old_one_stays(at_work: Company, document: int, wang: Browser) -> None:
    answer = wang.post(f"/evidence/{document}/replace", {"files": upload("更正稿.pdf", pdf(1)), "new-obtained_on": "2026-11-21"})
    newer = pieces(at_work)[1]
    assert (answer.status_code, answer.location, newer.version_no) == (303, f"/evidence/{newer.id}", 2)
    old = wang.get(f"/evidence/{document}").text
    assert "已有更新的版本" in old and "更正稿.pdf" in old and 'id="replace"' not in old
    assert wang.get(f"/evidence/{document}/file").status_code == 200
    shown = wang.get(f"/evidence?entity={at_work.world.ours}").text
    assert "更正稿.pdf" in shown and "“终稿”" not in shown.replace("&#34;", '"')
    assert wang.get(f"/evidence?entity={at_work.world.ours}&versions=all").text.count("<tr data-href=") == 2
    again = wang.post(f"/evidence/{document}/replace", {"files": upload("再改.pdf", pdf(2))})
    assert (again.status_code, len(pieces(at_work))) == (409, 2)


@pytest.mark.parametrize(("files", "sentence"), [
    ([], "请先选择要上传的文件"), ([("a.pdf", b"plain")], "与扩展名不符"), ([("a.txt", b"1"), ("b.txt", b"2")], "只能是一个文件"),
])
def test_a_bad_newer_version_changes_nothing(at_work: Company, document: int, wang: Browser, files: list[tuple[str, bytes]], sentence: str) -> None:
    answer = wang.post(f"/evidence/{document}/replace", {"files": [upload(*one) for one in files], "new-note": "写好的备注"})
    assert answer.status_code == 422
    assert sentence in answer.text and "写好的备注" in answer.text
    assert len(pieces(at_work)) == 1


def test_a_description_is_changed_once_and_a_stale_one_shows_both_texts(at_work: Company, document: int, wang: Browser, browser: Browsers) -> None:
    lin = browser("林合规")
    mine, theirs = facts(wang.get(f"/evidence/{document}").text, note="王责任的备注"), facts(lin.get(f"/evidence/{document}").text, note="林合规的备注")
    assert lin.post(f"/evidence/{document}/describe", theirs).status_code == 303
    answer = wang.post(f"/evidence/{document}/describe", mine)
    assert answer.status_code == 409
    assert "林合规的备注" in answer.text and "王责任的备注" in answer.text and pieces(at_work)[0].note == "林合规的备注"
    assert wang.post(f"/evidence/{document}/describe", facts(answer.text, note="王责任的备注")).status_code == 303
    assert pieces(at_work)[0].note == "王责任的备注"


@pytest.mark.parametrize(("fields", "sentence"), [
    ({"obtained_on": "2030-01-01"}, "在今天之后"), ({"period_from": "2026-01-01"}, "请填写所属期间的结束日"), ({"note": "长" * 2001}, "最多 2000 个字"),
])
def test_a_bad_description_is_refused_at_its_field(document: int, wang: Browser, fields: dict[str, str], sentence: str) -> None:
    answer = wang.post(f"/evidence/{document}/describe", facts(wang.get(f"/evidence/{document}").text, **fields))
    assert (answer.status_code, sentence in answer.text) == (422, True)


def test_only_owners_and_officers_add_and_change(at_work: Company, document: int, browser: Browsers) -> None:
    for name in ("赵复核", "钱审计"):
        him = browser(name)
        page = him.get(f"/evidence/{document}").text
        assert 'id="describe"' not in page and 'id="replace"' not in page and "下载" in page
        assert "data-drop" not in him.get("/evidence").text
        assert send(him, "/evidence", "甲.txt", b"1").status_code == 403
        assert him.post(f"/evidence/{document}/describe", facts('name="version" value="1"', note="x")).status_code == 403
        assert him.post(f"/evidence/{document}/replace", {"files": upload("甲.txt", b"1")}).status_code == 403
    assert len(pieces(at_work)) == 1


def test_strangers_find_nothing(at_work: Company, document: int, browser: Browsers) -> None:
    for name in ("孙外人", "管理员"):
        him = browser(name)
        for address in ("", "/file", "/pages/1.png"):
            assert him.get(f"/evidence/{document}{address}").status_code == 404
        assert him.post(f"/evidence/{document}/describe", facts('name="version" value="1"')).status_code == 404
        assert him.post(f"/evidence/{document}/replace", {"files": upload("甲.txt", b"1")}).status_code == 404
        assert him.get(f"/evidence?entity={at_work.world.ours}").status_code == 404
        assert him.get("/evidence").text.count("<tr data-href=") == 0


def test_the_library_filters_and_finds(at_work: Company, document: int, wang: Browser) -> None:
    send(wang, "/evidence", "截图.png", picture("PNG"), **{"file-obtained_on": "2026-10-01"})
    for query, rows in (("", 2), ("kind=png", 1), ("kind=png&kind=pdf", 2), ("q=匹配", 1), ("q=没有的", 0), ("obtained_from=2026-11-01", 1), ("obtained_to=2026-11-01", 1)):
        assert wang.get(f"/evidence?{query}").text.count("<tr data-href=") == rows, query
    for query in ("kind=exe", "obtained_from=x", "versions=some"):
        assert wang.get(f"/evidence?{query}").status_code == 422


def test_the_library_tells_what_cites_each_piece(at_work: Company, wang: Browser) -> None:
    task_id = at_work.task()
    piece = at_work.hand_in(task_id)
    assert "1 项" in wang.get("/evidence").text
    assert f'data-href="/tasks/{task_id}"' in wang.get(f"/evidence/{piece}").text


def test_the_library_takes_the_same_few_statements_for_two_pieces_and_for_sixty(at_work: Company, app: Flask, wang: Browser) -> None:
    for number in range(2):
        at_work.evidence(f"{number}.txt", str(number))
    at_work.hand_in(at_work.task())
    oldest_first = "/evidence?sort=uploaded_at"
    wang.get(oldest_first)
    with counting(app) as few:
        wang.get(oldest_first)
    for number in range(2, 60):
        at_work.evidence(f"{number}.txt", str(number))
    with counting(app) as many:
        assert wang.get(oldest_first).text.count("<tr data-href=") == 50
    assert wang.get("/evidence?page=2").text.count("<tr data-href=") == 11
    assert len(few) == len(many) <= 11
