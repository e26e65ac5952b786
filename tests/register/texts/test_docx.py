"""A DOCX is read as Word shows it, and a hostile one costs little and is refused with a sentence."""

from __future__ import annotations

import io
import os
import tracemalloc
import zipfile
from collections.abc import Callable

import pytest

from tests.register.texts.samples import (
    LINKS,
    NUMBERING,
    SPACES,
    STRICT,
    WORD,
    document,
    docx,
    package,
    paragraph,
    run,
)
from tracker.errors import BadInput
from tracker.register.texts import wordml
from tracker.register.texts.docx import MOST_BODY, MOST_MEMBERS
from tracker.register.texts.reading import Reading, read_text

SECONDS, BYTES = 5, 100 * 1024 * 1024
STYLES = f'<w:styles xmlns:w="{WORD}">{{}}</w:styles>'
NUMBERED = '<w:style w:styleId="n"><w:pPr><w:numPr><w:numId w:val="3"/></w:numPr></w:pPr></w:style>'


def shown(*paragraphs: str, **parts: str) -> list[str]:
    """Return the lines that are read of a body of paragraphs."""
    return read_text(docx("".join(paragraphs), **parts), "意见.docx").text.split("\n")


def note(body: str, **parts: str) -> str:
    """Return the note about a body."""
    return read_text(docx(body, **parts), "意见.docx").note


@pytest.mark.parametrize(("body", "lines"), [
    (paragraph(run("证券"), run("公司")) + paragraph(run("依法")), ["证券公司", "依法"]),
    (paragraph(run("甲"), "<w:r><w:tab/><w:t>乙</w:t><w:noBreakHyphen/><w:t>丙</w:t><w:softHyphen/><w:t>丁</w:t></w:r>"), ["甲\t乙-丙丁"]),
    (paragraph(run("甲"), "<w:r><w:br/><w:t>乙</w:t><w:cr/><w:t>丙</w:t></w:r>"), ["甲", "乙", "丙"]),
    (paragraph(run("甲"), '<w:r><w:br w:type="page"/></w:r>', run("乙")), ["甲\f乙"]),
    (paragraph(run("一 行\n里")), ["一 行 里"]),
    (paragraph(run("甲")) + f"<w:tbl><w:tr><w:tc>{paragraph(run('乙'))}</w:tc><w:tc>{paragraph(run('丙'))}</w:tc></w:tr></w:tbl>" + paragraph(run("丁")), ["甲", "乙", "丙", "丁"]),
    (paragraph(run("留"), f"<w:ins>{run('增')}</w:ins><w:del>{run('删')}<w:r><w:delText>删</w:delText></w:r></w:del>", run("下")), ["留增下"]),
    (paragraph(f"<w:moveFrom>{run('移')}</w:moveFrom>", run("留")) + paragraph(f"<w:moveTo>{run('移')}</w:moveTo>"), ["留", "移"]),
    (paragraph('<w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText> PAGE </w:instrText></w:r>', run("7"), run("章")), ["7章"]),
    (paragraph(f"<w:sdt><w:sdtContent>{run('内')}</w:sdtContent></w:sdt><w:hyperlink>{run('链')}</w:hyperlink><w:smartTag>{run('签')}</w:smartTag>"), ["内链签"]),
    (paragraph("<w:r><w:ruby><w:rt><w:r><w:t>zhèng</w:t></w:r></w:rt><w:rubyBase><w:r><w:t>证</w:t></w:r></w:rubyBase></w:ruby></w:r>", run("券")), ["证券"]),
    (paragraph(run("看"), run("不见", "<w:rPr><w:vanish/></w:rPr>"), run("得", '<w:rPr><w:vanish w:val="0"/></w:rPr>'), run("见")), ["看得见"]),
    (f"<w:p><w:pPr><w:rPr><w:vanish/></w:rPr></w:pPr>{run('段落符隐藏')}</w:p>", ["段落符隐藏"]),
    (paragraph(run("甲"), '<w:r><w:footnoteReference w:id="2"/><w:commentReference w:id="1"/></w:r>', run("乙")), ["甲乙"]),
])
def test_paragraphs_are_read_as_they_are_shown(body: str, lines: list[str]) -> None:
    assert shown(body) == lines


def test_a_text_box_is_read_once_and_does_not_part_its_paragraph() -> None:
    box = f"<w:txbxContent>{paragraph(run('框内'))}{paragraph(run('两段'))}</w:txbxContent>"
    old = f"<w:pict><v:shape><v:textbox>{box}</v:textbox></v:shape></w:pict>"
    twice = f'<mc:AlternateContent><mc:Choice Requires="wps">{box}</mc:Choice><mc:Fallback>{old}</mc:Fallback></mc:AlternateContent>'
    for drawn in (old, twice):
        assert shown(paragraph(run("证券"), f"<w:r>{drawn}</w:r>", run("公司"))) == ["框内", "两段", "证券公司"]


def test_other_parts_are_not_read() -> None:
    other = f'<w:x xmlns:w="{WORD}">{paragraph(run("页眉"))}</w:x>'
    assert shown(paragraph(run("正文")), header1=other, footer1=other, comments=other, footnotes=other, endnotes=other) == ["正文"]


@pytest.mark.parametrize("main", ["word/document.xml", "word/document2.xml", "正文.xml"])
@pytest.mark.parametrize("target", ["{}", "/{}"])
@pytest.mark.parametrize("spaces", [SPACES, SPACES.replace(WORD, STRICT)])
@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_the_main_part_is_found_wherever_it_is_called_for(main: str, target: str, spaces: str, method: int) -> None:
    data = package({"_rels/.rels": LINKS.format(target.format(main)), main: document(paragraph(run("正文")), spaces)}, method)
    assert read_text(data, "").text == "正文"


def test_a_part_in_another_encoding_of_xml_is_read() -> None:
    body = document(paragraph(run("正文"))).replace("UTF-8", "UTF-16").encode("utf-16")
    assert read_text(package({"_rels/.rels": LINKS.format("d.xml"), "d.xml": body}), "").text == "正文"


def test_automatic_numbers_are_noted_because_they_are_no_text() -> None:
    numbered = f"<w:p>{NUMBERING.format(4)}{run('总则。')}</w:p>"
    assert "自动编号" in note(numbered) and shown(numbered) == ["总则。"]
    styled = f'<w:p><w:pPr><w:pStyle w:val="k"/></w:pPr>{run("总则。")}</w:p>'
    child = '<w:style w:styleId="k"><w:basedOn w:val="{}"/>{}</w:style>'
    assert "自动编号" in note(styled, styles=STYLES.format(NUMBERED + child.format("n", "")))
    without = '<w:pPr><w:numPr><w:numId w:val="0"/></w:numPr></w:pPr>'
    for styles in (NUMBERED, NUMBERED + child.format("k", ""), NUMBERED + child.format("n", without), ""):
        assert note(styled, styles=STYLES.format(styles)) == ""
    assert note(styled) == note(f"<w:p>{NUMBERING.format(0)}{run('总则。')}</w:p>") == ""
    assert note(f"<w:p><w:pPr><w:pPrChange>{NUMBERING.format(4)}</w:pPrChange></w:pPr>{run('总则。')}</w:p>") == ""


def body_of(size: int, piece: str = "<w:p/>") -> Callable[[], bytes]:
    """Return a maker of a DOCX whose main part is a piece said so often that it has this size."""
    return lambda: docx(piece * (size // len(piece)))


def whole(part: str | bytes, method: int = zipfile.ZIP_DEFLATED) -> Callable[[], bytes]:
    """Return a maker of a DOCX with this main part."""
    return lambda: package({"_rels/.rels": LINKS.format("d.xml"), "d.xml": part}, method)


def twice() -> bytes:
    """Return a DOCX with two main parts of one name."""
    with pytest.warns(UserWarning, match="Duplicate"):
        held = io.BytesIO()
        with zipfile.ZipFile(held, "w") as archive:
            for name, content in (("_rels/.rels", LINKS.format("d.xml")), ("d.xml", document("")), ("d.xml", document(paragraph(run("别的"))))):
                archive.writestr(name, content)
        return held.getvalue()


def locked() -> bytes:
    """Return a DOCX whose parts are marked as encrypted."""
    data = bytearray(docx(paragraph(run("正文"))))
    at = -1
    while (at := data.find(b"PK\x01\x02", at + 1)) >= 0:
        data[at + 8] |= 1
    return bytes(data)


LAUGHS = "<!DOCTYPE d [<!ENTITY a 'ha'>" + "".join(f"<!ENTITY {chr(98 + n)} '{f'&{chr(97 + n)};' * 10}'>" for n in range(8)) + "]>"
HOSTILE: dict[str, tuple[Callable[[], bytes], str]] = {
    "a bomb of blanks": (whole(document(" " * (MOST_BODY + 1))), "展开后过大"),
    "a bomb of text": (body_of(MOST_BODY - 4096, paragraph(run("证" * 1000))), "100 万字"),
    "a bomb of empty elements": (body_of(MOST_BODY - 4096, "<a/>"), "写法异常"),
    "a bomb of attributes": (lambda: docx("<w:p " + " ".join(f"a{number}=''" for number in range(2_000_000)) + "/>"), "写法异常"),
    "a deep bomb": (whole(document("<w:p>" * 5_000_000)), "写法异常"),
    "elements with attributes": (body_of(MOST_BODY - 4096, "<w:r w:a='' w:b='' w:c=''/>"), "写法异常"),
    "elements with names of their own": (body_of(MOST_BODY - 4096, "<a xmlns='b' xmlns:c='d' xmlns:e='f'/>"), "写法异常"),
    "a tag without an end": (whole(document(f'<w:p w:a="{"x" * (MOST_BODY - 4096)}"/>')), "写法异常"),
    "a comment without an end": (whole(document("<!--" + "x" * (MOST_BODY - 4096))), "写法异常"),
    "names that are all different": (lambda: docx("".join(f"<w:p{number}/>" for number in range(1_000_000))), "写法异常"),
    "a document type": (whole("<!DOCTYPE w>" + document(paragraph(run("文")))), "写法异常"),
    "a thousand laughs": (whole(LAUGHS + document(paragraph("<w:r><w:t>&i;</w:t></w:r>")).split("?>", 1)[1]), "写法异常"),
    "an entity from outside": (whole('<!DOCTYPE d [<!ENTITY a SYSTEM "file:///etc/passwd">]>' + document("&a;").split("?>", 1)[1]), "写法异常"),
    "an entity that nobody declared": (lambda: docx(paragraph(run("文")) + "&a;"), "已损坏"),
    "a document type in the links": (lambda: package({"_rels/.rels": "<!DOCTYPE r>" + LINKS.format("d.xml"), "d.xml": document("")}), "写法异常"),
    "many members": (lambda: package({f"word/{number}": "" for number in range(MOST_MEMBERS + 1)}), "展开后过大"),
    "more members than a directory may list": (lambda: package({f"word/{number:0200}": "" for number in range(6000)}), "已损坏"),
    "two main parts": (twice, "已损坏"),
    "a password": (locked, "加密"),
    "another packing": (whole(document(""), zipfile.ZIP_LZMA), "已损坏"),
    "an encoding that nobody knows": (whole(document("").replace("UTF-8", "x-martian").encode()), "已损坏"),
    "an encoding of many bytes": (whole(document("").replace("UTF-8", "gb18030").encode()), "已损坏"),
    "no XML": (whole(b"\0\xff" * 5000), "已损坏"),
    "an unclosed part": (whole(document("<w:p>")[:-20]), "已损坏"),
    "another root": (whole(f'<w:styles xmlns:w="{WORD}"/>'), "不是 Word 文档"),
    "another root space": (whole(document("").replace(WORD, "urn:x")), "不是 Word 文档"),
    "a main part outside": (lambda: package({"_rels/.rels": LINKS.format("../../etc/passwd"), "word/d.xml": ""}), "压缩包"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_file_is_refused_in_time_and_in_little_memory(name: str) -> None:
    made, part = HOSTILE[name]
    data = made()
    began = os.times()
    with pytest.raises(BadInput, match=part):
        read_text(data, "意见.docx")
    assert os.times().user - began.user < SECONDS
    tracemalloc.start()
    try:
        with pytest.raises(BadInput):
            read_text(data, "意见.docx")
        assert tracemalloc.get_traced_memory()[1] < BYTES
    finally:
        tracemalloc.stop()


def test_a_large_honest_file_is_read_in_time() -> None:
    data = docx("".join(paragraph(*[run("依法合规", "<w:rPr><w:rFonts/><w:sz/></w:rPr>")] * 10) for _ in range(7000)))
    began = os.times()
    reading = read_text(data, "意见.docx")
    assert isinstance(reading, Reading) and len(reading.text) == 7000 * 41 - 1
    assert os.times().user - began.user < SECONDS
    assert wordml.MOST_ELEMENTS > 7000 * 51
