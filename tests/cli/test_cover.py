"""register cover: the proof printed, and its three exit codes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.conftest import Terminal
from tests.register.covering import SOUND, TEXT, written
from tests.register.texts.samples import pasted, printed, scanned
from tracker.register.texts.bounds import MOST_BYTES

BARE = {"c3": ("保护投资者", SOUND[3][1], SOUND[3][2][:2])}


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path]:
    """Give the text and a register that covers it."""
    text, register = tmp_path / "意见.txt", tmp_path / "covering.yaml"
    text.write_text(TEXT, encoding="utf-8")
    register.write_text(written(), encoding="utf-8")
    return text, register


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
def test_a_complete_proof_is_printed_and_needs_no_database(fresh: Terminal, files: tuple[Path, Path], encoding: str) -> None:
    text, register = files
    text.write_text(TEXT, encoding=encoding)
    said = fresh.said("register", "cover", "--text", text, register)
    assert "义务 1，风险敞口 2，权利 1，机关事项 3，背景导语 4。" in said
    assert "第 3 条第 1 句“证券公司应当在销售之前充…”义务：T-03-01、T-03-02" in said
    assert "11 句全部有着落，100%" in said
    assert not fresh.config.instance.exists()


@pytest.mark.parametrize(("form", "name"), [(pasted, "意见.docx"), (printed, "意见.pdf"), (printed, "意见.txt")])
def test_the_text_may_be_a_document_and_its_content_decides(fresh: Terminal, files: tuple[Path, Path], form: Callable[[str], bytes], name: str) -> None:
    text = files[0].with_name(name)
    text.write_bytes(form(TEXT))
    assert "11 句全部有着落，100%" in fresh.said("register", "cover", "--text", text, files[1])


def test_what_is_not_in_the_text_is_noted_beside_the_proof(fresh: Terminal, files: tuple[Path, Path]) -> None:
    files[0].write_bytes(printed(TEXT + "\f"))
    result = fresh.run("register", "cover", "--text", *files)
    assert result.exit_code == 0 and "注意：第 3 页没有文字" in result.stderr and "注意" not in result.stdout


def test_gaps_are_listed_with_their_kind_and_end_with_one(fresh: Terminal, files: tuple[Path, Path]) -> None:
    text, register = files
    register.write_text(written(**BARE), encoding="utf-8")
    result = fresh.run("register", "cover", "--text", text, register)
    assert result.exit_code == 1
    assert "【归类后没有义务】第 3 条第 2 句" in result.stdout
    assert "有着落的句子 10 / 11，90.9%" in result.stdout


@pytest.mark.parametrize(("data", "part"), [
    (b"", "空的"), (scanned(), "扫描件"), (b"PK\x03\x04abc", "已损坏"), (b"x" * (MOST_BYTES + 1), "16 MB"), (bytes(range(256)), "无法读取"), ("没有条款。".encode(), "找不到条款"), ("（一）生词。内容。\n".encode(), "不是清单中的任何一份文件"),
])
def test_a_text_that_does_not_fit_ends_with_two(fresh: Terminal, files: tuple[Path, Path], data: bytes, part: str) -> None:
    text, register = files
    text.write_bytes(data)
    assert part in fresh.refused("register", "cover", "--text", text, register)


def test_a_missing_text_a_folder_and_a_wrong_document_end_with_two(fresh: Terminal, files: tuple[Path, Path], tmp_path: Path) -> None:
    text, register = files
    assert "读不到文本文件" in fresh.refused("register", "cover", "--text", tmp_path / "no.txt", register)
    assert "读不到文本文件" in fresh.refused("register", "cover", "--text", tmp_path, register)
    assert "不是《关于别的事项的意见》" in fresh.refused("register", "cover", "--text", text, "--document", "other", register)
    assert "--text" in fresh.refused("register", "cover")
