"""Workbooks that programs show otherwise than a careless reader takes them: by relations, by double contents, by addresses, by names. Both checkers refuse them."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.checking.second import agreed, second
from tests.reports.parcel import book_name, parcel, part, verified, zipped
from tests.reports.story import story
from tests.test_verify import _evidence, _listed
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
    assert status == 1 and re.search(r"责任分派与任务!第 \d+ 行：与导出时的校验值不符", said), said
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


def test_a_name_that_no_file_can_have_is_said_to_be_missing(tmp_path: Path, verified: Any) -> None:
    status, said = verified(tmp_path / f"{'长' * 300}.xlsx")
    assert status == 1 and said.startswith("没有校验：找不到")
