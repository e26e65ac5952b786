"""register ledger: a company's own ledger becomes a register file; what is in the way is said by option, column and cell, and nothing is written then."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.conftest import Terminal
from tests.ledgers.books import ROWS, duties, repairs
from tracker.register.changes import located
from tracker.register.source import read_stored

ISSUER = ("--issuer", "海川证券合规部", "--default", "义务主体=证券公司")


@pytest.fixture
def book(tmp_path: Path) -> Path:
    """Give a ledger as a file."""
    path = tmp_path / "台账.xlsx"
    path.write_bytes(duties())
    return path


def test_a_ledger_becomes_a_register_file_that_check_takes(fresh: Terminal, tmp_path: Path, book: Path) -> None:
    out = tmp_path / "own.yaml"
    said = fresh.said("register", "ledger", book, "--out", out, *ISSUER, "--issued", "2026-01-31", "--register", "own_ledger", "--prefix", "TZ")
    assert f"已写出 {out}：登记册 own_ledger“海川证券合规义务台账（2026年）”，{len(ROWS)} 项义务；4 处不导入，0 处请留意。" in said
    assert "合规义务清单!A8：合计行" in said and not fresh.config.instance.exists()
    told = read_stored(out.read_bytes(), "own.yaml")
    assert [one.id for _, _, one in located(told)] == ["TZ-01-01", "TZ-01-02", "TZ-02-01", "TZ-02-02"]
    assert told.documents[0].issued.isoformat() == "2026-01-31" and told.documents[0].issuers == ("海川证券合规部",)
    assert "已经存在，没有改动它" in fresh.refused("register", "ledger", book, "--out", out, *ISSUER, status=1)


def test_what_is_written_is_loaded_beside_the_main_register_and_the_next_one_keeps_the_ids(terminal: Terminal, tmp_path: Path, book: Path) -> None:
    first, second, third = (tmp_path / f"{name}.yaml" for name in ("一", "二", "三"))
    terminal.said("register", "ledger", book, "--out", first, *ISSUER)
    assert f"新增 {len(ROWS)}" in terminal.said("register", "load", "--yes", first)
    terminal.said("register", "ledger", book, "--out", second, *ISSUER, "--after", first)
    assert second.read_bytes() == first.read_bytes()
    rows = [list(row) for row in ROWS]
    rows[1][1], rows[3][1] = "公司治理", "信息披露"
    book.write_bytes(duties([(0, "公司治理", "新的一项要求须落实。", *[None] * 7), *rows]))
    terminal.said("register", "ledger", book, "--out", third, *ISSUER, "--after", first)
    old, new = ({one.statement: one.id for _, _, one in located(read_stored(path.read_bytes(), "x"))} for path in (first, third))
    assert old.items() <= new.items() and len(new) == len(ROWS) + 1
    assert "新增 1" in terminal.said("register", "load", "--yes", third)


def test_columns_words_and_defaults_are_said_by_options(fresh: Terminal, tmp_path: Path, book: Path) -> None:
    book.write_bytes(duties([(*ROWS[0][:4], "原则：要求", *ROWS[0][5:])]))
    out = tmp_path / "own.yaml"
    refused = fresh.refused("register", "ledger", book, "--out", out, *ISSUER)
    assert "合规义务清单!E4：“原则：要求”不是已知的性质" in refused and "还有 1 个取值没有说明意思" in refused and not out.exists()
    fresh.said(
        "register", "ledger", book, "--out", out, *ISSUER, "--value", "性质:原则：要求=不得", "--map", "备注=忽略", "--map", "d=note", "--default", "领域=信息披露", "--default", "重要程度=低",
    )
    (_, _, one), = located(read_stored(out.read_bytes(), "own.yaml"))
    assert one.modality == "must_not" and one.domain == "disclosure" and not one.law and [note.label for note in one.noted] == ["责任 / 部门", "责任 / 人员", "来源", "台账编号"]


def test_another_sheet_headings_and_rows_with_faults(fresh: Terminal, tmp_path: Path) -> None:
    book, out = tmp_path / "整改.xlsx", tmp_path / "own.yaml"
    book.write_bytes(repairs([("Z-01", "问题", "措施" * 2500, None, None, None, "备" * 4001), ("Z-02", "另一个问题", "整改", None, None, None, None)]))
    refused = fresh.refused("register", "ledger", book, "--out", out, *ISSUER, "--default", "频率=一次性")
    assert "整改台账!G2：文字有 4,001 个字，最多 4,000 个" in refused and "整改台账!C2：文字有 5,000 个字" in refused and not out.exists()
    said = fresh.said("register", "ledger", book, "--out", out, *ISSUER, "--leave", "--sheet", "整改台账", "--head", "1", "--name", "整改")
    assert "“整改”，1 项义务" in said


@pytest.mark.parametrize(("options", "sentence"), [
    (("--map", "没有的列=要求"), "没有“没有的列”这一列。各列是：A 序号"), (("--map", "备注"), "--map 写成 列=字段，不能是“备注”"), (("--map", "备注=金额"), "没有“金额”这个字段"),
    (("--value", "性质=应当"), "--value 写成 字段:取值=意思"), (("--value", "备注:甲=乙"), "没有“备注”这个字段。可以写：性质"), (("--default", "领域=没有的"), "“没有的”不是可选的领域"),
    (("--default", "领域"), "--default 写成 字段=意思"), (("--sheet", "没有"), "里没有有内容的工作表“没有”。有：填表说明、合规义务清单"), (("--head", "999"), "第 999 行里没有认出表头"),
    (("--issued", "2026-02-30"), "请填写台账日期"), (("--prefix", "小写"), "应写成"), (("--register", "Own"), "应写成"), (("--prefix", "FF9"), "已用于登记册"), (("--map", "备注=标题", "--map", "类别=标题"), "只能有一列"),
])
def test_options_that_cannot_be_are_refused_and_nothing_is_written(fresh: Terminal, tmp_path: Path, book: Path, options: tuple[str, ...], sentence: str) -> None:
    out = tmp_path / "own.yaml"
    assert sentence in fresh.refused("register", "ledger", book, "--out", out, *ISSUER, *options)
    assert not out.exists()


def test_without_a_subject_or_a_file_it_says_what_is_missing(fresh: Terminal, tmp_path: Path, book: Path) -> None:
    out = tmp_path / "own.yaml"
    assert "请选择台账没有写明时的义务主体（命令用 --default）" in fresh.refused("register", "ledger", book, "--out", out, "--issuer", "合规部")
    assert "读不到台账文件" in fresh.refused("register", "ledger", tmp_path / "没有.xlsx", "--out", out, *ISSUER)
    book.write_bytes(b"nothing of the kind")
    assert "台账.xlsx" in fresh.refused("register", "ledger", book, "--out", out, *ISSUER)
    book.write_bytes(duties())
    assert "写不了文件" in fresh.refused("register", "ledger", book, "--out", tmp_path / "没有" / "own.yaml", *ISSUER)
