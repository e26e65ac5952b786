"""Pages of retention: what waits and is held, the class of a piece, sealing from the trail, and two people for what is final."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from flask import Flask

from tests.cast import World
from tests.making import Making
from tests.web.browsing import Browser
from tracker.audit import queries as trail_queries
from tracker.audit.queries import TrailFilter
from tracker.audit.trail import access_chain, entity_chain
from tracker.config import Config
from tracker.db import Database
from tracker.evidence.actions import EvidenceFacts, add_evidence
from tracker.evidence.store import Store
from tracker.people.access import operator
from tracker.people.actions import grant_roles
from tracker.words import Role


@pytest.fixture
def piece(config: Config, app: Flask, database: Database, world: World, tmp_path: Path) -> int:
    """Keep a piece of evidence in the store of the application."""
    (tmp_path / "a.txt").write_text("记录", encoding="utf-8")
    with (tmp_path / "a.txt").open("rb") as file:
        stored = Store(config.store, 10**6).put(file, "记录.txt")
    with database.writing(world.owner.entities) as s:
        return add_evidence(s, world.owner, world.ours, stored, EvidenceFacts()).evidence.id


def test_evidence_is_classed_asked_for_and_destroyed_on_the_pages_and_says_so_everywhere(
    browser: Callable[[str], Browser], making: Making, world: World, piece: int
) -> None:
    making.person("吴合规", roles=[Role.OFFICER])
    world.people["吴合规"] = World.read(making.database).people["吴合规"]
    officer, second, address = browser("林合规"), browser("吴合规"), f"/retention/evidence/{piece}"
    assert "证券公司业务资料" in officer.get(f"/evidence/{piece}").text and "《证券法》第137条" in officer.get(address).text
    early = officer.post(address, {"do": "ask", "ask-reason": "期满", "ask-basis": "《证券法》"})
    assert early.status_code == 409 and "还在保存期限内" in early.text
    assert "请填写缩短保存期限的理由" in officer.post(address, {"do": "classify", "retention": "service_papers", "kept_from": "2010-01-01"}).text
    assert officer.post(address, {"do": "classify", "retention": "service_papers", "kept_from": "2010-01-01", "why": "委托早已结束"}).status_code == 303
    assert officer.post(address, {"do": "ask", "ask-reason": "期满", "ask-basis": "《证券法》第162条"}).status_code == 303
    listed = officer.get("/retention").text
    assert "销毁到期证据" in listed and "记录.txt" in listed and "已到期" in listed
    assert officer.post("/retention/requests/1", {"do": "approve"}).status_code == 403
    assert second.post("/retention/requests/1", {"do": ""}).status_code == 422
    assert second.post("/retention/requests/1", {"do": "approve"}).status_code == 303
    for page in (f"/evidence/{piece}", "/evidence?entity=1"):
        assert "销毁" in officer.get(page).text
    gone = officer.get(f"/evidence/{piece}/file")
    assert gone.status_code == 404 and "到期销毁" in gone.text
    assert officer.get(f"/evidence/{piece}/pages/1.png").status_code == 404


def test_a_description_that_shortens_the_term_takes_an_officer_and_a_reason_on_the_page(browser: Callable[[str], Browser], piece: int) -> None:
    owner, officer, address = browser("王责任"), browser("林合规"), f"/evidence/{piece}/describe"
    years = {"period_from": "2026-01-01", "period_to": "2036-12-31"}
    assert owner.post(address, {"version": "1", **years}).status_code == 303
    assert 'name="why"' in officer.get(f"/evidence/{piece}").text and 'name="why"' not in owner.get(f"/evidence/{piece}").text
    for fields in ({}, {"why": "我有理由"}):
        answer = owner.post(address, {"version": "2", "note": "写好的备注", **fields})
        assert answer.status_code == 409 and "由 2056-12-31 提前到" in answer.text and "只有本主体的“合规管理”写明理由后才能这样做" in answer.text and "写好的备注" in answer.text
    answer = officer.post(address, {"version": "2", "note": "写好的备注"})
    assert answer.status_code == 422 and re.search(r"由 2056-12-31 提前到 [0-9-]{10}，请填写缩短保存期限的理由", answer.text) and "写好的备注" in answer.text
    assert officer.post(address, {"version": "2", "why": "期间填错了"}).status_code == 303
    page = officer.get(f"/evidence/{piece}").text
    assert "期间填错了" in page and "2056-12-31" not in page


def test_a_hold_is_placed_shown_and_lifted_by_another_in_words(browser: Callable[[str], Browser], making: Making, world: World, piece: int) -> None:
    making.person("吴合规", roles=[Role.OFFICER])
    world.people["吴合规"] = World.read(making.database).people["吴合规"]
    officer, second = browser("林合规"), browser("吴合规")
    new = "/retention/holds/new?entity=1"
    assert "请填写理由" in officer.post(new, {"kind": "evidence", "what": str(piece)}).text
    assert "请填写编号" in officer.post(new, {"kind": "evidence", "reason": "诉讼"}).text
    assert "不是有效的编号" in officer.post(new, {"kind": "evidence", "what": "甲", "reason": "诉讼"}).text
    assert officer.post(new, {"kind": "evidence", "what": str(piece), "reason": "诉讼"}).status_code == 303
    assert "第 1 号，生效中" in officer.get(f"/evidence/{piece}").text and "诉讼" in second.get("/retention").text
    assert officer.post("/retention/holds/1", {"reason": "结案"}).status_code == 403
    assert second.post("/retention/holds/1", {"reason": "结案"}).status_code == 303
    assert "已解除" in officer.get("/retention").text


def test_a_hold_on_a_person_is_neither_shown_to_nor_lifted_by_officers_who_never_worked_with_him(browser: Callable[[str], Browser], world: World) -> None:
    officer, stranger, admin, person = browser("林合规"), browser("孙外人"), browser("管理员"), str(world.people["王责任"])
    assert officer.post("/retention/holds/new", {"kind": "person", "what": person, "reason": "劳动仲裁"}).status_code == 303
    assert [("劳动仲裁" in one.get("/retention").text) for one in (officer, admin, stranger)] == [True, True, False]
    for answer in (stranger.client.get("/retention/holds/1"), stranger.post("/retention/holds/1", {"reason": "结案"})):
        assert answer.status_code == 403 and "该人员现在或曾经任职的主体的“合规管理”设置和解除" in answer.text and "劳动仲裁" not in answer.text
    assert stranger.post("/retention/holds/new", {"kind": "person", "what": person, "reason": "另一事"}).status_code == 403
    assert admin.post("/retention/holds/1", {"reason": "结案"}).status_code == 303


def test_values_of_an_event_are_sealed_from_the_trail_and_the_page_shows_marks(
    browser: Callable[[str], Browser], database: Database, world: World, piece: int
) -> None:
    officer, chain = browser("林合规"), entity_chain(world.ours)
    with database.reading() as s:
        seq = trail_queries.events(s, TrailFilter((chain,)), limit=1)[0].seq
    address = f"/retention/trail/{chain}/{seq}"
    assert address in officer.get("/trail").text and address not in browser("王责任").get("/trail").text
    assert "请至少选择一栏" in officer.post(address, {"do": "seal", "reason": "含客户姓名"}).text
    assert "没有“moon”这一栏" in officer.post(address, {"do": "seal", "fields": "moon", "reason": "含客户姓名"}).text
    assert officer.post(address, {"do": "seal", "fields": ["file_name", "actor_name"], "reason": "含客户姓名"}).status_code == 303
    page = browser("钱审计").get(f"/trail?object=evidence:{piece}").text
    assert "（已封存）" in page and "记录.txt" not in page
    assert "保存期限内" in officer.post(address, {"do": "ask", "ask-fields": "file_name", "ask-reason": "本人请求", "ask-basis": "第47条"}).text
    assert officer.post(address, {"do": "unseal", "fields": ["file_name", "actor_name"], "reason": "误封"}).status_code == 303
    assert "记录.txt" in browser("钱审计").get(f"/trail?object=evidence:{piece}").text


def test_a_person_is_sealed_on_his_page_and_deletion_is_refused_with_the_date(browser: Callable[[str], Browser], making: Making) -> None:
    person, admin = making.person("周离任"), browser("管理员")
    address = f"/retention/people/{person}"
    assert address in admin.get(f"/people/{person}").text
    assert "仍在职" in admin.post(address, {"do": "ask", "ask-reason": "本人请求", "ask-basis": "第47条"}).text
    admin.post(f"/people/{person}/leave", {"left_on": date(2026, 9, 1).isoformat()})
    assert "改用“封存”" in admin.post(address, {"do": "ask", "ask-reason": "本人请求", "ask-basis": "第47条"}).text
    assert admin.post(address, {"do": "seal", "reason": "本人请求"}).status_code == 303
    assert "（已封存）" in admin.get(f"/trail?object=person:{person}").text and "周离任" not in admin.get(f"/trail?object=person:{person}").text.split("<main")[1]


def test_who_read_what_is_shown_to_officers_and_not_to_an_administrator_with_some_role(
    browser: Callable[[str], Browser], database: Database, world: World, piece: int
) -> None:
    browser("钱审计").client.get(f"/evidence/{piece}/file", buffered=True)
    with database.writing("every entity") as s:
        grant_roles(s, operator("操作员"), world.people["管理员"], world.ours, [Role.OWNER])
    address = f"/retention/trail/{access_chain(world.ours)}/0"
    assert [browser(name).client.get(address).status_code for name in ("林合规", "管理员", "钱审计")] == [200, 403, 403]
    assert browser("管理员").client.get(f"/retention/trail/{entity_chain(world.ours)}/0").status_code == 200
