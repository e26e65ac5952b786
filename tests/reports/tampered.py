"""Every way to change something in the workbook of the story with a spreadsheet program, and what the offline checks say of it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from tests.reports.parcel import column, older
from tracker import verify


def _cell(book: Any, title: str, heading: str, row: int) -> Any:
    return book[title].cell(row, column(book[title], heading))


def _set(title: str, heading: str, row: int, value: object) -> Callable[[Any], None]:
    def change(book: Any) -> None:
        cell = _cell(book, title, heading, row)
        cell.value = value(cell.value) if callable(value) else value

    return change


def _older(change: Callable[[Any], object]) -> Callable[[Any], None]:
    def both(book: Any) -> None:
        change(book)
        older(book)

    return both


def _swap(title: str, *headings: str, rows: tuple[int, int] = (40, 41)) -> Callable[[Any], None]:
    def change(book: Any) -> None:
        for heading in headings:
            upper, lower = (_cell(book, title, heading, row) for row in rows)
            upper.value, lower.value = lower.value, upper.value

    return change


def _swap_rows(book: Any) -> None:
    _swap(verify.TRAIL, *(cell.value for cell in book[verify.TRAIL][2]))(book)


def _last(cells: Any) -> None:
    next(cell for cell in reversed(cells) if cell.value).value = "一切都能证明。"


def _say(label: str, text: str) -> Callable[[Any], None]:
    def change(book: Any) -> None:
        cell = next(cell for cell in book[verify.PROOF]["B"] if cell.value == label)
        book[verify.PROOF][f"E{cell.row}"] = text

    return change


def _label(label: str) -> Callable[[Any], None]:
    def change(book: Any) -> None:
        next(cell for cell in book[verify.PROOF]["B"] if cell.value == label).value = f"{label}。"

    return change


def _cut_the_end(book: Any) -> None:
    """Drop the last event, and say everywhere that there never was one."""
    last, links = book[verify.TRAIL].max_row, book[verify.LINKS]
    book[verify.TRAIL].delete_rows(last)
    links.delete_rows(links.max_row)
    _say("条数", f"{last - 3:,}")(book)
    _say("行数：操作留痕", f"{last - 3:,}")(book)


def _column_twice(book: Any) -> None:
    page = book[verify.TRAIL]
    page.cell(2, page.max_column + 1).value = "人员"


BOOKS: dict[str, tuple[Callable[[Any], object], str]] = {
    "a shown person": (_set(verify.TRAIL, "人员", 40, "别人"), r"操作留痕!C40（人员）：与第 37 条记录不符；显示的是“别人”"),
    "a shown action": (_set(verify.TRAIL, "操作", 40, "删除"), r"操作留痕!E40（操作）"),
    "a shown door": (_set(verify.TRAIL, "途径", 40, "系统"), r"操作留痕!D40（途径）"),
    "a shown thing": (_set(verify.TRAIL, "对象", 40, "别的"), r"操作留痕!F40（对象）"),
    "a shown change": (_set(verify.TRAIL, "变更内容", 40, lambda text: f"{text}。"), r"操作留痕!G40（变更内容）：.*显示的是“.*。”，按记录应为"),
    "a shown moment": (_set(verify.TRAIL, "时间", 40, lambda at: at.replace(second=59)), r"操作留痕!B40（时间）"),
    "a shown number": (_set(verify.TRAIL, "序号", 40, 7), r"操作留痕!A40（序号）"),
    "a shown hash": (_set(verify.TRAIL, "本条校验值", 40, "0" * 64), r"操作留痕!H40（本条校验值）"),
    "a shown cell as a formula": (_set(verify.TRAIL, "人员", 40, '="王责任"'), r"操作留痕!C40：单元格是公式"),
    "a column beside the real one": (_column_twice, r"操作留痕!第 2 行：有两列的表头相同"),
    "a hidden record": (_set(verify.TRAIL, "记录 1", 40, lambda text: text.replace('"web"', '"cli"').replace('"via":"cli"', '"via":"api"')), r"操作留痕!A40（隐藏列“记录”）：第 37 条"),
    "a hidden record that is none": (_set(verify.TRAIL, "记录 1", 40, "{"), r"操作留痕!A40（隐藏列“记录”）：内容不是有效的 JSON"),
    "a hidden record with a space": (_set(verify.TRAIL, "记录 1", 40, lambda text: text + " "), r"操作留痕!A40（隐藏列“记录”）"),
    "a hidden hash": (_set(verify.TRAIL, "前一条校验值", 40, "0" * 64), r"操作留痕!I40（前一条校验值）"),
    "disclosures of two rows": (_swap(verify.TRAIL, "披露 1"), r"操作留痕!A40（隐藏列“披露”）："),
    "a disclosure left out": (_set(verify.TRAIL, "披露 1", 40, "{}"), r"操作留痕!A40（隐藏列“披露”）"),
    "a row left out": (lambda book: book[verify.TRAIL].delete_rows(40), r"操作留痕!A40：这一行是链“ent_1”第 38 条，没有依次排列"),
    "the range of it": (_say("操作留痕范围", "全部"), r"校验!E\d+（操作留痕范围）：没有“全部”这样的范围"),
    "whose chain it is": (_say("所属主体", "别的证券"), r"校验!第 \d+ 行"),
    "the label of the range": (_label("操作留痕范围"), r"校验!E\d+（操作留痕范围）：没有“”这样的范围"),
    "the label of the note over the sheets": (_label("工作表签名"), r"校验!E\d+（工作表签名）：各工作表的校验值或其签名不全"),
    "rows in another order": (_swap_rows, r"操作留痕!A40：这一行是链“ent_1”第 38 条"),
    "the last rows": (lambda book: book[verify.TRAIL].delete_rows(book[verify.TRAIL].max_row), r"操作留痕：没有列到链头"),
    "the end of everything": (_cut_the_end, r"校验!E16（链头校验值）"),
    "a link": (lambda book: book[verify.LINKS].delete_rows(9), r"校验链!A9：这一行应为链“ent_1”第 7 条，写的是“8”"),
    "a linked body": (lambda book: book[verify.LINKS].__setitem__("C9", "0" * 64), r"校验链!D9：链“ent_1”第 7 条的校验值不符"),
    "the head": (_say("链头校验值", "0" * 64), r"校验!E16（链头校验值）：写的是 0000"),
    "the size": (_say("条数", "1"), r"校验!E15（条数）：写的是 1"),
    "the deployment": (_say("部署标识", "0" * 32), r"校验链!D2：链“ent_1”第 0 条"),
    "the page of proof": (lambda book: book.remove(book[verify.PROOF]), r"没有工作表“校验”"),
    "the chain on it": (_say("链", "ent_2"), r"校验链!"),
    "a row of tasks": (lambda book: book["责任分派与任务"].delete_rows(5), r"责任分派与任务!第 5 行：与导出时的校验值不符"),
    "the last row of tasks": (lambda book: book["责任分派与任务"].delete_rows(book["责任分派与任务"].max_row), r"责任分派与任务!第 \d+ 行：与导出时的校验值不符"),
    "a row below the tasks": (lambda book: book["责任分派与任务"].__setitem__("A99", "x"), r"责任分派与任务!第 \d+ 行：与导出时的校验值不符"),
    "tasks in another order": (_swap("责任分派与任务", "任务号", "义务编号", "状态", rows=(4, 5)), r"责任分派与任务!第 4 行"),
    "the day of a task": (_set("责任分派与任务", "截止日", 6, lambda day: day + timedelta(days=1)), r"责任分派与任务!第 6 行"),
    "a number as a text": (_set("责任分派与任务", "任务号", 6, str), r"责任分派与任务!第 6 行"),
    "a word of the cover": (lambda book: book["封面"].__setitem__("B3", "别的报告"), r"封面!第 3 行"),
    "a figure for the board": (lambda book: book["董事会摘要"].__setitem__("B3", 1), r"董事会摘要!第 3 行"),
    "what 校验 proves": (lambda book: _last(book[verify.PROOF]["E"]), r"校验!第 \d+ 行"),
    "a digest of a sheet": (_say("校验值：封面", "0" * 64), r"校验!E\d+（校验值：封面）：与这张工作表的内容不符"),
    "the digest of a row": (lambda book: book[verify.SUMS].__setitem__("C3", book[verify.SUMS]["C3"].value[::-1]), r"行校验值!第 3 行"),
    "a further sheet": (lambda book: book.create_sheet("附注"), r"第 14 张工作表按此应为“”，现为“附注”"),
    "a sheet left out": (lambda book: book.remove(book["复核记录"]), r"校验!E\d+（校验值：）：第 10 张工作表按此应为“复核记录”"),
    "a sheet by another name": (lambda book: setattr(book["复核记录"], "title", "复核"), r"按此应为“复核记录”，现为“复核”"),
    "sheets in another order": (lambda book: book.move_sheet("复核记录", -1), r"按此应为“适用性说明”，现为“复核记录”"),
    "only the digests of sheets": (lambda book: book.remove(book[verify.SUMS]), r"校验!E\d+（工作表签名）：各工作表的校验值或其签名不全"),
    "a row of tasks in an older workbook": (_older(lambda book: book["责任分派与任务"].delete_rows(5)), r"校验!E\d+：写明“责任分派与任务”有 8 行，表中有 7 行"),
    "a digest of evidence": (_set(verify.EVIDENCE, "SHA-256", 5, "0" * 64), r"证据目录!第 5 行"),
    "a digest of evidence in an older workbook": (_older(_set(verify.EVIDENCE, "SHA-256", 5, "0" * 64)), r"证据目录!K5：操作留痕中没有上传过"),
}
