"""The page of signed heads: administrators sign and fetch there, everybody reads the fingerprint on the pages of the trail."""

from __future__ import annotations

import html
import re
from collections.abc import Callable

from tests.cast import World
from tests.web.browsing import Browser
from tracker.audit import trail
from tracker.audit.heads import notes
from tracker.audit.heads.keys import Keyring
from tracker.config import Config
from tracker.db import EVERY_ENTITY, Database
from tracker.people import head_keys
from tracker.people.access import operator


def _plain(page: str) -> str:
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", page)).split())


def test_without_a_key_the_pages_say_so(admin: Browser, browser: Callable[[str], Browser]) -> None:
    assert "还没有签名密钥" in _plain(admin.get("/trail/heads").text)
    assert "链头没有签名：系统还没有签名密钥" in _plain(browser("林合规").get("/trail").text)


def test_an_administrator_signs_and_fetches_the_file_and_everybody_sees_the_fingerprint(
    admin: Browser, browser: Callable[[str], Browser], database: Database, config: Config
) -> None:
    with database.writing(EVERY_ENTITY) as s:
        made = head_keys.create_key(s, operator("操作员"), Keyring(config.key_folder))
    before = _plain(admin.get("/trail/heads").text)
    assert made in before and "从未签名" in before and "还没有登记过" in before
    assert admin.post("/trail/heads").status_code == 303
    page = admin.get("/trail/heads").text
    assert "已签名：3 条链的链头，第 1 次登记" in page and "从未签名" not in page
    answer = admin.get("/trail/heads/1/file")
    assert len(notes.read_file(answer.get_data(as_text=True)).heads) == 3 and "heads_" in answer.headers["Content-Disposition"]
    assert admin.get("/trail/heads/2/file").status_code == 404
    for address in ("/trail", "/trail/check"):
        said = _plain(browser("林合规").get(address).text)
        assert made[:32] in said and "签于" in said and "还没有签名" not in said
    assert browser("林合规").get("/trail/heads").status_code == 404


def test_how_far_is_signed_is_said_of_each_chain(admin: Browser, browser: Callable[[str], Browser], database: Database, world: World, config: Config) -> None:
    with database.writing(EVERY_ENTITY) as s:
        head_keys.create_key(s, operator("操作员"), Keyring(config.key_folder))
    admin.post("/trail/heads")
    with database.writing(EVERY_ENTITY) as s:
        for _ in range(2):
            trail.record(s, world.auditor.actor, "evidence.damaged", "evidence:1", entity_id=world.ours)
    officer = browser("林合规")
    assert "链头签于" in _plain(officer.get("/trail").text) and "其后 2 条还没有签名" in _plain(officer.get("/trail").text)
    with database.writing(EVERY_ENTITY) as s:
        trail.record(s, world.auditor.actor, "report.downloaded", "report:1", entity_id=world.ours, log="access")
    rows = [_plain(row) for row in re.findall(r"<tr>.*?</tr>", officer.get("/trail/check").text, re.DOTALL)]
    assert [("签于" in row, "其后 2 条还没有签名" in row) for row in rows if row.startswith("海川 ")] == [(True, True)]
    assert [row for row in rows if row.startswith("海川（访问）") and "还没有签名" in row and "签于" not in row]
    assert "链头还没有签名" in _plain(officer.get("/trail?log=access").text)
    with database.writing(EVERY_ENTITY) as s:
        trail.record(s, world.auditor.actor, "evidence.damaged", "evidence:1", entity_id=world.others)
    said = _plain(admin.get("/trail").text)
    assert "签名公钥指纹" in said and "链头还没有签名" not in said


def test_the_chain_of_reads_is_told_by_whose_it_is(admin: Browser, database: Database, world: World, config: Config) -> None:
    with database.writing(EVERY_ENTITY) as s:
        head_keys.create_key(s, operator("操作员"), Keyring(config.key_folder))
        trail.record(s, world.auditor.actor, "report.downloaded", "report:1", entity_id=world.ours, log="access")
    page = _plain(admin.get("/trail/heads").text)
    assert "海川的访问记录" in page and "acc_" not in page


def test_a_lost_key_and_a_changed_note_are_shown(admin: Browser, database: Database, config: Config) -> None:
    with database.writing(EVERY_ENTITY) as s:
        made = head_keys.create_key(s, operator("操作员"), Keyring(config.key_folder))
    (config.key_folder / f"{made}.pem").unlink()
    assert "现用密钥的文件不在服务器上" in admin.get("/trail/heads").text
    assert "heads key lost" in admin.post("/trail/heads").text
    with database.engine.begin() as connection:
        connection.exec_driver_sql("DROP TRIGGER signing_key_no_update")
        connection.exec_driver_sql("UPDATE signing_key SET kind = 'lost'")
    assert "第 1 条：公钥与留痕记录或其签名不符" in _plain(admin.get("/trail/check").text)
