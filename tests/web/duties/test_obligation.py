"""One obligation as a page: inferred bearers, statutory facts, what is related, and how it came to say what it says."""

from __future__ import annotations

import re

import pytest

from tests.revised import EDITION, Told, obligations, revised, told
from tests.web.browsing import Browser
from tests.web.editions.conftest import text_of
from tests.web.editions.test_loading import own_register
from tracker.db import EVERY_ENTITY, Database
from tracker.editions.actions import put_in_force
from tracker.people.access import operator

FACT = {"kind": "penalty", "what": "未按规定办理", "says": "处十万元以上一百万元以下罚款", "who": "直接负责的主管人员", "law": {"name": "某某法", "articles": ["198"], "basis": "full_text", "version": "2019年修订"}}


def put(database: Database, data: bytes) -> None:
    """Put a file in force."""
    with database.writing(EVERY_ENTITY) as s:
        put_in_force(s, operator("操作员"), data, "next.yaml")


def section(page: str, title: str) -> str:
    """Return the text of one section of a page."""
    found = re.search(rf"<h2>{title}</h2>.*?</section>", page, re.DOTALL)
    return text_of(found.group(0)) if found else ""


@pytest.fixture
def first() -> Told:
    """Give the first obligation of the register with two bearers."""
    return next(one for _clause, one in obligations(told()) if len(one["subjects"]) > 1 and not one.get("inferred"))


def test_a_bearer_that_the_text_does_not_name_is_marked_and_the_others_are_not(database: Database, officer: Browser, admin: Browser, first: Told) -> None:
    put(database, revised({first["id"]: {"inferred": first["subjects"][1:2]}}))
    page = officer.get(f"/obligations/{first['id']}").text
    marked = re.findall(r'<span class="tag inferred" title="([^"]+)">([^<]+)<i>推定</i></span>', page)
    assert [label for _why, label in marked] == [told()["subjects"][first["subjects"][1]]["label"]]
    assert marked[0][0].startswith("条文没有点名")
    assert page.count('<span class="tag">') >= len(first["subjects"]) - 1
    listed = admin.get(f"/obligations?q={first['id']}").text
    assert f"{marked[0][1]}（推定）" in listed and f"{told()['subjects'][first['subjects'][0]]['label']}（推定）" not in listed


def test_statutory_facts_stand_apart_and_say_whose_words_they_are(database: Database, officer: Browser, first: Told) -> None:
    def more(file: Told) -> None:
        file["facts"] = {**file.get("facts", {}), "made_penalty": FACT}

    assert "made_penalty" not in first.get("facts", [])
    put(database, revised({first["id"]: {"facts": ["made_penalty"]}}, more=more))
    seen = section(officer.get(f"/obligations/{first['id']}").text, "法定责任与期限")
    for words in ("法条规定，不是文件的内容。", "法定处罚", "未按规定办理", "处十万元以上一百万元以下罚款", "对象：直接负责的主管人员", "《某某法》第 198 条", "2019年修订", "已核原文"):
        assert words in seen, words
    without = next(one for _clause, one in obligations(told()) if not one.get("facts") and one["id"] != first["id"])
    assert section(officer.get(f"/obligations/{without['id']}").text, "法定责任与期限") == ""


def test_related_obligations_are_linked_from_both_sides(officer: Browser) -> None:
    one = next(one for _clause, one in obligations(told()) if one.get("related"))
    other = one["related"][0]["id"]
    for here, there in ((one["id"], other), (other, one["id"])):
        page = officer.get(f"/obligations/{here}").text
        assert f'href="/obligations/{there}"' in page and there in section(page, "相关义务")
        assert re.search("内容相同|延续并扩展|相互关联", section(page, "相关义务"))


def test_a_register_of_ones_own_may_point_here_without_being_pointed_to(database: Database, officer: Browser) -> None:
    put(database, own_register())
    target = next(one["id"] for _clause, one in obligations(told()))
    assert target in section(officer.get("/obligations/NB1-01-01").text, "相关义务")
    assert "延续并扩展" in section(officer.get(f"/obligations/{target}").text, "相关义务") and "NB1-01-01" in section(officer.get(f"/obligations/{target}").text, "相关义务")


def test_the_pointer_of_another_register_follows_a_rename(database: Database, officer: Browser) -> None:
    put(database, own_register())
    target = next(one["id"] for _clause, one in obligations(told()))
    new = target[:-2] + "99"

    def rename(file: Told) -> None:
        for _clause, one in obligations(file):
            if one["id"] == target:
                one["id"], one["formerly"] = new, [target]
            for other in one.get("related", []):
                other["id"] = new if other["id"] == target else other["id"]

    put(database, revised(more=rename))
    assert new in section(officer.get("/obligations/NB1-01-01").text, "相关义务")
    assert "NB1-01-01" in section(officer.get(f"/obligations/{new}").text, "相关义务")


def test_the_past_tells_every_edition_with_what_it_changed(database: Database, officer: Browser, first: Told) -> None:
    key, old = first["id"], first["title"]
    put(database, revised({key: {"title": "第二版标题"}}))
    put(database, revised({key: {"title": "第三版标题"}}, edition="2027.02"))
    put(database, revised(gone=frozenset({key}), edition="2027.03"))
    put(database, revised(edition="2027.04"))
    page = officer.get(f"/obligations/{key}").text
    steps = [text_of(step) for step in re.findall(r'<li class="event">.*?</li>\s*(?=<li class="event">|</ol>)', page[page.index('id="lineage"'):], re.DOTALL)]
    assert [step.split(" 2026-")[0] for step in steps] == [
        "撤下后恢复 版本 2027.04", "撤下 版本 2027.03", "内容变更 版本 2027.02", "内容变更 版本 2027.01", f"首次载入 版本 {EDITION}",
    ]
    assert "标题" in steps[0] and "标题" not in steps[1] and old in steps[4]
    assert re.search(r"第 ?二 ?三 ?版标题", steps[2]) and "第二版标题" in steps[3]


def test_going_back_and_forth_between_two_texts_is_told_as_it_was(database: Database, officer: Browser, first: Told) -> None:
    for n, title in enumerate(["第二版标题", first["title"], "第二版标题"], 1):
        put(database, revised({first["id"]: {"title": title}}, edition=f"2027.0{n}"))
    page = officer.get(f"/obligations/{first['id']}").text
    steps = [text_of(step) for step in re.findall(r'<li class="event">.*?</li>\s*(?=<li class="event">|</ol>)', page[page.index('id="lineage"'):], re.DOTALL)]
    assert len(steps) == 4 and all(step.startswith("内容变更") and "标题" in step for step in steps[:3])


def test_a_withdrawn_document_stays_listed_at_the_end_and_says_so(database: Database, officer: Browser) -> None:
    titles = [document["title"] for document in told()["documents"]]

    def keep_one(file: Told) -> None:
        file["documents"] = file["documents"][:1]
        for _clause, one in obligations(file):
            one["related"] = []

    put(database, revised(more=keep_one))
    page = officer.get("/documents").text
    listed = re.findall(r'<section class="section">.*?</section>', page, re.DOTALL)
    assert [("已撤下" in one, title in one) for one, title in zip(listed, titles, strict=True)] == [(False, True), (True, True)]
