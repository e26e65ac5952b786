"""Pure rule of the fields of a control: what each is called, how long it may be, in which list it stands, and which changes are sound."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from ..errors import BadInput, Place
from ..words import Severity

RISK, POST, PROCESS, SHARED = "合规风险识别清单", "岗位合规职责清单", "流程管控清单", "三张清单共用"
LEVEL = "risk_level"
SHORT, LONG = 100, 2000


@dataclass(frozen=True, slots=True)
class Field:
    """One field: its code, its label, the most characters, the list it was made for; a `personal` one may tell of a person."""

    name: str
    label: str
    most: int
    sheet: str
    personal: bool = False


FIELDS = (
    Field("business", "一级业务", SHORT, SHARED),
    Field("sub_business", "二级业务", SHORT, SHARED),
    Field("lead_department", "归口部门", SHORT, SHARED),
    Field("support_departments", "配合部门", 200, SHARED),
    Field("bottom_line", "合规底线", LONG, SHARED, personal=True),
    Field("risk_no", "风险行为编号", 64, RISK),
    Field(LEVEL, "风险等级", 16, RISK),
    Field("measure", "风险控制措施", LONG, RISK, personal=True),
    Field("post_name", "岗位名称", SHORT, POST, personal=True),
    Field("post_duty", "岗位合规职责", LONG, POST, personal=True),
    Field("policy", "制度依据", 500, POST),
    Field("main_process", "一级流程", SHORT, PROCESS),
    Field("sub_process", "二级流程", SHORT, PROCESS),
    Field("process_no", "流程编号", 64, PROCESS),
    Field("review_points", "合规审查内容", LONG, PROCESS, personal=True),
    Field("supervision", "监督评价要点", LONG, PROCESS, personal=True),
    Field("remark", "备注", LONG, SHARED, personal=True),
)
BY_NAME = {field.name: field for field in FIELDS}
LEVELS = {str(word): word.label for word in Severity}


def checked(changes: Mapping[str, str]) -> dict[str, str]:
    """Return the changes trimmed, each level by its code; raises BadInput with a sentence for every field at fault."""
    found = {name: _code(name, value.replace("\r\n", "\n").strip()) for name, value in changes.items()}
    faults = list(_faults(found))
    if faults:
        raise BadInput("；".join(fault.sentence.rstrip("。") for fault in faults) + "。", faults)
    return found


def _code(name: str, value: str) -> str:
    """Take a level by its label as well: that is what workbooks show."""
    return {label: code for code, label in LEVELS.items()}.get(value, value) if name == LEVEL else value


def _faults(changes: Mapping[str, str]) -> Iterator[Place]:
    for name, value in changes.items():
        field = BY_NAME.get(name)
        if field is None:
            yield Place(name, f"管控信息中没有“{name[:40]}”这一项。")
        elif name == LEVEL and value and value not in LEVELS:
            yield Place(name, f"风险等级只能是{'、'.join(LEVELS.values())}，“{value[:20]}”不是其中之一。")
        elif len(value) > field.most:
            yield Place(name, f"{field.label}最多 {field.most:,} 个字，您填写了 {len(value):,} 个。")
        elif field.most <= 200 and "\n" in value:
            yield Place(name, f"{field.label}只能写一行，请去掉换行。")


def shown(name: str, value: str) -> str:
    """Say a stored value as people read it."""
    return LEVELS.get(value, value) if name == LEVEL else value
