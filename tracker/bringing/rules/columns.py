"""Pure rule of columns: what each list that comes back calls its columns, which of them may be filled in, and which lists may not."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from ...controls.fields import FIELDS
from ...words import ListKind

KEY, VERSION, BASE, CHECK = "key", "version", "base", "check"
HIDDEN = {KEY: "行标识", VERSION: "行版本", BASE: "导出时的值"}
UNSEEN: dict[str, tuple[str, ...]] = {KEY: ("行标识",), VERSION: ("行版本", "管控版本"), BASE: ("导出时的值",), CHECK: ("单元格校验",)}
OBLIGATION, TASK = "obligation", "task"
REFS: dict[str, tuple[str, ...]] = {
    OBLIGATION: ("编号", "义务编号", "合规义务编号", "obligation id", "obligation"), TASK: ("任务号", "任务编号", "task id", "task no", "task"),
}
_PEOPLE: dict[str, tuple[str, ...]] = {
    "owner": ("责任人", "主责任人", "负责人", "承办人", "经办人", "owner"),
    "reviewer": ("复核人", "审核人", "复核责任人", "reviewer"),
    "department": ("部门", "责任部门", "归口部门", "主责部门", "部门名称", "department"),
}
# What the three lists call the fields of 管控信息, beside the label of each.
_ALSO = {"lead_department": ("部门名称", "责任部门"), "bottom_line": ("底线",), "post_duty": ("合规职责",)}


@dataclass(frozen=True)
class Columns:
    """The columns of one kind of list: which names a row (none: only the hidden id), code → what a column may be called, the first being ours.

    `needs` are columns without which it is no such list.
    """

    ref: str
    names: Mapping[str, tuple[str, ...]]
    needs: frozenset[str] = frozenset()
    meanings: Mapping[str, str] = field(init=False)

    def __post_init__(self) -> None:
        """Turn the names round, as headings are compared."""
        called = {**UNSEEN, **REFS, **self.names}
        object.__setattr__(self, "meanings", {plain(name): code for code, names in called.items() for name in names})

    @property
    def editable(self) -> tuple[str, ...]:
        """List the codes of the columns that may be filled in."""
        return tuple(self.names)


@lru_cache(4096)
def plain(heading: str) -> str:
    """Return a heading as headings are compared: half-width, without blanks, remarks in brackets and marks."""
    text = re.sub(r"\([^()]*\)|\[[^\[\]]*\]", "", unicodedata.normalize("NFKC", heading))
    return re.sub(r"[\s*:_、/\\|－-]", "", text).casefold()


# In the order in which they are taken when a sheet could be either.
KINDS: dict[ListKind, Columns] = {
    ListKind.ASSIGNMENTS: Columns(OBLIGATION, {
        **_PEOPLE,
        "cadence": ("频率", "执行频率", "履行频率", "cadence", "frequency"),
        "review_every": ("确认频率", "确认周期", "持续履行的确认周期", "review every"),
        "first_due": ("首个截止日", "首次截止日", "首个截止日期", "首次到期日", "first due"),
        "note": ("备注", "分派备注", "note", "remark"),
    }),
    ListKind.TASKS: Columns(TASK, {
        **_PEOPLE,
        "due_on": ("截止日", "截止日期", "到期日", "完成时限", "due date", "due on", "due"),
        "reason": ("改期理由", "改期原因", "理由", "reason"),
    }, frozenset({TASK})),
    ListKind.CONTROLS: Columns(OBLIGATION, {one.name: (one.label, *_ALSO.get(one.name, ())) for one in FIELDS}),
    ListKind.SCOPE: Columns(OBLIGATION, {"state": ("认定", "适用性", "适用性认定"), "reason": ("理由", "认定理由")}, frozenset({"state"})),
    ListKind.EVIDENCE: Columns("", {
        "period": ("所属期间", "证据期间"), "obtained_on": ("取得日", "取得日期"), "valid_until": ("有效期至", "有效期", "有效期限"), "note": ("说明", "证据说明"),
    }, frozenset({KEY})),
}
WORK = (ListKind.ASSIGNMENTS, ListKind.TASKS)
# Known, and shown for reading only.
PASSED_OVER = frozenset(map(plain, (
    "性质", "依据", "标题", "义务", "来源", "建议频率", "建议", "状态", "原定截止", "触发事件", "主体", "领域", "合规风险名称", "风险行为描述", "责任或后果", "合规依据", "合规义务",
    "合规义务来源", "合规重要环节", "义务来源", "合规风险点",
)))
# Sheets that say nothing to bring in, by their titles.
WITHOUT_ROWS = frozenset({"封面", "董事会摘要", "填写说明"})
ONLY_READ = frozenset({"版本差异", "校验"})


@dataclass(frozen=True)
class Closed:
    """A list of which nothing may be edited: the headings by which it is known, and why."""

    headings: frozenset[str]
    why: str


def _closed(why: str, *headings: str) -> Closed:
    return Closed(frozenset(map(plain, headings)), why)


CLOSED = (
    _closed("义务的文字出自登记册，不能导入修改。责任人请改“责任分派与任务”或分派表，适用性请改“适用性说明”，管控信息请改三张清单", "编号", "合规管理要求", "锚点原文"),
    _closed("提交与复核的记录只能在系统中由提交人和复核人形成，不能导入修改", "任务号", "类别", "结论", "义务文本摘要"),
    _closed("操作留痕由系统记录，任何人都不能修改", "操作", "对象", "本条校验值"),
)


def closed(headings: Collection[str]) -> Closed | None:
    """Return what list of which nothing may be edited has these headings, given as they are compared."""
    return next((one for one in CLOSED if one.headings <= set(headings)), None)


def label(code: str, what: ListKind = ListKind.ASSIGNMENTS) -> str:
    """Return what a column is called."""
    return (KINDS[what].names.get(code) or KINDS[ListKind.TASKS].names[code])[0]


def meaning(what: ListKind, heading: str) -> str | None:
    """Return which column that may be filled in a heading means."""
    code = KINDS[what].meanings.get(plain(heading))
    return code if code in KINDS[what].names else None
