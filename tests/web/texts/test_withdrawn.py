"""A document that an edition takes out: its official text and what was last registered of it stay where people find them."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from tests.register.covering import HEAD, OTHER, TEXT, written
from tests.web.browsing import Browser
from tests.web.texts.conftest import Library, upload
from tracker.db import Database
from tracker.people.access import operator
from tracker.register.loading import load
from tracker.register.original import queries

OWN = "format: 1\nregister: own\nname: 自己的登记册\n"
WHOLE = written().replace("format: 1\n", OWN)
LEFT = (HEAD.split("  - id: test")[0] + OTHER).replace("format: 1\n", OWN)
PAGE, ADDRESS = "/documents/test", "/documents/test/text"


def put(database: Database, text: str) -> None:
    """Put an edition of the register of one's own in force."""
    host = operator("操作员")
    with database.writing(host.entities) as s:
        load(s, host, text.encode(), "own.yaml")


@pytest.fixture
def gone(database: Database, library: Library) -> Library:
    """Import the text of a document, then load an edition without that document."""
    put(database, WHOLE)
    library.keep(TEXT, "test")
    put(database, LEFT)
    return library


def test_the_list_keeps_it_at_the_end_and_its_page_leads_to_text_and_file(officer: Browser, gone: Library) -> None:
    listed = officer.get("/documents").text
    sections = re.findall(r'<section class="section">.*?</section>', listed, re.DOTALL)
    assert "关于测试事项的意见" in sections[-1] and "已撤下" in sections[-1] and f'href="{PAGE}"' in sections[-1]
    assert "3 份，另有 1 份已撤下" in listed and not any("已撤下" in one for one in sections[:-1])
    page = officer.get(PAGE).text
    assert "这份文件已从现行登记册中撤下" in page and f'href="{ADDRESS}"' in page and f'href="{ADDRESS}/file"' in page
    assert "每一句、每一处锚点都对得上" in page and 'href="/obligations?document=test&amp;withdrawn=1"' in page
    assert officer.get(f"{ADDRESS}/file").data == TEXT.encode()


def test_its_text_is_laid_out_on_the_last_edition_that_held_it(officer: Browser, database: Database, gone: Library) -> None:
    page = officer.get(ADDRESS).text
    assert "最后一个收有它的版本" in page and page.count('class="duty"') == 5 and 'href="/obligations/T-03-01"' in page
    put(database, WHOLE.replace("title: 事项 T-03-01", "title: 改过的事项"))
    assert "已撤下" not in officer.get(ADDRESS).text
    # The same bytes in force again, after another last edition that held it.
    put(database, LEFT)
    assert "改过的事项" in officer.get(ADDRESS).text


def test_without_a_text_its_clauses_and_anchors_stay(officer: Browser, database: Database) -> None:
    put(database, WHOLE)
    put(database, LEFT)
    page = officer.get(ADDRESS).text
    assert page.count('class="duty"') == 5 and "已撤下" in page and "还没有导入" not in page
    assert "尚未导入" in officer.get(PAGE).text


def test_no_register_is_read_again_for_each_request(officer: Browser, gone: Library, cost: Callable[[Browser, str], int], monkeypatch: pytest.MonkeyPatch) -> None:
    for address in (ADDRESS, PAGE):
        officer.get(address)

    def unwanted(_data: bytes, name: str) -> None:
        raise AssertionError(name)

    monkeypatch.setattr(queries, "read_stored", unwanted)
    assert officer.get(ADDRESS).status_code == officer.get(PAGE).status_code == 200
    assert cost(officer, ADDRESS) < 14


def test_editions_that_never_name_it_are_not_read_for_it(officer: Browser, database: Database, gone: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    put(database, LEFT.replace("2026.12", "2027.01"))
    read: list[bytes] = []
    real = queries.read_stored

    def reads(data: bytes, name: str) -> object:
        read.append(data)
        return real(data, name)

    monkeypatch.setattr(queries, "read_stored", reads)
    assert officer.get(ADDRESS).status_code == 200
    assert read == [WHOLE.encode()]


def test_a_document_whose_id_is_written_with_escapes_is_found_all_the_same(officer: Browser, database: Database) -> None:
    put(database, WHOLE.replace("id: test\n", 'id: "t\\x65st"\n'))
    put(database, LEFT)
    assert officer.get(ADDRESS).text.count('class="duty"') == 5


def test_no_new_text_is_imported_for_it(admin: Browser, gone: Library) -> None:
    page = admin.get(PAGE).text
    assert "导入新的原文" not in page
    before = gone.size()
    answer = admin.post(ADDRESS, upload(TEXT + "\n"))
    assert answer.status_code == 422 and "已从现行登记册中撤下" in answer.text
    assert gone.size() == before
