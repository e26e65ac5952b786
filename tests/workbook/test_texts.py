"""Text in a workbook stays the text it was: no formula, no number, no date, nothing lost; LibreOffice agrees."""

from __future__ import annotations

import csv
import io
import shutil
import subprocess
import zipfile
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.workbook.samples import HOSTILE, opened, sheet_of, texts_in, written
from tracker.errors import BadInput
from tracker.workbook.sheets import Column, Cover, Kind, Sheet
from tracker.workbook.stream import BATCH, shortened, text_cell, text_of

NO_OFFICE = "LibreOffice (soffice) is not installed, so the workbook cannot be opened with it"


@pytest.fixture(scope="module")
def hostile() -> Any:
    return opened(written(sheet_of(HOSTILE)))


@pytest.mark.parametrize("place", range(len(HOSTILE)))
def test_a_hostile_text_comes_back_exactly(hostile: Any, place: int) -> None:
    cell = hostile["文字"].cell(place + 2, 2)
    # XML readers must turn a bare CR into LF, which is why the writer never leaves one bare.
    assert text_of(cell.value) == HOSTILE[place]
    assert (cell.data_type, cell.number_format, cell.quotePrefix) == ("s", "@", True)


def test_no_formula_and_no_error_cell_is_ever_written() -> None:
    with zipfile.ZipFile(io.BytesIO(written(sheet_of(HOSTILE)))) as archive:
        for name in archive.namelist():
            part = archive.read(name)
            assert b"<f>" not in part and b"<f " not in part and b't="e"' not in part, name


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\ufffe\uffff")), max_size=6))
@settings(max_examples=40, deadline=None)
def test_any_text_comes_back_exactly_or_is_refused(texts: list[str]) -> None:
    kept = []
    for text in texts:
        try:
            text_cell(text)
            kept.append(text)
        except BadInput:
            assert any(ord(character) < 32 and character not in "\t\n\r" for character in text)
    page = opened(written(sheet_of(kept)))["文字"]
    if kept:
        assert [value or "" for value in texts_in(page, "B")] == kept


@given(st.text(alphabet="_x0DdF5aA\r\n xX", max_size=40))
@settings(deadline=None)
def test_the_escape_for_underscores_has_an_inverse(text: str) -> None:
    stored = text_cell(text)
    assert text_of(stored) == text
    assert "\r" not in stored


@pytest.mark.parametrize("character", ["\x00", "\x0b", "\x1f", "\ud800", "\ufffe", "\uffff"])
def test_a_character_no_workbook_can_hold_is_refused_by_cell(character: str) -> None:
    texts = ["好"] * (BATCH + 3) + [f"坏{character}"]
    with pytest.raises(BadInput) as refused:
        written(sheet_of(texts))
    assert f"文字!B{BATCH + 5}（内容）：第 2 个字符" in refused.value.sentence
    assert refused.value.problems[0].where == f"文字!B{BATCH + 5}（内容）"


def test_a_refused_text_on_the_cover_is_named_too() -> None:
    with pytest.raises(BadInput, match="封面!D6：第 1 个字符（U\\+0007）"):
        written(sheet_of([]), cover=Cover("底稿", "主体", [("筛选条件", "\x07")]))


def test_a_text_too_long_for_a_cell_is_refused_and_a_shortened_one_says_so() -> None:
    for text in ("长" * 32_768, "𠮷" * 16_384):
        with pytest.raises(BadInput, match="超过 Excel 单元格的上限"):
            written(sheet_of([text]))
        cut = shortened(text)
        assert len(cut.encode("utf-16-le")) // 2 <= 32_767
        assert cut.endswith("全文请在系统中查看。）")
        assert texts_in(opened(written(sheet_of([cut])))["文字"], "B") == [cut]
    assert shortened("短") == "短"


@pytest.mark.skipif(shutil.which("soffice") is None, reason=NO_OFFICE)
def test_libreoffice_shows_the_same_texts_numbers_and_dates(tmp_path: Path) -> None:
    values = Sheet("值", [Column("数", 9, Kind.NUMBER), Column("日", 13, Kind.DATE)], [(1234567, date(2026, 11, 30))])
    (tmp_path / "book.xlsx").write_bytes(written(sheet_of(HOSTILE), values))
    every_sheet = "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,true,true,false,false,false,-1"
    profile = f"-env:UserInstallation=file://{tmp_path}/profile"
    command = ["soffice", profile, "--headless", "--convert-to", every_sheet, "--outdir", str(tmp_path)]
    subprocess.run([*command, str(tmp_path / "book.xlsx")], check=True, capture_output=True, timeout=180)
    assert read_csv(tmp_path / "book-值.csv") == [["数", "日"], ["1234567", "2026-11-30"]]
    seen = [row[1] for row in read_csv(tmp_path / "book-文字.csv")][1:]
    # It knows one kind of line break only.
    assert seen == [text.replace("\r\n", "\n") for text in HOSTILE]


def read_csv(path: Path) -> list[list[str]]:
    """Read a CSV file without touching line ends inside cells."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file))
