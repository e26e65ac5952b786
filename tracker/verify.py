#!/usr/bin/env python3
"""Check an exported workbook, or a whole audit package, offline: needs Python 3.9 and nothing else, and changes nothing.

用法：  python verify.py 工作簿.xlsx [--evidence 证据目录] [--fingerprint 公钥指纹] [--earlier 链头文件或以前的工作簿]
        python verify.py 审计包.zip        （或已解压的目录；不写则为本文件所在的目录）
全部相符输出“校验通过”，退出码 0；否则说明第一处不符在哪里，退出码 1。H 是 SHA-256，写成小写十六进制；| 为换行：
    内容校验值 = H("CA1 body|" + 记录)
    本条校验值 = H("CA1 entry|" + 链 + "|" + 序号 + "|" + 前一条校验值 + "|" + 内容校验值 + "|")
    首条的前一条 = H("CA1 genesis|" + 部署标识 + "|" + 链 + "|" + 建立时间 + "|")
    个人信息的承诺值 = H("CA1 pd|" + 盐值 + "|" + 值的规范写法)
签名是 Ed25519（RFC 8032），base64 写法；公钥指纹 = H(32 字节的公钥)。签名的内容是：
    链头     "CA1 head|" + 部署标识 + "|" + 链 + "|" + 条数 + "|" + 链头校验值 + "|" + 签名时间 + "|" + 公钥指纹 + "|"
    登记     "CA1 registry|" + 部署标识 + "|" + 登记时间 + "|" + 登记摘要 + "|" + 公钥指纹 + "|"
    更换密钥 "CA1 key|" + 部署标识 + "|" + 原公钥指纹 + "|" + 新公钥 + "|" + 启用时间 + "|"，由原、新两把密钥各签一次
    工作表   "CA1 sheets|" + 部署标识 + "|" + 签名时间 + "|" + H("CA1 sheets lines|" + 首个密钥的启用时间 + "|" + 密钥多于一个的，各密钥“公钥 启用时间 启用方式” + 有登记的，“登记时间 登记摘要” + 各行“次序 校验值”，各加 "|") + "|" + 公钥指纹 + "|"
    工作表的校验值 = H("CA1 sheet|" + 名称 + "|" + 有内容的各行“H("CA1 row|" + 行号 + "|" + 各单元格) + "|"”)；单元格是 列名 + 空格 + 文字（\\ 写成 \\\\，换行写成 \\n）+ "|"，
    或 列名 + "=" + 七位小数的数字 + "|"。“校验”中密钥、链（“链”“所属主体”两行计入）、校验值各行除外；启用方式写作 first、changed、lost，其余从 1 数起
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import json
import os
import re
import sys
import zipfile
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from datetime import datetime, timedelta
from io import BytesIO
from itertools import zip_longest
from os.path import commonprefix
from pathlib import Path
from typing import IO, Any, NoReturn
from unicodedata import normalize
from xml.etree import ElementTree

MOST_BYTES, MOST_PARTS, MOST_SHOWN, MOST_SIGNED, MOST_ROWS = 2 * 1024**3, 3000, 32_000, 2000, 1 << 20
TRAIL, LINKS, PROOF, EVIDENCE, FOLDER, SUMS = "操作留痕", "校验链", "校验", "证据目录", "证据/", "行校验值"
MANIFEST, LEFT_BY_SYSTEMS = "manifest.json", {".DS_Store", "Thumbs.db", "desktop.ini"}
BESIDE = {"index.html", "SHA256SUMS.txt", "说明.txt", "verify.py", "校验.html"}
FACTS = {"entity": "主体", "as_of": "截止时点", "filter": "筛选条件", "edition": "义务清单版本", "exporter": "导出人"}
# What the codes of a record are called where they are shown.
VIA = {"web": "网页", "cli": "命令行", "api": "接口", "system": "系统"}
ACTIONS = {
    "entity.created": "新建主体", "entity.changed": "修改主体资料", "entity.activated": "恢复主体", "entity.deactivated": "停用主体", "person.added": "添加人员", "person.changed": "修改人员资料", "person.roles_granted": "调整角色", "person.activated": "恢复人员", "person.deactivated": "标记离职", "person.invited": "生成设置密码的链接", "person.password_set": "设置密码", "person.signed_in": "登录", "person.signed_out": "退出登录", "register.loaded": "载入义务清单",
    "document.text_imported": "导入官方原文", "scope.decided": "认定适用性", "control.changed": "修改管控信息", "assignment.made": "分派义务", "assignment.changed": "变更分派", "assignment.ended": "结束分派", "task.planned": "生成任务", "task.handed_over": "移交任务", "task.worked_on": "办理任务", "task.evidence_cited": "引用证据", "task.evidence_uncited": "移除证据引用", "task.submitted": "提交复核", "task.recalled": "撤回提交", "task.accepted": "复核接受", "task.returned": "退回任务",
    "task.reconfirmed": "重新确认复核结论", "task.reopened": "重新打开任务", "task.rescheduled": "任务改期", "task.cancelled": "取消任务", "evidence.added": "上传证据", "evidence.replaced": "更换证据版本", "evidence.described": "修改证据说明", "evidence.downloaded": "下载证据", "evidence.previewed": "预览证据", "evidence.damaged": "发现证据文件损坏", "evidence.sound_again": "证据文件恢复完好", "report.asked": "发起导出", "report.cancelled": "取消导出", "report.failed": "导出未完成",
    "report.built": "导出报告", "report.damaged": "发现导出件损坏", "report.sound_again": "导出件恢复完好", "report.downloaded": "下载报告", "import.applied": "导入 Excel", "ledger.mapped": "记住台账的列对应", "ledger.forgotten": "忘记台账的列对应", "evidence.classified": "确定证据的保存期限", "evidence.destroyed": "销毁到期证据", "person.sealed": "封存人员的个人信息", "person.unsealed": "解除人员的封存", "person.redacted": "删除人员的个人信息", "hold.placed": "设置法律保全", "hold.lifted": "解除法律保全",
    "request.made": "申请销毁或删除", "request.approved": "批准销毁或删除", "request.refused": "未批准销毁或删除", "disclosure.sealed": "封存个人信息", "disclosure.unsealed": "解除封存", "disclosure.redacted": "依法删除个人信息", "key.created": "建立签名密钥", "key.rotated": "更换签名密钥", "key.lost": "声明签名密钥遗失", "heads.accepted": "接受与签名不符的历史", "alarm.raised": "发出警报", "alarm.settled": "解除警报"}
FIELDS = {
    "active": "在用", "alarm": "警报内容", "added": "新增", "address": "登录地址", "as_of": "截止时点", "since": "比较时点", "cadence": "频率", "cells": "更改的单元格", "changed": "变更", "columns": "列的对应", "code": "统一社会信用代码", "department": "部门", "due_on": "截止日", "edition": "版本", "email": "邮箱", "error": "未完成的原因", "evidence": "证据", "export_kind": "导出内容", "file_name": "文件名", "filter": "筛选条件", "first_due": "首个截止日", "is_admin": "系统管理员", "kind": "文件类型",
    "kinds": "主体类型", "left_out": "未导入的行", "left_on": "离职日", "login": "登录名", "list": "导入的表", "mine": "采用文件的冲突", "name": "姓名或名称", "note": "说明", "obligation": "义务", "obligation_digest": "义务文本摘要", "obtained_on": "取得日", "valid_until": "有效期至", "occasion": "触发事件", "others": "其他会话", "owner": "责任人", "parent_id": "上级主体", "period_from": "所属期间起", "period_to": "所属期间止", "person": "人员", "pinyin": "拼音", "post": "岗位", "reason": "理由",
    "review_every": "确认频率", "reviewer": "复核人", "roles": "角色", "rows": "行数", "sha256": "SHA-256", "short_name": "简称", "size": "字节数", "state": "状态", "submission": "提交次数", "superseded_by": "被替代为", "supersedes": "替代", "theirs": "保留系统的冲突", "unchanged": "未变", "register": "登记册", "renamed": "改编号", "restores": "恢复的版本", "revived": "恢复", "text_sha256": "文本 SHA-256", "version_no": "证据版本", "withdrawn": "撤下", "business": "一级业务",
    "sub_business": "二级业务", "lead_department": "归口部门", "support_departments": "配合部门", "bottom_line": "合规底线", "risk_no": "风险行为编号", "risk_level": "风险等级", "measure": "风险控制措施", "post_name": "岗位名称", "post_duty": "岗位合规职责", "policy": "制度依据", "main_process": "一级流程", "sub_process": "二级流程", "process_no": "流程编号", "review_points": "合规审查内容", "supervision": "监督评价要点", "remark": "备注", "actor_name": "操作人", "fields": "涉及的栏目", "seq": "记录序号",
    "act": "申请事项", "basis": "法律依据", "hold": "保全范围", "kept_from": "保存期限起算日", "kept_until": "保存期限至", "on": "所指对象", "request": "申请号", "retention": "保存类别", "fingerprint": "公钥指纹", "public": "公钥", "lost": "不再存在的历史"}
CODES = {
    "state": {"not_started": "未开始", "in_progress": "进行中", "submitted": "待复核", "returned": "已退回", "done": "已完成", "cancelled": "已取消", "applies": "适用", "not_applicable": "不适用"}, **dict.fromkeys(("cadence", "review_every"), {"once": "一次性", "event": "事件触发", "continuous": "持续履行", "monthly": "每月", "quarterly": "每季度", "semiannual": "每半年", "annual": "每年"}),
    "risk_level": {"high": "高", "medium": "中", "low": "低"}, "list": {"assignments": "分派", "tasks": "任务", "controls": "管控信息", "scope": "适用性", "evidence": "证据", "workbook": "多张表"}, "hold": {"entity": "整个主体", "obligation": "一项义务的证据", "evidence": "一份证据", "person": "一名人员"}, "act": {"destroy": "销毁到期证据", "redact": "删除留痕中的个人信息", "redact_person": "删除人员的个人信息"}, "retention": {"general": "一般合规资料", "network_log": "网络日志（登录、访问记录）",
    "securities_firm": "证券公司业务资料", "futures_firm": "期货经营机构业务资料", "suitability": "投资者适当性资料", "settlement": "登记结算原始凭证", "fund_register": "基金份额登记数据", "service_papers": "证券服务机构工作底稿", "futures_service": "期货服务机构资料", "private_fund": "私募基金投资记录", "insider_list": "内幕信息知情人档案", "money_laundering": "反洗钱客户身份、交易记录", "impact_assessment": "个人信息保护影响评估报告"},
    "export_kind": {"workbook": "审计工作簿", "package": "审计包"}, "roles": {"officer": "合规管理", "owner": "责任人", "reviewer": "复核人", "auditor": "审计"}}
SEALS = {"disclosure.sealed": "（已封存）", "disclosure.redacted": "（已依法删除）", "disclosure.unsealed": ""}
SCOPES = ("全部记录", "筛选范围内的记录", "截止时点以前的记录，以及其后封存、删除、销毁的记录")
KINDS = {"首个密钥": "first", "由上一密钥更换": "changed", "上一密钥遗失后另建": "lost"}
UNSIGNED, SIGNATURE, PUBLIC, REGISTERED, ROWS, SUM = "未签名", "链头签名", "公钥", "登记时间", "行数：", "校验值："
SIGNING = {PUBLIC, "公钥指纹", "启用时间", "启用方式", "更换签名", "接受签名", REGISTERED, "登记摘要", "登记指纹", "登记签名", "链", "所属主体", "部署标识", "建立时间", "条数", "链头校验值", "签名时间", "签名指纹", SIGNATURE}
SHEETS, OLDER = ("工作表签名", "工作表签名时间", "工作表签名指纹"), "本工作簿由较早版本导出（或有关的行被删去），没有各工作表的校验值，其余工作表的单元格不在核对之内。"
APART = {*SIGNING, *SHEETS, "签名密钥"} - {"链", "所属主体"}
REFERRING = {"added", "changed", "evidence", "kind", "kinds", "obligation", "on", "owner", "parent_id", "reviewer", "revived", "superseded_by", "supersedes", "unchanged", "withdrawn"}
SPACES = tuple(f"{{{one}}}" for one in ("http://schemas.openxmlformats.org/spreadsheetml/2006/main", "http://purl.oclc.org/ooxml/spreadsheetml/main", "http://schemas.openxmlformats.org/package/2006/relationships"))
IDS = {"{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id", "{http://purl.oclc.org/ooxml/officeDocument/relationships}id"}
# What may stand in each element that is read: programs pass over what they do not know, and what they pass over must not be read here.
INSIDE = {
    "": {"Relationships", "workbook", "worksheet", "sst"}, "Relationships": {"Relationship"}, "sheets": {"sheet"}, "sst": {"si", "extLst"}, **dict.fromkeys(("si", "is"), {"t", "r", "rPh", "phoneticPr"}),
    "r": {"t", "rPr"}, "rPh": {"t"}, "sheetData": {"row"}, "row": {"c"}, "c": {"f", "v", "is"}, "mergeCells": {"mergeCell"}, **dict.fromkeys(("Relationship", "sheet", "f", "v", "t", "mergeCell"), set[str]())}
ONCE = {"sheets": "workbook", "workbookPr": "workbook", "sheetData": "worksheet", "mergeCells": "worksheet"}
ONLY_THERE = {name for names in INSIDE.values() for name in names} - {"extLst", "rPr", "phoneticPr"}
STRANGE = "工作簿的内部结构不是表格软件写出的，打开时可能显示别的内容，已被改动。"
Row = dict[str, tuple[str, str]]


class Fault(Exception):
    """The first thing that is wrong, as a sentence with its place."""


def need(sound: object, sentence: str) -> None:
    """Stop with this sentence unless it is so."""
    if not sound:
        raise Fault(sentence)


def lines(*every: str) -> str:
    """Return lines, each with its end, as they are signed."""
    return "".join(f"{line}\n" for line in every)


def digest(*lines: str) -> str:
    """Return the SHA-256 of these lines."""
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def digest_of(opened: IO[bytes]) -> tuple[str, int]:
    """Return the SHA-256 and the size of a file, and close it."""
    hashing, size = hashlib.sha256(), 0
    with opened as file:
        for chunk in iter(lambda: file.read(1 << 20), b""):
            hashing.update(chunk)
            size += len(chunk)
    return hashing.hexdigest(), size


def canonical(value: Any) -> str:
    """Write a value as records are written: ASCII JSON, keys sorted, no spaces, `_x` never as it is."""
    return json.dumps(value, ensure_ascii=True, sort_keys=True, separators=(",", ":")).replace("_x", "\\u005fx")


def parsed(text: str, where: str) -> dict[str, Any]:
    """Read a JSON object; numbers with a fraction are none of ours."""
    try:
        return dict(json.loads(text, parse_float=int, parse_constant=int))
    except (ValueError, TypeError, RecursionError):
        raise Fault(f"{where}：内容不是有效的 JSON，已被改动或截断。") from None


# Ed25519, only to check: the curve -x² + y² = 1 + D x² y² over the integers modulo P; L is the order of its base point.
P, L = 2**255 - 19, 2**252 + 27742317777372353535851937790883648493
D, ROOT, ZERO = -121665 * pow(121666, P - 2, P) % P, pow(2, (P - 1) // 4, P), (0, 1, 1, 0)


def added(one: tuple[int, ...], other: tuple[int, ...]) -> tuple[int, ...]:
    """Add two points, each as X, Y, Z and T, with x = X/Z, y = Y/Z and T = XY/Z."""
    a, b = (one[1] - one[0]) * (other[1] - other[0]) % P, (one[1] + one[0]) * (other[1] + other[0]) % P
    c, d = 2 * one[3] * other[3] * D % P, 2 * one[2] * other[2] % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return (e * f % P, g * h % P, f * g % P, e * h % P)


def times(number: int, point: tuple[int, ...]) -> tuple[int, ...]:
    """Multiply a point."""
    result: tuple[int, ...] = ZERO
    while number:
        result = added(result, point) if number & 1 else result
        point, number = added(point, point), number >> 1
    return result


def packed(point: tuple[int, ...]) -> bytes:
    """Write a point as 32 bytes."""
    inverse = pow(point[2], P - 2, P)
    return (point[1] * inverse % P | (point[0] * inverse % P & 1) << 255).to_bytes(32, "little")


def unpacked(data: bytes) -> tuple[int, ...] | None:
    """Read a point, in its one spelling only; None when it is none, or one of the few of small order."""
    number = int.from_bytes(data, "little")
    y, sign = number & (1 << 255) - 1, number >> 255
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(square, (P + 3) // 8, P)
    x = x if x * x % P == square else x * ROOT % P
    x = P - x if x & 1 != sign else x
    point = (x, y, 1, x * y % P)
    return None if y >= P or x >= P or x * x % P != square or packed(times(8, point)) == packed(ZERO) else point


BASE = unpacked((4 * pow(5, P - 2, P) % P).to_bytes(32, "little")) or ZERO


def signed_by(public: bytes, signature: bytes, message: bytes) -> bool:
    """Tell whether this signature of 64 bytes over a message was made with the private half of this key."""
    key, s = unpacked(public), int.from_bytes(signature[32:], "little")
    if key is None or s >= L:
        return False
    k = int.from_bytes(hashlib.sha512(signature[:32] + public + message).digest(), "little") % L
    return packed(added(times(s, BASE), times(L - k, key))) == signature[:32]


def plain(text: str, size: int, where: str) -> bytes:
    """Read base64 of so many bytes in its one spelling."""
    try:
        data = base64.b64decode(text.encode("ascii"), validate=True)
    except ValueError:
        data = b""
    need(len(data) == size and base64.b64encode(data).decode() == text, f"{where}：不是 {size} 字节的 base64，已被改动。")
    return data


class Keys:
    """The public keys of one installation, oldest first, and which of them are bound to each other by signed changes."""

    def __init__(self, deployment: str) -> None:
        self.deployment, self.line, self.known = deployment, 0, dict[str, tuple[str, int]]()

    def add(self, cells: list[tuple[str, str]]) -> None:
        """Take a further key: (place, text) of public key, fingerprint, moment, kind, and of a change both signatures."""
        (where, public), (place, told), (_, at), (how, kind), *signatures = cells
        raw, last = plain(public, 32, where), list(self.known)[-1:]
        need(unpacked(raw), f"{where}：不是 Ed25519 的公钥，已被改动。")
        name = hashlib.sha256(raw).hexdigest()
        need(told == name, f"{place}：公钥指纹应为 {name}，写的是 {told}，两者之一已被改动。")
        need(kind in KINDS.values() and (kind == "first") == (not last) and len(signatures) == 2 * (kind == "changed") and name not in self.known, f"{how}：启用方式与各密钥的次序或更换签名不符，已被改动。")
        need(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z", at), f"{how}：启用时间的写法不对，已被改动。")
        self.line += kind == "lost"
        self.known[name] = (public, self.line)
        for number, (spot, signature) in enumerate(signatures):
            self.need(spot, [*last, name][number], signature, lines("CA1 key", self.deployment, last[0], public, at), "更换密钥")

    def need(self, where: str, name: str, signature: str, text: str, what: str) -> None:
        """Stop unless this is a signature over a text by the key of this fingerprint."""
        need(name in self.known, f"{where}：{what}的签名指纹 {name[:16]} 不在所列的公钥中，已被改动。")
        sound = signed_by(base64.b64decode(self.known[name][0]), plain(signature, 64, where), text.encode())
        need(sound, f"{where}：{what}的签名不对，签名或所签的内容已被改动。")

    def trusted(self, wanted: str) -> set[str]:
        """Return the fingerprints bound to the wanted one, given by at least half of its digits."""
        sought = re.sub("[\\s:：]", "", wanted).lower()
        need(re.fullmatch("[0-9a-f]{32,64}", sought), "公钥指纹：应为至少前 32 位十六进制数字。")
        bound = [line for name, (_, line) in self.known.items() if name.startswith(sought)]
        need(bound, f"没有指纹为 {sought} 的公钥：签名的不是您要的那把密钥。")
        return {name for name, (_, line) in self.known.items() if line == bound[0]}


def decoded(text: str) -> str:
    """Return a text as programs show it: escapes decoded, which some of them store and some do not, and line ends alike."""
    while "_x" in text and text != (once := re.sub("_x([0-9A-Fa-f]{1,4})_", lambda found: "\ufffd" if 0xD800 <= int(found[1], 16) < 0xE000 else chr(int(found[1], 16)), text)):
        text = once
    return text.replace("\r\n", "\n").replace("\r", "\n")


def column(letters: str) -> int:
    """Return the number of a column, from 1."""
    return sum(26**place * (ord(letter) - 64) for place, letter in enumerate(reversed(letters)))


class Sums:
    """The digests of the rows of a sheet, taken while they are read: `short` of each by its place, which is at row `at`, and of the `whole`."""

    def __init__(self, title: str) -> None:
        self.title, self.short, self.at, self.whole = title, dict[int, str](), dict[int, int](), hashlib.sha256(f"CA1 sheet\n{title}\n".encode())

    def add(self, number: int, cells: dict[str, tuple[str, str]]) -> None:
        """Take a row: its letters, with text and type of the cell."""
        label, place = next(iter(cells.values()), ("", ""))[0], len(self.short) + 1 if self.title == PROOF else number
        apart = self.title == PROOF and (label in APART or label.startswith(SUM))
        # Label and one text, nothing beside them: another text would be seen and not checked.
        need(not apart or [*cells] == (["B"] if label == "签名密钥" else ["B", "E"]), f"{PROOF}!第 {number} 行（{label}）：这一行写有别的内容，已被改动。")
        if cells and not apart:
            told = digest("CA1 row", str(place), "".join(self._shows(letters, *cell) for letters, cell in cells.items()))
            self.short[place], self.at[place] = told[:8], number
            self.whole.update(f"{told}\n".encode())

    def _shows(self, letters: str, text: str, kind: str) -> str:
        number = kind == "n" and re.fullmatch(r"-?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]{1,3})?", text)
        mark, text = " " if kind in ("s", "str", "inlineStr") else "?", decoded(text).replace("\\", "\\\\").replace("\n", "\\n")
        return f"{letters}={float(text) + 0:.7f}\n" if number else f"{letters}{mark}{text}\n"


class Workbook:
    """The sheets of a workbook as the application, Excel, WPS or LibreOffice wrote it."""

    def __init__(self, file: IO[bytes]) -> None:
        self.zip, self.sums = zipfile.ZipFile(file), dict[str, Sums]()
        sizes = {one.filename.lower(): one.file_size for one in self.zip.infolist()}
        need(len(sizes) == len(self.zip.infolist()) <= MOST_PARTS and sum(sizes.values()) <= MOST_BYTES, "工作簿的内部有同名的部分，或大得不像表格软件写出的，没有读取。")
        # Programs go by the relations: what they open and show must be what is read here.
        books = [one.get("Target", "").lstrip("/") for one in self._elements("_rels/.rels", "Relationship") if one.get("Type", "").endswith("/officeDocument")]
        related = [one.attrib for one in self._elements("xl/_rels/workbook.xml.rels", "Relationship")]
        of = {one.get("Id"): (one.get("Type", ""), re.sub("^(/xl/)?", "xl/", one.get("Target", ""))) for one in related if one.get("TargetMode", "Internal") == "Internal"}
        listed = [(one.get("name", ""), [of.get(told) for key, told in one.attrib.items() if key in IDS]) for one in self._elements("xl/workbook.xml", "sheet")]
        sheets = [(name, one[0][1]) for name, one in listed if len(one) == 1 and one[0] and one[0][0].endswith("/worksheet")]
        texts = [target for kind, target in of.values() if kind.endswith("/sharedStrings")]
        sound = books == ["xl/workbook.xml"] and len({one.get("Id") for one in related}) == len(related) and len(texts) < 2 and len(sheets) == len(listed)
        need(sound and all(re.fullmatch(r"xl/(\w+/)*\w+\.xml", target, re.ASCII) for target in [*texts, *(target for _, target in sheets)]), STRANGE)
        need(all(one.get("date1904", "0") in ("0", "false") for one in self._elements("xl/workbook.xml", "workbookPr")), "工作簿改用了 1904 年起算的日期，所有日期都会错位，已被改动。")
        self.parts = dict(sheets)
        need(len(self.parts) == len(sheets), "工作簿中有两张同名的工作表，已被改动。")
        self.shared = [self._text(one, part) for part in texts for one in self._elements(part, "si")]

    def _elements(self, part: str, *wanted: str) -> Iterator[ElementTree.Element]:
        content = self.zip.read(part)
        # No spreadsheet program writes a document type, nor therefore entities, nor anything but UTF-8.
        coded = re.search(rb"encoding\s*=\s*[\"']([^\"']*)", content[:200].partition(b"?>")[0])
        need(b"<!" not in content and b"<?" not in content[4:] and b"\0" not in content and (not coded or coded[1].lower() in (b"utf-8", b"utf8", b"us-ascii")), f"工作簿的“{part}”不是表格软件写出的（含有 DTD、处理指令或其他编码），没有读取。")
        tags = {space + name for space in SPACES for name in wanted}
        parsing, declared = ElementTree.iterparse(BytesIO(content), ("end", "start-ns")), 0
        for event, element in parsing:
            if event == "start-ns":
                # One name for the space of a workbook's elements: under a second one there could be other rows than under the first.
                declared += f"{{{element[1]}}}" in SPACES
                need(declared < 2, f"{part}（xmlns:{element[0]}）：{STRANGE}")
            elif element.tag in tags:
                yield element
                element.clear()
        # What was yielded is empty now, and whoever read it has looked inside; the frame around it is looked at here.
        root: ElementTree.Element = parsing.root  # type: ignore[attr-defined]
        space, met, waiting = next((one for one in SPACES if root.tag.startswith(one)), "?"), set[str](), [(root, "", 0)]
        while waiting:
            element, parent, depth = waiting.pop()
            name = element.tag[len(space):] if element.tag.startswith(space) else "?"
            at_home = name in INSIDE[parent] if parent in INSIDE else name not in ONLY_THERE
            need(at_home and (name not in ONCE or (ONCE[name] == parent and depth == 1 and name not in met)), f"{part}（{name}）：{STRANGE}")
            met.add(name)
            waiting += [(one, name, depth + 1) for one in element]

    def _text(self, element: ElementTree.Element, part_name: str) -> str:
        space, texts = element.tag.rpartition("}")[0] + "}", list[str]()
        for part in element:
            name = part.tag[len(space):] if part.tag.startswith(space) else "?"
            inner = [part] if name == "t" else [one for one in part if one.tag != f"{space}rPr"] if name == "r" else []
            # Past readings of Chinese signs (rPh), which some programs add.
            need(name in INSIDE["si"] and all(one.tag == f"{space}t" and not len(one) for one in inner), f"{part_name}（{name}）：{STRANGE}")
            texts += [one.text or "" for one in inner]
        return "".join(texts)

    def _value(self, cell: ElementTree.Element, where: str, space: str, part: str) -> str:
        kind = cell.get("t")
        if not len(cell) and kind != "s":
            return ""
        content, names = cell[0] if len(cell) else cell, [one.tag[len(space):] if one.tag.startswith(space) else "?" for one in cell]
        need("f" not in names, f"{where}：单元格是公式。导出的工作簿没有公式，此处已被改动。")
        need(all(name in INSIDE["c"] for name in names) and (names != ["v"] or not len(content)), f"{part}（{names}）：{STRANGE}")
        # Of two contents, programs show the one and others the other.
        need(len(cell) == 1 and (names == ["is"]) == (kind == "inlineStr"), f"{where}：单元格写有两种内容，或与它的类型不符，已被改动。")
        text = self._text(content, part) if kind == "inlineStr" else content.text or ""
        need(kind != "s" or (re.fullmatch("[0-9]{1,9}", text) and int(text) < len(self.shared)), f"{where}：单元格所指的文字不存在，已被改动。")
        return self.shared[int(text)] if kind == "s" else text

    def rows(self, title: str) -> Iterator[tuple[int, dict[str, str]]]:
        """Yield (row number, {column letters: text}) of a sheet, empty cells left out."""
        need(title in self.parts, f"工作簿中没有工作表“{title}”。它不是本系统导出的，或已被删改。")
        sums = self.sums[title] = Sums(title)
        filled, merged, number = dict[int, tuple[str, ...]](), list[str](), 0
        for row in self._elements(self.parts[title], "row", "mergeCell"):
            if row.tag.endswith("}mergeCell"):
                merged.append(row.get("ref", ""))
                continue
            told, found = row.get("r", ""), dict[str, tuple[str, str]]()
            need(re.fullmatch("[1-9][0-9]{0,6}", told) and int(told) > number, f"{title}!第 {number} 行：下一行的行号是“{told}”，没有依次排列，已被改动。")
            number, space = int(told), row.tag[:-3]
            for cell in row:
                place = cell.get("r", "")
                need(cell.tag == f"{space}c", f"{self.parts[title]}（{cell.tag}）：{STRANGE}")
                need(place not in found and re.fullmatch(f"[A-Z]{{1,3}}{number}", place), f"{title}!{place}：单元格不在它的行中，或写了两次，已被改动。")
                found[place] = (self._value(cell, f"{title}!{place}", space, self.parts[title]), cell.get("t", "n"))
            cells = {place.rstrip("0123456789"): one for place, one in found.items() if one[0]}
            filled[number] = tuple(map(sys.intern, cells))
            sums.add(number, cells)
            yield number, {letters: text for letters, (text, _) in cells.items()}
        for place in merged:
            corners = re.fullmatch("([A-Z]{1,3})([0-9]{1,7}):([A-Z]{1,3})([0-9]{1,7})", place)
            left, top, right, bottom = (column(one) if one.isalpha() else int(one) for one in corners.groups()) if corners and len(merged) <= MOST_SIGNED else (1, 1, 0, 0)
            under = [(letters, at) for at in range(top, min(bottom, number) + 1) for letters in filled.get(at, ()) if left <= column(letters) <= right and (column(letters), at) != (left, top)]
            need(left <= right and not under, f"{title}!{place}：合并的单元格遮住了别的单元格的内容，已被改动。")

    def table(self, title: str, *keys: str) -> Iterator[Row]:
        """Yield every row below the headings, among which are `keys`, as {heading: (place, text)}."""
        letters: dict[str, str] = {}
        for number, cells in self.rows(title):
            if letters and len(cells) > 1:
                yield {heading: (f"{title}!{letter}{number}", cells.get(letter, "")) for heading, letter in letters.items()}
            elif not letters and len({*keys} & {*cells.values()}) > 1:
                letters = {heading: letter for letter, heading in cells.items()}
                need(len(letters) == len(cells) and {*keys} <= {*letters}, f"{title}!第 {number} 行：有两列的表头相同，或缺少一列的表头，已被改动。")
        need(letters, f"{title}：找不到表头“{keys[0]}”，已被删改。")


def shown(record: dict[str, Any], told: dict[str, Any], names: dict[str, str]) -> dict[str, str]:
    """Say every shown cell of a record by its heading; `names` stand in for references and are no part of the record."""
    def beijing(moment: str) -> str:
        return f"{datetime.strptime(moment[:19], '%Y-%m-%dT%H:%M:%S') + timedelta(hours=8):%Y-%m-%d %H:%M:%S}"

    def said(field: str, value: Any) -> str:
        if isinstance(value, list):
            return "、".join(said(field, item) for item in value)
        if isinstance(value, bool) or value is None:
            return "" if value is None else "是" if value else "否"
        if field == "fields":
            return FIELDS.get(str(value).rpartition(".")[2], str(value))
        named = CODES.get(field) or (names if field in REFERRING else {})
        return str(value)[:16] if field in {"sha256", "obligation_digest"} else beijing(value) if field in {"as_of", "since"} else named.get(str(value), str(value))

    pairs: dict[str, list[str]] = {}
    values = [(f"{side}.{field}", value) for side in ("before", "after") for field, value in record[side].items()]
    for name, value in values + [(name, told[name]) for name in sorted(told) if name != "actor_name"]:
        side, _, field = name.rpartition(".")
        pairs.setdefault(field, ["", ""])[0 if side == "before" else 1] = said(field, value)
    said_lines = [(FIELDS.get(field, field), old, new) for field, (old, new) in pairs.items() if old or new]
    changes = "\n".join(f"{label}：{old} → {new or '（空）'}" if old and old != new else f"{label}：{new}" for label, old, new in said_lines)
    return {
        "序号": str(record["seq"]), "时间": beijing(record["at"]), "人员": str(told.get("actor_name", names.get(record["actor"]))), "途径": VIA.get(record["via"], record["via"]),
        "操作": ACTIONS.get(record["action"], record["action"]), "对象": names.get(record["object"], record["object"]),
        "变更内容": changes if len(changes) <= MOST_SHOWN else changes[:MOST_SHOWN] + "……（内容过长，完整内容见系统）",
    }


class Check:
    """The check of a workbook, in the order in which one thing rests on another; `wanted` is the fingerprint of a key that must have signed."""

    def __init__(self, book: Workbook, wanted: str = "") -> None:
        self.book, self.facts, self.registry, part, signing = book, Row(), Row(), Row(), False
        self.chains, self.keys = dict[str, Row](), list[Row]()
        for number, cells in book.rows(PROOF):
            (label, text), place = [*cells.values(), "", ""][:2], f"{PROOF}!{[*cells, '', ''][1]}{number}"
            self.keys += [{}] if label == PUBLIC else []
            part = self.chains.setdefault(text, {}) if label == "链" else self.keys[-1] if label == PUBLIC else self.registry if label == REGISTERED else part
            facts = part if label in SIGNING else self.facts
            signing = label in SIGNING or (signing and not label.startswith(ROWS))
            need(not signing or len(cells) < 2 or label in SIGNING, f"{place}（{label}）：这一行不是导出的，或已被改动。")
            need(label not in facts or not (label in SIGNING or label in SHEETS or label.startswith((ROWS, SUM))), f"{place}（{label}）：写了两次，其中一次不是导出的。")
            facts.setdefault(label, (place, text))
        need(self.chains, f"{PROOF}：没有写明操作留痕的链，已被删改。")
        need(len(self.chains) + len(self.keys) <= MOST_SIGNED, f"{PROOF}：列出的链和公钥多于 {MOST_SIGNED:,}，不像本系统导出的，没有核对。")
        place, scope = self.facts.get("操作留痕范围") or next(((place, "") for place, text in self.facts.values() if text in SCOPES), (PROOF, ""))
        need(scope in SCOPES, f"{place}（操作留痕范围）：没有“{scope}”这样的范围，或这一行的名称不对，已被改动。")
        self.uploads, self.destroyed, self.signed, self.whole = set[str](), set[str](), dict[str, str](), scope == SCOPES[0]
        self.held = {name: [(digest("CA1 genesis", chain["部署标识"][1], name, chain["建立时间"][1], ""), "")] for name, chain in self.chains.items()}
        self.seals, self.left, self.pieces = dict[tuple[str, int, str], str](), "", 0
        self._links()
        self._signatures(wanted)
        self._trail()
        if self.sums:
            self._sheets()
        for label, (place, text) in self.facts.items():
            if label.startswith(ROWS) and not self.sums:
                need(text == (rows := f"{sum(len(cells) > 1 for _, cells in book.rows(label[3:])) - 1:,}"), f"{place}：写明“{label[3:]}”有 {text} 行，表中有 {rows} 行。")

    def _signatures(self, wanted: str) -> None:
        """Check the keys, and every signature by them; with a wanted fingerprint, that all are by it or by what is bound to it."""
        self.deployment = next(iter(self.chains.values()))["部署标识"][1]
        keys = Keys(self.deployment)
        for one in self.keys:
            how, kind = one["启用方式"]
            keys.add([one[PUBLIC], one["公钥指纹"], one["启用时间"], (how, KINDS.get(kind, kind)), *(one[label] for label in ("更换签名", "接受签名") if label in one)])
        if self.registry:
            (_, at), (_, told), (_, by), (place, signature) = (self.registry[label] for label in (REGISTERED, "登记摘要", "登记指纹", "登记签名"))
            keys.need(place, by, signature, lines("CA1 registry", self.deployment, at, told, by), "登记")
        for name, chain in self.chains.items():
            place, signature = chain.get(SIGNATURE, (PROOF, UNSIGNED))
            need(chain["部署标识"][1] == self.deployment, f"{chain['部署标识'][0]}：各链的部署标识不同，已被改动。")
            need((signature == UNSIGNED) == ("签名时间" not in chain) == ("签名指纹" not in chain), f"{place}（{SIGNATURE}）：链“{name}”的签名不全，已被改动。")
            if signature != UNSIGNED:
                by = chain["签名指纹"][1]
                text = lines("CA1 head", self.deployment, name, str(len(self.held[name]) - 1), self.held[name][-1][0], chain["签名时间"][1], by)
                keys.need(place, by, signature, text, f"链“{name}”的链头")
                self.signed[name] = by
            need(not wanted or self.signed.get(name) in keys.trusted(wanted), f"{place}（{SIGNATURE}）：链“{name}”的链头没有由指纹 {wanted} 的密钥、或由它更换而来的密钥签名。")
        self.sums = [(label[len(SUM):], *fact) for label, fact in self.facts.items() if label.startswith(SUM)]
        unnamed = next((place for place, text in self.facts.values() if re.fullmatch(UNSIGNED + "|[0-9A-Za-z+/]{86}==", text)), PROOF)
        (at, signature), (_, since), (_, self.sheets) = (self.facts.get(label, (unnamed, "")) for label in SHEETS)
        need(bool(self.sums) == bool(signature) == (SUMS in self.book.parts) and bool(since) == bool(self.sheets) == (signature not in ("", UNSIGNED)), f"{at}（{SHEETS[0]}）：各工作表的校验值或其签名不全，已被删改。")
        if self.sheets:
            every = [(key[PUBLIC][1], key["启用时间"][1], KINDS.get(key["启用方式"][1], "")) for key in self.keys] or [("", "", "")]
            noted = [" ".join(self.registry[label][1] for label in (REGISTERED, "登记摘要"))] if self.registry else []
            listed = digest("CA1 sheets lines", every[0][1], *(" ".join(key) for key in every if every[1:]), *noted, *(f"{place} {one}" for place, (_, _, one) in enumerate(self.sums, start=1)), "")
            keys.need(at, self.sheets, signature, lines("CA1 sheets", self.deployment, since, listed, self.sheets), "各工作表")
        need(not wanted or self.sheets in keys.trusted(wanted), f"{at}（{SHEETS[0]}）：各工作表没有由指纹 {wanted} 的密钥、或由它更换而来的密钥签名。{'' if self.sums else OLDER + '较早版本导出的，请不带 --fingerprint 校验，再核对输出的签名指纹。'}")

    def _sheets(self) -> None:
        """Check what every sheet shows against its digest; a row that was changed is named by its short digest."""
        held, stated, should = [title for title in self.book.parts if title != SUMS], dict[str, str](), [["工作表", "起始行", "各行校验值"]]
        for place, (title, (listed, at, _)) in enumerate(zip_longest(held, self.sums, fillvalue=("", PROOF, "")), start=1):
            need(title == listed, f"{at}（{SUM}）：第 {place} 张工作表按此应为“{listed}”，现为“{title or ''}”：有工作表被加入、删去、改名或移动。")
        rows = [[*cells.values()] for _, cells in self.book.rows(SUMS)]
        for title, *texts in rows:
            stated[title] = stated.get(title, "") + "".join(texts[1:])
        for title, at, told in self.sums:
            deque(() if title in self.book.sums else self.book.rows(title), 0)
            sums, short = self.book.sums[title], stated.get(title, "")
            line = "".join(sums.short.get(place, "-" * 8) for place in range(1, min(max(sums.short, default=0), MOST_ROWS) + 1))
            if sums.whole.hexdigest() != told:
                row = len(commonprefix([line, short])) // 8 + 1
                raise Fault(f"{at}（{SUM}{title}）：与这张工作表的内容不符，已被改动。" if line == short else f"{title}!第 {sums.at.get(row, row)} 行：与导出时的校验值不符，这一行已被改动、加入、删去或移动。")
            should += [[title, str(start // 8 + 1), line[start : start + MOST_SHOWN]] for start in range(0, len(line), MOST_SHOWN)]
        for number, (found, due) in enumerate(zip_longest(rows, should), start=1):
            need(found == due, f"{SUMS}!第 {number} 行：与各工作表的内容不符，已被改动。")

    def _links(self) -> None:
        """Check that the hashes of every chain follow each other without a gap from the beginning up to the head."""
        for row in self.book.table(LINKS, "链", "序号", "内容校验值", "本条校验值"):
            (place, name), (_, seq), (_, body), (last, entry) = (row[key] for key in ("链", "序号", "内容校验值", "本条校验值"))
            held = self.held.get(name, [("", "")])
            need(seq == str(len(held) - 1), f"{place}：这一行应为链“{name}”第 {len(held) - 1} 条，写的是“{seq}”：有记录被删去、插入或调换。")
            need(digest("CA1 entry", name, seq, held[-1][0], body, "") == entry, f"{last}：链“{name}”第 {seq} 条的校验值不符，这一条或前面的记录已被改动。")
            held.append((entry, body))
        for name, chain in self.chains.items():
            for label, should in (("条数", f"{len(self.held[name]) - 1:,}"), ("链头校验值", self.held[name][-1][0])):
                need(chain[label][1] == should, f"{chain[label][0]}（{label}）：写的是 {chain[label][1]}，“{LINKS}”中是 {should}。")

    def _trail(self) -> None:
        """Check every event: its record against the chain, what it discloses against the record, what it shows against both."""
        last = dict.fromkeys(self.held, 0)
        later: list[tuple[Row, dict[str, Any], dict[str, Any], str]] = []
        for row in self.book.table(TRAIL, "序号", "时间", "人员", "途径", "操作", "对象", "变更内容", "前一条校验值", "本条校验值"):
            place, text = row["序号"][0], self._hidden(row, "记录")
            record = parsed(text, f"{place}（隐藏列“记录”）")
            name, seq = str(record.get("chain")), int(record.get("seq", -1))
            held, due = self.held.get(name, []), last.get(name, 0)
            need((seq == due or (seq > due and not self.whole)) and seq < len(held) - 1, f"{place}：这一行是链“{name}”第 {seq} 条，没有依次排列：有记录被删去、插入或调换。")
            need(canonical(record) == text and digest("CA1 body", text) == held[seq + 1][1], f"{place}（隐藏列“记录”）：第 {seq} 条记录与“{LINKS}”不符，已被改动。")
            for key, should in (("前一条校验值", held[seq][0]), ("本条校验值", held[seq + 1][0])):
                need(row[key][1] == should, f"{row[key][0]}（{key}）：与“{LINKS}”中第 {seq} 条的不符，已被改动。")
            told = parsed(self._hidden(row, "披露"), f"{place}（隐藏列“披露”）")
            if record["action"] in SEALS:
                self.seals.update({(name, int(record["after"]["seq"]), field): SEALS[record["action"]] for field in record["after"]["fields"]})
            for field, (salt, value) in told.items():
                need(digest("CA1 pd", salt, canonical(value)) == record["pd"].get(field), f"{place}（隐藏列“披露”）：“{FIELDS.get(field.rpartition('.')[2], field)}”与记录中的承诺值不符，已被改动或调换。")
            # What is sealed or redacted is so by a later event.
            later += [(row, record, told, place)] if set(record["pd"]) - set(told) else []
            if set(record["pd"]) <= set(told):
                self._event(row, record, told, place)
            last[name] = seq + 1
        for withheld in later:
            self._event(*withheld)
        need(not self.whole or all(len(self.held[name]) == last[name] + 1 for name in last), f"{TRAIL}：没有列到链头，最后的记录被删去。")

    def _event(self, row: Row, record: dict[str, Any], disclosed: dict[str, Any], place: str) -> None:
        told = {field: value for field, (_, value) in disclosed.items()}
        for field in set(record["pd"]) - set(disclosed):
            told[field] = self.seals.get((record["chain"], record["seq"], field), "")
            need(told[field], f"{place}（隐藏列“披露”）：没有披露“{FIELDS.get(field.rpartition('.')[2], field)}”，也没有封存或删除它的记录，已被删去。")
        names = parsed(self._hidden(row, "名称"), f"{place}（隐藏列“名称”）")
        for heading, should in shown(record, told, names).items():
            where, text = row[heading]
            if heading == "时间" and re.fullmatch("[0-9.]+", text):
                text = f"{datetime(1899, 12, 30) + timedelta(seconds=round(float(text) * 86400)):%Y-%m-%d %H:%M:%S}"
            text, should = decoded(text), decoded(should)
            at = max(len(commonprefix([text, should])) - 10, 0)
            need(text == should, f"{where}（{heading}）：与第 {record['seq']} 条记录不符；显示的是“{text[at:at + 60]}”，按记录应为“{should[at:at + 60]}”。")
        if record["action"].startswith("evidence."):
            self.uploads |= {record[side]["sha256"] for side in ("before", "after") if record[side].get("sha256")}
        self.destroyed |= {record["after"]["sha256"]} if record["action"] == "evidence.destroyed" else set()

    def _hidden(self, row: Row, name: str) -> str:
        return "".join(text for _, text in sorted((int(key[len(name):]), text) for key, (_, text) in row.items() if re.fullmatch(name + r" \d+", key)))

    def evidence(self, files: dict[str, tuple[str, int]], where: str, called: dict[str, str] = {}) -> None:  # noqa: B006
        """Check each piece against the trail and, in a place, against the files by their index numbers, by which they are `called` in a package, or their digests."""
        for row in self.book.table(EVIDENCE, "索引号", "文件名", "字节数", "SHA-256"):
            (place, sha256), size, number = row["SHA-256"], row["字节数"][1], row["索引号"][1]
            need(sha256 in self.uploads, f"{place}：操作留痕中没有上传过这个 SHA-256 的证据，已被改动。")
            self.pieces += 1
            gone = number not in files and sha256 in self.destroyed and "销毁" in row.get("保存期限至", ("", ""))[1]
            need(not where or gone or (sha256, size) in [(one, str(bytes_)) for one, bytes_ in filter(None, (files.get(number), files.get(sha256)))], f"{place}：{where} 中没有 SHA-256 和字节数与此相符的 {number}（{row['文件名'][1]}）。")
            need(number not in called or is_name_of(called[number], number, row["文件名"][1]), f"{called.get(number)}：与“{EVIDENCE}”中的文件名（{row['文件名'][1]}）不符，已被改名。")
            files.pop(number, None)


def is_name_of(path: str, number: str, name: str) -> bool:
    """Tell whether a piece of evidence has its own name in a package: without what some system refuses, a long one shortened before its extension."""
    said, clean = (re.sub(r'[<>:"/\\|?*#%\x00-\x1f\x7f]', "_", normalize("NFC", decoded(one))).strip().rstrip(". ") for one in (path[len(f"{FOLDER}{number}_"):], name))
    stem, dot, extension = clean.rpartition(".")
    short = {f"{stem[:size].rstrip('. ')}{dot}{extension}" for size in range(30, len(stem))} | {clean[:size].rstrip(". ") for size in range(30, len(clean))}
    return path.startswith(f"{FOLDER}{number}_") and not {"/", "\\"} & {*path[len(FOLDER):]} and not {said, said.removeprefix("_")}.isdisjoint({clean or "_", *short})


def heads_of(path: Path, wanted: str) -> tuple[str, list[tuple[str, int, str]]]:
    """Check a file of heads by itself and return its installation, and chain, size and head of all that it names."""
    blocks = [block.strip("\n").split("\n") for block in path.read_bytes().decode("ascii").replace("\r\n", "\n").split("\n\n")]
    of = {title: [block[1:] for block in blocks if block[0] == title] for title in ("CA1 public", "CA1 registry", "CA1 registry lines", "CA1 head")}
    need(sum(map(len, of.values())) == len(blocks) <= MOST_SIGNED * 10, f"{path.name}：有不属于链头文件的内容，已被改动。")
    ((deployment, at, told, by, signature),), (named,) = of["CA1 registry"], of["CA1 registry lines"]
    keys, where = Keys(deployment), f"{path.name}（公钥）"
    for public, since, kind, *signatures in of["CA1 public"]:
        keys.add([(where, public), (where, hashlib.sha256(plain(public, 32, where)).hexdigest()), (where, since), (where, kind), *((where, one) for one in signatures)])
    trusted = keys.trusted(wanted) if wanted else set(keys.known)
    need(digest("CA1 registry lines", *named, "") == told, f"{path.name}：登记的各行与登记摘要不符，已被改动。")
    notes = [(by, signature, lines("CA1 registry", deployment, at, told, by), "登记")]
    notes += [(head[5], head[6], lines("CA1 head", *head[:6]), f"链“{head[1]}”的链头") for head in of["CA1 head"]]
    for signer, proof, text, what in notes:
        keys.need(path.name, signer, proof, text, what)
        need(signer in trusted, f"{path.name}：{what}不是由指纹 {wanted} 的密钥、或由它更换而来的密钥签名。")
    places = [line.split(" ") for line in named[1:]] + [head[1:4] for head in of["CA1 head"]]
    return deployment, [(chain, int(size), head) for chain, size, head in places]


def compare(check: Check, path: Path, wanted: str) -> str:
    """Hold a workbook against what was handed out earlier: the later history must extend the earlier one. Returns what was found."""
    if path.suffix.lower() == ".txt":
        deployment, places = heads_of(path, wanted)
    else:
        before = checked(path, wanted)
        need(check.sums or not before.sums, f"{PROOF}：没有各工作表的校验值，而 {path.name} 中有，已被删去（也可能这份工作簿早于 {path.name}）。")
        deployment, places = before.deployment, [(name, len(held) - 1, held[-1][0]) for name, held in before.held.items()]
    need(deployment == check.deployment, f"{path.name}：属于另一套系统（部署标识 {deployment[:16]}…），不能与这份工作簿比对。")
    common = [(name, size, head) for name, size, head in places if name in check.held]
    need(common, f"{path.name}：与这份工作簿没有共同的链，无从比对。")
    for name, size, head in common:
        held, (place, _) = check.held[name], check.chains[name]["条数"]
        need(size < len(held), f"{place}：链“{name}”有 {len(held) - 1:,} 条，而 {path.name} 中已有 {size:,} 条：记录被删去，或恢复了旧备份（也可能 {path.name} 晚于这份工作簿的截止时点）。")
        need(held[size][0] == head, f"{place}：链“{name}”第 {size:,} 条处的链头与 {path.name} 中的不同：历史被改写。")
    return f"与 {path.name} 一致：{'、'.join(dict.fromkeys(name for name, _, _ in common))} 的历史是它的延续。"


def checked(path: Path, wanted: str) -> Check:
    """Check a workbook, or a package with its files."""
    if path.suffix.lower() == ".xlsx":
        return Check(Workbook(BytesIO(path.read_bytes())), wanted)
    with nullcontext() if path.is_dir() else zipfile.ZipFile(path) as zipped:
        return check_package(path, zipped, wanted)


def check_package(path: Path, zipped: zipfile.ZipFile | None, wanted: str) -> Check:
    """Check a package: every file against the manifest, the workbook, and the files of evidence against the workbook."""
    found = zipped.namelist() if zipped else [one.relative_to(path).as_posix() for one in path.rglob("*") if (one.is_file() or one.is_symlink()) and one.name not in LEFT_BY_SYSTEMS]
    names, left = {normalize("NFC", name): name for name in found}, [] if zipped else sorted({one.name for one in path.rglob("*") if one.name in LEFT_BY_SYSTEMS})
    opened: Callable[[str], IO[bytes]] = zipped.open if zipped else lambda name: (path / name).open("rb")
    with opened(MANIFEST) as file:
        manifest = parsed(file.read(1 << 26).decode(), MANIFEST)
    listed = {one["path"]: (one["sha256"], one["size"]) for one in manifest["files"]}
    for name in sorted({*listed, *names} - {MANIFEST}):
        need(name in names, f"{name}：审计包中没有这个文件，已被删去。")
        need(name in listed and len(names) == len(found), f"{name}：清单（{MANIFEST}）中没有这个文件，是另外放入的，或有重名。")
        need(name.startswith(FOLDER) or name in {*BESIDE, manifest["workbook"]}, f"{name}：审计包中不应有这个文件，是另外放入的。")
        need(digest_of(opened(names[name])) == listed[name], f"{name}：内容与清单（{MANIFEST}）不符，两者之一已被改动。")
    with opened(names[manifest["workbook"]]) as file:
        check = Check(Workbook(BytesIO(file.read(MOST_BYTES))), wanted)
    for key, label in FACTS.items():
        need(manifest[key] == check.facts[label][1], f"{MANIFEST}（{key}）：与 {check.facts[label][0]} 不符，两者之一已被改动。")
    files, called = dict[str, tuple[str, int]](), dict[str, str]()
    for name in (name for name in listed if name.startswith(FOLDER)):
        number = name[len(FOLDER):].partition("_")[0]
        need(number not in files, f"{name}：证据目录中有两个文件用索引号 {number}，其中一个是另外放入的。")
        files[number], called[number] = listed[name], name
    check.evidence(files, "审计包", called)
    need(not files, f"{FOLDER}{'、'.join(files)}：证据目录中没有这个索引号。")
    check.left = "index.html、说明.txt 等只与清单核对，没有签名，请以工作簿为准。" + f"系统留下的文件没有核对：{'、'.join(left)}。" * bool(left)
    return check


class Usage(argparse.ArgumentParser):
    """Reads the command line, and says in Chinese how it is written."""

    def error(self, message: str) -> NoReturn:
        """Say that it is written otherwise."""
        self.exit(2, "没有校验：命令写得不对。\n" + self.format_help())

    def format_help(self) -> str:
        """Say how it is written."""
        return "\n".join((__doc__ or "").split("\n")[2:5]) + "\n"


def unfit(path: Path, folder: Path | None, wanted: str, earlier: Path | None) -> str:
    """Say what was asked for wrongly, before anything is read and held against whom it came from."""
    for missing in (one for one in (path, folder, earlier) if one and not os.path.exists(one)):
        return f"找不到 {missing}，请核对文件名和路径。"
    if path.suffix.lower() == ".txt" and path.is_file():
        return f"{path} 是链头文件或别的文本。请校验工作簿或审计包，把链头文件写在 --earlier 后面。"
    if path.is_dir() and not any((path / one).exists() for one in {MANIFEST, *BESIDE} - {"verify.py"}):
        return f"目录 {path} 中没有 {MANIFEST}，不是解压后的审计包。请写明要校验的工作簿或审计包：python verify.py 工作簿.xlsx"
    return "" if not wanted or re.fullmatch("[0-9a-f]{32,64}", re.sub("[\\s:：]", "", wanted).lower()) else "公钥指纹应为至少前 32 位十六进制数字，请核对后重写。"


def main() -> int:
    """Check what the command line names; 0 when all is sound, else 1."""
    asked = Usage()
    asked.add_argument("file", nargs="?", type=Path, default=Path(__file__).resolve().parent)
    asked.add_argument("--evidence", type=Path)
    asked.add_argument("--fingerprint", default="")
    asked.add_argument("--earlier", type=Path)
    path, folder, wanted, earlier = vars(asked.parse_args()).values()
    sys.stdout.reconfigure(errors="replace")  # type: ignore[union-attr]
    if why := unfit(path, folder, wanted, earlier):
        print(f"没有校验：{why}")
        return 1
    reading = path
    try:
        check = checked(path, wanted)
        if path.suffix.lower() == ".xlsx":
            check.evidence({one[0]: one for one in (digest_of(file.open("rb")) for file in folder.rglob("*") if file.is_file())} if folder else {}, folder)
        reading = earlier
        found = compare(check, earlier, wanted) if earlier else ""
    except Exception as reason:  # A damaged file makes the readers say anything.
        said = str(reason) if isinstance(reason, Fault) else f"{reading} 不是本系统导出的工作簿、审计包或链头文件，或已损坏、被删改（{reason!r}）。"
        print("校验未通过。" + "".join(one if one.isprintable() else "�" for one in said)[:2000])  # What a file says may hold orders to a terminal.
        return 1
    for name, held in check.held.items():
        print(f"链 {name}：{len(held) - 1:,} 条，链头 {held[-1][0]}，{f'由指纹 {check.signed[name]} 的密钥签名' if name in check.signed else UNSIGNED}")
    print(f"工作表（连同隐藏的）{len(check.sums)} 张，{f'由指纹 {check.sheets} 的密钥签名' if check.sheets else UNSIGNED}" if check.sums else OLDER)
    left = "没有指定证据文件的目录，证据文件未核对。" if path.suffix.lower() == ".xlsx" and not folder else f"证据 {check.pieces:,} 份与文件相符。{check.left}"
    print(f"校验通过：{path.resolve().name}。{left}{found}")
    told = "" if wanted else "公钥指纹取自工作簿本身，请与系统中显示的、或从别处得知的指纹核对（--fingerprint）。" if check.signed else "链头没有签名。"
    if told := told + ("" if earlier else "请把链头与以前收到的链头文件或工作簿（--earlier），或系统中当场显示的核对。"):
        print(told)
    return 0


if __name__ == "__main__":
    sys.exit(main())
