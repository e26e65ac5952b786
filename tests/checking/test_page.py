"""The page of the second check as people use it: files chosen, the verdict read out, dark, narrow, printed; and what it is made of."""

from __future__ import annotations

import hashlib
import re
from base64 import b64encode
from pathlib import Path

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tests.checking.second import Second, second
from tests.reports.parcel import book_name, parcel, zipped
from tests.reports.story import story
from tests.work import company, working_template
from tracker import verify
from tracker.checking.assembling import checking_page, tables
from tracker.reports.package import notes

__all__ = ["company", "parcel", "second", "story", "working_template"]


def test_codes_are_called_as_the_first_check_calls_them() -> None:
    told = tables()
    assert (told["VIA"], told["ACTIONS"], told["FIELDS"], told["CODES"], told["FACTS"]) == (verify.VIA, verify.ACTIONS, verify.FIELDS, verify.CODES, verify.FACTS)
    assert set(told["REFERRING"]) == verify.REFERRING and told["FACTS"] == notes.FACTS  # type: ignore[call-overload]


def test_both_checks_show_every_event_every_field_and_every_code_alike(second: Second) -> None:
    whole = {field: [*codes, "另一个"] for field, codes in verify.CODES.items()}
    values = {field: [*whole.get(field, ["u_1", "2026-11-22T02:00:00.000000Z", "after.reason"]), None, True, 7] for field in [*verify.FIELDS, "parent_id"]}
    names = {"u_1": "王责任", "event:1": "第一条"}
    records = [
        {"seq": 3, "at": "2026-11-22T02:00:00.000000Z", "actor": "u_1", "via": "web", "action": action, "object": "event:1", "before": {}, "after": {field: value}}
        for action, (field, each) in zip([*verify.ACTIONS] * 2, [*values.items()] * 2, strict=False)
        for value in (each if field not in {"as_of", "since"} else each[1:2])
    ]
    assert {record["action"] for record in records} == set(verify.ACTIONS) and {next(iter(record["after"])) for record in records} == set(values)  # type: ignore[call-overload]
    ask = "(every) => every.map(([record, names]) => Object.fromEntries(shown(parsed(record, ''), new Map(), parsed(names, ''))))"
    told = second.page.evaluate(ask, [[verify.canonical(record), verify.canonical(names)] for record in records])
    assert told == [verify.shown(record, {}, names) for record in records]


def test_only_its_own_script_may_run_and_no_address_be_reached() -> None:
    page = checking_page().decode()
    (script,), (style,) = re.findall("<script>(.*?)</script>", page, re.DOTALL), re.findall("<style>(.*?)</style>", page, re.DOTALL)
    policy = re.search('Content-Security-Policy" content="([^"]+)"', page)
    assert policy and "default-src 'none'; connect-src 'none'" in policy[1] and "unsafe" not in policy[1]
    for text in (script, style):
        assert f"'sha256-{b64encode(hashlib.sha256(text.encode()).digest()).decode()}'" in policy[1]
    assert not re.search(r"https?://|\bfetch\(|XMLHttpRequest|WebSocket|sendBeacon|\beval\(|innerHTML", page)


def test_people_choose_files_and_read_the_verdict(parcel: dict[str, bytes], second: Second, tmp_path: Path) -> None:
    page, package = second.page, zipped(tmp_path / "审计包.zip", parcel)
    page.set_input_files("#file", package)
    verdict = page.locator("#verdict")
    expect(verdict.locator("h2")).to_have_text("✓ 校验通过", timeout=60_000)
    expect(verdict).to_contain_text("海川证券")
    expect(verdict.locator("h2")).to_be_focused()
    data = bytearray(package.read_bytes())
    data[300] ^= 1
    (tmp_path / "坏.zip").write_bytes(data)
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        found = [one for one in Axe().run(page).response["violations"] if one["impact"] in {"serious", "critical"}]
        assert found == [], found
    page.emulate_media(color_scheme="light", media="print")
    expect(page.locator("#drop")).to_be_hidden()
    page.emulate_media(media="screen")
    page.set_viewport_size({"width": 390, "height": 844})
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.set_viewport_size({"width": 1200, "height": 900})
    page.set_input_files("#file", tmp_path / "坏.zip")
    expect(verdict.locator("h2")).to_have_text("✗ 校验未通过", timeout=60_000)
    (tmp_path / "b.xlsx").write_bytes(parcel[book_name(parcel)])
    page.fill("#fingerprint", "0" * 64)
    page.set_input_files("#file", tmp_path / "b.xlsx")
    expect(verdict).to_contain_text("没有指纹为", timeout=60_000)
    page.fill("#fingerprint", "")
    page.press("#fingerprint", "Enter")
    expect(verdict.locator("h2")).to_have_text("✓ 校验通过", timeout=60_000)
    expect(verdict).to_contain_text("证据文件未核对")
