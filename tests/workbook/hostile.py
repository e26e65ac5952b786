"""Workbooks that no spreadsheet program would write, made part by part; each with what must become of it."""

from __future__ import annotations

import io
import warnings
import zipfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass

NS = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"'
REL = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
DECLARED = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'


def parts_of(sheet: str, strings: str = "", styles: str = "", sheets: Iterable[str] = ("任务",), book: str = "") -> dict[str, str]:
    """Return the parts of a sound workbook around one sheet's XML (every sheet has the same)."""
    names = list(sheets)
    listed = "".join(f'<sheet name="{name}" sheetId="{at}" r:id="rId{at}"/>' for at, name in enumerate(names, 1))
    relations = "".join(f'<Relationship Id="rId{at}" Type="{REL}/worksheet" Target="worksheets/sheet1.xml"/>' for at in range(1, len(names) + 1))
    return {
        "[Content_Types].xml": f'{DECLARED}<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>',
        "_rels/.rels": f'{DECLARED}<Relationships xmlns="x"><Relationship Id="r" Type="{REL}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f"{DECLARED}{book}<workbook {NS}><sheets>{listed}</sheets></workbook>",
        "xl/_rels/workbook.xml.rels": f'{DECLARED}<Relationships xmlns="x">{relations}<Relationship Id="s" Type="{REL}/sharedStrings" Target="sharedStrings.xml"/>'
        f'<Relationship Id="t" Type="{REL}/styles" Target="styles.xml"/></Relationships>',
        "xl/sharedStrings.xml": strings or f"{DECLARED}<sst {NS}><si><t>共用</t></si></sst>",
        "xl/styles.xml": styles or f'{DECLARED}<styleSheet {NS}><cellXfs count="2"><xf numFmtId="0"/><xf numFmtId="14"/></cellXfs></styleSheet>',
        "xl/worksheets/sheet1.xml": sheet,
    }


def sheet_of(rows: str, before: str = "", after: str = "") -> str:
    """Return a sheet's XML around its rows."""
    return f"{DECLARED}<worksheet {NS}>{before}<sheetData>{rows}</sheetData>{after}</worksheet>"


def text(place: str, value: str) -> str:
    """Return a cell with a text of its own."""
    return f'<c r="{place}" t="inlineStr"><is><t>{value}</t></is></c>'


def zipped(parts: dict[str, str] | list[tuple[str, bytes]], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """Pack parts; a list may name one twice."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as file:
        for name, content in parts.items() if isinstance(parts, dict) else parts:
            with warnings.catch_warnings():
                # Naming a part twice is what some of them are about.
                warnings.simplefilter("ignore", UserWarning)
                file.writestr(name, content)
    return out.getvalue()


SOUND = sheet_of(f'<row r="1">{text("A1", "编号")}{text("B1", "责任人")}</row><row r="2">{text("A2", "OB-1")}{text("B2", "王责任")}</row>')
READ = ""


@dataclass(frozen=True)
class Hostile:
    """One of them: what it is, its bytes, and a piece of the sentence that refuses it; READ when it must be read harmlessly."""

    what: str
    make: Callable[[], bytes]
    told: str

    def __str__(self) -> str:
        return self.what


def _bomb(entity: str, use: str) -> bytes:
    return zipped(parts_of(f"<!DOCTYPE worksheet [{entity}]>" + sheet_of(f'<row r="1">{text("A1", use)}</row>').removeprefix(DECLARED)))


def _laughs() -> bytes:
    levels = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    return _bomb(f'<!ENTITY l0 "哈">{levels}', "&l9;")


def _changed(**parts: str) -> bytes:
    names = {"strings": "xl/sharedStrings.xml", "book": "xl/workbook.xml", "relations": "xl/_rels/workbook.xml.rels", "sheet": "xl/worksheets/sheet1.xml"}
    return zipped(parts_of(SOUND) | {names[key]: value for key, value in parts.items()})


def _with(*more: tuple[str, bytes]) -> bytes:
    return zipped([*((name, content.encode()) for name, content in parts_of(SOUND).items()), *more])


def _flagged(flag: int, method: int | None = None) -> bytes:
    data = bytearray(zipped(parts_of(SOUND)))
    for mark, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        begin = data.find(mark)
        while begin >= 0:
            data[begin + at] |= flag
            if method is not None:
                data[begin + at + 2] = method
            begin = data.find(mark, begin + 4)
    return bytes(data)


def _rows(many: int, columns: int) -> str:
    row = "".join("<c><v>1</v></c>" for _ in range(columns))
    return f"<row>{row}</row>" * many


def _ole(stream: str) -> bytes:
    return b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504) + stream.encode("utf-16-le") + bytes(512)


def _cell(cell: str) -> bytes:
    return zipped(parts_of(sheet_of(f'<row r="1">{cell}</row>')))


REFUSED = (
    Hostile("nested entities", _laughs, "实体定义"),
    Hostile("one long entity many times", lambda: _bomb(f'<!ENTITY a "{"长" * 100_000}">', "&a;" * 5000), "实体定义"),
    Hostile("an entity from a file", lambda: _bomb('<!ENTITY x SYSTEM "file:///etc/passwd">', "&x;"), "实体定义"),
    Hostile("a document type in the shared texts", lambda: _changed(strings=f'<!DOCTYPE sst><sst {NS}><si><t>x</t></si></sst>'), "实体定义"),
    Hostile("entities in UTF-16", lambda: zipped([*((n, c.encode()) for n, c in parts_of(SOUND).items() if "sheet1" not in n), (
        "xl/worksheets/sheet1.xml", f'<?xml version="1.0" encoding="UTF-16"?><!DOCTYPE x [<!ENTITY a "b">]>{SOUND.removeprefix(DECLARED)}'.encode("utf-16"))]), "实体定义"),
    Hostile("a member that inflates beyond measure", lambda: _with(("xl/media/image1.bin", bytes(160 * 1024 * 1024))), "解压后超过 128 MB"),
    Hostile("a sheet of 100 MB of blanks", lambda: _changed(sheet=sheet_of(" " * 100_000_000 + "<row")), "已损坏"),
    Hostile("a cell in the last column", lambda: _cell(text("XFD1", "远")), "任务!XFD1 超过第 200 列"),
    Hostile("a cell in the last row", lambda: zipped(parts_of(sheet_of(f'<row r="1048576">{text("A1048576", "远")}</row>'))), "任务!A1048576 超过第 100,000 行"),
    Hostile("a row beyond all rows", lambda: zipped(parts_of(sheet_of('<row r="1048577"/>'))), "已损坏"),
    Hostile("a row of a negative number", lambda: zipped(parts_of(sheet_of('<row r="-5"><c r="A-5"><v>1</v></c></row>'))), "已损坏"),
    Hostile("a row of a huge number", lambda: zipped(parts_of(sheet_of(f'<row r="{"9" * 400}"/>'))), "已损坏"),
    Hostile("rows out of order", lambda: zipped(parts_of(sheet_of(f'<row r="5">{text("A5", "x")}</row><row r="5">{text("A5", "y")}</row>'))), "已损坏"),
    Hostile("a cell that names another row", lambda: _cell(text("A9", "x")), "已损坏"),
    Hostile("the same cell twice", lambda: _cell(text("A1", "x") + text("A1", "y")), "已损坏"),
    Hostile("cells without end", lambda: zipped(parts_of(sheet_of(_rows(40_000, 190)))), "有内容的单元格超过"),
    Hostile("elements without end", lambda: zipped(parts_of(sheet_of("<row/>" * 99_000, after="<x/>" * 12_000_000))), ""),
    Hostile("a text longer than a cell", lambda: _cell(text("A1", "长" * 40_000)), "任务!A1 的文字超过单元格上限"),
    Hostile("one shared text in every cell", lambda: zipped(parts_of(
        sheet_of('<row><c t="s"><v>0</v></c><c t="s"><v>0</v></c></row>' * 40_000), f"<sst {NS}><si><t>{'长' * 32_000}</t></si></sst>")), "文字超过"),
    Hostile("shared texts without end", lambda: _changed(strings=f"<sst {NS}>{'<si><t/></si>' * 900_000}</sst>"), ""),
    Hostile("a huge shared text", lambda: _changed(strings=f"<sst {NS}><si><t>{'a' * 80_000_000}</t></si></sst>"), "文字超过"),
    Hostile("a shared text that is not there", lambda: _cell('<c r="A1" t="s"><v>77</v></c>'), "已损坏"),
    Hostile("a shared text of a negative number", lambda: _cell('<c r="A1" t="s"><v>-1</v></c>'), "已损坏"),
    Hostile("a number that is none", lambda: _cell('<c r="A1"><v>nan</v></c>'), "已损坏"),
    Hostile("a number beyond all numbers", lambda: _cell('<c r="A1"><v>1e999</v></c>'), "已损坏"),
    Hostile("merged cells without end", lambda: zipped(parts_of(sheet_of("", after="<mergeCells>" + '<mergeCell ref="A1:B2"/>' * 200_000 + "</mergeCells>"))), "合并单元格太多"),
    Hostile("styles without end", lambda: zipped(parts_of(SOUND, styles=f"<styleSheet {NS}><cellXfs>{'<xf/>' * 300_000}</cellXfs></styleSheet>")), "单元格样式太多"),
    Hostile("thousands of sheets", lambda: zipped(parts_of(SOUND, sheets=[f"s{n}" for n in range(5000)])), "工作表超过 50 张"),
    Hostile("ten thousand parts", lambda: zipped([(f"xl/{n}.xml", b"") for n in range(10_000)]), "10,000 个部分"),
    Hostile("a part twice", lambda: _with(("xl/worksheets/sheet1.xml", SOUND.replace("王责任", "赵复核").encode())), "两个同名的部分"),
    Hostile("a part twice in another spelling", lambda: _with(("XL\\Worksheets/sheet1.xml", b"<x/>")), "两个同名的部分"),
    Hostile("macros", lambda: _with(("xl/vbaProject.bin", b"\xd0\xcf\x11\xe0")), "含有宏"),
    Hostile("old macros", lambda: _with(("xl/macrosheets/sheet1.xml", b"<x/>")), "含有宏"),
    Hostile("a password", lambda: _ole("EncryptedPackage"), "设有打开密码"),
    Hostile("encrypted members", lambda: _flagged(1), "设有密码"),
    Hostile("an unknown way of packing", lambda: _flagged(0, 12), "压缩方式"),
    Hostile("an old workbook", lambda: _ole("Workbook"), "97–2003"),
    Hostile("a binary workbook", lambda: _with(("xl/workbook.bin", b"\x83\x01")), ".xlsb"),
    Hostile("a table of text", lambda: "编号,责任人\nOB-1,王责任\n".encode("gb18030"), "是文本（例如 CSV）"),
    Hostile("a page of the web", lambda: b"<html><table>", "网页或 XML"),
    Hostile("a PDF by another name", lambda: b"%PDF-1.7\n" + bytes(500), "PDF 文档"),
    Hostile("a Word document by another name", lambda: zipped({"[Content_Types].xml": "<x/>", "word/document.xml": "<x/>"}), "Word 文档"),
    Hostile("an OpenDocument by another name", lambda: zipped({"mimetype": "x", "content.xml": "<x/>"}), "OpenDocument"),
    Hostile("an archive by another name", lambda: zipped({"a.txt": "x"}), "压缩包"),
    Hostile("noise", lambda: bytes(range(256)) * 40, "不是 Excel 工作簿"),
    Hostile("nothing", lambda: b"", "是空的"),
    Hostile("half a workbook", lambda: _with()[: len(_with()) // 2], "已损坏"),
    Hostile("a workbook with a hole", lambda: (lambda data: data[:900] + bytes(300) + data[1200:])(_with()), "已损坏"),
    Hostile("a sheet that ends in the middle", lambda: _changed(sheet=SOUND[:-40]), "已损坏"),
    Hostile("a sheet that is not there", lambda: zipped({name: part for name, part in parts_of(SOUND).items() if "sheet1" not in name}), "已损坏"),
)
HARMLESS = (
    Hostile("a dimension that lies", lambda: zipped(parts_of(SOUND.replace("<sheetData>", '<dimension ref="A1:B1"/><sheetData>'))), READ),
    Hostile("a dimension beyond measure", lambda: zipped(parts_of(SOUND.replace("<sheetData>", '<dimension ref="A1:XFD1048576"/><sheetData>'))), READ),
    Hostile("links to other workbooks", lambda: _with(("xl/externalLinks/externalLink1.xml", b"<x/>"), ("xl/externalLinks/_rels/externalLink1.xml.rels", b"<x/>")), READ),
    Hostile("a merged area over all", lambda: zipped(parts_of(SOUND.replace("</sheetData>", '</sheetData><mergeCells><mergeCell ref="D4:XFD1048576"/></mergeCells>'))), READ),
    Hostile("styled cells far out, with nothing in them", lambda: zipped(parts_of(SOUND.replace("</row><row", '<c r="XFD1" s="1"/></row><row').replace(
        "</sheetData>", '<row r="1048576"><c r="A1048576" s="1"/></row></sheetData>'))), READ),
    Hostile("a path that leads out", lambda: _with(("../../etc/passwd", b"x")), READ),
    Hostile("elements with a prefix", lambda: zipped(parts_of(SOUND.replace("<", "<x:").replace("<x:/", "</x:").replace("<x:?", "<?").replace("xmlns=", "xmlns:x="))), READ),
)
