"""The exported audit workbook on the desk: its cells found by sheet, by what a row is about and by heading."""

from __future__ import annotations

import io
from typing import Any

from openpyxl import load_workbook

from tests.bringing.paper import Desk
from tests.reports.opening import Opened
from tests.reports.story import Story
from tracker.workbook.stream import text_cell

HEAD = 2
THREE = ("合规风险识别清单", "岗位合规职责清单", "流程管控清单")
TASKS, EVIDENCE, SCOPES = "责任分派与任务", "证据目录", "适用性说明"
# What may be filled in: sheet → heading → field.
FIELDS = {
    "合规风险识别清单": {
        "一级业务": "business", "二级业务": "sub_business", "风险行为编号": "risk_no", "风险等级": "risk_level", "底线": "bottom_line", "风险控制措施": "measure",
        "归口部门": "lead_department", "配合部门": "support_departments", "备注": "remark",
    },
    "岗位合规职责清单": {"部门名称": "lead_department", "岗位名称": "post_name", "合规职责": "post_duty", "合规底线": "bottom_line", "制度依据": "policy"},
    "流程管控清单": {
        "一级流程": "main_process", "二级流程": "sub_process", "流程编号": "process_no", "合规审查内容": "review_points", "监督评价要点": "supervision", "责任部门": "lead_department",
    },
}


class Audit:
    """An exported workbook to be filled in; a row is named by the last part of its hidden id."""

    def __init__(self, data: bytes) -> None:
        self.book = load_workbook(io.BytesIO(data))
        self._rows: dict[str, dict[str, int]] = {}

    def columns(self, title: str) -> dict[str, int]:
        """Return the number of each column by its heading."""
        return {str(cell.value): cell.column for cell in self.book[title][HEAD] if cell.value}

    def refs(self, title: str) -> list[str]:
        """List what the rows of a sheet are about."""
        page, column = self.book[title], self.columns(title)["行标识"]
        return [str(page.cell(row, column).value).split("/", 2)[-1] for row in range(HEAD + 1, page.max_row + 1) if page.cell(row, column).value]

    def cell(self, title: str, ref: str, heading: str) -> Any:
        """Return one cell."""
        if title not in self._rows:
            self._rows[title] = {one: row for row, one in reversed([*enumerate(self.refs(title), HEAD + 1)])}
        return self.book[title].cell(self._rows[title][ref], self.columns(title)[heading])

    def place(self, title: str, ref: str, heading: str) -> str:
        """Name one cell as the preview names it."""
        return f"{title}!{self.cell(title, ref, heading).coordinate}"

    def put(self, title: str, ref: str, heading: str, value: Any) -> Audit:
        """Write into one cell, a text as Excel stores what somebody types into a cell for text."""
        cell = self.cell(title, ref, heading)
        cell.value = text_cell(value) if isinstance(value, str) else value
        if isinstance(value, str):
            cell.data_type = "s"
        return self

    @property
    def data(self) -> bytes:
        """Return the bytes, as they come back."""
        out = io.BytesIO()
        self.book.save(out)
        return out.getvalue()


def exported(story: Story) -> Audit:
    """Export the workbook of everything."""
    return Audit(story.export()[0].data)


def shown(story: Story) -> dict[tuple[str, str, str], Any]:
    """Return every cell that is seen of the sheets that come back: (sheet, what the row is about, heading) → value."""
    opened, found = Opened(story.export()[0].data), dict[tuple[str, str, str], Any]()
    for title in (*THREE, TASKS, EVIDENCE, SCOPES):
        for row in opened.rows(title):
            ref = str(row["行标识"]).split("/", 2)[-1]
            found |= {(title, ref, heading): value for heading, value in row.items() if heading not in {"行标识", "行版本", "管控版本", "导出时的值", "单元格校验"}}
    return found


def desk_of(story: Story) -> Desk:
    """Return 林合规's desk."""
    return Desk(story.company)
