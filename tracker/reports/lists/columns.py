"""Columns of these sheets as practice has them; the hidden ones at the end say which obligation a line is about, for bringing it back in."""

from __future__ import annotations

from ...controls.fields import LEVELS
from ...workbook.sheets import Column, Kind, Tone
from .marks import ROW_MARKS

MODALITY = {"应当": Tone.ACCENT, "不得": Tone.BAD, "权利": Tone.GOOD, "风险敞口": Tone.WAIT}
SEVERITY = {"高": Tone.BAD, "中": Tone.WAIT, "低": Tone.DIM}
DECIDED = {"接受": Tone.GOOD, "退回": Tone.BAD, "待复核": Tone.WAIT, "已撤回": Tone.DIM, "重新确认": Tone.AGAIN}
HIDDEN = (Column("义务编号", 11, hidden=True), Column("管控版本", 8, Kind.NUMBER, hidden=True), *ROW_MARKS)
# The widths of a sheet come to at most 216, so that A4 landscape stays readable.
RISKS = (
    Column("一级业务", 10), Column("二级业务", 10), Column("合规风险名称", 14), Column("风险行为编号", 11), Column("风险行为描述", 20), Column("责任或后果", 24),
    Column("风险等级", 8, Kind.MARK, SEVERITY, shaded=True, choices=tuple(LEVELS.values())), Column("底线", 14), Column("合规依据", 24), Column("合规义务", 28),
    Column("风险控制措施", 20), Column("归口部门", 11), Column("配合部门", 11), Column("备注", 10), *HIDDEN,
)
POSTS = (
    Column("部门名称", 16), Column("岗位名称", 16), Column("合规职责", 62), Column("合规义务来源", 46), Column("合规底线", 36), Column("制度依据", 36), *HIDDEN,
)
PROCESSES = (
    Column("一级流程", 14), Column("二级流程", 14), Column("流程编号", 12), Column("合规重要环节", 24), Column("合规审查内容", 44), Column("义务来源", 38),
    Column("合规风险点", 22), Column("监督评价要点", 30), Column("责任部门", 16), *HIDDEN,
)
REVIEWS = (
    Column("任务号", 7, Kind.NUMBER), Column("义务编号", 11), Column("义务", 12), Column("性质", 9, Kind.MARK, MODALITY), Column("类别", 9, Kind.MARK),
    Column("次数", 6, Kind.NUMBER), Column("提交人", 9), Column("提交时间", 17, Kind.MOMENT), Column("所属期间", 12), Column("办理说明", 14),
    Column("证据与 SHA-256", 20, Kind.DIGEST), Column("结论", 9, Kind.MARK, DECIDED, shaded=True), Column("复核人", 9), Column("复核时间", 17, Kind.MOMENT),
    Column("意见或理由", 13), Column("义务清单版本", 10), Column("义务文本摘要（SHA-256）", 17, Kind.DIGEST),
)
