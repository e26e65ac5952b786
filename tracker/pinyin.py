"""How Chinese signs are read. The dictionary takes longer to load than most commands take to run, so it is loaded when something is first read."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from typing import Any


def syllables(text: str) -> list[str]:
    """Return the reading of each sign, without tones; of a sign with several readings the usual one, words of several signs known as such."""
    return list(_dictionary().lazy_pinyin(text))


def initial(sign: str) -> str:
    """Return the first letter of the reading of one sign; what is no Chinese sign comes back as it is."""
    return str(_dictionary().lazy_pinyin(sign, style=_dictionary().Style.FIRST_LETTER)[0])


@cache
def _dictionary() -> Any:
    return import_module("pypinyin")
