"""Names of files that people send: one rule for texts, registers and evidence."""

from __future__ import annotations

import ast

import pytest

from tests.sources import SOURCES
from tracker.filenames import harmless, last_part, unseen


@pytest.mark.parametrize(("given", "kept"), [
    ("C:\\文档\\原文.txt", "原文.txt"), ("../../etc/原文.txt", "原文.txt"), ("\u202etxt.exe\u2066", "txt.exe"), ("\r\nX: y.txt", "X: y.txt"),
    ("全角\u3000空格.txt", "全角\u3000空格.txt"), ("\u200b", "无名"), ("", "无名"), ("文件夹/", "无名"), ("\ud800\ufffe\ufdd0\U0001ffff意见.txt", "意见.txt"), ("长" * 300 + ".txt", "长" * 196 + ".txt"),
])
def test_a_hostile_name_becomes_a_harmless_one(given: str, kept: str) -> None:
    assert harmless(given, "无名") == kept


def test_of_a_long_name_the_end_is_kept_since_it_tells_the_kind() -> None:
    assert harmless("很长的名称.docx", most=7) == "名称.docx"
    assert harmless("/a/\x00", most=7) == ""


def test_either_way_of_writing_folders_ends_in_the_same_name() -> None:
    assert {last_part(one) for one in ("a/b/c.yaml", "a\\b\\c.yaml", "a\\b/c.yaml", "c.yaml")} == {"c.yaml"}
    assert [one for one in "a文 .\u00a0\x1f" if unseen(one)] == ["\x1f"]


def test_no_other_place_takes_the_folders_off_a_name() -> None:
    patterns = {r"[/\\]", r"[\\/]"}
    found = {s.module for s in SOURCES for node in ast.walk(s.tree) if isinstance(node, ast.Constant) and node.value in patterns}
    assert found == {"tracker.filenames"}
