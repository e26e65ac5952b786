"""Last chapter: the auditor exports and reads the workbook, the trail tells everything, and everybody signs out."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import openpyxl
from playwright.sync_api import expect

from tests.browser.journey import FIRM, PEOPLE, REASON, SENT_BACK, Journey, rows_told
from tracker.reports.layout import BOARD, TITLES
from tracker.reports.proving.page import LINKS, PROOF
from tracker.workbook.sums import SUMS

SHEETS = ["封面", BOARD, *TITLES, PROOF, LINKS, SUMS]
TOLD = ("适用性", "分派", "上传证据", "提交复核", "退回", "接受")


def export(journey: Journey, folder: Path) -> None:
    """The auditor, who may change nothing, exports the workbook and downloads it under its name."""
    auditor = journey["钱审计"]
    page = auditor.page
    auditor.go(journey.task)
    expect(page.get_by_role("button", name="提交复核")).to_have_count(0)
    auditor.rail("报告")
    auditor.picture("reports-empty")
    page.locator("main").get_by_role("link", name="导出审计工作簿").first.click()
    auditor.picture("export", "phone", "whole")
    auditor.check_access()
    auditor.press("开始导出")
    expect(page).to_have_url(re.compile(r"/reports/jobs/\d+"))
    line = auditor.told("审计工作簿已生成并留存")
    auditor.picture("export-done", "phone", "dark")
    auditor.check_access("dark")
    page.get_by_role("link", name="全部报告").click()
    auditor.picture("reports", "phone", "dark")
    auditor.check_access("dark")
    with page.expect_download() as waiting:
        page.locator("tbody .row-link").first.click()
    name = waiting.value.suggested_filename
    assert re.fullmatch(rf"{FIRM}_合规义务审计报告_\d{{8}}_\d{{6}}\.xlsx", name)
    assert name in line
    journey.workbook = folder / name
    waiting.value.save_as(journey.workbook)


def _rows(book: Any, sheet: str) -> Iterator[dict[str, Any]]:
    """Yield the rows of a sheet below its row of headings, by heading."""
    rows = list(book[sheet].iter_rows(values_only=True))
    first = next(place for place, row in enumerate(rows) if sum(cell is not None for cell in row) > 5)
    for row in rows[first + 1:]:
        yield dict(zip(rows[first], row, strict=True))


def read_the_workbook(journey: Journey) -> None:
    """The workbook opens, and says what the screen said."""
    book = openpyxl.load_workbook(journey.workbook)
    assert book.sheetnames == SHEETS
    cover = "\n".join(str(cell) for row in book["封面"].iter_rows(values_only=True) for cell in row if cell is not None)
    assert f"{FIRM}股份有限公司" in cover
    assert "钱审计" in cover
    kept = {row["文件名"]: row["SHA-256"] for row in _rows(book, "证据目录")}
    assert kept == {name: hashlib.sha256(path.read_bytes()).hexdigest() for name, path in journey.files.items()}
    done = [row for row in _rows(book, "责任分派与任务") if row["状态"] == "已完成"]
    assert [(row["义务"], row["责任人"], row["复核人"], row["复核结果"]) for row in done] == [(journey.title, "王责任", "赵复核", "接受")]
    aside = [row for row in _rows(book, "适用性说明") if REASON in str(row["理由"])]
    assert [(row["认定"], row["认定人"]) for row in aside] == [("不适用", "林合规")]
    everything = "\n".join(str(value) for row in _rows(book, "操作留痕") for value in row.values())
    assert SENT_BACK in everything


def read_the_trail(journey: Journey) -> None:
    """The trail tells who did what, and its check finds nothing wrong."""
    auditor = journey["钱审计"]
    page = auditor.page
    auditor.rail("操作留痕")
    assert rows_told(auditor) > 50
    auditor.picture("trail", "phone", "dark", "print")
    auditor.check_access("dark")
    everything = page.locator("main").inner_text()
    for name in ("王责任", "赵复核", "钱审计"):
        assert name in everything
    for done in TOLD[2:]:
        assert done in everything, f"the first page of the trail does not tell of “{done}”"
    assert not re.search(r"\b[a-z]+[._][a-z_]{3,}\b", page.locator("tbody").inner_text().replace(".txt", "")), "a raw code stands in the trail"
    auditor.press("立即校验", role="link")
    auditor.told("校验通过")
    auditor.picture("trail-check")


def sign_out(journey: Journey) -> None:
    """Everybody leaves; the way back leads to the sign-in page."""
    for name in PEOPLE:
        person = journey[name]
        person.page.locator("details.who > summary").click()
        if name == "林合规":
            person.picture("person-menu")
        person.page.get_by_role("button", name="退出登录").click()
        person.told("您已退出登录")
        person.go("/tasks")
        expect(person.page).to_have_url(re.compile("/sign-in"))
    person.picture("signed-out")
