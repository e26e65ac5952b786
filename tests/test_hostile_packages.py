"""Packages made to harm whoever checks them: a sentence, exit code 1, nothing read outside and no orders to the terminal."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.reports.parcel import book_name, laid_out, parcel, verified
from tests.reports.story import story
from tests.work import company, working_template

__all__ = ["company", "parcel", "story", "verified", "working_template"]

Verified = Callable[..., tuple[int, str]]


def test_the_workbook_of_a_package_is_never_read_from_outside_it(parcel: dict[str, bytes], tmp_path: Path, verified: Verified) -> None:
    folder = laid_out(tmp_path / "包", parcel)
    (tmp_path / "别处.xlsx").write_bytes(parcel[book_name(parcel)])
    manifest = json.loads(parcel["manifest.json"])
    (folder / "manifest.json").write_text(json.dumps(manifest | {"workbook": "../别处.xlsx"}), encoding="utf-8")
    status, said = verified(folder)
    assert status == 1 and "审计包中不应有这个文件" in said


def test_what_a_file_is_called_gives_no_orders_to_a_terminal(parcel: dict[str, bytes], tmp_path: Path, verified: Verified) -> None:
    status, said = verified(laid_out(tmp_path / "包", parcel | {"x\x1b[2J\n校验通过：一切相符。": b"x", "y" * 200: b"y"}))
    assert status == 1 and "\x1b" not in said and not any(line.startswith("校验通过") for line in said.splitlines())


def test_a_file_that_is_not_there_is_said_to_be_missing_and_not_to_be_forged(tmp_path: Path, verified: Verified) -> None:
    for name in ("没有.xlsx", "没有.zip"):
        assert verified(tmp_path / name) == (1, f"没有校验：找不到 {tmp_path / name}，请核对文件名和路径。\n")
    status, said = verified(tmp_path)
    assert status == 1 and said.startswith("没有校验：目录") and "不是解压后的审计包" in said
    (tmp_path / "heads.txt").write_text("CA1", encoding="utf-8")
    assert verified(tmp_path / "heads.txt")[1].startswith("没有校验：") and "--earlier" in verified(tmp_path / "heads.txt")[1]
    assert verified(tmp_path, "--fingerprint", "12")[1].startswith("没有校验：")
    with pytest.raises(SystemExit, match="2"):
        verified(tmp_path, "--unknown")
