"""Which kind a file is shows in its bytes; and each file that cannot be read is refused with a sentence that says what to do."""

from __future__ import annotations

import io

import pytest
from PIL import Image

from tests.evidence.samples import SAMPLES, ole
from tests.register.texts.samples import TYPES, docx, package, paragraph, pasted, pdf, printed, run, scanned
from tracker.errors import BadInput
from tracker.evidence.checks import Kind
from tracker.register.texts import bounds
from tracker.register.texts.reading import TextKind, read_text

TEXT = "（一）总则。依法查处。\n"


def refused(data: bytes, name: str = "意见.txt") -> str:
    """Return the sentence with which a file is refused."""
    with pytest.raises(BadInput) as found:
        read_text(data, name)
    said = found.value.sentence
    assert said.startswith(f"文件“{name}”：") and said.endswith("。")
    return said


@pytest.mark.parametrize(("data", "kind"), [
    (TEXT.encode(), TextKind.TXT), (TEXT.encode("utf-8-sig"), TextKind.TXT), (TEXT.encode("gb18030"), TextKind.TXT),
    (pasted(TEXT), TextKind.DOCX), (printed(TEXT), TextKind.PDF), (b"\r\n" + printed(TEXT), TextKind.PDF),
])
@pytest.mark.parametrize("name", ["意见.txt", "意见.docx", "意见.pdf", "意见", ""])
def test_the_content_decides_and_not_the_name(data: bytes, kind: TextKind, name: str) -> None:
    reading = read_text(data, name)
    assert (reading.kind, "".join(reading.text.split()), reading.note) == (kind, TEXT.strip(), "")


def test_the_bytes_of_a_text_are_kept_as_they_are_but_for_what_nobody_sees() -> None:
    assert read_text("（一）总\u0001则。\r\n\u000c𠮷\x7f\ufffe。\t\u3000完".encode(), "").text == "（一）总则。\r\n\f𠮷。\t\u3000完"


@pytest.mark.parametrize(("data", "part"), [
    (b"", "文件是空的"), (b" \n\f\n", "空的"), (b"\xef\xbb\xbf", "空的"), (b"- 3 -\n4\n", "空的"),
    (TEXT.encode("utf-16"), "UTF-16"), (b"\xfe\xff" + TEXT.encode("utf-16-be"), "UTF-16"), (TEXT.encode("utf-16-le"), "无法读取"),
    (bytes(range(256)), "无法读取"), (b"\0" * 50, "无法读取"), (b"\xff" * 50, "无法读取"),
    (b"\xef\xbb\xbf" + TEXT.encode("gb18030"), "无法读取"), (TEXT.encode("utf-8-sig")[:-2], "无法读取"),
    (b"{\\rtf1\\ansi \\u19968?}", "RTF"), (b"<!DOCTYPE html><p>" + TEXT.encode(), "网页"), (b"\xef\xbb\xbf\n <?xml version='1.0'?><a/>", "网页"),
    (b"a" * (2 * 1024 * 1024 + 1), "2 MB"), (b"a" * (bounds.MOST_BYTES + 1), "16 MB"), (b"a" * (bounds.MOST_CHARACTERS + 1), "100 万字"),
    (b"a\n" * (bounds.MOST_LINES + 1), "10 万行"),
    (ole("WordDocument"), "另存为 DOCX"), (ole("EncryptedPackage", "EncryptionInfo"), "打开密码"),
    (b"PK\x03\x04abc", "已损坏"), (pasted(TEXT)[:-30], "已损坏"), (pasted(TEXT)[:400], "已损坏"),
    (docx(paragraph()), "没有文字"), (docx(paragraph(run(" \u200b"))), "没有文字"),
    (package({"[Content_Types].xml": TYPES, "a.txt": TEXT}), "压缩包"), (SAMPLES[Kind.ZIP], "压缩包"),
    (SAMPLES[Kind.XLSX], "Excel"), (SAMPLES[Kind.PPTX], "PowerPoint"), (SAMPLES[Kind.OFD], "OFD"),
    (package({"mimetype": "application/vnd.oasis.opendocument.text", "content.xml": "<a/>"}), "OpenDocument"),
    (scanned(), "扫描件"), (pdf([["- 1 -"], ["- 2 -"]]), "扫描件"), (printed(TEXT)[:300], "已损坏"), (b"%PDF-1.7\n", "已损坏"),
    *((SAMPLES[kind], "图片") for kind in (Kind.PNG, Kind.JPG, Kind.GIF, Kind.TIF, Kind.BMP, Kind.WEBP)),
    (SAMPLES[Kind.MP3], "无法读取"), (SAMPLES[Kind.WAV], "无法读取"),
], ids=lambda value: "file" if isinstance(value, bytes) else value)
def test_what_cannot_be_read_is_refused_with_a_sentence(data: bytes, part: str) -> None:
    assert part in refused(data)


def test_a_scan_is_told_what_it_is_and_what_would_do() -> None:
    said = refused(scanned(), "意见.pdf")
    assert "这份 PDF 是扫描件，没有可以读取的文字" in said and "请提供 TXT、DOCX 或带文字的 PDF" in said


def test_a_name_is_shown_without_its_folder_and_what_cannot_be_seen_in_it() -> None:
    with pytest.raises(BadInput) as found:
        read_text(b"", "C:\\文件\\" + "长" * 100 + "意\u202e见\x1b.txt")
    assert found.value.sentence.startswith("文件“" + "长" * 54 + "意见.txt”：文件是空的")


def test_a_text_as_long_as_may_be_is_read() -> None:
    assert len(read_text(b"a" * bounds.MOST_CHARACTERS, "").text) == bounds.MOST_CHARACTERS
    assert read_text(b"a\n" * bounds.MOST_LINES, "").text.count("\n") == bounds.MOST_LINES


def test_a_picture_with_words_in_its_bytes_is_still_a_picture() -> None:
    held = io.BytesIO()
    Image.new("1", (8, 8)).save(held, "BMP")
    assert "图片" in refused(held.getvalue())
