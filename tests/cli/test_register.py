"""register check, diff, load: sound files, broken files with every fault, and what stays untouched."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

import pytest
from sqlalchemy import func, select

from tests.cli.conftest import Terminal, founded
from tests.work import REGISTER, Company
from tracker.audit.models import AuditEvent
from tracker.register.models import Edition, Obligation

BROKEN = """\
format: 1
edition: "2026.12"
domains: {suitability: {label: 投资者适当性, en: Investor suitability}}
subjects: {listed_company: {label: 上市公司, en: Listed company}}
documents:
  - id: ff2025-9
    title: 意见
    title_en: Opinions
    number: 证监发〔2025〕9号
    issuers: [最高人民法院]
    issued: "2025-01-01"
    nature: 司法政策文件
    clauses:
      - no: 3
        title: 标题
        obligations:
          - id: FF9-03-01
            anchor: 在市场准入端全面了解投资者情况
            modality: should
            basis: stated
            subjects: [listed_company]
            title: 了解客户
            statement: 了解客户。
            en: Know the customer.
            domain: nowhere
            severity: high
            consequences: [civil]
            law: []
            evidence: [记录]
            cadence: once
"""


@pytest.fixture
def broken(tmp_path: Path) -> Path:
    """Give a file with two faults."""
    path = tmp_path / "broken.yaml"
    path.write_text(BROKEN, encoding="utf-8")
    return path


@pytest.fixture
def retitled(tmp_path: Path) -> Path:
    """Give the register with one title changed."""
    path = tmp_path / "retitled.yaml"
    text = REGISTER.read_text(encoding="utf-8")
    first = next(line for line in text.splitlines() if line.strip().startswith("title:") and line.startswith("            "))
    path.write_text(text.replace(first, "            title: 改过的标题", 1), encoding="utf-8")
    return path


def _editions(company: Company) -> tuple[int, int]:
    with company.database.reading() as s:
        return s.scalar(select(func.count()).select_from(Edition)) or 0, s.scalar(select(func.count()).select_from(AuditEvent)) or 0


def test_check_of_a_sound_file_says_what_is_in_it_and_needs_no_database(fresh: Terminal) -> None:
    said = fresh.said("register", "check")
    assert "没有问题" in said and "2 份文件" in said
    assert not fresh.config.instance.exists()


def test_check_of_a_broken_file_names_every_fault_with_its_line(fresh: Terminal, broken: Path) -> None:
    said = fresh.refused("register", "check", broken)
    lines = BROKEN.splitlines()
    for fault in ("modality: should", "domain: nowhere"):
        number = next(n for n, line in enumerate(lines, 1) if fault in line)
        assert f"第 {number} 行" in said
    assert "有 2 处问题" in said and "should" in said and "nowhere" in said


def test_check_of_a_missing_file_says_which(fresh: Terminal, tmp_path: Path) -> None:
    assert f"读不到义务清单文件 {tmp_path / 'no.yaml'}" in fresh.refused("register", "check", tmp_path / "no.yaml")


def test_load_of_a_broken_file_leaves_the_register_in_force_untouched(terminal: Terminal, company: Company, broken: Path) -> None:
    before = _editions(company)
    said = terminal.refused("register", "load", broken)
    assert "现行义务清单没有变动" in said
    assert _editions(company) == before


def test_load_of_the_same_bytes_changes_nothing_and_records_nothing(terminal: Terminal, company: Company) -> None:
    before = _editions(company)
    assert "内容没有变化" in terminal.said("register", "load", REGISTER)
    assert _editions(company) == before


def test_diff_tells_each_changed_field_and_load_then_puts_it_in_force(terminal: Terminal, company: Company, retitled: Path) -> None:
    said = terminal.said("register", "diff", retitled)
    assert "变更 1" in said and "标题：" in said and "{+改过的标题+}" in said and "title" not in said
    before = _editions(company)
    asked = terminal.refused("register", "load", retitled, status=1)
    assert "没有得到确认" in asked and _editions(company) == before
    assert "变更 1" in terminal.said("register", "load", retitled, "--yes")
    assert _editions(company) == (before[0] + 1, before[1] + 1)
    with company.database.reading() as s:
        assert s.scalar(select(func.count()).select_from(Obligation).where(Obligation.title == "改过的标题")) == 1
        newest = s.scalars(select(Edition).order_by(Edition.id.desc())).first()
        assert newest is not None and newest.digest == hashlib.sha256(retitled.read_bytes()).hexdigest()


def test_diff_tells_what_changed_around_the_obligations(terminal: Terminal, tmp_path: Path) -> None:
    path = tmp_path / "relabelled.yaml"
    path.write_text(REGISTER.read_text(encoding="utf-8").replace("投资者适当性", "投资者适当性管理", 1), encoding="utf-8")
    said = terminal.said("register", "diff", path)
    assert "变更 0" in said and "投资者适当性管理" in said


def test_diff_before_anything_is_loaded_says_that_all_is_new(fresh: Terminal) -> None:
    founded(fresh)
    assert "尚未载入" in fresh.said("register", "diff")


def test_check_of_a_file_full_of_faults_lists_the_first_five_hundred_and_says_so(fresh: Terminal, tmp_path: Path) -> None:
    path = tmp_path / "many.yaml"
    path.write_text(BROKEN.replace("            cadence: once\n", "            cadence: once\n" + "".join(f"            titel{number}: x\n" for number in range(700))), encoding="utf-8")
    summary, *faults = fresh.refused("register", "check", path).splitlines()
    assert summary == f"{path} 有 702 处问题，整份文件未被采用，现行义务清单没有变动。请修改后重试。"
    assert len(faults) == 501 and faults[-1].endswith("其余问题没有逐一列出，请先修改以上各处。")
    assert all(re.match(re.escape(f"  {path} 第 ") + r"\d+ 行第 \d+ 列", fault) for fault in faults)
    lines = [int(re.search(r"第 (\d+) 行", fault)[1]) for fault in faults]  # type: ignore[index]
    assert lines == sorted(lines)
