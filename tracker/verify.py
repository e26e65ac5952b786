#!/usr/bin/env python3
"""Check an exported workbook, or a whole audit package, offline: needs Python 3.9 and nothing else, and changes nothing.

用法：  python verify.py 工作簿.xlsx [--evidence 证据目录]
        python verify.py 审计包.zip        （或已解压的目录；不写则为本文件所在的目录）
全部相符输出“校验通过”，退出码 0；否则说明第一处不符在哪里，退出码 1。H 是 SHA-256，写成小写十六进制；| 为换行：
    内容校验值 = H("CA1 body|" + 记录)
    本条校验值 = H("CA1 entry|" + 链 + "|" + 序号 + "|" + 前一条校验值 + "|" + 内容校验值 + "|")
    首条的前一条 = H("CA1 genesis|" + 部署标识 + "|" + 链 + "|" + 建立时间 + "|")
    个人信息的承诺值 = H("CA1 pd|" + 盐值 + "|" + 值的规范写法)
"""

from __future__ import annotations

import argparse
import hashlib
import json
import re
import sys
import zipfile
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from io import BytesIO
from os.path import commonprefix
from pathlib import Path
from typing import IO, Any
from unicodedata import normalize
from xml.etree import ElementTree

MOST_BYTES, MOST_PARTS, MOST_SHOWN = 2 * 1024**3, 3000, 32_000
TRAIL, LINKS, PROOF, EVIDENCE, FOLDER = "操作留痕", "校验链", "校验", "证据目录", "证据/"
MANIFEST, LEFT_BY_SYSTEMS = "manifest.json", {".DS_Store", "Thumbs.db", "desktop.ini"}
FACTS = {"entity": "主体", "as_of": "截止时点", "filter": "筛选条件", "edition": "义务清单版本", "exporter": "导出人"}
# What the codes of a record are called where they are shown.
VIA = {"web": "网页", "cli": "命令行", "api": "接口", "system": "系统"}
ACTIONS = {
    "entity.created": "新建主体", "entity.changed": "修改主体资料", "entity.activated": "恢复主体", "entity.deactivated": "停用主体", "person.added": "添加人员", "person.changed": "修改人员资料", "person.roles_granted": "调整角色", "person.activated": "恢复人员",
    "person.deactivated": "标记离职", "person.invited": "生成设置密码的链接", "person.password_set": "设置密码", "person.signed_in": "登录", "person.signed_out": "退出登录", "register.loaded": "载入义务清单", "document.text_imported": "导入官方原文",
    "scope.decided": "认定适用性", "control.changed": "修改管控信息", "assignment.made": "分派义务", "assignment.changed": "变更分派", "assignment.ended": "结束分派", "task.planned": "生成任务", "task.handed_over": "移交任务", "task.worked_on": "办理任务",
    "task.evidence_cited": "引用证据", "task.evidence_uncited": "移除证据引用", "task.submitted": "提交复核", "task.recalled": "撤回提交", "task.accepted": "复核接受", "task.returned": "退回任务", "task.reconfirmed": "重新确认复核结论", "task.reopened": "重新打开任务",
    "task.rescheduled": "任务改期", "task.cancelled": "取消任务", "evidence.added": "上传证据", "evidence.replaced": "更换证据版本", "evidence.described": "修改证据说明", "report.built": "导出报告", "import.applied": "导入 Excel", "report.asked": "发起导出", "report.cancelled": "取消导出", "report.failed": "导出未完成", "ledger.mapped": "记住台账的列对应", "ledger.forgotten": "忘记台账的列对应", "evidence.damaged": "发现证据文件损坏", "evidence.sound_again": "证据文件恢复完好", "report.damaged": "发现导出件损坏", "report.sound_again": "导出件恢复完好", "alarm.raised": "发出警报", "alarm.settled": "解除警报"}
FIELDS = {
    "active": "在用", "added": "新增", "address": "登录地址", "as_of": "截止时点", "cadence": "频率", "cells": "更改的单元格", "changed": "变更", "code": "统一社会信用代码", "department": "部门", "due_on": "截止日", "edition": "版本", "email": "邮箱", "evidence": "证据",
    "file_name": "文件名", "filter": "筛选条件", "first_due": "首个截止日", "is_admin": "系统管理员", "kind": "文件类型", "kinds": "主体类型", "left_out": "未导入的行", "left_on": "离职日", "login": "登录名", "list": "导入的表", "mine": "采用文件的冲突", "name": "姓名或名称",
    "note": "说明", "obligation": "义务", "obligation_digest": "义务文本摘要", "obtained_on": "取得日", "valid_until": "有效期至", "occasion": "触发事件", "others": "其他会话", "owner": "责任人", "parent_id": "上级主体", "period_from": "所属期间起", "period_to": "所属期间止", "person": "人员",
    "pinyin": "拼音", "post": "岗位", "reason": "理由", "review_every": "确认频率", "reviewer": "复核人", "roles": "角色", "rows": "行数", "sha256": "SHA-256", "short_name": "简称", "size": "字节数", "state": "状态", "submission": "提交次数",
    "superseded_by": "被替代为", "supersedes": "替代", "theirs": "保留系统的冲突", "unchanged": "未变", "register": "登记册", "renamed": "改编号", "restores": "恢复的版本", "revived": "恢复", "text_sha256": "文本 SHA-256", "version_no": "证据版本", "withdrawn": "撤下",
    "business": "一级业务", "sub_business": "二级业务", "lead_department": "归口部门", "support_departments": "配合部门", "bottom_line": "合规底线", "risk_no": "风险行为编号", "risk_level": "风险等级", "measure": "风险控制措施", "post_name": "岗位名称", "post_duty": "岗位合规职责",
    "policy": "制度依据", "main_process": "一级流程", "sub_process": "二级流程", "process_no": "流程编号", "review_points": "合规审查内容", "supervision": "监督评价要点", "remark": "备注", "since": "比较时点", "columns": "列的对应", "error": "未完成的原因", "export_kind": "导出内容", "alarm": "警报内容"}
CODES = {
    "state": {"not_started": "未开始", "in_progress": "进行中", "submitted": "待复核", "returned": "已退回", "done": "已完成", "cancelled": "已取消", "applies": "适用", "not_applicable": "不适用"},
    **dict.fromkeys(("cadence", "review_every"), {"once": "一次性", "event": "事件触发", "continuous": "持续履行", "monthly": "每月", "quarterly": "每季度", "semiannual": "每半年", "annual": "每年"}),
    "risk_level": {"high": "高", "medium": "中", "low": "低"}, "list": {"assignments": "分派", "tasks": "任务", "controls": "管控信息", "scope": "适用性", "evidence": "证据", "workbook": "多张表"}, "export_kind": {"workbook": "审计工作簿", "package": "审计包"}, "roles": {"officer": "合规管理", "owner": "责任人", "reviewer": "复核人", "auditor": "审计"}}
REFERRING = {"added", "changed", "evidence", "kind", "kinds", "obligation", "owner", "parent_id", "reviewer", "revived", "superseded_by", "supersedes", "unchanged", "withdrawn"}
Row = dict[str, tuple[str, str]]


class Fault(Exception):
    """The first thing that is wrong, as a sentence with its place."""


def need(sound: object, sentence: str) -> None:
    """Stop with this sentence unless it is so."""
    if not sound:
        raise Fault(sentence)


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


class Workbook:
    """The sheets of a workbook as the application, Excel, WPS or LibreOffice wrote it."""

    def __init__(self, file: IO[bytes]) -> None:
        self.zip = zipfile.ZipFile(file)
        sizes = {one.filename: one.file_size for one in self.zip.infolist()}
        need(len(sizes) == len(self.zip.infolist()) <= MOST_PARTS and sum(sizes.values()) <= MOST_BYTES, "工作簿的内部有同名的部分，或大得不像表格软件写出的，没有读取。")
        targets = {one.get("Id"): re.sub("^(/xl/)?", "xl/", one.get("Target", "")) for one in self._elements("xl/_rels/workbook.xml.rels", "Relationship")}
        self.parts = {one.attrib["name"]: targets[next(one.attrib[key] for key in one.attrib if key.endswith("}id"))] for one in self._elements("xl/workbook.xml", "sheet")}
        self.shared = [self._text(one) for one in self._elements("xl/sharedStrings.xml", "si")] if "xl/sharedStrings.xml" in sizes else []

    def _elements(self, part: str, name: str) -> Iterator[ElementTree.Element]:
        content = self.zip.read(part)
        # No spreadsheet program writes a document type, nor therefore entities.
        need(b"<!" not in content and b"\0" not in content, f"工作簿的“{part}”不是表格软件写出的（含有 DTD 或其他编码），没有读取。")
        for _, element in ElementTree.iterparse(BytesIO(content)):
            if element.tag.endswith("}" + name):
                yield element
                element.clear()

    def _text(self, element: ElementTree.Element) -> str:
        return "".join(one.text or "" for one in element.findall("{*}t") + element.findall("{*}r/{*}t"))

    def _value(self, cell: ElementTree.Element, where: str) -> str:
        need(cell.find("{*}f") is None, f"{where}：单元格是公式。导出的工作簿没有公式，此处已被改动。")
        inline, value = cell.find("{*}is"), cell.findtext("{*}v") or ""
        return self._text(inline) if inline is not None else self.shared[int(value)] if cell.get("t") == "s" else value

    def rows(self, title: str) -> Iterator[tuple[int, dict[str, str]]]:
        """Yield (row number, {column letters: text}) of a sheet, empty cells left out."""
        need(title in self.parts, f"工作簿中没有工作表“{title}”。它不是本系统导出的，或已被删改。")
        for row in self._elements(self.parts[title], "row"):
            cells = {cell.attrib["r"]: self._value(cell, f"{title}!{cell.attrib['r']}") for cell in row.findall("{*}c")}
            yield int(row.attrib["r"]), {place.rstrip("0123456789"): text for place, text in cells.items() if text}

    def table(self, title: str, key: str) -> Iterator[Row]:
        """Yield every row below the headings, of which `key` is one, as {heading: (place, text)}."""
        letters: dict[str, str] = {}
        for number, cells in self.rows(title):
            if letters and len(cells) > 1:
                yield {heading: (f"{title}!{letter}{number}", cells.get(letter, "")) for heading, letter in letters.items()}
            elif not letters and key in cells.values():
                letters = {heading: letter for letter, heading in cells.items()}
                need(len(letters) == len(cells), f"{title}!第 {number} 行：有两列的表头相同，其中一列不是导出的。")
        need(letters, f"{title}：找不到表头“{key}”，已被删改。")


def shown(record: dict[str, Any], told: dict[str, Any], names: dict[str, str]) -> dict[str, str]:
    """Say every shown cell of a record by its heading; `names` stand in for references and are no part of the record."""
    def beijing(moment: str) -> str:
        return f"{datetime.strptime(moment[:19], '%Y-%m-%dT%H:%M:%S') + timedelta(hours=8):%Y-%m-%d %H:%M:%S}"

    def said(field: str, value: Any) -> str:
        if isinstance(value, list):
            return "、".join(said(field, item) for item in value)
        if isinstance(value, bool) or value is None:
            return "" if value is None else "是" if value else "否"
        named = CODES.get(field) or (names if field in REFERRING else {})
        return str(value)[:16] if field in {"sha256", "obligation_digest"} else beijing(value) if field in {"as_of", "since"} else named.get(str(value), str(value))

    pairs: dict[str, list[str]] = {}
    values = [(f"{side}.{field}", value) for side in ("before", "after") for field, value in record[side].items()]
    for name, value in values + [(name, told[name]) for name in sorted(told) if name != "actor_name"]:
        side, _, field = name.rpartition(".")
        pairs.setdefault(field, ["", ""])[0 if side == "before" else 1] = said(field, value)
    lines = [(FIELDS.get(field, field), old, new) for field, (old, new) in pairs.items() if old or new]
    changes = "\n".join(f"{label}：{old} → {new or '（空）'}" if old and old != new else f"{label}：{new}" for label, old, new in lines)
    return {
        "序号": str(record["seq"]), "时间": beijing(record["at"]), "人员": str(told.get("actor_name", names.get(record["actor"]))), "途径": VIA.get(record["via"], record["via"]),
        "操作": ACTIONS.get(record["action"], record["action"]), "对象": names.get(record["object"], record["object"]),
        "变更内容": changes if len(changes) <= MOST_SHOWN else changes[:MOST_SHOWN] + "……（内容过长，完整内容见系统）",
    }


class Check:
    """The check of a workbook, in the order in which one thing rests on another."""

    def __init__(self, book: Workbook) -> None:
        self.book, self.facts, chain = book, Row(), Row()
        self.chains: dict[str, Row] = {}
        for number, cells in book.rows(PROOF):
            (label, text), place = [*cells.values(), "", ""][:2], f"{PROOF}!{[*cells, '', ''][1]}{number}"
            chain = self.chains.setdefault(text, {}) if label == "链" else chain
            for facts in (self.facts, chain):
                facts.setdefault(label, (place, text))
        need(self.chains, f"{PROOF}：没有写明操作留痕的链，已被删改。")
        self.whole = self.facts["操作留痕范围"][1] == "全部记录"
        self.held = {name: [(digest("CA1 genesis", chain["部署标识"][1], name, chain["建立时间"][1], ""), "")] for name, chain in self.chains.items()}
        self.uploads: set[str] = set()
        self._links()
        self._trail()
        for label, (place, text) in self.facts.items():
            if label.startswith("行数："):
                rows = f"{sum(len(cells) > 1 for _, cells in book.rows(label[3:])) - 1:,}"
                need(text == rows, f"{place}：写明“{label[3:]}”有 {text} 行，表中有 {rows} 行。")

    def _links(self) -> None:
        """Check that the hashes of every chain follow each other without a gap from the beginning up to the head."""
        for row in self.book.table(LINKS, "内容校验值"):
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
        for row in self.book.table(TRAIL, "序号"):
            place, text = row["序号"][0], self._hidden(row, "记录")
            record = parsed(text, f"{place}（隐藏列“记录”）")
            name, seq = str(record.get("chain")), int(record.get("seq", -1))
            held, due = self.held.get(name, []), last.get(name, 0)
            need((seq == due or (seq > due and not self.whole)) and seq < len(held) - 1, f"{place}：这一行是链“{name}”第 {seq} 条，没有依次排列：有记录被删去、插入或调换。")
            need(canonical(record) == text and digest("CA1 body", text) == held[seq + 1][1], f"{place}（隐藏列“记录”）：第 {seq} 条记录与“{LINKS}”不符，已被改动。")
            for key, should in (("前一条校验值", held[seq][0]), ("本条校验值", held[seq + 1][0])):
                need(row[key][1] == should, f"{row[key][0]}（{key}）：与“{LINKS}”中第 {seq} 条的不符，已被改动。")
            self._event(row, record, place)
            last[name] = seq + 1
        need(not self.whole or all(len(self.held[name]) == last[name] + 1 for name in last), f"{TRAIL}：没有列到链头，最后的记录被删去。")

    def _event(self, row: Row, record: dict[str, Any], place: str) -> None:
        told = parsed(self._hidden(row, "披露"), f"{place}（隐藏列“披露”）")
        for field in {**told, **record["pd"]}:
            salt, value = told.get(field, ("", None))
            need(digest("CA1 pd", salt, canonical(value)) == record["pd"].get(field), f"{place}（隐藏列“披露”）：“{FIELDS.get(field, field)}”与记录中的承诺值不符，已被改动或调换。")
        names = parsed(self._hidden(row, "名称"), f"{place}（隐藏列“名称”）")
        for heading, should in shown(record, {field: value for field, (_, value) in told.items()}, names).items():
            where, text = row[heading]
            if heading == "时间" and re.fullmatch("[0-9.]+", text):
                text = f"{datetime(1899, 12, 30) + timedelta(seconds=round(float(text) * 86400)):%Y-%m-%d %H:%M:%S}"
            text, should = self._plain(text), self._plain(should)
            at = max(len(commonprefix([text, should])) - 10, 0)
            need(text == should, f"{where}（{heading}）：与第 {record['seq']} 条记录不符；显示的是“{text[at:at + 60]}”，按记录应为“{should[at:at + 60]}”。")
        if record["action"].startswith("evidence."):
            self.uploads |= {str(record[side].get("sha256")) for side in ("before", "after")}

    def _hidden(self, row: Row, name: str) -> str:
        return "".join(text for _, text in sorted((int(key[len(name):]), text) for key, (_, text) in row.items() if re.fullmatch(name + r" \d+", key)))

    def _plain(self, text: str) -> str:
        # As programs show it: escapes decoded, which some of them store and some do not, and line ends alike.
        decoded = re.sub("_x([0-9A-Fa-f]{1,4})_", lambda found: chr(int(found[1], 16)), text)
        return self._plain(decoded) if decoded != text else text.replace("\r\n", "\n").replace("\r", "\n")

    def evidence(self, files: dict[str, tuple[str, int]], where: str) -> None:
        """Check each piece against the trail and, in a place, against the files by their index numbers or their digests."""
        for row in self.book.table(EVIDENCE, "索引号"):
            (place, sha256), size, number = row["SHA-256"], row["字节数"][1], row["索引号"][1]
            need(sha256 in self.uploads, f"{place}：操作留痕中没有上传过这个 SHA-256 的证据，已被改动。")
            need(not where or (sha256, int(size)) in (files.get(number), files.get(sha256)), f"{place}：{where} 中没有 SHA-256 和字节数与此相符的 {number}（{row['文件名'][1]}）。")
            files.pop(number, None)


def check_package(path: Path) -> Check:
    """Check a package: every file against the manifest, the workbook, and the files of evidence against the workbook."""
    zipped = None if path.is_dir() else zipfile.ZipFile(path)
    found = zipped.namelist() if zipped else [one.relative_to(path).as_posix() for one in path.rglob("*") if one.is_file() and one.name not in LEFT_BY_SYSTEMS]
    names = {normalize("NFC", name): name for name in found}
    opened: Callable[[str], IO[bytes]] = zipped.open if zipped else lambda name: (path / name).open("rb")
    with opened(MANIFEST) as file:
        manifest = parsed(file.read().decode(), MANIFEST)
    listed = {one["path"]: (one["sha256"], one["size"]) for one in manifest["files"]}
    for name in sorted({*listed, *names} - {MANIFEST}):
        need(name in names, f"{name}：审计包中没有这个文件，已被删去。")
        need(name in listed and len(names) == len(found), f"{name}：清单（{MANIFEST}）中没有这个文件，是另外放入的，或有重名。")
        need(digest_of(opened(names[name])) == listed[name], f"{name}：内容与清单（{MANIFEST}）不符，两者之一已被改动。")
    with opened(manifest["workbook"]) as file:
        check = Check(Workbook(BytesIO(file.read())))
    for key, label in FACTS.items():
        need(manifest[key] == check.facts[label][1], f"{MANIFEST}（{key}）：与 {check.facts[label][0]} 不符，两者之一已被改动。")
    files = {name[len(FOLDER):].partition("_")[0]: known for name, known in listed.items() if name.startswith(FOLDER)}
    check.evidence(files, "审计包")
    need(not files, f"{FOLDER}{'、'.join(files)}：证据目录中没有这个索引号。")
    return check


def main() -> int:
    """Check what the command line names; 0 when all is sound, else 1."""
    asked = argparse.ArgumentParser(description="离线校验导出的工作簿或审计包。")
    asked.add_argument("file", nargs="?", type=Path, default=Path(__file__).resolve().parent, help="工作簿、审计包，或审计包解压后的目录")
    asked.add_argument("--evidence", type=Path, help="证据文件所在的目录，用于单独的工作簿")
    path, folder = vars(asked.parse_args()).values()
    sys.stdout.reconfigure(errors="replace")  # type: ignore[union-attr]
    try:
        if path.suffix.lower() == ".xlsx":
            check = Check(Workbook(BytesIO(path.read_bytes())))
            check.evidence({one[0]: one for one in (digest_of(file.open("rb")) for file in folder.rglob("*") if file.is_file())} if folder else {}, folder)
        else:
            check = check_package(path)
    except Exception as reason:  # A damaged file makes the readers say anything.
        print(f"校验未通过。{reason if isinstance(reason, Fault) else f'{path} 不是本系统导出的工作簿或审计包，或已损坏、被删改（{reason!r}）。'}")
        return 1
    print("\n".join(f"链 {name}：{len(held) - 1:,} 条，链头 {held[-1][0]}" for name, held in check.held.items()))
    left = "没有指定证据文件的目录，证据文件未核对。" if path.suffix.lower() == ".xlsx" and not folder else ""
    print(f"校验通过：{path.name}。{left}\n请把链头与以前收到的工作簿，或系统中当场显示的核对。")
    return 0


if __name__ == "__main__":
    sys.exit(main())
