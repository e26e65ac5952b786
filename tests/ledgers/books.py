"""Ledgers as companies keep them: a title on top, headings of two rows, merged cells down, totals and remarks at the end."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from typing import Any

from openpyxl import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from tracker.ledgers.sheet import Ledger, ledger
from tracker.workbook.reading import Page, Row

ROWS: tuple[tuple[Any, ...], ...] = (
    (1, "公司治理", "建立关联交易审批制度，逐笔留存决策记录。", "《证券法》第八十八条", "应当", "高", "每年", "董事会办公室", "王明", "每年修订"),
    (2, None, "不得为控股股东违规提供担保。", "《公司章程》第三十条及相关制度", "禁止", "重大", "持续履行", None, "李红", None),
    (3, "信息披露", "按期披露定期报告，披露前由审计委员会审核。", "《上市公司信息披露管理办法》第十二条", "应当", "高", "半年", "证券事务部", "赵强", None),
    (4, None, "收到监管问询函后组织回复，并留存往来记录。", "交易所自律规则", "应当", "中", "触发时", None, "赵强", "按函件要求"),
)


def duties(rows: Sequence[Sequence[Any]] = ROWS, change: Callable[[Worksheet], None] | None = None) -> bytes:
    """Return a ledger of obligations, a sheet of remarks before it."""
    book = Workbook()
    book.active.title = "填表说明"
    book.active["A1"] = "本表由合规部汇总。"
    sheet = book.create_sheet("合规义务清单")
    sheet["A1"] = "海川证券合规义务台账（2026年）"
    sheet.merge_cells("A1:J1")
    top = ("序号", "类别", "合规义务", "来源", "性质", "风险等级", "频率", "责任", None, "备注")
    for column, text in enumerate(top, 1):
        sheet.cell(2, column, text)
    sheet["H3"], sheet["I3"] = "部门", "人员"
    sheet.merge_cells("H2:I2")
    for letter in "ABCDEFGJ":
        sheet.merge_cells(f"{letter}2:{letter}3")
    for number, row in enumerate(rows, 4):
        for column, value in enumerate(row, 1):
            sheet.cell(number, column, value)
    if rows is ROWS:
        for area in ("B4:B5", "B6:B7", "H4:H5", "H6:H7"):
            sheet.merge_cells(area)
    end = 4 + len(rows)
    sheet.cell(end, 1, "合计")
    sheet.cell(end, 3, f"{len(rows)} 项")
    sheet.cell(end + 2, 1, "注：本表每年修订一次。")
    if change:
        change(sheet)
    return saved(book)


REPAIRS: tuple[tuple[Any, ...], ...] = (
    ("Z-01", "未按规定保存客户回访记录", "补齐回访记录，修订回访制度", "2026-12-31", "零售业务部", "周洁", "整改中"),
    ("Z-02", "个别产品未履行准入评估程序", "补做准入评估，追究责任", "2027年1月底前", "产品部", "吴刚", "未开始"),
)


def repairs(rows: Sequence[Sequence[Any]] = REPAIRS) -> bytes:
    """Return a ledger of what is to be put right."""
    book = Workbook()
    sheet = book.active
    sheet.title = "整改台账"
    for column, text in enumerate(("问题编号", "问题描述", "整改措施", "整改期限", "整改责任部门", "责任人", "完成情况"), 1):
        sheet.cell(1, column, text)
    for number, row in enumerate(rows, 2):
        for column, value in enumerate(row, 1):
            sheet.cell(number, column, value)
    return saved(book)


def saved(book: Workbook) -> bytes:
    """Return the bytes of a workbook."""
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def page(rows: Sequence[Sequence[Any]], merged: Sequence[tuple[int, int, int, int]] = (), title: str = "台账") -> Page:
    """Return a sheet as the reader gives it, its rows from 1."""
    return Page(title, False, [Row(n, list(row)) for n, row in enumerate(rows, 1) if any(value is not None for value in row)], list(merged))


def read(rows: Sequence[Sequence[Any]], merged: Sequence[tuple[int, int, int, int]] = (), head: int | None = None) -> Ledger:
    """Read such a sheet as a ledger."""
    return ledger(page(rows, merged), head)
