"""Forms of retention: what is needed is marked so and refused at its field, states are told, and only the acts that fit are offered."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask

from tests.cast import World
from tests.making import Making
from tests.web.browsing import Browser
from tests.web.test_retention import piece
from tracker.audit import queries as trail_queries
from tracker.audit.queries import TrailFilter
from tracker.audit.trail import entity_chain
from tracker.config import Config
from tracker.db import Database
from tracker.evidence.actions import EvidenceFacts, add_evidence
from tracker.evidence.store import Store
from tracker.people.access import operator
from tracker.people.actions import grant_roles
from tracker.words import Role

__all__ = ["piece"]
Browsers = Callable[[str], Browser]
NEW = "/retention/holds/new?entity=1"


def plain(page: str) -> str:
    """Return the main part of a page as plain text."""
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", page.split("<main")[1])).split())


def buttons(page: str) -> list[str]:
    """List the acts that a page offers."""
    return sorted(re.findall(r'name="do" value="(\w+)"', page))


def at_field(page: str, name: str) -> str:
    """Return what is said at a field: its label and its errors."""
    found = re.search(rf'<div class="field[^>]*><label for="{name}">.*?</div>|<fieldset class="field" id="{name}".*?</fieldset>', page, re.DOTALL)
    return plain("<main" + found.group()) if found else ""


def test_a_piece_of_another_entity_and_a_number_of_nothing_are_refused_at_the_field(
    browser: Browsers, config: Config, app: Flask, database: Database, world: World, piece: int, tmp_path: Path
) -> None:
    host, officer = operator("操作员"), browser("林合规")
    with database.writing(host.entities) as s:
        grant_roles(s, host, world.people["林合规"], world.others, [Role.OFFICER])
        with (tmp_path / "a.txt").open("rb") as file:
            stored = Store(config.store, 10**6).put(file, "别家的.txt")
        theirs = add_evidence(s, host, world.others, stored, EvidenceFacts()).evidence.id
    asked = {"kind": "evidence", "entity": str(world.ours), "what": str(theirs), "reason": "诉讼甲"}
    answer = officer.post(NEW, asked)
    assert (answer.status_code, "诉讼甲" in answer.text) == (422, True)
    assert f"证据 {theirs} 不属于所选主体" in at_field(answer.text, "what") and f'value="{theirs}"' in answer.text
    answer = officer.post(NEW, asked | {"what": "99999"})
    assert answer.status_code == 422 and "没有编号为 99999 的证据" in at_field(answer.text, "what") and 'value="99999"' in answer.text
    for kind in ("evidence", "person", "obligation"):
        assert "请填写编号" in at_field(officer.post(NEW, asked | {"kind": kind, "what": " "}).text, "what")
    assert "请选择主体" in at_field(officer.post("/retention/holds/new", {"kind": "entity", "reason": "诉讼"}).text, "entity")
    assert officer.post(NEW, asked | {"entity": str(world.others)}).status_code == 303


def test_a_person_is_held_by_login_or_by_a_name_that_only_one_has(browser: Browsers, making: Making, world: World) -> None:
    officer = browser("林合规")
    for _ in range(2):
        making.person("同名人", roles=[Role.OWNER])
    said = at_field(officer.post(NEW, {"kind": "person", "what": "同名人", "reason": "调查"}).text, "what")
    assert "有 2 名人员叫“同名人”" in said and said.count("登录名") >= 3
    # Of people of other houses nothing is told.
    for _ in range(2):
        making.person("外人")
    assert officer.post(NEW, {"kind": "person", "what": "外人", "reason": "调查"}).status_code == 403
    assert "没有编号、登录名或姓名是“无此人”" in at_field(officer.post(NEW, {"kind": "person", "what": "无此人", "reason": "调查"}).text, "what")
    assert officer.post(NEW, {"kind": "person", "what": "王责任", "reason": "调查"}).status_code == 303
    assert "王责任" in plain(officer.get("/retention/holds/1").text)


def test_the_page_of_a_term_leads_to_a_hold_with_the_number_filled_in(browser: Browsers, piece: int) -> None:
    officer = browser("林合规")
    found = re.search(r'href="(/retention/holds/new[^"]*)">设置保全', officer.get(f"/retention/evidence/{piece}").text)
    assert found
    page = officer.get(html.unescape(found.group(1))).text
    assert re.search(rf'name="what"[^>]*value="{piece}"', page) and re.search(r'<input checked[^>]*value="evidence"', page)
    assert "选填" not in at_field(page, "what") + at_field(page, "entity") and "视情况必填" in at_field(page, "what")


def test_destruction_is_asked_for_only_when_the_term_is_over_and_with_a_basis(browser: Browsers, piece: int) -> None:
    officer, address = browser("林合规"), f"/retention/evidence/{piece}"
    page = officer.get(address).text
    assert "选填" not in at_field(page, "retention") and "视情况必填" in at_field(page, "why") and "选填" in at_field(page, "kept_from")
    assert buttons(page) == ["classify"] and "现在还不能办理：“记录.txt”还在保存期限内，期限至" in plain(page)
    officer.post(address, {"do": "classify", "retention": "service_papers", "kept_from": "2010-01-01", "why": "委托早已结束"})
    page = officer.get(address).text
    assert buttons(page) == ["ask", "classify"] and "选填" not in at_field(page, "ask-basis") and "现在还不能办理" not in page
    assert "请填写法律依据" in at_field(officer.post(address, {"do": "ask", "ask-reason": "期满"}).text, "ask-basis")


def test_each_value_of_an_event_tells_its_state_and_nothing_changed_is_no_success(browser: Browsers, database: Database, world: World, piece: int) -> None:
    officer, chain = browser("林合规"), entity_chain(world.ours)
    with database.reading() as s:
        seq = trail_queries.events(s, TrailFilter((chain,)), limit=1)[0].seq
    address, chosen = f"/retention/trail/{chain}/{seq}", {"fields": "file_name", "reason": "含客户姓名"}
    page = officer.get(address).text
    assert buttons(page) == ["seal"] and "记录.txt（未封存）" in page and "选填" not in at_field(page, "fields")
    assert "没有变化：所选内容本来就没有封存" in officer.post(address, {"do": "unseal", **chosen}, follow_redirects=True).text
    assert "已封存 1 处" in plain(officer.post(address, {"do": "seal", **chosen}, follow_redirects=True).text)
    page = officer.post(address, {"do": "seal", **chosen}, follow_redirects=True).text
    assert "没有变化：所选内容本来就已封存" in page and 'class="flash warning"' in page
    assert buttons(page) == ["seal", "unseal"] and "（已封存）" in page
    officer.post(address, {"do": "seal", "fields": "actor_name", "reason": "含客户姓名"})
    page = officer.get(address).text
    assert buttons(page) == ["unseal"] and "已封存 2 处" in plain(page) and "未封存" not in plain(page)
    assert "现在还不能办理：第" in plain(page)


def test_the_page_of_a_person_tells_what_is_sealed(browser: Browsers, making: Making) -> None:
    person, admin = making.person("周离任"), browser("管理员")
    address = f"/retention/people/{person}"
    page = admin.get(address).text
    assert buttons(page) == ["seal"] and "未封存" in plain(page) and "现在还不能办理：“周离任”仍在职" in plain(page)
    admin.post(address, {"do": "seal", "reason": "本人请求"})
    page = admin.get(address).text
    assert buttons(page) == ["unseal"] and "已封存" in plain(page) and "个人信息已封存" in admin.get(f"/people/{person}").text
    page = admin.post(address, {"do": "seal", "reason": "再来"}, follow_redirects=True).text
    assert "没有变化：所选内容本来就已封存" in page


@pytest.mark.parametrize("act", ["", "moon"])
def test_an_act_that_is_none_changes_nothing(browser: Browsers, world: World, act: str) -> None:
    answer = browser("林合规").post(f"/retention/trail/{entity_chain(world.ours)}/0", {"do": act, "fields": "actor_name", "reason": "x"})
    assert answer.status_code == 422 and "请选择要做的事" in answer.text
