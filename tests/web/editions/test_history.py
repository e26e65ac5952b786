"""The history of a register: every edition with what it changed, any two compared, each file as it was loaded."""

from __future__ import annotations

import html
import re
from collections.abc import Callable

import pytest
from flask import Flask

from tests.editions.registers import Duty, identity, register
from tests.revised import EDITION, Told, obligations, revised, told
from tests.web.at_work import counting
from tests.web.browsing import Browser
from tests.web.editions.conftest import Browsers, cards, editions, load, look, text_of
from tests.web.editions.test_loading import own_register
from tests.work import REGISTER, Company
from tracker.db import EVERY_ENTITY
from tracker.editions import queries
from tracker.editions.actions import put_in_force
from tracker.people.access import operator
from tracker.register.shape import Register

FIRST = [one["id"] for _clause, one in obligations(told())]


def put(work: Company, data: bytes) -> int:
    """Put a file in force from the command line; returns the edition."""
    with work.database.writing(EVERY_ENTITY) as s:
        return put_in_force(s, operator("操作员"), data, "next.yaml").loaded.edition_id or 0


def marked(page: str, kind: str) -> list[str]:
    """Return the pieces of a page that went (del) or came (ins)."""
    return [html.unescape(found) for found in re.findall(rf"<{kind}[^>]*>(.*?)</{kind}>", page)]


def test_the_history_names_each_edition_with_who_loaded_it_and_what_it_changed(at_work: Company, admin: Browser, browser: Browsers) -> None:
    load(admin, revised({FIRST[0]: {"severity": "low", "statement": "改写后的要求。"}}))
    page = browser("钱审计").get("/registers/main").text
    rows = [text_of(row) for row in re.findall(r"<tr>.*?</tr>", page[page.index("<tbody>"):], re.DOTALL)]
    first, second = editions(at_work.database)
    assert rows[0].startswith("2027.01 现行") and "管理员" in rows[0] and "变更 1" in rows[0] and second.digest[:12] in rows[0]
    assert rows[1].startswith(EDITION) and "系统操作员" in rows[1] and f"新增 {first.obligations}" in rows[1]
    assert f'title="SHA-256 {second.digest}"' in page


def test_the_page_of_an_edition_says_what_it_changed_against_the_one_before(at_work: Company, browser: Browsers) -> None:
    register_then = {one["id"]: one for _clause, one in obligations(told())}
    old = register_then[FIRST[3]]["statement"]
    edition = put(at_work, revised({FIRST[3]: {"statement": old.rstrip("。") + "，并每年复核一次。"}}, frozenset({FIRST[8]})))
    page = browser("孙外人").get(f"/registers/editions/{edition}").text
    assert cards(page) == {"新增": 0, "变更": 1, "撤下": 1, "改编号": 0, "未变": len(FIRST) - 2}
    assert "，并每年复核一次" in marked(page, "ins") and FIRST[8] in page[page.index('id="withdrawn"'):]
    first = browser("孙外人").get(f"/registers/editions/{editions(at_work.database)[0].id}").text
    assert cards(first)["新增"] == len(FIRST) and "第一次载入" in first


def test_any_two_editions_are_compared_in_either_direction(at_work: Company, browser: Browsers) -> None:
    one, lin = editions(at_work.database)[0].id, browser("林合规")
    put(at_work, revised({FIRST[0]: {"title": "第一次改"}}))
    three = put(at_work, revised({FIRST[1]: {"title": "第二次改"}}, edition="2027.02"))
    forth, back = (lin.get(f"/registers/main/compare?old={a}&new={b}").text for a, b in ((one, three), (three, one)))
    assert cards(forth)["变更"] == cards(back)["变更"] == 1
    assert "第二次改" in "".join(marked(forth, "ins")) and "第二次改" in "".join(marked(back, "del"))
    newest = lin.get("/registers/main/compare").text
    assert cards(newest)["变更"] == 2
    same = lin.get(f"/registers/main/compare?old={one}&new={one}").text
    assert "没有差别" in same


@pytest.mark.parametrize("query", ["old=999&new=1", "old=1&new=99999999999", "old=a", "new=-1", "old=1&new=1%00"])
def test_an_edition_that_is_not_of_this_register_is_not_found(at_work: Company, admin: Browser, query: str) -> None:
    assert admin.get(f"/registers/main/compare?{query}").status_code == 404


def test_editions_of_two_registers_are_not_compared_and_unknown_ones_not_found(at_work: Company, admin: Browser) -> None:
    load(admin, own_register())
    mine = editions(at_work.database)[-1].id
    assert admin.get(f"/registers/main/compare?old=1&new={mine}").status_code == 404
    assert admin.get("/registers/internal").status_code == 200
    for address in ("/registers/nothing", "/registers/editions/999", "/registers/editions/999/file", "/registers/nothing/compare", "/registers/Internal"):
        assert admin.get(address).status_code == 404
    assert admin.post("/registers/editions/999/restore").status_code == 404


def test_a_file_comes_back_byte_for_byte_under_a_name_that_says_what_it_is(at_work: Company, browser: Browsers) -> None:
    answer = browser("钱审计").get(f"/registers/editions/{editions(at_work.database)[0].id}/file")
    assert answer.data == REGISTER.read_bytes()
    assert answer.headers["Content-Disposition"] == f"attachment; filename=main-{EDITION}.yaml"
    assert answer.mimetype == "text/yaml" and answer.headers["X-Content-Type-Options"] == "nosniff"


def around(file: Told) -> None:
    """Change something of every kind that stands around the obligations."""
    document, (domain, _second), subject = file["documents"][0], list(file["domains"])[:2], next(iter(file["subjects"]))
    file["name"] = "资本市场登记册"
    file["domains"][domain]["label"] += "（新）"
    file["subjects"][subject]["en"] += " (new)"
    file["facts"] = {**file.get("facts", {}), "made_fact": {"kind": "retention", "what": "底稿保存", "says": "保存不少于二十年", "law": {"name": "某法", "articles": ["7-2"], "basis": "excerpt"}}}
    document["nature"] += "（修订）"
    document["clauses"][0]["title"] += "（修订）"
    for clause in document["clauses"]:
        if clause.get("sentences"):
            clause["sentences"] = [{"class": "preamble", "why": "试验 · 说明"}, *clause["sentences"][1:]]
    next(one for _clause, one in obligations(file))["facts"] = ["made_fact"]


def test_what_changed_around_the_obligations_is_told_in_words_without_any_key(at_work: Company, browser: Browsers) -> None:
    edition = put(at_work, revised(more=around))
    page = browser("林合规").get(f"/registers/editions/{edition}").text
    frame = text_of(page[page.index('id="frame"'):page.index("</main>")])
    for words in ("登记册名称", "资本市场登记册", "（新）", "法定责任与期限", "底稿保存", "保存不少于二十年", "《某法》第 7 条之二（已核摘录）", "文件性质", "第 1 句", "背景导语", "的标题", "保存期限"):
        assert words in frame, words
    assert not re.findall(r"documents\.|clauses\.|domains\.|subjects\.|facts\.|related\.|preamble|made_fact|full_text|excerpt|\{|\[|None", frame)


def test_a_renamed_obligation_leads_from_the_old_id_to_the_new(at_work: Company, admin: Browser, browser: Browsers) -> None:
    def rename(file: Told) -> None:
        one = next(one for _clause, one in obligations(file) if not one.get("related"))
        one["formerly"], one["id"] = [one["id"]], one["id"][:-2] + "99"

    old = next(one["id"] for _clause, one in obligations(told()) if not one.get("related"))
    new = old[:-2] + "99"
    preview = admin.get(look(admin, revised(more=rename))).text
    assert cards(preview)["改编号"] == 1 and cards(preview)["未变"] == len(FIRST)
    assert f'href="/obligations/{new}"' not in preview
    page = admin.get(admin.post(look(admin, revised(more=rename))).location).text
    listed = page[page.index('id="renamed"'):page.index('id="frame"')]
    assert (marked(listed, "del"), marked(listed, "ins")) == ([old], [new])
    lin = browser("林合规")
    moved = lin.get(f"/obligations/{old}?entity={at_work.world.ours}")
    assert (moved.status_code, moved.location) == (301, f"/obligations/{new}?entity={at_work.world.ours}")
    page = text_of(lin.get(f"/obligations/{new}").text)
    assert f"曾用编号 {old}" in page and f"改编号，原编号 {old}" in page


def test_eighty_changes_stay_a_page_one_can_use(at_work: Company, browser: Browsers) -> None:
    edition = put(at_work, revised({one: {"severity": "low", "statement": f"第 {n} 项改写后的要求，另行记录。"} for n, one in enumerate(FIRST[:80])}))
    page = browser("林合规").get(f"/registers/editions/{edition}").text
    changed = page[page.index('id="changed"'):]
    assert cards(page)["变更"] == 80
    assert changed.count('<details class="change" open>') == 20 + changed[changed.index('id="frame"'):].count('<details class="change" open>')
    assert "data-unfolds" in changed and len(page) < 250_000


def test_the_pages_take_the_same_number_of_statements_whatever_changed(at_work: Company, app: Flask, admin: Browser, browser: Callable[[str], Browser]) -> None:
    lin = browser("林合规")
    few = put(at_work, revised({FIRST[0]: {"severity": "low"}}, edition="2027.01"))
    many = put(at_work, revised({one: {"title": f"改写{n}"} for n, one in enumerate(FIRST[:60])}, edition="2027.02"))

    def cost(address: str) -> int:
        lin.get(address)
        with counting(app) as statements:
            assert lin.get(address).status_code == 200
        return len(statements)

    assert cost(f"/registers/editions/{few}") == cost(f"/registers/editions/{many}") < 20
    before = cost("/registers/main"), cost("/registers"), cost(f"/obligations/{FIRST[5]}")
    put(at_work, revised({FIRST[5]: {"title": "再改一次"}}, edition="2027.03"))
    assert (cost("/registers/main"), cost("/registers"), cost(f"/obligations/{FIRST[5]}")) == before


def test_the_trail_leads_to_the_history_of_the_register(at_work: Company, admin: Browser) -> None:
    load(admin, own_register())
    page = admin.get("/trail?action=register.loaded").text
    assert re.findall(r'<tr data-href="(/registers/[^"]*)"', page) == ["/registers/internal", "/registers/main"]


def test_a_made_register_of_three_tells_added_changed_and_gone_alike(at_work: Company, browser: Browsers) -> None:
    first = put(at_work, register([Duty(1), Duty(2)], key="made", words=False))
    second = put(at_work, register([Duty(2, 1), Duty(3)], "2026.12", key="made", words=False))
    page = browser("林合规").get(f"/registers/made/compare?old={first}&new={second}").text
    assert cards(page) == {"新增": 1, "变更": 1, "撤下": 1, "改编号": 0, "未变": 0}
    assert marked(page[page.index('id="changed"'):page.index('id="withdrawn"')], "del") == ["0"]
    assert identity(3) in page[page.index('id="added"'):]


def test_a_page_reads_each_edition_it_compares_once(at_work: Company, admin: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    one = editions(at_work.database)[0].id
    two = put(at_work, revised({FIRST[0]: {"title": "第一次改"}}))
    preview = look(admin, revised({FIRST[1]: {"title": "第二次改"}}, edition="2027.02"))
    read: list[str] = []
    real = queries.read_stored

    def reads(data: bytes, name: str) -> Register:
        read.append(name)
        return real(data, name)

    monkeypatch.setattr(queries, "read_stored", reads)
    for address, names in (
        (f"/registers/editions/{two}", [EDITION, "2027.01"]), (f"/registers/editions/{one}", [EDITION]), ("/registers/main/compare", [EDITION, "2027.01"]),
        (f"/registers/main/compare?old={two}&new={two}", ["2027.01"]), (preview, ["2027.01"]),
    ):
        read.clear()
        assert admin.get(address).status_code == 200
        assert sorted(read) == [f"版本 {name}" for name in names], address
