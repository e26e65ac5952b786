"""Pure names of the trail: event and field codes with their Chinese labels, and how a stored value reads."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta, timezone
from typing import Any

from ..words import (
    Cadence,
    ExportKind,
    HoldKind,
    Keeping,
    ListKind,
    RetentionAct,
    Role,
    ScopeState,
    Severity,
    TaskState,
    Via,
)

ACTIONS: dict[str, str] = {
    "entity.created": "新建主体",
    "entity.changed": "修改主体资料",
    "entity.activated": "恢复主体",
    "entity.deactivated": "停用主体",
    "person.added": "添加人员",
    "person.changed": "修改人员资料",
    "person.roles_granted": "调整角色",
    "person.activated": "恢复人员",
    "person.deactivated": "标记离职",
    "person.invited": "生成设置密码的链接",
    "person.password_set": "设置密码",
    "person.signed_in": "登录",
    "person.signed_out": "退出登录",
    "register.loaded": "载入义务清单",
    "document.text_imported": "导入官方原文",
    "scope.decided": "认定适用性",
    "control.changed": "修改管控信息",
    "assignment.made": "分派义务",
    "assignment.changed": "变更分派",
    "assignment.ended": "结束分派",
    "task.planned": "生成任务",
    "task.handed_over": "移交任务",
    "task.worked_on": "办理任务",
    "task.evidence_cited": "引用证据",
    "task.evidence_uncited": "移除证据引用",
    "task.submitted": "提交复核",
    "task.recalled": "撤回提交",
    "task.accepted": "复核接受",
    "task.returned": "退回任务",
    "task.reconfirmed": "重新确认复核结论",
    "task.reopened": "重新打开任务",
    "task.rescheduled": "任务改期",
    "task.cancelled": "取消任务",
    "evidence.added": "上传证据",
    "evidence.replaced": "更换证据版本",
    "evidence.described": "修改证据说明",
    "evidence.downloaded": "下载证据",
    "evidence.previewed": "预览证据",
    "evidence.damaged": "发现证据文件损坏",
    "evidence.sound_again": "证据文件恢复完好",
    "report.asked": "发起导出",
    "report.cancelled": "取消导出",
    "report.failed": "导出未完成",
    "report.built": "导出报告",
    "report.damaged": "发现导出件损坏",
    "report.sound_again": "导出件恢复完好",
    "report.downloaded": "下载报告",
    "import.applied": "导入 Excel",
    "ledger.mapped": "记住台账的列对应",
    "ledger.forgotten": "忘记台账的列对应",
    "evidence.classified": "确定证据的保存期限",
    "evidence.destroyed": "销毁到期证据",
    "person.sealed": "封存人员的个人信息",
    "person.unsealed": "解除人员的封存",
    "person.redacted": "删除人员的个人信息",
    "hold.placed": "设置法律保全",
    "hold.lifted": "解除法律保全",
    "request.made": "申请销毁或删除",
    "request.approved": "批准销毁或删除",
    "request.refused": "未批准销毁或删除",
    "disclosure.sealed": "封存个人信息",
    "disclosure.unsealed": "解除封存",
    "disclosure.redacted": "依法删除个人信息",
    "key.created": "建立签名密钥",
    "key.rotated": "更换签名密钥",
    "key.lost": "声明签名密钥遗失",
    "heads.accepted": "接受与签名不符的历史",
    "alarm.raised": "发出警报",
    "alarm.settled": "解除警报",
}
FAMILIES: dict[str, str] = {
    "entity": "主体", "person": "人员", "register": "义务清单", "scope": "适用性", "control": "管控信息", "assignment": "分派",
    "task": "任务", "evidence": "证据", "report": "报告", "document": "文件原文", "import": "导入的工作簿", "ledger": "台账",
    "disclosure": "个人信息", "hold": "法律保全", "request": "销毁或删除的申请",
    "key": "签名密钥", "heads": "签过的链头", "alarm": "警报",
}
FIELDS: dict[str, str] = {
    "active": "在用", "alarm": "警报内容", "added": "新增", "address": "登录地址", "as_of": "截止时点", "since": "比较时点", "cadence": "频率", "cells": "更改的单元格", "changed": "变更", "columns": "列的对应", "code": "统一社会信用代码",
    "department": "部门", "due_on": "截止日", "edition": "版本", "email": "邮箱", "error": "未完成的原因", "evidence": "证据", "export_kind": "导出内容", "file_name": "文件名",
    "filter": "筛选条件", "first_due": "首个截止日", "is_admin": "系统管理员", "kind": "文件类型", "kinds": "主体类型", "left_out": "未导入的行", "left_on": "离职日", "login": "登录名",
    "list": "导入的表", "mine": "采用文件的冲突", "name": "姓名或名称", "note": "说明", "obligation": "义务", "obligation_digest": "义务文本摘要", "obtained_on": "取得日", "valid_until": "有效期至",
    "occasion": "触发事件", "others": "其他会话", "owner": "责任人", "parent_id": "上级主体", "period_from": "所属期间起", "period_to": "所属期间止",
    "person": "人员", "pinyin": "拼音", "post": "岗位", "reason": "理由", "review_every": "确认频率", "reviewer": "复核人", "roles": "角色",
    "rows": "行数", "sha256": "SHA-256", "short_name": "简称", "size": "字节数", "state": "状态", "submission": "提交次数", "superseded_by": "被替代为",
    "supersedes": "替代", "theirs": "保留系统的冲突", "unchanged": "未变", "register": "登记册", "renamed": "改编号", "restores": "恢复的版本", "revived": "恢复", "text_sha256": "文本 SHA-256", "version_no": "证据版本", "withdrawn": "撤下",
    "business": "一级业务", "sub_business": "二级业务", "lead_department": "归口部门", "support_departments": "配合部门", "bottom_line": "合规底线",
    "risk_no": "风险行为编号", "risk_level": "风险等级", "measure": "风险控制措施", "post_name": "岗位名称", "post_duty": "岗位合规职责", "policy": "制度依据",
    "main_process": "一级流程", "sub_process": "二级流程", "process_no": "流程编号", "review_points": "合规审查内容", "supervision": "监督评价要点", "remark": "备注",
    "actor_name": "操作人", "fields": "涉及的栏目", "seq": "记录序号", "act": "申请事项", "basis": "法律依据", "hold": "保全范围", "kept_from": "保存期限起算日", "kept_until": "保存期限至",
    "on": "所指对象", "request": "申请号", "retention": "保存类别",
    "fingerprint": "公钥指纹", "public": "公钥", "lost": "不再存在的历史",
}
BEIJING = timezone(timedelta(hours=8))
FAULTS: dict[str, str] = {
    "gap": "序号不连续", "form": "记录不是规范形式", "place": "记录不属于这个位置", "body": "记录与其校验值不符", "prev": "与前一条接不上",
    "entry": "本条校验值不符", "size": "条数与链头不符", "head": "链头不符", "column": "筛选用的列与记录不符", "disclosure": "个人信息与其承诺值不符",
    "chain": "记录所属的链不存在", "seal": "封存、删除的标记与链中的记录不符",
    "kind": "链的种类或算法与名称不符", "checkpoint": "签过的链头与链或其签名不符", "key": "公钥与留痕记录或其签名不符",
    "registry": "登记与各链或其签名不符", "sheets": "导出的工作簿的签名与其内容不符",
}
HIDDEN = frozenset({"actor_name"})
# What stands in the place of a personal value that is not given out any more.
CONCEALED = {"sealed": "（已封存）", "redacted": "（已依法删除）"}
# Fields that hold references or codes; a free text that happens to look like one is left as it is.
REFERRING = frozenset({
    "added", "changed", "revived", "evidence", "kind", "kinds", "obligation", "on", "owner", "reviewer", "superseded_by", "supersedes", "unchanged", "withdrawn",
})


def action_label(action: str) -> str:
    """Return what an event is called; an event of a later version keeps its code."""
    return ACTIONS.get(action, action)


def family_label(action: str) -> str:
    """Return what kind of thing an event is about."""
    return FAMILIES.get(action.split(".")[0], action)


def field_label(field: str) -> str:
    """Return what a field is called."""
    return FIELDS.get(field, field)


def fault_label(what: str) -> str:
    """Return what is wrong with an entry of a chain."""
    return FAULTS.get(what, what)


def via_label(via: str) -> str:
    """Return what a door is called."""
    return Via(via).label if via in set(Via) else via


def value_text(field: str, value: Any, known: Mapping[str, str]) -> str:
    """Say a stored value in words; `known` gives names to references and codes such as `u_3` or `listed_company`."""
    if value is None or value in ("", []):
        return ""
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, list):
        return "、".join(value_text(field, item, known) for item in value)
    text = str(value)
    if field == "fields":
        return field_label(text.rpartition(".")[2])
    if field == "state":
        return _labels(TaskState, ScopeState).get(text, text)
    if field in {"cadence", "review_every"}:
        return _labels(Cadence).get(text, text)
    if field == "risk_level":
        return _labels(Severity).get(text, text)
    if field == "export_kind":
        return _labels(ExportKind).get(text, text)
    if field == "hold":
        return _labels(HoldKind).get(text, text)
    if field == "act":
        return _labels(RetentionAct).get(text, text)
    if field == "retention":
        return _labels(Keeping).get(text, text)
    if field == "list":
        return _labels(ListKind).get(text, text)
    if field == "roles":
        return _labels(Role).get(text, text)
    if field in {"as_of", "since"}:
        return datetime.fromisoformat(text).astimezone(BEIJING).strftime("%Y-%m-%d %H:%M:%S")
    if field == "parent_id":
        return known.get(f"entity:{text}", text)
    if field in {"sha256", "obligation_digest"}:
        return text[:16]
    if field == "fields":
        return FIELDS.get(text.rpartition(".")[2], text)
    return known.get(text, text) if field in REFERRING else text


def _labels(*words: Any) -> dict[str, str]:
    return {str(word): word.label for family in words for word in family}


def changes(before: Mapping[str, Any], after: Mapping[str, Any], personal: Mapping[str, Any], known: Mapping[str, str]) -> list[tuple[str, str, str]]:
    """List (label, before, after) of one event, personal values in their places, empty to empty left out."""
    pairs: dict[str, list[str]] = {}
    for place, values in ((0, before), (1, after)):
        for field, value in values.items():
            pairs.setdefault(field, ["", ""])[place] = value_text(field, value, known)
    for name, value in personal.items():
        if name not in HIDDEN:
            side, _, field = name.rpartition(".")
            pairs.setdefault(field, ["", ""])[0 if side == "before" else 1] = value_text(field, value, known)
    return [(field_label(field), old, new) for field, (old, new) in pairs.items() if old or new]
