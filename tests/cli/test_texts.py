"""register text: an official text imported by command, its report, and its exit codes."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import func, select

from tests.cli.conftest import Terminal, founded
from tests.register.official import official_text
from tests.work import WHOLE, Company
from tests.work import whole_template as working_template
from tracker.audit.models import AuditEvent
from tracker.register.models import OfficialText
from tracker.register.source import read_register

__all__ = ["working_template"]
TEXTS = {one.id: official_text(one) for one in read_register(WHOLE.read_bytes(), WHOLE.name).documents}


def _kept(company: Company) -> tuple[int, int]:
    with company.database.reading() as s:
        return s.scalar(select(func.count()).select_from(OfficialText)) or 0, s.scalar(select(func.count()).select_from(AuditEvent)) or 0


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Give a text of the longer document."""
    path = tmp_path / "指导意见.txt"
    path.write_text(TEXTS["ff2025-9"], encoding="gb18030")
    return path


def test_a_text_finds_its_document_by_itself_and_the_second_time_nothing_is_kept(terminal: Terminal, company: Company, file: Path) -> None:
    rows, events = _kept(company)
    said = terminal.said("register", "text", file)
    assert "已导入《关于严格公正执法司法" in said and "113 句" in said and "每一处锚点都找到了" in said
    assert _kept(company) == (rows + 1, events + 1)
    assert "逐字节相同，没有重复导入" in terminal.said("register", "text", file, "--document", "ff2025-9")
    assert _kept(company) == (rows + 1, events + 1)


def test_a_text_with_gaps_is_kept_and_each_gap_is_named(terminal: Terminal, company: Company, file: Path) -> None:
    file.write_text(TEXTS["ff2025-9"] + "\n24.附则。自印发之日起施行。", encoding="utf-8")
    said = terminal.said("register", "text", file)
    assert "缺口 1 处" in said and "【条款对不上】文本中的第 24 条" in said
    assert _kept(company)[0] == 1


def test_a_worse_text_needs_replace_and_both_numbers_are_said(terminal: Terminal, company: Company, file: Path) -> None:
    terminal.said("register", "text", file)
    before = _kept(company)
    file.write_text(TEXTS["ff2025-9"] + "\n24.附则。自印发之日起施行。", encoding="utf-8")
    refused = terminal.refused("register", "text", file)
    assert "有 1 处对不上，现有原文是 0 处，没有替换" in refused and "--replace" in refused
    assert _kept(company) == before
    assert "已导入" in terminal.said("register", "text", file, "--replace")
    assert _kept(company) == (before[0] + 1, before[1] + 1)


@pytest.mark.parametrize(("text", "document", "part"), [
    (TEXTS["ff2025-9"], "opinions-2021", "OP21-05-01 的锚点"), (TEXTS["ff2025-9"], "nowhere", "没有编号为“nowhere”的文件"),
    ("（一）生词。内容。\n", "", "不是清单中的任何一份文件"), ("没有条款。", "", "找不到条款"), ("", "", "空的"),
])
def test_a_text_that_does_not_fit_ends_with_two_and_changes_nothing(
    terminal: Terminal, company: Company, tmp_path: Path, text: str, document: str, part: str
) -> None:
    before, path = _kept(company), tmp_path / "别的.txt"
    path.write_text(text, encoding="utf-8")
    assert part in terminal.refused("register", "text", path, "--document", document)
    assert _kept(company) == before


def test_a_missing_file_and_an_empty_register_end_with_two(terminal: Terminal, fresh: Terminal, file: Path, tmp_path: Path) -> None:
    assert "读不到文本文件" in terminal.refused("register", "text", tmp_path / "no.txt")
    assert "读不到文本文件" in terminal.refused("register", "text", tmp_path)
    founded(fresh)
    assert "还没有文件" in fresh.refused("register", "text", file)
