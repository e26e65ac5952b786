"""Names and kinds: what is kept exactly, what is refused, and the sentence that says why."""

from __future__ import annotations

import pytest

from tests.evidence import samples
from tracker.errors import BadInput
from tracker.evidence import checks
from tracker.evidence.checks import Kind


@pytest.mark.parametrize("name", ["适当性匹配意见（2026年第3季度）.pdf", "证据 1.PNG", "𠮷田报告.docx", "a..pdf", "R&D's.xlsx", ".pdf"])
def test_a_name_is_kept_exactly(name: str) -> None:
    assert checks.name_checked(name) == name


@pytest.mark.parametrize("path", ["C:\\用户\\林\\证据.pdf", "../../etc/证据.pdf", "/证据.pdf", " 证据.pdf "])
def test_folders_and_outer_blanks_are_cut(path: str) -> None:
    assert checks.name_checked(path) == "证据.pdf"


@pytest.mark.parametrize(
    "name",
    ["a\r\nSet-Cookie: x.pdf", "a\0.pdf", "a\x1b[2J.pdf", "证\u202efdp.exe", "\u2066a.pdf", "a\u200b.pdf", "a\ufeff.pdf",
     "a\ud800.pdf", "a\ufffe.pdf", "a\U0001ffff.pdf", "a\u2028.pdf", "a\x7f.pdf", "a\x85.pdf"],
)
def test_a_name_with_unseen_characters_is_refused_and_never_repeated(name: str) -> None:
    with pytest.raises(BadInput, match="第 [0-9]+ 个字符是看不见的控制字符") as caught:
        checks.name_checked(name)
    assert caught.value.sentence.isprintable()


@pytest.mark.parametrize(("name", "why"), [
    ("", "没有名称"), ("  ", "没有名称"), ("..", "没有名称"), ("文件夹/", "没有名称"), ("证据.", "以句点结尾"), ("证据.pdf..", "以句点结尾"),
    ("长" * 197 + ".pdf", "有 201 个字符，最多 200 个"),
])
def test_a_name_that_is_none_or_too_long_is_refused(name: str, why: str) -> None:
    with pytest.raises(BadInput, match=why) as caught:
        checks.name_checked(name)
    assert caught.value.problems[0].where == "file"


def test_two_hundred_characters_are_not_too_many() -> None:
    assert len(checks.name_checked("长" * 196 + ".pdf")) == 200


@pytest.mark.parametrize(("name", "kind"), [("a.PDF", Kind.PDF), ("a.jpeg", Kind.JPG), ("a.TIFF", Kind.TIF), ("a.b.Docx", Kind.DOCX)])
def test_the_extension_promises_the_kind(name: str, kind: Kind) -> None:
    assert checks.kind_of_name(name) is kind


@pytest.mark.parametrize("name", ["木马.exe", "页面.html", "图.svg", "脚本.js", "包.rar", "报告.pdf.scr"])
def test_a_refused_type_names_the_file_and_what_is_accepted(name: str) -> None:
    with pytest.raises(BadInput) as caught:
        checks.kind_of_name(name)
    assert name in caught.value.sentence and "可以上传：PDF、OFD、Word" in caught.value.sentence


def test_a_file_without_extension_is_refused() -> None:
    with pytest.raises(BadInput, match="“证据”没有扩展名"):
        checks.kind_of_name("证据")


@pytest.mark.parametrize(("name", "better"), [("宏表.xlsm", ".xlsx"), ("宏.DOCM", ".docx"), ("表.xlsb", ".xlsx"), ("片.pptm", ".pptx")])
def test_macro_formats_are_refused_with_the_way_out(name: str, better: str) -> None:
    with pytest.raises(BadInput, match="含有宏") as caught:
        checks.kind_of_name(name)
    assert f"不含宏的 {better} 文件" in caught.value.sentence


def test_every_kind_has_a_sample_and_each_head_fits_its_own_kind() -> None:
    assert set(samples.SAMPLES) == set(Kind)
    for kind, content in samples.SAMPLES.items():
        checks.check_head(kind, f"a.{kind}", content[: checks.HEAD])


@pytest.mark.parametrize("kind", [k for k in Kind if k not in checks.TEXTS])
def test_no_head_fits_a_kind_of_another_family(kind: Kind) -> None:
    family = next((set(f) for f in (checks.IN_ZIP, checks.IN_OLE) if kind in f), {kind})
    for other in set(Kind) - family:
        with pytest.raises(BadInput):
            checks.check_head(kind, f"a.{kind}", samples.sample(other)[: checks.HEAD])


@pytest.mark.parametrize(("kind", "head", "looks"), [
    (Kind.PDF, samples.sample(Kind.PNG), "扩展名说是PDF 文档，内容却像是PNG 图片"),
    (Kind.PDF, b"MZ\x90\x00" + b"\0" * 60, "内容却是可执行程序"),
    (Kind.XLS, b"<html><table>", "内容却是网页或 XML 文本"),
    (Kind.PNG, b"nothing known", "内容并非如此"),
    (Kind.TXT, b"\x7fELF\x02\x01", "内容却是可执行程序"),
    (Kind.DOCX, samples.ole("EncryptedPackage"), "设有打开密码"),
])
def test_a_head_that_disagrees_is_refused_saying_what_it_looks_like(kind: Kind, head: bytes, looks: str) -> None:
    with pytest.raises(BadInput, match=looks):
        checks.check_head(kind, f"证据.{kind}", head)


def test_notes_keep_lines_and_refuse_what_a_workbook_cannot_hold() -> None:
    assert checks.note_checked("  第一行\r\n第二行\t完 ") == "第一行\n第二行\t完"
    with pytest.raises(BadInput, match="看不见的控制字符") as caught:
        checks.note_checked("坏\x0b字符")
    assert caught.value.problems[0].where == "note"
    with pytest.raises(BadInput, match="有 2001 个字符"):
        checks.note_checked("长" * 2001)
