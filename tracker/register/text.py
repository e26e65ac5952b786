"""Pure rule of an official text: wraps and page numbers out, clauses apart, anchors found in them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import accumulate

_PAGE_NUMBER = re.compile(r"[\s\-—–·]*(?:第\s*)?[0-9]{1,3}(?:\s*页)?(?:\s*[/，,]?\s*共\s*[0-9]{1,3}\s*页)?[\s\-—–·]*")
_LINE_END = re.compile(r"\r\n|[\n\r\f\v\x85\u2028\u2029]")
_BLANK = re.compile(r"[\s\u200b-\u200f\u2060\ufeff\xad]+")
_SECTION = re.compile(r"[”’）》\"')]*(?:$|[一二三四五六七八九十]{1,3}、|第[一二三四五六七八九十]{1,3}[章节部])")
_STYLES = (
    re.compile(r"(?P<no>[1-9][0-9]{0,2})[.．](?=[^0-9，。；、])"),
    re.compile(r"（(?P<no>[一二三四五六七八九十]{1,3})）(?=[^，。；、）])"),
)
_DIGITS = {digit: value for value, digit in enumerate("一二三四五六七八九", 1)}
_TITLE_END = re.compile(r"[。：]|——")
_ENDS = "。！？：；"
# One character for one, so that a place in the folded text is the same place in the text itself.
_FOLDING = str.maketrans("，；：！？（）“”‘’．［］～", ",;:!?()\"\"''.[]~") | {0xFF10 + digit: 0x30 + digit for digit in range(10)}


@dataclass(frozen=True, slots=True)
class ClauseText:
    """One clause of an official text; `text` is the whole of it on one line, number and title included."""

    no: int
    title: str
    text: str


@dataclass(frozen=True, slots=True)
class _Start:
    no: int
    begin: int
    end: int


def flat(raw: str) -> str:
    """Return a text on one line without white space and page numbers."""
    return "".join(_lines(raw))


def clauses(raw: str) -> dict[int, ClauseText]:
    """Split an official text, as people have it, into its clauses by number; empty when it has none.

    Both numberings are known, `3.标题。` and `（三）标题。`; what stands on top or between sections is left out.
    """
    lines = list(_lines(raw))
    text = "".join(lines)
    begins = [0, *accumulate(map(len, lines))]
    found = max((_longest(list(_starts(text, begins, style))) for style in _STYLES), key=len)
    stops = [*(start.begin for start in found[1:]), len(text)]
    return {start.no: _clause(text, start, stop) for start, stop in zip(found, stops, strict=False)}


def positions(text: str, anchor: str) -> list[int]:
    """Return every place in a flat text where the anchor begins, whatever the width of its punctuation."""
    searched, phrase = text.translate(_FOLDING), flat(anchor).translate(_FOLDING)
    found, at = [], searched.find(phrase) if phrase else -1
    while at >= 0:
        found.append(at)
        at = searched.find(phrase, at + 1)
    return found


def shared_runs(ours: str, official: str, length: int) -> list[str]:
    """Return the runs of at least `length` characters that our text shares with an official one."""
    folded = flat(official).translate(_FOLDING)
    known = {folded[at : at + length] for at in range(len(folded) - length + 1)}
    mine, end = flat(ours), -1
    runs: list[str] = []
    for at in range(len(mine) - length + 1):
        if mine[at : at + length].translate(_FOLDING) in known:
            runs.append(mine[at : at + length] if at >= end else runs.pop() + mine[end : at + length])
            end = at + length
    return runs


def _lines(raw: str) -> Iterator[str]:
    for line in _LINE_END.split(raw):
        if not _PAGE_NUMBER.fullmatch(line) and (kept := _BLANK.sub("", line)):
            yield kept


def _starts(text: str, begins: list[int], style: re.Pattern[str]) -> Iterator[_Start]:
    for begin in begins:
        if found := style.match(text, begin):
            start = _Start(_number(found["no"]), begin, found.end())
            if start.no == 1 or _after_a_sentence(text, begin):
                yield start


def _after_a_sentence(text: str, begin: int) -> bool:
    # A numeral at the start of a wrapped line may still be inside a sentence: 刑法修正案（十一）.
    sentence = max(text.rfind(end, 0, begin) for end in _ENDS) + 1
    return bool(_SECTION.match(text[sentence:begin]))


def _longest(starts: list[_Start]) -> list[_Start]:
    best: list[_Start] = []
    for first in (place for place, start in enumerate(starts) if start.no == 1):
        run = [starts[first]]
        for start in starts[first + 1 :]:
            if start.no == run[-1].no + 1:
                run.append(start)
        if len(run) >= len(best):
            best = run
    return best


def _clause(text: str, start: _Start, stop: int) -> ClauseText:
    # What follows the last full stop is the heading of the next section, or what stands below the text.
    last = text.rfind("。", start.begin, stop) + 1 or stop
    end = _TITLE_END.search(text, start.end, last)
    return ClauseText(start.no, text[start.end : end.start() if end else last], text[start.begin : last])


def _number(numeral: str) -> int:
    if numeral.isdecimal():
        return int(numeral)
    tens, ten, units = numeral.rpartition("十")
    return (_DIGITS.get(tens, 1) * 10 if ten else 0) + _DIGITS.get(units, 0)
