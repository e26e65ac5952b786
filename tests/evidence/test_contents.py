"""The look into files: encodings of texts, members of ZIPs, streams of OLE files; nothing is inflated."""

from __future__ import annotations

import io
import struct
import zipfile

import pytest

from tests.evidence import samples
from tracker.errors import BadInput
from tracker.evidence import contents
from tracker.evidence.checks import IN_ZIP, OLE_MAGIC, Kind
from tracker.evidence.contents import Look


def looked(name: str, content: bytes, step: int = 7) -> Kind:
    """Look at a whole file in small steps, as a slow upload would bring it."""
    look = Look(name)
    look.begin(content)
    for at in range(0, len(content), step):
        look.pass_by(content[at : at + step])
    look.pass_by(b"", last=True)
    look.finish(io.BytesIO(content))
    return look.kind


@pytest.mark.parametrize("kind", list(Kind))
def test_a_real_file_of_every_kind_is_taken(kind: Kind) -> None:
    assert looked(f"证据.{kind}", samples.sample(kind)) is kind


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_chinese_text_is_text_in_every_usual_encoding(encoding: str) -> None:
    assert looked("说明.txt", "适当性管理办法，𠮷\r\n".encode(encoding), step=1) is Kind.TXT


@pytest.mark.parametrize("content", [b"\xff\xff\xff", b"text\x00more", "证".encode()[:1], b"\x01\x02\x03", bytes(range(256))])
def test_what_is_no_text_is_refused_as_text(content: bytes) -> None:
    with pytest.raises(BadInput, match="不是文本，或不是 UTF-8、GB18030 编码"):
        looked("说明.txt", content)


def test_a_mail_with_nul_bytes_is_refused() -> None:
    with pytest.raises(BadInput, match="不是完整的电子邮件"):
        looked("信.eml", b"From: a\r\n\r\n\x00")


@pytest.mark.parametrize("kind", [k for k in IN_ZIP if k is not Kind.ZIP])
def test_any_other_zip_is_no_office_file(kind: Kind) -> None:
    with pytest.raises(BadInput, match="只是扩展名相同"):
        looked(f"假.{kind}", samples.archive("[Content_Types].xml", "readme.txt"))


@pytest.mark.parametrize("member", ["xl/vbaProject.bin", "xl/macrosheets/sheet1.xml", "XL/VBAPROJECT.BIN"])
def test_macros_hidden_under_a_harmless_extension_are_found(member: str) -> None:
    with pytest.raises(BadInput, match="“表.xlsx”含有宏"):
        looked("表.xlsx", samples.archive("[Content_Types].xml", "xl/workbook.xml", member))


def test_a_program_inside_an_archive_is_named() -> None:
    with pytest.raises(BadInput, match="“setup.exe”是可执行程序"):
        looked("包.zip", samples.archive("一月.pdf", "工具/Setup.EXE"))


def test_an_archive_of_nothing_is_refused() -> None:
    held = io.BytesIO()
    zipfile.ZipFile(held, "w").close()
    with pytest.raises(BadInput):
        looked("空.zip", held.getvalue())
    # The same directory behind the magic of a filled archive.
    with pytest.raises(BadInput, match="里没有任何文件"):
        looked("空.zip", b"PK\x03\x04" + held.getvalue())


def test_member_names_of_chinese_windows_are_read() -> None:
    packed = samples.archive("aaaa.pdf").replace(b"aaaa.pdf", "证据.pdf".encode("gb18030"))
    assert contents.zip_members(io.BytesIO(packed)) == ["证据.pdf"]


def test_an_archive_in_the_wide_format_is_read() -> None:
    plain = samples.archive("[Content_Types].xml", "xl/workbook.xml")
    end = plain.rfind(b"PK\x05\x06")
    size, begin = struct.unpack_from("<II", plain, end + 12)
    wide = struct.pack("<4sQHHIIQQQQ", b"PK\x06\x06", 44, 45, 45, 0, 0, 2, 2, size, begin)
    locator = struct.pack("<4sIQI", b"PK\x06\x07", 0, end, 1)
    last = struct.pack("<4sHHHHIIH", b"PK\x05\x06", 0, 0, 0xFFFF, 0xFFFF, 0xFFFFFFFF, 0xFFFFFFFF, 0)
    content = plain[:end] + wide + locator + last
    assert zipfile.ZipFile(io.BytesIO(content)).namelist() == ["[Content_Types].xml", "xl/workbook.xml"]
    assert looked("表.xlsx", content) is Kind.XLSX


@pytest.mark.parametrize("damage", [
    lambda zipped: zipped[:-30], lambda zipped: zipped[: zipped.rfind(b"PK\x05\x06")], lambda zipped: b"PK\x03\x04",
    lambda zipped: zipped.replace(b"PK\x01\x02", b"PK\x01\x03"),
    lambda zipped: zipped[:-10] + b"\xff\xff\xff\x7f" + zipped[-6:], lambda zipped: zipped[:-6] + b"\xff\xff\xff\x7f" + zipped[-2:],
])
def test_a_damaged_archive_is_refused(damage: object) -> None:
    with pytest.raises(BadInput, match="已损坏或不完整"):
        looked("包.zip", damage(samples.archive("一月.pdf", "二月.pdf")))  # type: ignore[operator]


def test_the_directory_of_an_ole_file_is_walked_to_its_end() -> None:
    names = [f"附件 {number}" for number in range(20)]
    assert contents.ole_streams(io.BytesIO(samples.ole(*names, "WordDocument"))) == ["Root Entry", *names, "WordDocument"]


def test_an_ole_file_must_hold_what_its_extension_says() -> None:
    with pytest.raises(BadInput, match="内容不是Excel 97–2003 工作簿"):
        looked("表.xls", samples.sample(Kind.DOC))


def test_macros_in_old_formats_are_found() -> None:
    with pytest.raises(BadInput, match="不含宏的 .xlsx 文件"):
        looked("表.xls", samples.ole("Workbook", "_VBA_PROJECT_CUR"))


def _circular(content: bytes) -> bytes:
    return content[:516] + struct.pack("<I", 1) + content[520:]


@pytest.mark.parametrize("content", [
    OLE_MAGIC, OLE_MAGIC + b"\0" * 600, samples.sample(Kind.DOC)[:900], _circular(samples.sample(Kind.DOC)),
    samples.sample(Kind.DOC)[:48] + b"\xf0\xff\xff\x7f" + samples.sample(Kind.DOC)[52:],
])
def test_a_damaged_ole_file_is_refused_and_never_walked_forever(content: bytes) -> None:
    with pytest.raises(BadInput, match="已损坏或不完整"):
        looked("文.doc", content)
