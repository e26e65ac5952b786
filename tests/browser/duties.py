"""Second chapter: the officer reads the register, confirms the scope, and assigns."""

from __future__ import annotations

import re
from datetime import timedelta

from playwright.sync_api import expect

from tests.browser.journey import FIRM, REASON, Journey, rows_told
from tracker import clock


def read_the_register(journey: Journey) -> None:
    """The officer finds obligations by two characters, narrows them, and reads one."""
    officer = journey["林合规"]
    page = officer.page
    officer.rail("义务")
    whole = rows_told(officer)
    assert whole > 100
    officer.picture("obligations", "phone", "dark", "print")
    officer.check_access("dark")
    page.locator("input[data-find]").fill("客户")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("q="))
    found = rows_told(officer)
    assert 0 < found < whole
    page.locator("details:has(form.facets) > summary").click()
    officer.choose("facet-modality", "应当")
    officer.picture("filter-menu")
    officer.press("应用筛选")
    expect(page.locator(".chip")).to_have_count(1)
    assert 0 < rows_told(officer) <= found
    officer.picture("obligations-filtered")
    row = page.locator("tbody .row-link").first
    title = row.inner_text()
    row.click()
    expect(page.get_by_role("heading", level=1)).to_have_text(title)
    expect(page.locator(".modality.large")).to_have_text(re.compile("应当"))
    officer.picture("obligation", "phone", "dark", "print", "whole")
    officer.check_access("dark")
    officer.go("/documents")
    officer.picture("documents")
    officer.press("逐条查看", role="link")
    officer.picture("document")


def confirm_scope(journey: Journey) -> None:
    """He confirms all that is suggested for the firm, and sets one obligation aside with a reason."""
    officer = journey["林合规"]
    page = officer.page
    officer.rail("适用性")
    officer.picture("choose-entity")
    officer.press(f"{FIRM}股份有限公司", role="link")
    expect(page).to_have_url(re.compile(r"entity=\d+"))
    officer.picture("scope-undecided", "phone")
    officer.check_access()
    officer.pick_all_matching()
    officer.picture("scope-selected")
    officer.press("按建议确认…")
    officer.picture("scope-dialog")
    officer.press("确认", page.locator("dialog[open]"))
    officer.told("已按建议确认")
    page.get_by_role("navigation", name="按适用性看").get_by_role("link", name=re.compile(r"^适用 ")).click()
    applies = rows_told(officer)
    assert applies > 20
    page.locator("[data-pick]").first.check()
    title = page.locator("tbody .row-link").first.inner_text()
    officer.press("定为不适用…")
    page.locator("dialog[open] textarea").fill(REASON)
    officer.picture("scope-exclude")
    officer.press("定为不适用", page.locator("dialog[open]"))
    officer.told("已将 1 项定为不适用")
    assert rows_told(officer) == applies - 1
    page.get_by_role("navigation", name="按适用性看").get_by_role("link", name=re.compile("^不适用 ")).click()
    row = page.locator("tbody tr").filter(has_text=title).filter(has_text=REASON)
    expect(row).to_contain_text("林合规")
    officer.picture("scope-not-applicable")


def assign(journey: Journey) -> None:
    """He assigns everything that applies in one go."""
    officer = journey["林合规"]
    page = officer.page
    officer.rail("分派")
    officer.picture("assignments-empty")
    page.get_by_role("navigation", name="按状态看").get_by_role("link", name=re.compile("^适用但未分派 ")).click()
    waiting = rows_told(officer)
    officer.pick_all_matching()
    officer.press("分派…")
    officer.choose("terms-owner_id", "王责任")
    officer.choose("terms-reviewer_id", "赵复核")
    page.locator("#terms-department").fill("财富管理部")
    page.locator("#terms-first_due").fill((clock.today() + timedelta(days=20)).isoformat())
    officer.picture("assign-dialog", "phone")
    officer.check_access()
    officer.press("分派", page.locator("dialog[open]"))
    assert f"新分派 {waiting} 项义务" in officer.told("新分派")
    page.get_by_role("navigation", name="按状态看").get_by_role("link", name=re.compile("^执行中 ")).click()
    assert rows_told(officer) == waiting
    officer.picture("assignments", "phone")
    officer.check_access()
    officer.rail("任务")
    assert rows_told(officer) > 10
    officer.picture("tasks", "phone", "dark", "print")
    officer.check_access("dark")
