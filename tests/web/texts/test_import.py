"""Importing an official text on the page of its document: by administrators, the right one only, with a precise report and a trail."""

from __future__ import annotations

import hashlib
import json
import re
from collections import OrderedDict
from collections.abc import Callable

import pytest

from tests.register.covering import TEXT, written
from tests.register.texts.samples import pasted, scanned
from tests.web.browsing import Browser
from tests.web.duties.conftest import said
from tests.web.texts.conftest import LONGER, OTHER, Library, upload
from tracker.audit.queries import TrailFilter, events
from tracker.audit.trail import SYSTEM_CHAIN
from tracker.config import MEGABYTE
from tracker.db import Database
from tracker.errors import BadInput
from tracker.people.access import operator
from tracker.register.loading import load
from tracker.register.models import OfficialText
from tracker.register.original import queries
from tracker.register.original.queries import imported_file, newest_text
from tracker.register.shape import Register
from tracker.register.texts import actions
from tracker.register.texts.actions import fitted, import_text
from tracker.register.texts.bounds import MOST_BYTES

ADDRESS, PAGE = f"/documents/{LONGER}/text", f"/documents/{LONGER}"

OWN = written().replace("format: 1\n", "format: 1\nregister: own\nname: 自己的登记册\n")


def kept(database: Database) -> OfficialText | None:
    """Return the newest text of the longer document."""
    with database.reading() as s:
        return newest_text(s, LONGER)


def test_an_administrator_imports_a_text_and_the_trail_says_which(admin: Browser, database: Database, library: Library) -> None:
    data = library.text().encode()
    assert "导入官方原文" in admin.get(PAGE).text
    answer = admin.post(ADDRESS, upload(data, "文件夹/指导意见.txt"))
    assert (answer.status_code, answer.location) == (303, ADDRESS)
    assert "原文已导入，共 113 句。每一句都有归类，每一处锚点都找到了。" in said(admin, ADDRESS)
    row = kept(database)
    assert row and (row.name, row.size, row.sha256, str(row.kind)) == ("指导意见.txt", len(data), hashlib.sha256(data).hexdigest(), "txt")
    with database.reading() as s:
        event = events(s, TrailFilter((SYSTEM_CHAIN,), action="document.text_imported"))[0]
    assert event.object == f"document:{LONGER}" and event.before == {}
    assert event.after == {"kind": "txt", "size": len(data), "sha256": row.sha256, "text_sha256": row.text_sha256}
    assert event.personal["file_name"] == "指导意见.txt" and "指导意见.txt" not in json.dumps(event.after, ensure_ascii=False)
    told = admin.get("/trail?action=document.text_imported").text
    assert "导入官方原文" in told and f'href="/documents/{LONGER}"' in told


def test_the_file_comes_back_byte_by_byte_under_its_name_for_everybody_signed_in(browser: Callable[[str], Browser], stranger: Browser, library: Library) -> None:
    library.keep(library.text().replace("\n", "\r\n"), name="指导 意见.txt")
    for name in ("钱审计", "孙外人", "管理员"):
        answer = browser(name).get(f"{ADDRESS}/file")
        assert answer.data == library.text().replace("\n", "\r\n").encode()
        assert answer.headers["Content-Disposition"].startswith("attachment") and answer.mimetype == "application/octet-stream"
    assert stranger.get(f"{ADDRESS}/file").status_code == 303


@pytest.mark.parametrize("name", ["林合规", "王责任", "钱审计", "孙外人"])
def test_others_find_no_form_and_may_not_import(browser: Callable[[str], Browser], library: Library, name: str) -> None:
    reader, before = browser(name), library.size()
    assert "导入官方原文" not in reader.get(PAGE).text
    assert reader.post(ADDRESS, upload(library.text())).status_code == 404
    assert {**library.size(), "sign_in": 0} == {**before, "sign_in": 0}


def test_the_same_file_twice_is_said_and_leaves_no_row_and_no_event(admin: Browser, library: Library) -> None:
    admin.post(ADDRESS, upload(library.text()))
    assert "原文已导入" in said(admin, ADDRESS)
    before = library.size()
    assert admin.post(ADDRESS, upload(library.text(), "别名.txt")).status_code == 303
    assert "逐字节相同，没有重复导入" in said(admin, ADDRESS)
    assert library.size() == before


def test_an_earlier_file_can_be_put_back_and_the_event_names_both(admin: Browser, database: Database, library: Library) -> None:
    for padding in (3, 1, 3):
        assert admin.post(ADDRESS, upload(library.text(padding=padding))).status_code == 303
    with database.reading() as s:
        told = events(s, TrailFilter((SYSTEM_CHAIN,), action="document.text_imported"))
        newest = imported_file(s, LONGER)
    assert len(told) == 3 and newest.original == library.text().encode()
    assert told[0].before["sha256"] == hashlib.sha256(library.text(padding=1).encode()).hexdigest()
    assert told[0].after["sha256"] == newest.sha256


def test_a_text_of_another_document_is_refused_with_what_does_not_fit_and_changes_nothing(admin: Browser, library: Library) -> None:
    admin.get(PAGE)
    before = library.size()
    answer = admin.post(ADDRESS, upload(library.text(OTHER)))
    assert answer.status_code == 422 and "没有导入：这份文本不是" in answer.text and f"（{OTHER}）的原文" in answer.text
    listed = re.search(r'role="alert".*?</div>', answer.text, re.DOTALL)
    assert listed and listed[0].count("<li>") == 11 and "第 2 条的标题" in listed[0] and "找不到" in listed[0] and re.search(r"另外 \d+ 处对不上", listed[0])
    assert library.size() == before


@pytest.mark.parametrize(("data", "part"), [
    (b"", "空的"), ("没有条款的文字。".encode(), "找不到条款"), (bytes(range(256)), "无法读取"), (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"x" * 600, "旧版"),
    (b"PK\x03\x04abc", "DOCX"), (b"%PDF-1.7 abc", "PDF"),
    (scanned(), "扫描件"),
])
def test_what_is_no_text_is_refused_with_a_sentence_and_changes_nothing(admin: Browser, library: Library, data: bytes, part: str) -> None:
    admin.get(PAGE)
    before = library.size()
    answer = admin.post(ADDRESS, upload(data))
    assert answer.status_code == 422 and part in answer.text
    assert library.size() == before


@pytest.mark.parametrize("size", [2, 16])
def test_a_file_beyond_the_limit_of_its_kind_is_refused_before_anything_is_kept(library: Library, database: Database, size: int) -> None:
    before, host = library.size(), operator("操作员")
    data = (b"PK\x03\x04" if size == 16 else b"") + b"a" * (size * 1024 * 1024)
    with pytest.raises(BadInput, match=f"{size} MB 的上限"), database.writing(host.entities) as s:
        import_text(s, host, LONGER, data + b"a", "大文件")
    assert library.size() == before


@pytest.mark.parametrize(("beyond", "status"), [(1, 422), (2 * MEGABYTE, 413)])
def test_a_request_may_hold_no_more_than_the_largest_text(admin: Browser, library: Library, beyond: int, status: int) -> None:
    admin.get(PAGE)
    before = library.size()
    answer = admin.post(ADDRESS, upload(b"PK\x03\x04" + b"a" * (MOST_BYTES - 4 + beyond), "原文.docx"))
    # The test client leaves the file in which it kept a large body to the garbage collector.
    answer.request.environ["wsgi.input"].close()
    assert answer.status_code == status and ("16 MB 的上限" in answer.text) == (status == 422)
    assert library.size() == before


def test_a_form_without_a_file_says_so(admin: Browser, library: Library) -> None:
    admin.get(PAGE)
    for body in ({}, upload("", "")):
        answer = admin.post(ADDRESS, body)
        assert answer.status_code == 422 and "请先选择要导入的文件" in answer.text
    assert admin.post("/documents/ff1900-1/text", upload(library.text())).status_code == 404


def test_a_script_gets_the_sentence_and_the_page_brought_up_to_date_shows_what_is_kept(admin: Browser, library: Library) -> None:
    wanted = {"headers": {"Accept": "application/json"}}
    admin.get(PAGE)
    refused = admin.post(ADDRESS, upload(library.text(OTHER)), **wanted)
    assert refused.status_code == 422 and "这份文本不是" in refused.json["message"] and "第 2 条的标题" in refused.json["message"]  # type: ignore[index]
    taken = admin.post(ADDRESS, upload(library.text()), **wanted)
    assert taken.status_code == 201 and "原文已导入" in taken.json["message"]  # type: ignore[index]
    page = admin.get(PAGE).text
    fresh = re.search(r'<p id="kept-text" data-fresh>.*?</p>', page, re.DOTALL)
    assert re.search(r'<div id="insist" data-fresh><label class="choice"><input type="checkbox" name="replace"', page)
    assert "导入新的原文" in page and fresh and "每一句、每一处锚点都对得上" in fresh[0] and f'href="{ADDRESS}"' in fresh[0]


def test_a_text_with_gaps_is_kept_and_their_number_is_said(admin: Browser, database: Database, library: Library) -> None:
    admin.get(PAGE)
    admin.post(ADDRESS, upload(library.text() + "\n24.附则。自印发之日起施行。\n25.解释。由印发机关解释。"))
    assert "缺口 2 处，已在页面上逐处标明。" in said(admin, ADDRESS)
    assert admin.get(PAGE).text.count("与登记册有 2 处对不上") == 2
    assert kept(database) is not None


WORSE = "\n24.附则。自印发之日起施行。\n25.解释。由印发机关解释。"


def test_a_worse_text_replaces_a_better_one_only_when_somebody_insists(admin: Browser, library: Library) -> None:
    admin.get(PAGE)
    admin.post(ADDRESS, upload(library.text()))
    before = library.size()
    answer = admin.post(ADDRESS, upload(library.text() + WORSE))
    assert answer.status_code == 422 and "新的原文与登记册有 2 处对不上，现有原文是 0 处，没有替换。" in answer.text
    assert "文本中的第 24 条" in answer.text and '<input type="checkbox" name="replace" value="1">' in answer.text
    assert library.size() == before
    assert admin.post(ADDRESS, {**upload(library.text() + WORSE), "replace": "1"}).status_code == 303
    assert library.size()["official_text"] == before["official_text"] + 1
    # One that is no worse than what is there, or better, needs no insisting.
    for text in (library.text(padding=1) + WORSE, library.text()):
        assert admin.post(ADDRESS, upload(text)).status_code == 303


def test_earlier_texts_are_listed_and_come_back_byte_by_byte(admin: Browser, browser: Callable[[str], Browser], library: Library) -> None:
    assert "以前的原文" not in admin.get(PAGE).text
    for padding in (3, 2, 1):
        library.keep(library.text(padding=padding), name=f"第{padding}版.txt")
    page = browser("钱审计").get(PAGE).text
    assert "以前的原文（2 份）" in page
    listed = page[page.index("以前的原文"):]
    found = re.findall(rf'href="({ADDRESS}/file/\d+)" download title="[^"]*">([^<]+)</a>', listed)
    assert [name for _href, name in found] == ["第2版.txt", "第3版.txt"]
    for padding, (href, _name) in zip((2, 3), found, strict=True):
        assert admin.get(href).data == library.text(padding=padding).encode()
    assert admin.get(f"{ADDRESS}/file").data == library.text(padding=1).encode()
    assert admin.get(found[0][0].replace(LONGER, OTHER)).status_code == 404 and admin.get(f"{ADDRESS}/file/999").status_code == 404


def test_a_word_document_is_kept_as_what_it_is(admin: Browser, database: Database, library: Library) -> None:
    admin.get(PAGE)
    assert admin.post(ADDRESS, upload(pasted(library.text()), "指导意见.docx")).status_code == 303
    row = kept(database)
    assert row and (str(row.kind), row.name) == ("docx", "指导意见.docx")


@pytest.mark.parametrize(("name", "shown"), [
    ("C:\\文档\\原文.txt", "原文.txt"), ("../../etc/原文.txt", "原文.txt"), ("\u202etxt.exe\u2066", "txt.exe"), ("\r\nX: y.txt", "X: y.txt"), ("\u200b", "原文"), ("长" * 300 + ".txt", "长" * 196 + ".txt"),
])
def test_a_hostile_name_is_kept_as_a_harmless_one(database: Database, library: Library, admin: Browser, name: str, shown: str) -> None:
    library.keep(name=name)
    row = kept(database)
    assert row and row.name == shown
    assert admin.get(f"{ADDRESS}/file").status_code == 200


def test_nothing_is_read_and_proven_while_others_wait_for_the_database(admin: Browser, database: Database, library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    admin.get(PAGE)
    host = operator("操作员")
    with database.reading() as s:
        fit = fitted(s, LONGER, library.text().encode(), "原文.txt")

    def unwanted(*_given: object) -> None:
        raise AssertionError

    for module, name in ((queries, "read_stored"), (actions, "read_text"), (actions.cover, "prove")):
        monkeypatch.setattr(module, name, unwanted)
    with database.writing(host.entities) as s:
        assert not import_text(s, host, LONGER, library.text().encode(), "原文.txt", fit).already


def test_the_register_of_the_document_alone_is_read_for_an_import(admin: Browser, database: Database, library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    host = operator("操作员")
    with database.writing(host.entities) as s:
        load(s, host, OWN.encode(), "own.yaml")
    read: list[bytes] = []
    real = queries.read_stored

    def reads(data: bytes, name: str) -> Register:
        read.append(data)
        return real(data, name)

    monkeypatch.setattr(queries, "read_stored", reads)
    monkeypatch.setattr(queries, "_sheets", OrderedDict())
    admin.get("/documents/test")
    assert admin.post("/documents/test/text", upload(TEXT)).status_code == 303
    assert read == [OWN.encode()]


def test_a_text_that_was_proven_against_an_earlier_edition_is_proven_anew(database: Database, library: Library) -> None:
    host = operator("操作员")
    with database.writing(host.entities) as s:
        load(s, host, OWN.encode(), "own.yaml")
    with database.reading() as s:
        fit = fitted(s, "test", TEXT.encode(), "原文.txt")
    assert fit.proof.gaps == ()
    with database.writing(host.entities) as s:
        load(s, host, OWN.replace("title: 保护投资者", "title: 保护别人").encode(), "own.yaml")
    with database.writing(host.entities) as s:
        assert [str(gap.kind) for gap in import_text(s, host, "test", TEXT.encode(), "原文.txt", fit).gaps] == ["title"]
