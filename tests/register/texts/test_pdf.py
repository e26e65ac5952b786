"""The text of a PDF: the same on every machine, with a note about what may be missing, and hostile ones at little cost."""

from __future__ import annotations

import os
import random
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pypdfium2
import pytest

from tests.register.texts.samples import (
    laid_under,
    legacy,
    objects,
    pdf,
    picture_page,
    printed,
    scanned,
    stream,
)
from tracker.errors import BadInput, Busy
from tracker.register.texts import pdf as texts
from tracker.register.texts.pdf import MOST_PAGES, pdf_text
from tracker.register.texts.reading import read_text

ON_POSIX = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such limits")
LINES = ["证券公司", "完", "（一）法律。", "6", "- 3 -"]


def refused(data: bytes) -> str:
    """Return the sentence with which a file is refused."""
    with pytest.raises(BadInput) as found:
        read_text(data, "意见.pdf")
    return found.value.sentence


def test_pages_are_parted_by_form_feeds_and_come_in_order() -> None:
    text, note = pdf_text(pdf([["第一页", "续"], ["第二页"], ["第三页"]]))
    assert (text.split("\f"), note) == (["第一页\r\n续", "第二页", "第三页"], "")


def test_pages_without_text_are_noted_because_they_may_be_scans() -> None:
    assert pdf_text(pdf([["文"], [], ["文"], []]))[1].startswith("第 2、4 页没有文字")
    assert "等 30 页没有文字" in pdf_text(pdf([["文"], *[[]] * 30]))[1]


@pytest.mark.parametrize("encoding", ["UniGB-UCS2-H", "GBK-EUC-H"])
@pytest.mark.parametrize("alone", [True, False])
def test_a_font_that_is_only_named_loses_no_character(encoding: str, alone: bool) -> None:
    assert pdf_text(legacy(LINES, encoding, alone))[0].split("\r\n") == LINES


def test_hyphens_at_the_end_of_a_line_are_hyphens() -> None:
    text, _ = pdf_text(pdf([["2021-", "2025 年，证券-", "公司"]]))
    assert "".join(text.split()) == "2021-2025年，证券-公司"


def test_radicals_that_only_look_like_characters_become_characters() -> None:
    text = "⼀⼆⼤⼩⾦⾏⻓⻔⻅⻚⻛⻢\uf900"
    assert read_text(printed(text), "").text == "一二大小金行长门见页风马豈"
    assert read_text(text.encode(), "").text == text


@pytest.mark.parametrize("alone", [True, False])
def test_text_laid_under_a_scan_is_read_and_noted(alone: bool) -> None:
    text, note = pdf_text(laid_under(LINES, alone))
    assert text.split("\r\n") == LINES
    assert "识别软件（OCR）" in note


def test_a_password_is_asked_for() -> None:
    assert "打开密码" in refused(locked())


def locked() -> bytes:
    """Return a PDF that claims to be encrypted with a password that is not empty."""
    filler = "00" * 32
    catalogue, pages = b"<< /Type /Catalog /Pages 2 0 R >>", b"<< /Type /Pages /Count 0 /Kids [] >>"
    lock = f"<< /Filter /Standard /V 1 /R 2 /O <{filler}> /U <{filler}> /P -4 >>".encode()
    return objects([catalogue, pages, lock], f"/Encrypt 3 0 R /ID [<{filler}> <{filler}>] ")


def test_pages_and_characters_have_their_bounds(monkeypatch: pytest.MonkeyPatch) -> None:
    assert len(pdf_text(pdf([["文"]] * MOST_PAGES))[0].split("\f")) == MOST_PAGES
    assert f"{MOST_PAGES} 页的上限" in refused(pdf([["文"]] * (MOST_PAGES + 1)))
    monkeypatch.setattr(texts, "MOST_CHARACTERS", 20)
    assert "100 万字" in refused(pdf([["字" * 11], ["字" * 11]]))


def page_of(content: bytes, more: str = "") -> Callable[[], bytes]:
    """Return a maker of a PDF of one page with this content."""
    return lambda: picture_page(content, more)


def circle() -> bytes:
    """Return a PDF whose pages are their own parents."""
    return objects([b"<< /Type /Catalog /Pages 2 0 R >>", b"<< /Type /Pages /Count 9 /Kids [2 0 R 2 0 R 2 0 R] /Parent 2 0 R >>"])


def heavy() -> bytes:
    """Return a PDF that calls for the same slow page as often as it may."""
    page = b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Resources << /Font << /F 4 0 R >> >> /Contents 5 0 R >>"
    pages = f"<< /Type /Pages /Count {MOST_PAGES} /Kids [{'3 0 R ' * MOST_PAGES}] >>".encode()
    font = b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>"
    return objects([b"<< /Type /Catalog /Pages 2 0 R >>", pages, page, font, stream(b"BT /F 9 Tf " + b"1 0 0 1 9 9 Tm (a) Tj " * 20_000 + b"ET")])


HOSTILE: dict[str, Callable[[], bytes]] = {
    "a slow page four hundred times": heavy,
    "a bomb in the content": page_of(b"q Q " * 50_000_000),
    "many texts": page_of(b"BT /F 9 Tf " + b"1 0 0 1 9 9 Tm (a) Tj " * 3_000_000 + b"ET"),
    "a long text": page_of(b"BT /F 9 Tf (" + b"a" * 50_000_000 + b") Tj ET"),
    "deep brackets": page_of(b"[" * 20_000_000),
    "deep saves": page_of(b"q " * 20_000_000),
    "a path without an end": page_of(b"0 0 m " + b"1 1 l " * 10_000_000),
    "a picture of a billion points": page_of(b"BI /W 40000 /H 40000 /BPC 8 /CS /G ID x EI"),
    "a form within itself": page_of(b"/X Do", "/XObject << /X 4 0 R >>"),
    "pages in a circle": circle,
    "pages without end": lambda: objects([b"<< /Type /Catalog /Pages 2 0 R >>", b"<< /Type /Pages /Count 2000000000 /Kids [] >>"]),
    "many filters": lambda: objects([b"<< /Type /Catalog /Pages 2 0 R >>", stream(b"x", "/F " + "[" * 5000)]),
    "no file": lambda: b"%PDF-1.7\n" + random.Random(1).randbytes(100_000),
    "numbers without end": lambda: b"%PDF-1.7\n" + b"9 0 obj " * 1_500_000,
    "references in a row": lambda: objects([b"<< /Type /Catalog /Pages 2 0 R >>", *(b"%d 0 R" % (n + 3) for n in range(50_000))]),
}


@ON_POSIX
@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_file_ends_in_time(name: str) -> None:
    data, before = HOSTILE[name](), os.times()
    try:
        assert len(read_text(data, "意见.pdf").text) <= 1_000_000
    except BadInput as found:
        assert found.sentence.endswith("。")
    after = os.times()
    assert sum(after[:4]) - sum(before[:4]) < 2.3


@ON_POSIX
def test_processor_time_has_its_bound() -> None:
    assert "限定的时间" in refused(heavy())


@ON_POSIX
def test_the_child_may_not_take_more_memory_than_it_needs() -> None:
    assert texts.LIMITS.memory <= 150 * 1024 * 1024


def test_a_child_that_takes_too_long_or_lies_is_not_believed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    script = tmp_path / "child.py"
    monkeypatch.setattr(texts, "CHILD", script)
    monkeypatch.setattr(texts, "LIMITS", replace(texts.LIMITS, patience=1))
    for program, part in (("import time\ntime.sleep(60)", "限定的时间"), ("import os\nos.abort()", "限定的时间"), ("print('文'); exit(1)", "限定的时间"), ("exit(4)", "已损坏")):
        script.write_text(program, encoding="utf-8")
        assert part in refused(printed("文"))
    script.write_text("import sys\nsys.stdout.buffer.write(b'\\xff\\x00a')", encoding="utf-8")
    assert read_text(printed("文"), "").text == "\ufffda"


def test_when_too_many_are_read_at_once_one_is_told_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(texts, "PATIENCE", 0)
    for _ in range(2):
        assert texts._at_once.acquire(blocking=False)
    try:
        with pytest.raises(Busy, match="请稍后再试"):
            read_text(printed("文"), "")
    finally:
        texts._at_once.release(2)


def test_large_scans_get_their_sentence() -> None:
    assert "扫描件" in refused(scanned(20, (2480, 3508)))


def test_a_document_as_the_library_itself_saves_it_is_read(tmp_path: Path) -> None:
    with pypdfium2.PdfDocument(printed("（一）甲。\n\f乙。")) as document:
        document.save(tmp_path / "saved.pdf")
    began = time.monotonic()
    assert "".join(read_text((tmp_path / "saved.pdf").read_bytes(), "").text.split()) == "（一）甲。乙。"
    assert time.monotonic() - began < 20
