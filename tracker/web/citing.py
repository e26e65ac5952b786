"""How articles of laws are written on the pages."""

from __future__ import annotations

from collections.abc import Sequence

SUFFIXES = "零一二三四五六七八九"


def articles(numbers: Sequence[str]) -> str:
    """Write articles as lawyers do: 88 and 169-1 become 第 88 条、第 169 条之一."""
    return "、".join(_article(number) for number in numbers)


def _article(number: str) -> str:
    base, _dash, suffix = number.partition("-")
    return f"第 {base} 条" + (f"之{''.join(SUFFIXES[int(digit)] for digit in suffix)}" if suffix.isdigit() else "")
