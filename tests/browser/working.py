"""Third chapter: the owner hands in, the reviewer sends back and accepts, the evidence is looked at."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

from playwright.sync_api import Route, expect

from tests.browser.journey import NOTE, SENT_BACK, Journey
from tests.browser.papers import MINUTES, OPINION, RECEIPT, REVIEW
from tracker import clock

DROP = """([zone, name, text]) => {
  const carried = new DataTransfer();
  carried.items.add(new File([text], name, {type: "text/plain"}));
  for (const kind of ["dragenter", "dragover", "drop"]) zone.dispatchEvent(new DragEvent(kind, {dataTransfer: carried, bubbles: true, cancelable: true}));
}"""


def hand_in(journey: Journey) -> None:
    """The owner opens his first task from the workbench, uploads by choosing and by dropping, writes a note, submits."""
    owner = journey["王责任"]
    page = owner.page
    owner.rail("工作台")
    owner.picture("workbench-owner", "phone", "dark")
    owner.check_access("dark")
    page.locator("#to-do .row-link").first.click()
    page.wait_for_url("**/tasks/*")
    journey.task, journey.title = page.url, page.get_by_role("heading", level=1).inner_text()
    owner.picture("task-new", "phone")
    owner.check_access("dark")
    today = clock.today()
    for field_id, value in {"file-period_from": date(2026, 7, 1), "file-period_to": date(2026, 9, 30), "file-obtained_on": today - timedelta(days=2)}.items():
        page.locator(f"#{field_id}").fill(value.isoformat())
    upload_two_and_see_them_go(journey)
    page.locator("[data-drop]").evaluate_handle(f"(zone) => ({DROP})([zone, {MINUTES!r}, {journey.files[MINUTES].read_text(encoding='utf-8')!r}])")
    expect(page.locator("#cited tbody tr")).to_have_count(3)
    expect(page.locator("#cited")).to_contain_text("7月1日")
    owner.picture("task-with-evidence", "phone")
    page.locator("#note").fill(NOTE)
    owner.press("提交复核")
    owner.told("已提交，等待赵复核复核")
    expect(page.locator(".thing-head")).to_contain_text("待复核")
    owner.picture("task-submitted", "whole")


def upload_two_and_see_them_go(journey: Journey) -> None:
    """Two files go at the same time, each with its progress; held back here until both have been seen."""
    page = journey["王责任"].page
    held: list[Route] = []
    page.route("**/tasks/*/files", lambda route: held.append(route))
    page.locator("[data-drop] input[type=file]").set_input_files([journey.files[OPINION], journey.files[RECEIPT]])
    expect(page.locator(".upload progress")).to_have_count(2)
    expect(page.locator(".upload .said")).to_have_count(2)
    journey["王责任"].picture("uploading", idle=False)
    while len(held) < 2:
        page.wait_for_timeout(50)
    for one in held:
        one.continue_()
    page.unroute("**/tasks/*/files")
    expect(page.locator("#cited tbody tr")).to_have_count(2)
    for name in (OPINION, RECEIPT):
        expect(page.locator("#cited")).to_contain_text(name)


def send_back(journey: Journey) -> None:
    """The reviewer looks at it and sends it back with a reason."""
    reviewer = journey["赵复核"]
    page = reviewer.page
    reviewer.rail("工作台")
    expect(page.locator("#to-review tbody tr")).to_have_count(1)
    reviewer.picture("workbench-reviewer")
    page.locator("#to-review .row-link").click()
    expect(page.locator("main")).to_contain_text(NOTE)
    reviewer.press("退回…")
    page.locator("dialog[open] textarea").fill(SENT_BACK)
    reviewer.picture("send-back-dialog")
    reviewer.check_access()
    reviewer.press("退回", page.locator("dialog[open]"))
    reviewer.told("已退回王责任补正")


def hand_in_again(journey: Journey) -> None:
    """The owner adds what was missing to the library, cites it, and submits again."""
    owner = journey["王责任"]
    page = owner.page
    owner.rail("证据")
    owner.picture("library", "phone")
    owner.check_access()
    page.locator("details.adding > summary").click()
    page.locator("[data-drop] input[type=file]").set_input_files(journey.files[REVIEW])
    expect(page.locator("#library")).to_contain_text(REVIEW)
    owner.rail("工作台")
    page.locator("#returned .row-link").first.click()
    expect(page.locator(".flash.warning")).to_contain_text(SENT_BACK)
    owner.picture("task-returned")
    owner.press("引用已有证据…", role="link")
    page.locator("dialog[open] li").filter(has_text=REVIEW).locator("input").check()
    owner.picture("cite-dialog")
    owner.check_access()
    owner.press("引用所选", page.locator("dialog[open]"))
    owner.told("已引用 1 份证据")
    expect(page.locator("#cited tbody tr")).to_have_count(4)
    owner.press("提交复核")
    owner.told("已提交，等待赵复核复核")


def accept(journey: Journey) -> None:
    """The reviewer accepts; the task is closed and says what was pinned."""
    reviewer = journey["赵复核"]
    page = reviewer.page
    reviewer.go(journey.task)
    reviewer.press("接受")
    page.locator("dialog[open] textarea").fill("资料齐全，期间与义务一致。")
    reviewer.picture("accept-dialog")
    reviewer.press("接受", page.locator("dialog[open]"))
    reviewer.told("已接受，任务完成")
    expect(page.locator(".thing-head")).to_contain_text("已完成")
    expect(page.locator("main")).to_contain_text("第 2 次提交")
    reviewer.picture("task-done", "phone", "dark", "print", "whole")
    reviewer.check_access("dark")


def look_at_evidence(journey: Journey) -> None:
    """Pictures and pages of a PDF are shown; a download has the exact name and the exact bytes."""
    reviewer = journey["赵复核"]
    page = reviewer.page
    for name in (RECEIPT, OPINION):
        reviewer.go(journey.task)
        page.locator("#cited .row-link").filter(has_text=name).click()
        expect(page.get_by_role("heading", level=1)).to_have_text(name)
        expect(page.locator("img.preview")).to_have_js_property("complete", True)
        assert page.locator("img.preview").evaluate("img => img.naturalWidth") > 0
        with page.expect_download() as waiting:
            reviewer.press("下载", role="link")
        assert waiting.value.suggested_filename == name
        assert Path(waiting.value.path()).read_bytes() == journey.files[name].read_bytes()
        reviewer.picture("evidence", "phone", "dark")
    reviewer.check_access("dark")
