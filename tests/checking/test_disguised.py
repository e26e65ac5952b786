"""Workbooks that programs show otherwise than a careless reader takes them: by relations, by double contents, by addresses, by names. Both checkers refuse them."""

from __future__ import annotations

import io
import os
import re
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.checking.second import agreed, second
from tests.reports.parcel import book_name, laid_out, parcel, part, verified, zipped
from tests.reports.story import story
from tests.test_verify import _evidence, _listed, _manifest
from tests.work import company, working_template
from tracker import verify

__all__ = ["agreed", "company", "parcel", "part", "second", "story", "verified", "working_template"]

Parts = dict[str, bytes]
SPACE = b"http://schemas.openxmlformats.org/officeDocument/2006/relationships"
RELS = "xl/_rels/workbook.xml.rels"
STRANGE = "工作簿的内部结构不是表格软件写出的"
TWICE = "单元格写有两种内容，或与它的类型不符"


def _swap(part: str, old: bytes, new: bytes) -> Callable[[Parts], None]:
    def change(parts: Parts) -> None:
        assert old in parts[part], f"{part} does not hold {old!r}"
        parts[part] = parts[part].replace(old, new, 1)

    return change


def _tasks(pattern: str, new: Callable[[re.Match[str]], str]) -> Callable[[Parts], None]:
    """Change the first match of a pattern in the part of the sheet of tasks."""
    def change(parts: Parts) -> None:
        place = verify.Workbook(io.BytesIO(_packed(parts))).parts["责任分派与任务"]
        text, count = re.subn(pattern, new, parts[place].decode(), count=1, flags=re.DOTALL)
        assert count == 1, pattern
        parts[place] = text.encode()

    return change


def _packed(parts: Parts) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as package:
        for name, content in parts.items():
            package.writestr(name, content)
    return out.getvalue()


def _another_book(parts: Parts) -> None:
    parts["evil/workbook.xml"] = parts["xl/workbook.xml"]
    _swap("_rels/.rels", b'Target="xl/workbook.xml"', b'Target="evil/workbook.xml"')(parts)


def _beside_the_proof(parts: Parts) -> None:
    place = verify.Workbook(io.BytesIO(_packed(parts))).parts[verify.PROOF]
    text = parts[place].decode()
    row = next(found for found in re.findall(r"<row .*?</row>", text, re.DOTALL) if "链头校验值" in found)
    number = re.findall(r'<row r="(\d+)"', row)[0]
    more = re.sub(r'<c r="F\d+"[^>]*(/>|>.*?</c>)', "", row).replace("</row>", f'<c r="F{number}" t="inlineStr"><is><t>{"0" * 64}</t></is></c></row>')
    parts[place] = text.replace(row, more).encode()


def _another_identifier(parts: Parts) -> None:
    _swap("xl/workbook.xml", b'r:id="rId1"', b'q:id="rId1" r:id="rId90"')(parts)
    _swap("xl/workbook.xml", b"<workbook ", b'<workbook xmlns:q="urn:q" ')(parts)
    _swap(RELS, b"</Relationships>", b'<Relationship Type="' + SPACE + b'/worksheet" Target="/xl/worksheets/evil.xml" Id="rId90"/></Relationships>')(parts)
    parts["xl/worksheets/evil.xml"] = re.sub(rb"<t>[^<]+</t>", "<t>伪造</t>".encode(), parts["xl/worksheets/sheet1.xml"], count=1)


def _another_prefix(parts: Parts) -> None:
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"

    def both(found: re.Match[str]) -> str:
        shown = re.sub(r"<(/?)([a-zA-Z]+)", r"<\1a:\2", found[0])
        return f'{shown}<extLst><ext uri="x">{found[0]}</ext></extLst>'

    _tasks(r"<worksheet ", lambda _found: f'<worksheet xmlns:a="{main}" ')(parts)
    _tasks(r"<sheetData>.*</sheetData>", both)(parts)


def _moved(target: str) -> Callable[[Parts], None]:
    """Let the relation of the first sheet lead elsewhere, to a part of exactly that name, while programs find the one that was forged."""
    def change(parts: Parts) -> None:
        _swap(RELS, b'Target="/xl/worksheets/sheet1.xml"', f'Target="{target}"'.encode())(parts)
        parts[f"xl/{target.removeprefix('/xl/')}"] = parts["xl/worksheets/sheet1.xml"]

    return change


def _shared(texts: str, index: str) -> Callable[[Parts], None]:
    """Keep a text of the sheet of tasks as spreadsheet programs do: apart from the sheet, by its number."""
    def change(parts: Parts) -> None:
        said: list[str] = []
        _tasks(r"(<c r=\"B5\"[^>]*)t=\"inlineStr\"([^>]*>)<is><t>([^<]*)</t></is>", lambda found: said.append(found[3]) or f'{found[1]}t="s"{found[2]}<v>{index}</v>')(parts)
        parts["xl/sharedStrings.xml"] = f'<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">{texts.replace("SAID", said[0])}</sst>'.encode()
        _swap(RELS, b"</Relationships>", b'<Relationship Type="' + SPACE + b'/sharedStrings" Target="sharedStrings.xml" Id="rId91"/></Relationships>')(parts)

    return change


SI = "<si><t>SAID</t></si>"
DISGUISED: dict[str, tuple[Callable[[Parts], None], str]] = {
    "another workbook is opened": (_another_book, STRANGE),
    "two workbooks are named": (_swap("_rels/.rels", b"</Relationships>", b'<Relationship Type="' + SPACE + b'/officeDocument" Target="evil/workbook.xml" Id="x"/></Relationships>'), STRANGE),
    "two relations of one name": (_swap(RELS, b"</Relationships>", b'<Relationship Type="' + SPACE + b'/worksheet" Target="/xl/worksheets/evil.xml" Id="rId1"/></Relationships>'), STRANGE),
    "a target that is spelled": (_swap(RELS, b"/xl/worksheets/sheet1.xml", b"/xl/worksheets/sheet%31.xml"), STRANGE),
    "a date that begins in 1904": (_swap("xl/workbook.xml", b"<workbookPr", b'<workbookPr date1904="1"'), "1904 年起算的日期"),
    "a sheet of a name twice": (_swap("xl/workbook.xml", b"<sheets>", "<sheets><sheet name=\"封面\" sheetId=\"99\" r:id=\"rId2\"/>".encode()), "两张同名的工作表"),
    "a text and a value": (_tasks(r"(<c [^>]*t=\"inlineStr\"[^>]*>)(<is>.*?</is>)", lambda found: f"{found[1]}<v>1</v>{found[2]}"), TWICE),
    "a text in a cell that is none": (_tasks(r"(<c [^>]*)t=\"inlineStr\"([^>]*><is>)", lambda found: f"{found[1]}t=\"str\"{found[2]}"), TWICE),
    "two values": (_tasks(r"<v>([^<]*)</v>", lambda found: f"<v>1</v><v>{found[1]}</v>"), TWICE),
    "a cell of another row": (_tasks(r"<c r=\"B5\"", lambda _found: '<c r="B6"'), "单元格不在它的行中"),
    "a cell twice": (_tasks(r"<c r=\"C5\"", lambda _found: '<c r="B5"'), "单元格不在它的行中，或写了两次"),
    "another identifier of a sheet": (_another_identifier, "与导出时的校验值不符"), "a sheet that programs pass over": (_swap("xl/workbook.xml", b"<sheets>", b'<sheets><q:w xmlns:q="urn:q"/>'), STRANGE),
    "rows that programs pass over": (_tasks(r"(<row r=\"5\".*?</row>)", lambda found: f'<q:w xmlns:q="urn:q">{found[1]}</q:w>'), STRANGE),
    "texts that programs pass over": (_shared(f"<q:w xmlns:q='urn:q'>{SI}</q:w><si><t>伪造</t></si>", "0"), STRANGE),
    "an element in a text": (_tasks(r"<t>([^<]+)</t>", lambda found: f'<t>{found[1]}<q:x xmlns:q="urn:q"/>（伪造）</t>'), STRANGE),
    "an element in a number": (_tasks(r"<v>([^<]*)</v>", lambda found: f'<v>{found[1]}<q:x xmlns:q="urn:q"/>777</v>'), STRANGE),
    "an instruction in a text": (_tasks(r"<t>([^<]+)</t>", lambda found: f"<t>伪造<?x?>{found[1]}</t>"), "处理指令"),
    "another encoding": (_swap("xl/workbook.xml", b"<workbook ", b"<?xml version='1.0' encoding='gb2312'?><workbook "), "其他编码|不是本系统导出的工作簿"),
    "rows under another prefix": (_another_prefix, STRANGE), "data twice": (_tasks("</sheetData>", lambda _found: "</sheetData><sheetData/>"), STRANGE),
    "a target with two slashes": (_moved("/xl/worksheets//sheet1.xml"), STRANGE), "a target with a dot": (_moved("./worksheets/sheet1.xml"), STRANGE),
    "a target with a backslash": (_moved("worksheets\\sheet1.xml"), STRANGE), "a target outside": (_swap(RELS, b'Target="/xl/worksheets/sheet1.xml"', b'TargetMode="External" Target="/xl/worksheets/sheet1.xml"'), STRANGE),
    "an index that is spelled": (_shared("<si><t>伪造</t></si>" * 10 + SI, "1_0"), "所指的文字不存在"), "an index before the first": (_shared(SI, "-1"), "所指的文字不存在"),
    "an index that is none": (_shared(SI, ""), "所指的文字不存在"), "a part in other letters": (lambda parts: parts.update({"xl/Workbook.xml": b"x"}), "同名的部分"),
    "rows out of order": (_tasks(r"(<row r=\"5\".*?</row>)(<row r=\"6\".*?</row>)", lambda found: found[2] + found[1]), "没有依次排列"),
    "cells merged over others": (_tasks(r"</sheetData>(<mergeCells.*?</mergeCells>)?", lambda _found: '</sheetData><mergeCells><mergeCell ref="B5:D6"/></mergeCells>'), "合并的单元格遮住了别的单元格的内容"),
    "a text beside a proof": (_beside_the_proof, r"校验!第 \d+ 行（链头校验值）：这一行写有别的内容"),
}


@pytest.mark.parametrize("what", DISGUISED)
def test_what_programs_show_otherwise_is_refused_by_both(what: str, parcel: dict[str, bytes], tmp_path: Path, verified: Any, agreed: Any) -> None:
    change, sentence = DISGUISED[what]
    with zipfile.ZipFile(io.BytesIO(parcel[book_name(parcel)])) as package:
        parts = {name: package.read(name) for name in package.namelist()}
    change(parts)
    data = _packed(parts)
    (tmp_path / "b.xlsx").write_bytes(data)
    status, said = verified(tmp_path / "b.xlsx")
    assert status == 1 and re.search(sentence, said), said
    agreed("b.xlsx", data, status, said)


def test_elements_that_only_look_like_a_workbooks_are_no_cells(parcel: dict[str, bytes], tmp_path: Path, verified: Any, agreed: Any) -> None:
    with zipfile.ZipFile(io.BytesIO(parcel[book_name(parcel)])) as package:
        parts = {name: package.read(name) for name in package.namelist()}
    # Programs pass over what is in a space that they may ignore: so the value is the other one, which was not exported.
    _tasks(r"<v>([^<]*)</v>", lambda found: f'<x:v xmlns:x="urn:x">{found[1]}</x:v><v>40000</v><x:v xmlns:x="urn:x">{found[1]}</x:v>')(parts)
    data = _packed(parts)
    (tmp_path / "b.xlsx").write_bytes(data)
    status, said = verified(tmp_path / "b.xlsx")
    assert status == 1 and STRANGE in said, said
    agreed("b.xlsx", data, status, said)


def test_a_text_kept_apart_as_programs_keep_it_is_read(parcel: dict[str, bytes], tmp_path: Path, verified: Any, agreed: Any) -> None:
    with zipfile.ZipFile(io.BytesIO(parcel[book_name(parcel)])) as package:
        parts = {name: package.read(name) for name in package.namelist()}
    _shared(f"<si><t>别的</t></si>{SI}", "1")(parts)
    data = _packed(parts)
    (tmp_path / "b.xlsx").write_bytes(data)
    status, said = verified(tmp_path / "b.xlsx")
    assert status == 0, said
    agreed("b.xlsx", data, status, said)


def test_no_second_file_of_evidence_hides_behind_an_index_number(parcel: dict[str, bytes], tmp_path: Path, verified: Any, agreed: Any) -> None:
    _listed(parcel, f"{_evidence(parcel).partition('_')[0]}_补充批复.pdf", b"x")
    status, said = verified(zipped(tmp_path / "包.zip", parcel))
    assert status == 1 and "有两个文件用索引号 E-0001" in said, said
    agreed("包.zip", (tmp_path / "包.zip").read_bytes(), status, said)


@pytest.mark.parametrize("name", ["证据 (2)/E-0001_批复.pdf", "补充说明.docx", "证据", "另一份.xlsx", "EVIDENCE/x.pdf"])
def test_nothing_lies_beside_what_a_package_is_made_of_even_if_it_is_listed(name: str, parcel: dict[str, bytes], tmp_path: Path, verified: Any, agreed: Any) -> None:
    _listed(parcel, name, b"x")
    status, said = verified(zipped(tmp_path / "包.zip", parcel))
    assert status == 1 and f"{name}：审计包中不应有这个文件，是另外放入的。" in said, said
    agreed("包.zip", (tmp_path / "包.zip").read_bytes(), status, said)


@pytest.mark.parametrize("called", ["处罚决定书.docx", "x/y.txt", "/../../outside.txt", "..\\outside.txt"])
def test_evidence_has_its_own_name_in_a_package(called: str, parcel: dict[str, bytes], tmp_path: Path, verified: Any, agreed: Any) -> None:
    old = _evidence(parcel)
    files = {name: data for name, data in parcel.items() if name != old}
    _manifest(files, lambda manifest: manifest.update(files=[one for one in manifest["files"] if one["path"] != old]))
    _listed(files, f"{old.partition('_')[0]}_{called}", parcel[old])
    status, said = verified(zipped(tmp_path / "包.zip", files))
    assert status == 1 and "不符，已被改名" in said, said
    agreed("包.zip", (tmp_path / "包.zip").read_bytes(), status, said)


@pytest.mark.skipif(os.name == "nt", reason="links need rights in Windows")
def test_a_link_in_an_unpacked_package_is_a_file_too_many_and_what_systems_leave_is_told(parcel: dict[str, bytes], tmp_path: Path, verified: Any) -> None:
    folder = laid_out(tmp_path / "包", parcel)
    (folder / "Thumbs.db").write_bytes(b"x")
    status, said = verified(folder)
    assert status == 0 and "没有核对：Thumbs.db" in said, said
    (tmp_path / "elsewhere").mkdir()
    (folder / "补充").symlink_to(tmp_path / "elsewhere")
    status, said = verified(folder)
    assert status == 1 and "补充：清单（manifest.json）中没有这个文件" in said, said


def test_a_name_that_no_file_can_have_is_said_to_be_missing(tmp_path: Path, verified: Any) -> None:
    status, said = verified(tmp_path / f"{'长' * 300}.xlsx")
    assert status == 1 and said.startswith("没有校验：找不到")
