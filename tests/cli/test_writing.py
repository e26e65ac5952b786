"""register schema and register new: what is written, what is never written over, and the sentences for what cannot be done."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Terminal
from tests.register.test_text_articles import RULES
from tracker.register.writing.schema import json_schema


@pytest.fixture
def text(tmp_path: Path) -> Path:
    """Give the rules of an exchange as a text file."""
    path = tmp_path / "规则.txt"
    path.write_text(RULES, encoding="gb18030")
    return path


def test_the_schema_is_printed_or_written_and_needs_no_database(fresh: Terminal, tmp_path: Path) -> None:
    assert json.loads(fresh.said("register", "schema")) == json_schema()
    out = tmp_path / "格式.json"
    for _ in range(2):
        assert "# yaml-language-server: $schema=格式.json" in fresh.said("register", "schema", "--out", out)
    assert json.loads(out.read_text(encoding="utf-8")) == json_schema()
    assert not fresh.config.instance.exists()


def test_a_starter_file_passes_check_and_its_sentences_are_gaps(fresh: Terminal, tmp_path: Path, text: Path) -> None:
    out = tmp_path / "own.yaml"
    said = fresh.said("register", "new", "--text", text, "--out", out, "--register", "exchange", "--name", "交易所规则", "--issuer", "某某交易所", "--issuer", "某某协会", "--issued", "2026-03-01", "--title-en", "Own rules", "--nature", "业务规则")
    assert f"已写出 {out}：登记册 exchange，《会员管理规则》6 条，8 句待归类。同时写出 {tmp_path / 'register.schema.json'}" in said
    assert "还要填写" not in said
    assert "1 份文件，0 项义务，没有问题" in fresh.said("register", "check", out)
    assert "issuers: [某某交易所, 某某协会]\n" in out.read_text(encoding="utf-8")
    proof = fresh.run("register", "cover", "--text", text, out)
    assert proof.exit_code == 1 and proof.stdout.count("【暂定归类】") == 8 and "8 句，已归类 0 句" in proof.stdout
    assert json.loads((tmp_path / "register.schema.json").read_text(encoding="utf-8")) == json_schema()
    assert not fresh.config.instance.exists()


def test_what_is_still_to_be_filled_in_is_listed_and_check_refuses_it_by_line_and_key(fresh: Terminal, tmp_path: Path, text: Path) -> None:
    out = tmp_path / "own.yaml"
    text.write_text("第一条 甲。\n第二条 乙。\n", encoding="utf-8")
    said = fresh.said("register", "new", "--text", text, "--out", out, "--title", "会员规则", "--register", "exchange", "--nature", "业务规则")
    assert "还要填写：title_en、issuers、issued。" in said
    refused = fresh.refused("register", "check", out)
    line = out.read_text(encoding="utf-8").split("\n").index("    issued: 待填写  # 文本中没有找到，请填写") + 1
    assert f"第 {line} 行" in refused and "documents[0].issued" in refused and "有 3 处问题" in refused
    assert "请填写“title_en”（英文标题）" in refused and "请填写“issuers”（发文机关）的第 1 项" in refused


def test_a_file_that_is_there_is_never_written_over(fresh: Terminal, tmp_path: Path, text: Path) -> None:
    out, schema = tmp_path / "own.yaml", tmp_path / "register.schema.json"
    out.write_text("自己的工作", encoding="utf-8")
    schema.write_text("{}", encoding="utf-8")
    assert "已经存在，没有改动它" in fresh.refused("register", "new", "--text", text, "--out", out, status=1)
    assert "同时写出" not in fresh.said("register", "new", "--text", text, "--out", tmp_path / "other.yaml")
    assert (out.read_text(encoding="utf-8"), schema.read_text(encoding="utf-8")) == ("自己的工作", "{}")


@pytest.mark.parametrize(("more", "part"), [
    (["--register", "main"], "属于随项目提供的主登记册"), (["--document-id", "甲"], "“id”（文件编号）应写成"), (["--issuer", " "], "选项 --issuer 不能为空"), (["--prefix", "小"], "编号前缀"),
])
def test_a_wrong_option_writes_nothing(fresh: Terminal, tmp_path: Path, text: Path, more: list[str], part: str) -> None:
    assert part in fresh.refused("register", "new", "--text", text, "--out", tmp_path / "own.yaml", *more)
    assert not (tmp_path / "own.yaml").exists() and not (tmp_path / "register.schema.json").exists()


def test_files_that_cannot_be_read_or_written_have_their_sentence(fresh: Terminal, tmp_path: Path, text: Path) -> None:
    assert "读不到文本文件" in fresh.refused("register", "new", "--text", tmp_path / "no.txt", "--out", tmp_path / "own.yaml")
    assert "写不了文件" in fresh.refused("register", "new", "--text", text, "--out", tmp_path / "no" / "own.yaml")
    assert "写不了文件" in fresh.refused("register", "schema", "--out", tmp_path / "no" / "schema.json")
    text.write_text("1.1 目的\n2.1.3 范围\n", encoding="utf-8")
    assert "目前不支持" in fresh.refused("register", "new", "--text", text, "--out", tmp_path / "own.yaml")
