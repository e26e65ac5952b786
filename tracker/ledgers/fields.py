"""Pure rule of what a column of a ledger can be: the fields, the headings that speak for each, the words of their choices."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from ..bringing.rules.columns import plain
from ..words import Cadence, Modality, Severity, Word

KEEP, IGNORE = "note", "ignore"
# Fields of which an obligation is made up; every other one is kept beside it, word for word.
TEXTS = ("statement", "problem", "measure")


@dataclass(frozen=True, slots=True)
class Field:
    """What a column can be: its label, whether several columns may be it, and the headings that speak for it."""

    label: str
    several: bool
    names: tuple[str, ...]


FIELDS: dict[str, Field] = {
    "number": Field("台账编号", False, ("序号", "编号", "台账编号", "义务编号", "问题编号", "条目编号", "no", "no.", "id")),
    "title": Field("标题", False, ("标题", "名称", "义务名称", "义务标题", "合规义务名称", "事项", "事项名称", "合规事项")),
    "statement": Field("要求（义务内容）", True, (
        "要求", "义务内容", "合规义务", "合规义务内容", "合规义务描述", "义务描述", "管理要求", "合规要求", "具体要求", "履行要求", "监管要求", "规定内容", "义务", "内容", "义务要求",
    )),
    "problem": Field("问题", True, ("问题", "问题描述", "整改事项", "发现问题", "存在问题", "存在的问题", "发现的问题", "问题内容", "检查发现", "问题事项", "违规事实")),
    "measure": Field("整改措施", True, ("整改措施", "措施", "整改要求", "整改方案", "整改计划", "整改内容", "管控措施", "控制措施", "风险控制措施")),
    "clause": Field("类别（作为条款）", False, ("类别", "分类", "章节", "义务类别", "业务类别", "问题类别", "一级业务", "模块", "板块", "类型", "义务分类")),
    "law": Field("依据文件", True, (
        "来源", "依据", "义务来源", "合规义务来源", "制度依据", "法规名称", "法律法规", "合规依据", "法律依据", "外部依据", "文件名称", "依据文件", "来源文件", "法规依据", "监管依据",
    )),
    "article": Field("依据条款", False, ("条款", "条款号", "条文", "具体条款", "条款内容", "依据条款", "条文号", "条")),
    "modality": Field("性质", False, ("性质", "义务性质", "义务类型", "规范性质")),
    "subject": Field("义务主体", False, ("义务主体", "主体", "适用主体", "责任主体", "适用对象")),
    "domain": Field("领域", False, ("领域", "合规领域", "业务领域", "专业领域")),
    "severity": Field("重要程度", False, ("重要程度", "风险等级", "重要性", "等级", "风险级别", "严重程度", "合规风险等级")),
    "cadence": Field("频率", False, ("频率", "履行频率", "执行频率", "周期", "检查频率", "履行周期", "频次")),
    "trigger": Field("触发情形", False, ("触发情形", "触发事件", "触发条件")),
    "consequence": Field("后果", True, ("后果", "违规后果", "法律责任", "责任或后果", "法律后果", "处罚", "罚则", "违反后果")),
    "evidence": Field("建议证据", True, ("证据", "佐证材料", "证明材料", "留痕资料", "留存资料", "交付物", "整改证明", "佐证", "工作底稿", "支撑材料", "履行证据")),
    "deadline": Field("期限（仅作提示）", True, (
        "整改期限", "期限", "完成时限", "截止日期", "截止日", "计划完成时间", "整改时限", "完成时间", "完成期限", "履行期限", "办理时限", "预计完成时间",
    )),
    "department": Field("责任部门", True, ("责任部门", "部门", "牵头部门", "归口部门", "整改责任部门", "主责部门", "配合部门", "责任单位", "整改部门")),
    "owner": Field("责任人", True, ("责任人", "负责人", "整改责任人", "经办人", "承办人", "主责人")),
    KEEP: Field("照录在台账记载中", True, ("备注", "说明", "备注说明")),
    IGNORE: Field("忽略（不导入）", True, ()),
}
# Fields whose cells are words of a list.
CHOSEN: dict[str, type[Word] | None] = {"modality": Modality, "severity": Severity, "cadence": Cadence, "subject": None, "domain": None}
_WORDS: dict[str, dict[str, tuple[str, ...]]] = {
    "modality": {
        Modality.MUST: ("应当", "应", "必须", "须", "义务", "强制性", "应当性"), Modality.MUST_NOT: ("不得", "禁止", "严禁", "不应", "禁止性", "不准"),
        Modality.EXPOSURE: ("风险敞口", "风险", "风险提示"), Modality.RIGHT: ("权利", "可以", "有权"),
    },
    "severity": {
        Severity.HIGH: ("高", "高风险", "重大", "重大风险", "较高", "高等"), Severity.MEDIUM: ("中", "中风险", "中等", "中等风险"),
        Severity.LOW: ("低", "低风险", "较低", "轻微"),
    },
    "cadence": {
        Cadence.ONCE: ("一次性", "单次", "一次"), Cadence.EVENT: ("事件触发", "触发时", "发生时", "按事件"), Cadence.CONTINUOUS: ("持续履行", "持续", "日常", "常态化", "长期"),
        Cadence.MONTHLY: ("每月", "月", "月度", "按月", "每月一次"), Cadence.QUARTERLY: ("每季度", "季", "季度", "每季", "按季", "每季度一次"),
        Cadence.SEMIANNUAL: ("每半年", "半年", "半年度", "每半年一次"), Cadence.ANNUAL: ("每年", "年", "年度", "按年", "每年一次", "一年一次"),
    },
}
_NAMED = {plain(name): code for code, field in FIELDS.items() for name in field.names}
# The longest name that is part of a heading speaks for it; single signs say too little.
_INSIDE = sorted((name for name in _NAMED if len(name) >= 2 and not name.isascii()), key=len, reverse=True)
_MEANT = {field: {plain(name): str(code) for code, names in words.items() for name in names} for field, words in _WORDS.items()}


def meaning(parts: Sequence[str]) -> str | None:
    """Return which field a column with these headings, from the top down, most likely is; None when nothing speaks for one."""
    texts = [plain(text) for text in ([parts[-1], "".join(parts)] if parts else ())]
    exact = next((_NAMED[text] for text in texts if text in _NAMED), None)
    return exact or next((_NAMED[name] for text in texts for name in _INSIDE if name in text), None)


def guesses(headings: Iterable[Sequence[str]]) -> list[str]:
    """Return a field for each column: what nothing speaks for is kept word for word, a field of one column is given once."""
    found: list[str] = []
    for parts in headings:
        code = meaning(parts) or KEEP
        found.append(KEEP if code in found and not FIELDS[code].several else code)
    if not set(TEXTS).intersection(found) and "title" in found:
        # A ledger of few columns says in its titles what it asks.
        found[found.index("title")] = "statement"
    return found


def choice(field: str, value: str, labels: Mapping[str, str]) -> str | None:
    """Return the code that a word of a cell stands for; `labels` are those of the field, by code. None when nobody can know."""
    told = plain(value)
    same = next((code for code, label in labels.items() if plain(label) == told or code == value), None)
    return same or _MEANT.get(field, {}).get(told)


def columns_twice(columns: Mapping[int, str]) -> list[tuple[str, list[int]]]:
    """List the fields of one column that several columns were made."""
    found: dict[str, list[int]] = {}
    for column, code in columns.items():
        if not FIELDS[code].several:
            found.setdefault(code, []).append(column)
    return [(code, listed) for code, listed in found.items() if len(listed) > 1]


def key_of(parts: Sequence[str]) -> str:
    """Return the headings of a column as they are compared when the same ledger comes again."""
    return "/".join(plain(text) for text in parts)
