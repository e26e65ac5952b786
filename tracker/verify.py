#!/usr/bin/env python3
"""Check an exported workbook, or a whole audit package, offline: needs Python 3.9 and nothing else, and changes nothing.

用法：  python verify.py 工作簿.xlsx [--evidence 证据目录]
        python verify.py 审计包.zip        （或已解压的目录；不写则为本文件所在的目录）
全部相符输出“校验通过”，退出码 0；否则说明第一处不符在哪里，退出码 1。
H 是 SHA-256，写成小写十六进制，| 为换行：
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
import zlib
from collections.abc import Iterator
from datetime import datetime, timedelta
from io import BytesIO
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
    "entity.created": "新建主体", "entity.changed": "修改主体资料", "entity.activated": "恢复主体", "entity.deactivated": "停用主体", "person.added": "添加人员", "person.changed": "修改人员资料",
    "person.roles_granted": "调整角色", "person.activated": "恢复人员", "person.deactivated": "标记离职", "person.invited": "生成设置密码的链接", "person.password_set": "设置密码", "person.signed_in": "登录",
    "person.signed_out": "退出登录", "register.loaded": "载入义务清单", "document.text_imported": "导入官方原文", "scope.decided": "认定适用性", "control.changed": "修改管控信息", "assignment.made": "分派义务",
    "assignment.changed": "变更分派", "assignment.ended": "结束分派", "task.planned": "生成任务", "task.handed_over": "移交任务", "task.worked_on": "办理任务", "task.evidence_cited": "引用证据",
    "task.evidence_uncited": "移除证据引用", "task.submitted": "提交复核", "task.recalled": "撤回提交", "task.accepted": "复核接受", "task.returned": "退回任务", "task.reconfirmed": "重新确认复核结论",
    "task.reopened": "重新打开任务", "task.rescheduled": "任务改期", "task.cancelled": "取消任务", "evidence.added": "上传证据", "evidence.replaced": "更换证据版本", "evidence.described": "修改证据说明",
    "report.built": "导出报告", "import.applied": "导入 Excel",
}
FAMILIES = {"entity": "主体", "person": "人员", "register": "义务清单", "scope": "适用性", "control": "管控信息", "assignment": "分派", "task": "任务", "evidence": "证据", "report": "报告", "document": "文件原文", "import": "导入的工作簿"}
FIELDS = {
    "active": "在用", "added": "新增", "address": "登录地址", "as_of": "截止时点", "cadence": "频率", "cells": "更改的单元格", "changed": "变更", "code": "统一社会信用代码", "department": "部门", "due_on": "截止日",
    "edition": "版本", "email": "邮箱", "evidence": "证据", "file_name": "文件名", "filter": "筛选条件", "first_due": "首个截止日", "is_admin": "系统管理员", "kind": "文件类型", "kinds": "主体类型", "left_out": "未导入的行",
    "left_on": "离职日", "login": "登录名", "list": "导入的表", "mine": "采用文件的冲突", "name": "姓名或名称", "note": "说明", "obligation": "义务", "obligation_digest": "义务文本摘要", "obtained_on": "取得日", "occasion": "触发事件",
    "others": "其他会话", "owner": "责任人", "parent_id": "上级主体", "period_from": "所属期间起", "period_to": "所属期间止", "person": "人员", "pinyin": "拼音", "post": "岗位", "reason": "理由", "review_every": "确认频率",
    "reviewer": "复核人", "roles": "角色", "rows": "行数", "sha256": "SHA-256", "short_name": "简称", "size": "字节数", "state": "状态", "submission": "提交次数", "superseded_by": "被替代为", "supersedes": "替代",
    "theirs": "保留系统的冲突", "unchanged": "未变", "register": "登记册", "renamed": "改编号", "restores": "恢复的版本", "revived": "恢复", "text_sha256": "文本 SHA-256", "version_no": "证据版本", "withdrawn": "撤下",
    "business": "一级业务", "sub_business": "二级业务", "lead_department": "归口部门", "support_departments": "配合部门", "bottom_line": "合规底线", "risk_no": "风险行为编号", "risk_level": "风险等级", "measure": "风险控制措施",
    "post_name": "岗位名称", "post_duty": "岗位合规职责", "policy": "制度依据", "main_process": "一级流程", "sub_process": "二级流程", "process_no": "流程编号", "review_points": "合规审查内容", "supervision": "监督评价要点",
    "remark": "备注",
}
CADENCE = {"once": "一次性", "event": "事件触发", "continuous": "持续履行", "monthly": "每月", "quarterly": "每季度", "semiannual": "每半年", "annual": "每年"}
CODES = {
    "state": {"not_started": "未开始", "in_progress": "进行中", "submitted": "待复核", "returned": "已退回", "done": "已完成", "cancelled": "已取消", "applies": "适用", "not_applicable": "不适用"},
    "cadence": CADENCE, "review_every": CADENCE, "risk_level": {"high": "高", "medium": "中", "low": "低"},
    "list": {"assignments": "分派", "tasks": "任务"}, "roles": {"officer": "合规管理", "owner": "责任人", "reviewer": "复核人", "auditor": "审计"},
}
REFERRING = {"added", "changed", "evidence", "kind", "kinds", "obligation", "owner", "reviewer", "revived", "superseded_by", "supersedes", "unchanged", "withdrawn"}
Row = dict[str, tuple[str, str]]


class Fault(Exception):
    """The first thing that is wrong, as a sentence with its place."""


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


def plain(text: str) -> str:
    """Return a text as cells show it: escapes of spreadsheet programs decoded, line ends alike."""
    decoded = re.sub("_x([0-9A-Fa-f]{1,4})_", lambda found: chr(int(found[1], 16)), text)
    return plain(decoded) if decoded != text else text.replace("\r\n", "\n").replace("\r", "\n")


class Workbook:
    """The sheets of a workbook, by Excel, WPS, LibreOffice or the application; read row by row."""

    def __init__(self, file: IO[bytes]) -> None:
        self.zip = zipfile.ZipFile(file)
        parts = [one.filename for one in self.zip.infolist()]
        if len(set(parts)) < len(parts) or len(parts) > MOST_PARTS or sum(one.file_size for one in self.zip.infolist()) > MOST_BYTES:
            raise Fault("工作簿的内部有同名的部分，或大得不像表格软件写出的，没有读取。")
        links = {one.get("Id"): one.get("Target", "") for one in self._elements("xl/_rels/workbook.xml.rels", "Relationship")}
        sheets = {one.get("name", ""): links[next(one.attrib[key] for key in one.attrib if key.endswith("}id"))] for one in self._elements("xl/workbook.xml", "sheet")}
        self.parts = {title: target.lstrip("/") if target.startswith("/") else f"xl/{target}" for title, target in sheets.items()}
        strings = "xl/sharedStrings.xml"
        self.shared = [self._text(one) for one in self._elements(strings, "si")] if strings in parts else []

    def _elements(self, part: str, name: str) -> Iterator[ElementTree.Element]:
        content = self.zip.read(part)
        # No spreadsheet program writes a document type, nor therefore entities.
        if b"<!" in content or b"\0" in content:
            raise Fault(f"工作簿的“{part}”不是表格软件写出的（含有 DTD 或其他编码），没有读取。")
        for _, element in ElementTree.iterparse(BytesIO(content)):
            if element.tag.endswith("}" + name):
                yield element
                element.clear()

    def _text(self, element: ElementTree.Element) -> str:
        return "".join(one.text or "" for one in element.findall("{*}t") + element.findall("{*}r/{*}t"))

    def _value(self, cell: ElementTree.Element, where: str) -> str:
        if cell.find("{*}f") is not None:
            raise Fault(f"{where}：单元格是公式。导出的工作簿没有公式，此处已被改动。")
        inline, value = cell.find("{*}is"), cell.findtext("{*}v") or ""
        return self._text(inline) if inline is not None else self.shared[int(value)] if cell.get("t") == "s" else value

    def rows(self, title: str) -> Iterator[tuple[int, dict[str, str]]]:
        """Yield (row number, {column letters: text}) of a sheet, empty cells left out."""
        if title not in self.parts:
            raise Fault(f"工作簿中没有工作表“{title}”。它不是本系统导出的，或已被删改。")
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
        if not letters:
            raise Fault(f"{title}：找不到表头“{key}”，已被删改。")


class Words:
    """Says a record as the workbook shows it; `names` stand in for references and are no part of the record."""

    def __init__(self, record: dict[str, Any], told: dict[str, Any], names: dict[str, str]) -> None:
        self.record, self.told, self.names = record, told, names
        self.at = datetime.strptime(record["at"], "%Y-%m-%dT%H:%M:%S.%fZ") + timedelta(hours=8)

    def shown(self) -> dict[str, str]:
        """Return every shown cell by its heading."""
        record, changes = self.record, "\n".join(self._changes())
        return {
            "序号": str(record["seq"]), "时间": f"{self.at:%Y-%m-%d %H:%M:%S}", "人员": str(self.told.get("actor_name", self.names.get(record["actor"], record["actor"]))),
            "途径": VIA.get(record["via"], record["via"]), "操作": ACTIONS.get(record["action"], record["action"]), "对象": self._thing(*record["object"].partition(":")),
            "变更内容": changes if len(changes) <= MOST_SHOWN else changes[:MOST_SHOWN] + "……（内容过长，完整内容见系统）",
        }

    def _thing(self, kind: str, colon: str, rest: str) -> str:
        if kind in {"scope", "control"}:
            return self.names.get(rest.partition(":")[2], kind + colon + rest)
        return "义务清单" if kind == "register" else self.names.get(kind + colon + rest, f"{FAMILIES.get(kind, kind)} {rest}")

    def _changes(self) -> Iterator[str]:
        pairs: dict[str, list[str]] = {}
        values = [("before." + field, value) for field, value in self.record["before"].items()] + [("after." + field, value) for field, value in self.record["after"].items()]
        for name, value in values + [(name, self.told[name]) for name in sorted(self.told) if name != "actor_name"]:
            side, _, field = name.rpartition(".")
            pairs.setdefault(field, ["", ""])[0 if side == "before" else 1] = self._said(field, value)
        for field, (old, new) in pairs.items():
            if old or new:
                yield f"{FIELDS.get(field, field)}：" + (f"{old} → {new or '（空）'}" if old and old != new else new)

    def _said(self, field: str, value: Any) -> str:
        if isinstance(value, list):
            return "、".join(self._said(field, item) for item in value)
        if isinstance(value, bool):
            return "是" if value else "否"
        text = "" if value is None else str(value)
        if field == "as_of" and text:
            return f"{datetime.strptime(text[:19], '%Y-%m-%dT%H:%M:%S') + timedelta(hours=8):%Y-%m-%d %H:%M:%S}"
        if field in {"sha256", "obligation_digest"}:
            return text[:16]
        named = CODES.get(field) or (self.names if field in REFERRING else {})
        return self.names.get(f"entity:{text}", text) if field == "parent_id" else named.get(text, text)


class Check:
    """The check of one workbook, in the order in which one thing rests on another."""

    def __init__(self, book: Workbook) -> None:
        self.book = book
        self.facts: Row = {}
        self.chains: dict[str, Row] = {}
        chain: Row = {}
        for number, cells in book.rows(PROOF):
            (label, text), place = [*cells.values(), "", ""][:2], f"{PROOF}!{[*cells, '', ''][1]}{number}"
            chain = self.chains.setdefault(text, {}) if label == "链" else chain
            for facts in (self.facts, chain):
                facts.setdefault(label, (place, text))
        self.whole = self.facts["操作留痕范围"][1] == "全部记录"
        self.held = {name: [(digest("CA1 genesis", chain["部署标识"][1], name, chain["建立时间"][1], ""), "")] for name, chain in self.chains.items()}
        self.uploads: dict[str, str] = {}

    def links(self) -> None:
        """Check that the hashes of every chain follow each other without a gap from the beginning up to the head."""
        for row in self.book.table(LINKS, "内容校验值"):
            (place, name), (_, seq), (_, body), (last, entry) = (row[key] for key in ("链", "序号", "内容校验值", "本条校验值"))
            held = self.held.get(name, [])
            if seq != str(len(held) - 1):
                raise Fault(f"{place}：链“{name}”的这一行应为第 {len(held) - 1} 条，写的是“{seq}”：有记录被删去、插入或调换。")
            if digest("CA1 entry", name, seq, held[-1][0], body, "") != entry:
                raise Fault(f"{last}：链“{name}”第 {seq} 条的校验值不符，这一条或前面的记录已被改动。")
            held.append((entry, body))
        for name, chain in self.chains.items():
            for label, should in (("条数", f"{len(self.held[name]) - 1:,}"), ("链头校验值", self.held[name][-1][0])):
                if chain[label][1] != should:
                    raise Fault(f"{chain[label][0]}（{label}）：写的是 {chain[label][1]}，“{LINKS}”中是 {should}。")

    def trail(self) -> None:
        """Check every event: its record against the chain, what it discloses against the record, what it shows against both."""
        last = dict.fromkeys(self.held, 0)
        for row in self.book.table(TRAIL, "序号"):
            place, record_text = row["序号"][0], self._hidden(row, "记录")
            record = parsed(record_text, f"{place}（隐藏列“记录”）")
            name, seq = str(record.get("chain")), record.get("seq")
            held = self.held.get(name, [])
            if not isinstance(seq, int) or not last.get(name, 0) <= seq < len(held) - 1 or (self.whole and seq != last[name]):
                raise Fault(f"{place}：这一行是链“{name}”第 {seq} 条，没有依次排列：有记录被删去、插入或调换。")
            if canonical(record) != record_text or digest("CA1 body", record_text) != held[seq + 1][1]:
                raise Fault(f"{place}（隐藏列“记录”）：第 {seq} 条记录与校验链不符，已被改动。")
            if row["前一条校验值"][1] != held[seq][0] or row["本条校验值"][1] != held[seq + 1][0]:
                raise Fault(f"{row['本条校验值'][0]}：第 {seq} 条的校验值或隐藏列“前一条校验值”与校验链不符。")
            self._event(row, record, place)
            last[name] = seq + 1
        for name, count in last.items():
            if self.whole and count != len(self.held[name]) - 1:
                raise Fault(f"{TRAIL}：链“{name}”共 {len(self.held[name]) - 1} 条，只列到第 {count - 1} 条，后面的被删去。")

    def _event(self, row: Row, record: dict[str, Any], place: str) -> None:
        told = parsed(self._hidden(row, "披露"), f"{place}（隐藏列“披露”）")
        for field in {**told, **record["pd"]}:
            salt, value = told.get(field, ("", None))
            if digest("CA1 pd", salt, canonical(value)) != record["pd"].get(field):
                raise Fault(f"{place}（隐藏列“披露”）：第 {record['seq']} 条的“{FIELDS.get(field, field)}”与记录中的承诺值不符，已被改动或调换。")
        words = Words(record, {field: value for field, (_, value) in told.items()}, parsed(self._hidden(row, "名称"), f"{place}（隐藏列“名称”）"))
        for heading, should in words.shown().items():
            where, text = row[heading]
            if heading == "时间" and re.fullmatch("[0-9.]+", text):
                text = f"{datetime(1899, 12, 30) + timedelta(seconds=round(float(text) * 86400)):%Y-%m-%d %H:%M:%S}"
            if plain(text) != plain(should):
                raise Fault(f"{where}（{heading}）：显示的是“{text[:80]}”，按第 {record['seq']} 条记录应为“{should[:80]}”。")
        if record["action"].startswith("evidence."):
            self.uploads.update({str(record[side].get("sha256")): record["object"] for side in ("before", "after")})

    def _hidden(self, row: Row, name: str) -> str:
        parts = sorted((int(heading[len(name):]), text) for heading, (_, text) in row.items() if re.fullmatch(name + r" \d+", heading))
        return "".join(text for _, text in parts)

    def counts(self) -> None:
        """Check that every sheet has as many rows as the last page says."""
        for label, (place, text) in self.facts.items():
            if label.startswith("行数："):
                rows = f"{sum(len(cells) > 1 for _, cells in self.book.rows(label[3:])) - 1:,}"
                if text != rows:
                    raise Fault(f"{place}：写明“{label[3:]}”有 {text} 行，表中有 {rows} 行。")

    def evidence(self, files: dict[str, tuple[str, int]], where: str) -> None:
        """Check each piece against the trail and against the files by their digests, or by index numbers where their names have them."""
        for row in self.book.table(EVIDENCE, "索引号"):
            (place, sha256), size, number = row["SHA-256"], row["字节数"][1], row["索引号"][1]
            if sha256 not in self.uploads:
                raise Fault(f"{place}：操作留痕中没有上传过这个 SHA-256 的证据，已被改动。")
            if where and (sha256, int(size)) not in (files.get(number), files.get(sha256)):
                raise Fault(f"{place}：{where} 中没有 SHA-256 和字节数与此相符的 {number}（{row['文件名'][1]}）。")
            files.pop(number, None)


def check_workbook(file: IO[bytes]) -> Check:
    """Check all that a workbook proves by itself, in the order in which one thing rests on another."""
    check = Check(Workbook(file))
    check.links()
    check.trail()
    check.counts()
    return check


def check_package(path: Path) -> Check:
    """Check a package: every file against the manifest, the workbook, and the files of evidence against the workbook."""
    zipped = None if path.is_dir() else zipfile.ZipFile(path)
    found = zipped.namelist() if zipped else [one.relative_to(path).as_posix() for one in path.rglob("*") if one.is_file() and one.name not in LEFT_BY_SYSTEMS]
    names = {normalize("NFC", name): name for name in found}

    def opened(name: str) -> IO[bytes]:
        if name not in names:
            raise Fault(f"{name}：审计包中没有这个文件，已被删去。")
        return zipped.open(names[name]) if zipped else (path / names[name]).open("rb")

    manifest = parsed(opened(MANIFEST).read().decode(), MANIFEST)
    listed = {one["path"]: (one["sha256"], one["size"]) for one in manifest["files"]}
    for name in sorted({*listed, *names} - {MANIFEST}):
        if name not in listed or len(names) < len(found):
            raise Fault(f"{name}：清单（{MANIFEST}）中没有这个文件，是另外放入的，或有重名。")
        if digest_of(opened(name)) != listed[name]:
            raise Fault(f"{name}：内容与清单（{MANIFEST}）不符，两者之一已被改动。")
    check = check_workbook(opened(manifest["workbook"]))
    for key, label in FACTS.items():
        if manifest[key] != check.facts[label][1]:
            raise Fault(f"{MANIFEST}（{key}）：与 {check.facts[label][0]} 不符，两者之一已被改动。")
    files = {name[len(FOLDER):].partition("_")[0]: known for name, known in listed.items() if name.startswith(FOLDER)}
    check.evidence(files, "审计包")
    for number in files:
        raise Fault(f"{FOLDER}{number}：证据目录中没有这个索引号。")
    return check


def check_file(path: Path, folder: Path | None) -> str:
    """Check a workbook or a package and say what was found sound."""
    if path.suffix.lower() != ".xlsx":
        check, rest = check_package(path), "清单与证据文件逐一核对。"
    else:
        check, rest = check_workbook(path.open("rb")), "没有指定证据文件的目录，证据文件未核对。"
        digests = [digest_of(one.open("rb")) for one in folder.rglob("*") if one.is_file()] if folder else []
        check.evidence({one[0]: one for one in digests}, str(folder or ""))
        rest = f"{folder} 中的证据文件逐一核对。" if folder else rest
    chains = "".join(f"链 {name}：{len(held) - 1:,} 条，链头 {held[-1][0]}\n" for name, held in check.held.items())
    return f"{chains}校验通过：{path.name}。{rest}\n请把链头与以前收到的工作簿，或系统中当场显示的核对。"


def main() -> int:
    """Check what the command line names; 0 when all is sound, else 1."""
    sys.stdout.reconfigure(errors="replace")  # type: ignore[union-attr]
    asked = argparse.ArgumentParser(description="离线校验导出的工作簿或审计包。")
    asked.add_argument("file", nargs="?", type=Path, default=Path(__file__).resolve().parent, help="工作簿、审计包，或审计包解压后的目录")
    asked.add_argument("--evidence", type=Path, help="证据文件所在的目录，用于单独的工作簿")
    given = asked.parse_args()
    try:
        print(check_file(given.file, given.evidence))
        return 0
    except Fault as fault:
        print(f"校验未通过。{fault}")
    except (OSError, EOFError, ValueError, LookupError, TypeError, AttributeError, RuntimeError, zipfile.BadZipFile, zlib.error, ElementTree.ParseError) as reason:
        print(f"校验未通过。{given.file} 不是本系统导出的工作簿或审计包，或已损坏、被删改（{type(reason).__name__}：{reason}）。")
    return 1


if __name__ == "__main__":
    sys.exit(main())
