"""Pure rule: what an official text says of itself above its first clause and below its last: title, number, issuers, date.

Everything found is a proposal to a person who has the text before him; what is not there is left empty.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise

from .. import text as official

_KINDS = "法|条例|规则|规定|办法|意见|通知|指引|细则|准则|制度|章程|决定|规程|规范|标准|守则|公告|通告|纪要|批复|手册|方案|解释|指南|流程"
_TITLE = re.compile(rf"《?(?P<title>[^。，；！？《》：:;,]{{1,117}}(?:{_KINDS})(?:（[^（）]{{1,20}}）)?)》?")
_NO_TITLE = re.compile(r"目录|附件|第[一二三四五六七八九十百零]{1,4}[编章节条]|[0-9一二三四五六七八九十]{1,3}[、.．]")
_NUMBER = re.compile(
    r"[（(]?(?P<number>(?P<whose>[\u4e00-\u9fff]{1,30}?)(?:[〔［\[（(](?:19|20)[0-9]{2}[〕］\]）)](?:第)?[0-9]{1,5}号|(?:令|公告)第[0-9一二三四五六七八九十百零〇]{1,6}号))[）)]?"
)
_ISSUER = re.compile(
    r"[\u4e00-\u9fff（）]{2,30}(?:委员会|证监会|监管局|监管总局|法院|检察院|部|办公厅|国务院|总署|总局|交易所|协会|公司|银行|结算公司|集团|联合会)"
)
_DATE = re.compile(r"(?P<year>(?:19|20)[0-9]{2})年(?P<month>[0-9]{1,2})月(?P<day>[0-9]{1,2})日")
_DATE_IN_WORDS = re.compile(r"(?P<year>[一二][〇零○一二三四五六七八九]{3})年(?P<month>[一二三四五六七八九十]{1,2})月(?P<day>[一二三四五六七八九十]{1,3})日")
_YEAR_DIGITS = {digit: str(value) for value, digit in enumerate("〇一二三四五六七八九")} | {"零": "0", "○": "0"}


@dataclass(frozen=True, slots=True)
class Heading:
    """What the text says of itself; empty where it says nothing that was understood."""

    title: str = ""
    number: str = ""
    issuers: tuple[str, ...] = ()
    issued: dt.date | None = None


def heading(raw: str) -> Heading:
    """Read title, number, issuers and date off the lines around the clauses of a text."""
    top, below = official.around(raw)
    number = next((found for found in map(_NUMBER.fullmatch, _lines_and_pairs(top)) if found), None)
    issuers = list(_issuers(raw, [*_after(top, number["number"] if number else ""), *below])) or list(_issuers(raw, top))
    # 某某会令第1号 says who gave the order; 某会发〔2025〕1号 has only his short name.
    whose = [number["whose"]] if number and not issuers and _ISSUER.fullmatch(number["whose"]) else []
    return Heading(_title(top), number["number"] if number else "", tuple(dict.fromkeys(issuers + whose))[:20], _issued(top, below))


def _lines_and_pairs(lines: list[str]) -> Iterator[str]:
    yield from lines
    yield from (one + after for one, after in pairwise(lines))


def _after(top: list[str], number: str) -> list[str]:
    # Above the number stands what others wrote: a newspaper, or the company that passes the text on.
    at = next((place for place, line in enumerate(top) if number and line[-1] == "号" and number.endswith(line[-4:])), -1)
    return top[at + 1 :]


def _issuers(raw: str, lines: list[str]) -> Iterator[str]:
    parted = {official.flat(line): line.split() for line in raw.splitlines()}
    for line in lines:
        names = parted.get(line, [line])
        yield from names if all(map(_ISSUER.fullmatch, names)) else [line] * bool(_ISSUER.fullmatch(line))


def _title(top: list[str]) -> str:
    # The last of the likeliest: above it may stand a press release, a notice, an order.
    rank, at = max(((_rank(top, at), at) for at in range(len(top))), default=(0, 0))
    found = _TITLE.fullmatch(top[at]) if rank else None
    if not found:
        return ""
    title, before = found["title"], top[at - 1].removeprefix("《") if at else ""
    wrapped = "关于" in before and "关于" not in title and len(before + title) <= 120 and not re.search("[。：；，》]", before)
    return before + title if wrapped else title


def _rank(top: list[str], at: int) -> int:
    line, before = top[at], top[at - 1] if at else ""
    if not _TITLE.fullmatch(line) or _NO_TITLE.match(line):
        return 0
    if line[0] == "《" and line[-1] == "》":
        return 3
    # A line of a wrapped paragraph may end like a title; above a title stands nothing, or a short line, or a full stop.
    return 2 if "关于" in line else int(len(before) <= 20 or before[-1] in "。》）)")


def _issued(top: list[str], below: list[str]) -> dt.date | None:
    signed = [*_dates(line for line in below if _dated(line)), *reversed(list(_dates(line for line in top if _dated(line))))]
    return next(iter([*signed, *_dates(line for line in top if line[:1] in "（(")]), None)


def _dated(line: str) -> bool:
    return len(line) <= 24 and bool(_DATE.search(line) or _DATE_IN_WORDS.search(line))


def _dates(lines: Iterable[str]) -> Iterator[dt.date]:
    for line in lines:
        for found in (*_DATE.finditer(line), *_DATE_IN_WORDS.finditer(line)):
            year = int("".join(_YEAR_DIGITS.get(digit, digit) for digit in found["year"]))
            try:
                yield dt.date(year, official.number(found["month"]), official.number(found["day"]))
            except ValueError:
                continue
