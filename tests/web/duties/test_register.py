"""Pages of obligations: found, filtered, sorted, counted, and never taken for what they are not."""

from __future__ import annotations

import re
from collections.abc import Callable
from urllib.parse import quote

import pytest
import yaml

from tests.cast import World
from tests.web.browsing import Browser
from tests.web.duties.conftest import Office, rows_of
from tests.work import REGISTER
from tracker.db import Database
from tracker.people.access import operator
from tracker.register.loading import load
from tracker.register.queries import ObligationFilter, obligation_ids, obligations
from tracker.words import Basis, Modality, Standing

IN_FORCE = ObligationFilter()


def _count(page: str) -> int:
    found = re.search(r'<span class="count">([\d,]+) 项', page)
    assert found
    return int(found.group(1).replace(",", ""))


def test_the_list_holds_every_obligation_fifty_to_a_page(officer: Browser, database: Database) -> None:
    with database.reading() as s:
        every = obligation_ids(s, IN_FORCE)
    shown: list[str] = []
    for number in range(1, -(-len(every) // 50) + 1):
        page = officer.get(f"/obligations?page={number}").text
        assert _count(page) == len(every)
        shown += re.findall(r'data-href="/obligations/([^"?]+)"', page)
    assert shown == every


def test_a_row_says_what_kind_of_sentence_where_how_grave_how_often_and_whom(officer: Browser, database: Database, world: World) -> None:
    with database.reading() as s:
        one = next(o for o in obligations(s, IN_FORCE) if o.modality == Modality.EXPOSURE and o.basis == Basis.IMPLIED)
        title, number, cadence = one.title, f"第 {one.clause_no} 条", one.cadence.label
    row = rows_of(officer.get(f"/obligations?q={one.id}").text)[0]
    assert row.startswith(f"{row.split()[0]}") and "风险 推定" in row
    assert all(said in row for said in (one.id, title, number, cadence))


def test_a_page_beyond_the_end_shows_the_last_one(officer: Browser) -> None:
    assert rows_of(officer.get("/obligations?page=99").text) == rows_of(officer.get("/obligations?page=5").text)
    assert rows_of(officer.get("/obligations?page=x").text) == rows_of(officer.get("/obligations").text)


@pytest.mark.parametrize("word", ["举报", "内幕交易", "适当性", "FF9-03-02", "insider"])
def test_full_text_finds_short_chinese_words_ids_and_english(officer: Browser, database: Database, word: str) -> None:
    with database.reading() as s:
        found = obligation_ids(s, ObligationFilter(q=word))
    page = officer.get(f"/obligations?q={quote(word)}").text
    assert 0 < len(found) < 50
    assert _count(page) == len(found)
    assert f'value="{word}"' in page


@pytest.mark.parametrize("word", ['"', "' OR 1=1", "AND OR NOT", "(", "*", "%", "_", "\\", "㊙", "适当 OR"])
def test_no_search_word_breaks_the_page(officer: Browser, word: str) -> None:
    assert officer.get(f"/obligations?q={quote(word)}").status_code == 200


FILTERS = {
    "modality": ("must_not", "不得"), "basis": ("stated", "明示"), "domain": ("suitability", "投资者适当性"),
    "subject": ("securities_firm", "证券公司"), "severity": ("high", "高"), "cadence": ("event", "事件触发"),
    "document": ("opinions-2021", "《关于依法从严打击证券违法活动的意见》"),
}


@pytest.mark.parametrize("name", FILTERS)
def test_a_filter_of_the_address_narrows_the_list_and_stands_as_a_chip(officer: Browser, database: Database, name: str) -> None:
    value, label = FILTERS[name]
    with database.reading() as s:
        found = obligation_ids(s, ObligationFilter(**{name: value}))  # type: ignore[arg-type]
    page = officer.get(f"/obligations?{name}={value}").text
    assert 0 < _count(page) == len(found) < _count(officer.get("/obligations").text)
    chip = re.search(r'<span class="chip">.*?</span><a href="([^"]*)"', page, re.DOTALL)
    assert chip and label in chip.group(0) and name not in chip.group(1)


def test_clauses_are_offered_once_a_document_is_chosen(officer: Browser, database: Database) -> None:
    assert 'name="clause"' not in officer.get("/obligations").text
    with database.reading() as s:
        found = obligation_ids(s, ObligationFilter(document="ff2025-9", clause=3))
    assert _count(officer.get("/obligations?document=ff2025-9&clause=3").text) == len(found)


@pytest.mark.parametrize("query", ["modality=duty", "domain=nothing", "clause=x&document=ff2025-9", "standing=perhaps", "withdrawn=2"])
def test_a_filter_value_that_does_not_exist_is_named_and_shows_no_rows(officer: Browser, query: str) -> None:
    answer = officer.get(f"/obligations?{query}")
    assert answer.status_code == 422
    assert "请清除筛选后重试" in answer.text and not rows_of(answer.text)


def test_sorting_by_severity_shows_the_gravest_first_and_back(officer: Browser) -> None:
    def first(sort: str) -> str:
        return re.findall(r'<span class="severity (\w+)"', officer.get(f"/obligations?sort={sort}").text)[0]

    assert (first("severity"), first("-severity")) == ("high", "low")
    assert 'aria-sort="descending"' in officer.get("/obligations?sort=-severity").text


def test_nothing_found_says_so_and_leads_back_to_everything(officer: Browser) -> None:
    page = officer.get("/obligations?q=没有这样的词").text
    assert "没有符合条件的义务" in page and 'href="/obligations"' in page


@pytest.mark.parametrize(("modality", "basis", "sentence"), [
    (Modality.EXPOSURE, Basis.STATED, "风险敞口：条文未要求公司作为"),
    (Modality.EXPOSURE, Basis.IMPLIED, "风险敞口（推定）：条文未要求公司作为，也未直接指向这些主体"),
    (Modality.RIGHT, Basis.STATED, "不使用不构成违反"),
    (Modality.MUST, Basis.IMPLIED, "条文未直接对这些主体提出要求"),
    (Modality.MUST, Basis.STATED, "条文直接要求这些主体做到"),
    (Modality.MUST_NOT, Basis.IMPLIED, "条文未直接对这些主体作出禁止"),
])
def test_one_sentence_says_what_modality_and_basis_mean(
    officer: Browser, database: Database, modality: Modality, basis: Basis, sentence: str
) -> None:
    with database.reading() as s:
        found = obligation_ids(s, ObligationFilter(modality=modality, basis=basis))[0]
    page = officer.get(f"/obligations/{found}").text
    assert sentence in page
    assert f'class="modality {modality}{" implied" if basis == Basis.IMPLIED else ""} large"' in page
    assert ("引用时请核对原文" in page) == (basis == Basis.IMPLIED)
    if modality in {Modality.EXPOSURE, Modality.RIGHT}:
        assert "条文直接要求" not in page and ">应当<" not in page


def test_the_page_shows_the_anchor_the_law_with_its_check_and_marks_our_advice_as_ours(officer: Browser, database: Database) -> None:
    with database.reading() as s:
        one = next(o for o in obligations(s, IN_FORCE) if any("-" in a for law in o.law for a in law.get("articles", ())))
    page = officer.get(f"/obligations/{one.id}").text
    assert one.anchor in page and one.statement in page
    assert "已核原文" in page or "已核摘录" in page or "未核验" in page
    assert re.search(r"第 \d+ 条之[一二三四五六七八九]", page)
    assert "以下是本项目的专业建议，条文未规定。" in page and one.evidence[0] in page


def test_every_obligation_has_a_page(officer: Browser, database: Database) -> None:
    with database.reading() as s:
        every = obligation_ids(s, IN_FORCE)
    assert [one for one in every[::7] if officer.get(f"/obligations/{one}").status_code != 200] == []


def test_an_unknown_obligation_or_text_is_not_found(officer: Browser) -> None:
    assert officer.get("/obligations/FF9-99-99").status_code == 404
    assert officer.get("/documents/ff1900-1").status_code == 404


def test_a_withdrawn_obligation_says_so_and_stands_in_the_list_only_when_asked(officer: Browser, database: Database) -> None:
    before = _count(officer.get("/obligations").text)
    facts = yaml.load(REGISTER.read_text(encoding="utf-8"), yaml.BaseLoader)  # noqa: S506
    gone = facts["documents"][0]["clauses"][2]["obligations"].pop()["id"]
    facts["edition"] = "2027.01"
    host = operator("操作员")
    with database.writing(host.entities) as s:
        load(s, host, yaml.safe_dump(facts, allow_unicode=True).encode(), "next.yaml")
    assert "已从现行登记册中撤下" in officer.get(f"/obligations/{gone}").text
    assert _count(officer.get("/obligations").text) == before - 1
    assert _count(officer.get("/obligations?withdrawn=1").text) == before


def test_the_page_tells_where_my_entities_stand_and_nothing_of_others(browser: Callable[[str], Browser], office: Office) -> None:
    one = office.confirm()[0]
    office.assign([one])
    ours = browser("王责任").get(f"/obligations/{one}").text
    assert all(said in ours for said in ("海川", "王责任", "赵复核", "还有 39 天"))
    theirs = browser("孙外人").get(f"/obligations/{one}").text
    assert "别家" in theirs
    assert not any(said in theirs for said in ("海川", "王责任", "赵复核", "还有 39 天"))
    assert "您在任何主体中都没有角色" in browser("管理员").get(f"/obligations/{one}").text


def test_with_an_entity_the_list_shows_standing_and_owner(officer: Browser, office: Office) -> None:
    office.assign(office.confirm()[:1])
    page = officer.get("/obligations?standing=applies").text
    assert _count(page) == len(office.applicable)
    assert "王责任 财富管理部" in rows_of(page)[0] and "未分派" in rows_of(page)[1]
    assert _count(officer.get("/obligations?standing=not_applicable").text) == len(office.ids(Standing.NOT_APPLICABLE))


def test_the_texts_are_listed_with_their_clauses_and_counts(officer: Browser, database: Database) -> None:
    with database.reading() as s:
        rows = obligations(s, ObligationFilter(document="ff2025-9"))
        third = [o.id for o in rows if o.clause_no == 3]
    page = officer.get("/documents").text
    assert "法发〔2025〕9号" in page and f"{len(rows)} 项义务" in page and "2021-07-06" in page and "最高人民法院" in page
    page = officer.get("/documents/ff2025-9").text
    clause = page[page.index('id="clause-3"'):page.index('id="clause-4"')]
    assert re.findall(r'data-href="/obligations/([^"?]+)"', clause) == third and f"{len(third)} 项" in clause


@pytest.mark.parametrize(("few", "many"), [
    ("/obligations?q=适当", "/obligations"), ("/obligations?entity={ours}&q=适当", "/obligations?entity={ours}"),
    ("/documents/opinions-2021", "/documents/ff2025-9"),
])
def test_a_list_takes_the_same_number_of_statements_whatever_its_length(
    officer: Browser, office: Office, world: World, cost: Callable[[Browser, str], int], few: str, many: str
) -> None:
    office.assign(office.confirm()[:40])
    few, many = few.format(ours=world.ours), many.format(ours=world.ours)
    assert len(rows_of(officer.get(few).text)) < len(rows_of(officer.get(many).text))
    assert cost(officer, few) == cost(officer, many) < 20
