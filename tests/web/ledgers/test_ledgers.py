"""Pages of ledgers: sent, mapped, asked about, remembered, previewed, loaded, sent again; what is in the way is said by sheet and cell."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from openpyxl import Workbook
from openpyxl.worksheet.worksheet import Worksheet
from sqlalchemy import select

from tests.ledgers.books import ROWS, duties, repairs, saved
from tests.web.at_work import at_work, company, counting, database, upload, working_template, world
from tests.web.browsing import Browser
from tests.web.editions.conftest import cards, text_of
from tests.work import Company
from tracker.audit.queries import TrailFilter, events
from tracker.audit.trail import SYSTEM_CHAIN
from tracker.db import EVERY_ENTITY, Database
from tracker.ledgers.models import LedgerDraft, LedgerMapping
from tracker.register.models import Edition, HeldRegister, Obligation

__all__ = ["at_work", "company", "database", "working_template", "world"]
FRAME = {"issuer": "海川证券合规部", "default_subject": "securities_firm"}


def send(who: Browser, data: bytes, name: str = "合规义务台账.xlsx") -> Any:
    """Send a workbook the way the page does."""
    answer = who.post("/ledgers", {"file": upload(name, data)})
    answer.request.environ["wsgi.input"].close()
    return answer


def taken(who: Browser, data: bytes, name: str = "合规义务台账.xlsx") -> str:
    """Send a ledger that is read; returns the address of its page."""
    answer = send(who, data, name)
    assert answer.status_code == 303, text_of(answer.text)[-600:]
    return str(answer.location)


def fields(page: str) -> dict[str, str]:
    """Return what the form of a ledger holds, as a browser would send it."""
    found = dict(re.findall(r'<input[^>]*name="(\w+)"[^>]*value="([^"]*)"', page))
    for name, inside in re.findall(r'<select[^>]*name="([^"]+)"[^>]*>(.*?)</select>', page, re.DOTALL):
        chosen = re.search(r'<option selected value="([^"]*)"|<option value="([^"]*)" selected', inside)
        found[name] = (chosen.group(1) or chosen.group(2) or "") if chosen else ""
    return {name: value for name, value in found.items() if name not in ("csrf_token", "q", "leave")}


def act(who: Browser, address: str, do: str, **more: str) -> Any:
    """Press a button of the page, with its form as it stands and some of it said otherwise."""
    return who.post(address, {**fields(who.get(address).text), "do": do, **more})


def loaded(who: Browser, data: bytes, **more: str) -> str:
    """Take a ledger all the way into force; returns the address of the edition."""
    answer = act(who, taken(who, data), "preview", **more)
    assert answer.status_code == 303, text_of(answer.text)[:1500]
    done = who.post(answer.location)
    assert done.status_code == 303
    return str(done.location)


def held(database: Database, like: str = "L%") -> list[tuple[str, str, bool]]:
    """List the obligations that came from ledgers: id, statement, withdrawn."""
    with database.reading(EVERY_ENTITY) as s:
        rows = s.execute(select(Obligation.id, Obligation.statement, Obligation.withdrawn).where(Obligation.id.like(like)).order_by(Obligation.id))
        return [tuple(row) for row in rows]  # type: ignore[misc]


def told(database: Database, action: str) -> list[Any]:
    """List the events of a kind in the system's chain."""
    with database.reading(EVERY_ENTITY) as s:
        return list(events(s, TrailFilter((SYSTEM_CHAIN,), action=action)))


def test_a_ledger_goes_from_the_upload_into_force_through_the_preview_of_editions(admin: Browser, at_work: Company) -> None:
    assert 'href="/ledgers"' in admin.get("/registers").text and "把台账文件拖到这里" in admin.get("/ledgers").text
    address = taken(admin, duties())
    page = text_of(admin.get(address).text)
    assert "海川证券合规义务台账（2026年）" in page and "合规义务清单!A8 合计行 合计 4 项" in page and "已按上次" not in page
    before = held(at_work.database)
    answer = act(admin, address, "preview", **FRAME)
    assert answer.location.startswith("/registers/drafts/") and held(at_work.database) == before == []
    assert cards(admin.get(answer.location).text) == {"新增": 4, "变更": 0, "撤下": 0, "改编号": 0, "未变": 0}
    admin.post(answer.location)
    assert [row[1] for row in held(at_work.database)] == [row[2] for row in ROWS]
    (one, *_rest) = held(at_work.database)
    shown = text_of(admin.get(f"/obligations/{one[0]}").text)
    assert "公司自己的台账列为要做到的事" in shown and "台账记载 4 责任 / 部门 董事会办公室 责任 / 人员 王明 备注 每年修订 台账编号 1" in shown
    assert "未核验" in shown and "系统不据此生成截止日" in shown and "由本项目从条文推出" not in shown
    assert text_of(admin.get("/search?q=董事会办公室").text).count(one[0]) == 1


def test_what_was_said_is_remembered_and_the_same_ledger_again_is_no_change(admin: Browser, at_work: Company) -> None:
    loaded(admin, duties(), **FRAME, **{"col-10": "ignore"})
    again = taken(admin, duties())
    page = admin.get(again).text
    assert "已按上次的对应关系填好（管理员" in text_of(page)
    given = fields(page)
    assert given["col-10"] == "ignore" and given["issuer"] == FRAME["issuer"] and given["default_subject"] == "securities_firm" and given["register"].endswith("_ledger")
    refused = act(admin, again, "preview")
    assert refused.status_code == 409 and "逐字节相同" in text_of(refused.text)
    with at_work.database.reading() as s:
        assert len(s.scalars(select(LedgerMapping)).all()) == 1 and len(s.scalars(select(Edition)).all()) == 2
    assert len(told(at_work.database, "ledger.mapped")) == 1
    assert "序号、类别、合规义务" in admin.get("/ledgers").text


def test_a_changed_row_keeps_its_id_and_a_row_put_in_moves_none(admin: Browser, at_work: Company) -> None:
    loaded(admin, duties(), **FRAME)
    before = held(at_work.database)
    rows = [list(row) for row in ROWS]
    new = (9, "公司治理", "建立新的一项制度并保存记录。", None, "应当", "低", "每年", "合规部", "孙", None)
    rows[1][1], rows[3][1], rows[1][7], rows[3][7] = "公司治理", "信息披露", "董事会办公室", "证券事务部"
    rows[0][2] = "建立并每年复核关联交易审批制度。"
    address = act(admin, taken(admin, duties([new, *rows])), "preview").location
    assert cards(admin.get(address).text) == {"新增": 1, "变更": 1, "撤下": 0, "改编号": 0, "未变": 3}
    admin.post(address)
    after = dict(row[:2] for row in held(at_work.database))
    assert after[before[0][0]] == rows[0][2] and {key: after[key] for key, *_ in before[1:]} == {key: text for key, text, _ in before[1:]}
    with at_work.database.reading() as s:
        register = s.scalars(select(HeldRegister.key).where(HeldRegister.key != "main")).one()
        assert [row.edition for row in s.scalars(select(Edition).where(Edition.register_key == register).order_by(Edition.id))] == ["2026.11", "2026.11.1"]


def test_a_note_that_changes_puts_no_acceptance_in_doubt_and_is_told_in_the_preview(admin: Browser, at_work: Company) -> None:
    loaded(admin, duties(), **FRAME)
    rows = [list(row) for row in ROWS]
    rows[1][1], rows[3][1], rows[1][7], rows[3][7] = "公司治理", "信息披露", "董事会办公室", "证券事务部"
    rows[0][8] = "新任者"
    address = act(admin, taken(admin, duties(rows)), "preview").location
    page = admin.get(address).text
    assert cards(page)["变更"] == 0 and cards(page)["未变"] == 4 and "台账记载" in page and "新任者" in page


def test_unknown_words_have_to_be_explained_and_the_answer_is_remembered(admin: Browser, at_work: Company) -> None:
    rows = [(*ROWS[0][:4], "原则要求", *ROWS[0][5:])]
    address = taken(admin, duties(rows))
    refused = act(admin, address, "preview", **FRAME)
    assert refused.status_code == 422 and "还有 1 个取值没有说明意思：“原则要求”（合规义务清单!E4，1 处）" in text_of(refused.text)
    name = next(one for one in fields(admin.get(address).text) if one.startswith("value-modality"))
    assert act(admin, address, "refresh", **{name: "must"}).status_code == 303
    assert fields(admin.get(address).text)[name] == "must" and fields(admin.get(address).text)["issuer"] == FRAME["issuer"]
    assert act(admin, address, "preview").status_code == 303
    assert fields(admin.get(taken(admin, duties(rows))).text)[name] == "must"


def test_everything_that_is_missing_is_said_at_its_field_and_nothing_is_kept(admin: Browser, at_work: Company) -> None:
    address = taken(admin, duties())
    answer = act(admin, address, "preview", name="", issuer="", issued="2026-02-30", default_subject="nobody")
    page = text_of(answer.text)
    assert answer.status_code == 422
    for sentence in ("请填写登记册名称。", "请填写台账的编制单位。", "请填写有效的日期"):
        assert sentence in page
    answer = act(admin, address, "preview", name="台账", issuer="x", issued="2026-11-22", default_subject="nobody", **{"col-2": "title", "col-9": "title"})
    page = text_of(answer.text)
    assert answer.status_code == 422 and "请选择台账没有写明时的义务主体" in page and "B3、I3 都对应到“标题”，只能有一列" in page
    answer = act(admin, address, "preview", **{f"col-{n}": "ignore" for n in range(1, 11)})
    assert answer.status_code == 422 and "没有一列对应到“要求”" in text_of(answer.text)
    assert not told(at_work.database, "ledger.mapped")


def test_rows_with_faults_are_left_out_only_when_somebody_says_so(admin: Browser, at_work: Company) -> None:
    def broken(sheet: Worksheet) -> None:
        sheet["C4"] = "#REF!"
        sheet["C4"].data_type = "e"

    address = taken(admin, duties(change=broken))
    refused = act(admin, address, "preview", **FRAME)
    assert refused.status_code == 422 and "有 1 行有问题，不能导入" in text_of(refused.text) and "合规义务清单!C4：这里是错误值 #REF!" in text_of(refused.text)
    answer = act(admin, address, "preview", leave="1")
    assert answer.status_code == 303 and cards(admin.get(answer.location).text)["新增"] == 3


def test_a_rectification_ledger_makes_no_due_date(admin: Browser, at_work: Company) -> None:
    address = taken(admin, repairs(), "整改台账.xlsx")
    assert fields(admin.get(address).text)["default_cadence"] == "once"
    loaded(admin, repairs(), **FRAME, name="整改台账")
    with at_work.database.reading(EVERY_ENTITY) as s:
        row = s.scalars(select(Obligation).where(Obligation.id.like("L%")).order_by(Obligation.id)).first()
        assert row is not None and row.facts == [] and {"label": "整改期限（仅作提示）", "text": "2026-12-31"} in row.noted


def test_the_register_file_is_offered_for_download_and_is_what_the_preview_takes(admin: Browser, at_work: Company) -> None:
    address = taken(admin, duties())
    answer = act(admin, address, "file", **FRAME)
    assert answer.status_code == 200 and answer.headers["Content-Disposition"].startswith("attachment") and answer.mimetype == "text/yaml"
    assert "# 工作表“合规义务清单” 第 4 行" in answer.text and "合规义务台账.xlsx，SHA-256 " in answer.text
    draft = act(admin, address, "preview").location
    admin.post(draft)
    with at_work.database.reading() as s:
        assert [row.source for row in s.scalars(select(Edition)).all()][-1].decode() == answer.text


def test_another_sheet_and_another_row_of_headings_are_read_anew(admin: Browser) -> None:
    book = Workbook()
    book.active.title = "甲"
    for row in (("序号", "合规义务"), (1, "甲项要求"), (2, "乙项要求")):
        book.active.append(row)
    other = book.create_sheet("乙")
    for row in (("名字", "甲"), ("栏一", "栏二"), ("丙", "丁")):
        other.append(row)
    hidden = book.create_sheet("藏")
    hidden.append(("序号", "合规义务"))
    hidden.sheet_state = "hidden"
    address = taken(admin, saved(book))
    assert "藏" not in admin.get(address).text
    assert act(admin, address, "sheet", sheet="乙", head="").status_code == 303
    assert "里没有认出表头" in text_of(admin.get(address).text)
    act(admin, address, "sheet", sheet="乙", head="2")
    page = text_of(admin.get(address).text)
    assert "栏一" in page and "乙!A1 表头上方的标题或说明" in page
    act(admin, address, "refresh", **{"col-1": "statement", **FRAME})
    assert "将成为这样的义务 1" in text_of(admin.get(address).text)
    assert act(admin, address, "sheet", sheet="没有", head="x").status_code == 303


def test_two_registers_are_not_called_alike_and_a_ledger_goes_into_one_that_came_from_a_ledger(admin: Browser, at_work: Company) -> None:
    loaded(admin, duties(), **FRAME, name="自有台账")
    address = taken(admin, repairs(), "整改台账.xlsx")
    page = admin.get(address).text
    assert "证券执法司法两份意见" not in re.search(r'name="register".*?</select>', page, re.DOTALL)[0]  # type: ignore[index]
    refused = act(admin, address, "preview", **FRAME, name="自有台账")
    assert refused.status_code == 422 and "已有名为“自有台账”的登记册" in text_of(refused.text)
    assert act(admin, address, "preview", register="main", name="另一本").status_code == 422
    key = re.search(r'<option value="(\w+_ledger)"', page)
    answer = act(admin, address, "preview", register=key[1] if key else "", name="自有台账")
    assert answer.status_code == 303 and cards(admin.get(answer.location).text) == {"新增": 2, "变更": 0, "撤下": 4, "改编号": 0, "未变": 0}


def test_markup_and_formula_like_texts_stand_as_text(admin: Browser, at_work: Company) -> None:
    def marked(sheet: Worksheet) -> None:
        sheet["C4"] = "=1+1"
        sheet["C4"].data_type = "s"
        sheet["C5"] = "<script>alert(1)</script>不得为控股股东违规提供担保。"
        sheet["C2"] = "合规义务<b>"

    address = taken(admin, duties(change=marked))
    page = admin.get(address).text
    assert "<script>alert" not in page and "&lt;script&gt;alert(1)" in page and "合规义务&lt;b&gt;" in page
    loaded(admin, duties(change=marked), **FRAME)
    assert [row[1] for row in held(at_work.database)][:2] == ["=1+1", "<script>alert(1)</script>不得为控股股东违规提供担保。"]


@pytest.mark.parametrize(("data", "name", "sentence"), [
    (b"", "空.xlsx", "空.xlsx"), (b"not a workbook", "台账.xlsx", "台账.xlsx"), (b"PK\x03\x04" + b"x" * 100, "坏.xlsx", "坏.xlsx"), (saved(Workbook()), "空表.xlsx", "没有可以导入的工作表"),
])
def test_a_file_that_is_no_ledger_is_refused_with_a_sentence_and_kept_nowhere(admin: Browser, at_work: Company, data: bytes, name: str, sentence: str) -> None:
    answer = send(admin, data, name)
    assert answer.status_code in (413, 422) and sentence in text_of(answer.text)
    with at_work.database.reading() as s:
        assert not s.scalars(select(LedgerDraft.id)).all()


def test_without_a_file_the_page_says_so(admin: Browser) -> None:
    admin.get("/ledgers")
    answer = admin.post("/ledgers", {})
    assert answer.status_code == 422 and "请先选择台账文件（.xlsx）" in answer.text


def test_a_ledger_is_his_alone_who_sent_it_and_goes_with_the_next(admin: Browser, browser: Callable[[str], Browser], at_work: Company) -> None:
    first = taken(admin, duties())
    second = taken(admin, repairs(), "整改台账.xlsx")
    assert admin.get(first).status_code == 404 and admin.get(second).status_code == 200
    assert "您有一份台账尚未导入：整改台账.xlsx" in text_of(admin.get("/ledgers").text)
    assert browser("林合规").get(second).status_code == 404 and browser("林合规").get("/ledgers").status_code == 404
    assert 'href="/ledgers"' not in browser("林合规").get("/registers").text
    assert admin.post(f"{second}/drop").status_code == 303 and admin.get(second).status_code == 404


def test_forgetting_a_mapping_is_an_event_and_the_next_ledger_is_guessed_anew(admin: Browser, at_work: Company) -> None:
    act(admin, taken(admin, duties()), "preview", **FRAME, **{"col-10": "ignore"})
    with at_work.database.reading() as s:
        (mapping,) = s.scalars(select(LedgerMapping.id))
    admin.post(f"/ledgers/mappings/{mapping}/forget")
    (event,) = told(at_work.database, "ledger.forgotten")
    assert fields(admin.get(taken(admin, duties())).text)["col-10"] == "note"
    assert event is not None and "忘记台账的列对应" in admin.get("/trail").text


def test_odd_answers_change_nothing_but_what_they_may(admin: Browser) -> None:
    address = taken(admin, duties())
    answer = act(admin, address, "refresh", **{"col-3": "nonsense", "col-99": "title", "col-x": "title", "value-modality-x": "must", "default_domain": "x" * 500, "register": "../etc"})
    assert answer.status_code == 303
    given = fields(admin.get(address).text)
    assert given["col-3"] == "statement" and "col-99" not in given
    assert act(admin, address, "preview", **FRAME).status_code == 422
    assert act(admin, address, "nonsense").status_code == 303


def test_the_page_of_a_ledger_asks_the_database_a_bounded_number_of_times(admin: Browser, app: Flask) -> None:
    address = taken(admin, duties([(n, "类", f"第{n}项要求，应当落实到位。", None, "应当", "高", "每年", "部", "人", None) for n in range(400)]))
    with counting(app) as statements:
        assert admin.get(address).status_code == 200
    assert len(statements) <= 24
