"""Pure rule of an official text: wraps and page numbers out, clauses and sentences apart, anchors found in them.

The rule of sentences, which numbers every sentence of a text for the register:

* A text is read on one line. Line ends, white space and what cannot be seen count for nothing, wherever they stand; a line that
  holds a page number and nothing else is left out, also in the middle of a sentence.
* A sentence ends at 。！or ？(also ｡ ! ?) with all closing quotation marks and brackets that follow at once, and nowhere
  else: not at ；or ：, not at a dash, not at the dot of a number. Numerals such as （十一） inside a sentence belong to it.
* The heading of a section (二、…) is no sentence: it stands between the last sentence of one clause and the next clause.
* The number and the heading of a clause (3.标题。 or （三）标题。) are no sentence either, they are its title in the register;
  only a clause that says nothing after its heading has that heading as its one sentence.
* An article (第十二条, 第12条) has no heading: its sentences begin right after its number, and its title in the register is
  whatever the register calls it, as a rule 第十二条. A heading of more than 60 characters is none either, it is a sentence.
  第十二条之一 belongs to the article before it, the items （一） to the sentence in which they stand; at the start of a line
  第十二条规定, 第十二条、 or 第十二条第二款 is a reference. A text with articles is not searched for the other numberings.
* The headings of parts, chapters and sections (第一章 总则) are no sentences.
* The paragraphs with —— are sentences like all others: the lead phrase up to its 。 is one, each that follows is one.
* What stands between the last full stop of a clause and the next heading, because a clause may end at ；or ：, is a
  sentence. What stands below the last full stop of the whole text (who is to be sent a copy) is none.
* The preface is what stands between the last mention of the document's title and the first heading or clause, so that
  the press release and the notice which people copy with it are left out. A mention inside 《》 that does not fill its
  own lines, or goes on with 主要内容如下, is part of a sentence; the preface then begins after that sentence.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import accumulate, pairwise

# Nothing is given back: a line of one digit and a million blanks would be tried in every way of parting the blanks.
_PAGE_NUMBER = re.compile(r"[\s\-—–·]*+(?:第\s*+)?[0-9]{1,3}+(?:\s*+页)?(?:\s*+[/，,]?\s*+共\s*+[0-9]{1,3}+\s*+页)?[\s\-—–·]*+")
_LINE_END = re.compile(r"\r\n|[\n\r\f\v\x85\u2028\u2029]")
_BLANK = re.compile(r"[\s\x00-\x1f\x7f-\x9f\xad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffc\ufffe\uffff]+")
_SENTENCE_END = re.compile(r"[。｡！？!?]+[”’」』）】》〉〕］)\]]*")
_CLOSING = "”’」』）】》〉〕］)]\"'"
_CHAPTER = re.compile(r"第[一二三四五六七八九十百零〇0-9０-９]{1,5}(?:[章节编]|分编|部分)")
_SECTION = re.compile(rf"[”’）》\"')]*(?:$|[一二三四五六七八九十]{{1,3}}、|附则|{_CHAPTER.pattern})")
_STYLES = (
    re.compile(r"(?P<no>[1-9][0-9]{0,2})[.．](?=[^0-9，。；、])"),
    re.compile(r"[（(](?P<no>[一二三四五六七八九十]{1,3})[）)](?=[^，。；、）)])"),
)
_ARTICLE = re.compile(
    r"第(?P<no>[一二三四五六七八九十百零〇]{1,6}|[0-9０-９]{1,3})条[：:]?"
    r"(?![，,、。；;）)》〉】”’\"'的之]|规定|所[列述指]|[至和或与及]?第[一二三四五六七八九十百零〇0-9０-９]+[条款项])"
)
_ANNOUNCED = re.compile(r"(?:主要内容|全文)(?:公布)?如下")
_DIGITS = "零一二三四五六七八九"
_TITLE_END = re.compile(r"[。：]|——")
_ENDS = "。！？：；｡!?"
# What is longer is no heading; it would not fit into the register either.
_LONGEST_TITLE = 60
# No heading of a section is longer, and looking back further for every numeral of a hostile text would take for ever.
_LONGEST_HEADING = 400
# One character for one, so that a place in the folded text is the same place in the text itself.
_FOLDING = str.maketrans("，；：！？（）“”‘’．［］～", ",;:!?()\"\"''.[]~") | {0xFF10 + digit: 0x30 + digit for digit in range(10)}


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence by its number, from 1, and the place where it begins in its clause."""

    no: int
    begin: int
    text: str

    @property
    def end(self) -> int:
        """Return the place after its last character."""
        return self.begin + len(self.text)


@dataclass(frozen=True, slots=True)
class ClauseText:
    """One clause of an official text; `text` is the whole of it on one line, number and title included; `body` is where its sentences begin."""

    no: int
    title: str
    text: str
    body: int

    @property
    def sentences(self) -> tuple[Sentence, ...]:
        """Return its sentences in order; their places count from the beginning of `text`."""
        return _sentences(self.text, self.body)


@dataclass(frozen=True, slots=True)
class _Start:
    no: int
    begin: int
    end: int
    titled: bool = True
    settled: bool = True


_Run = tuple[_Start, "_Run | None"]


def flat(raw: str) -> str:
    """Return a text on one line without white space and page numbers."""
    return "".join(_lines(raw))


def clauses(raw: str) -> dict[int, ClauseText]:
    """Split an official text, as people have it, into its clauses by number; empty when it has none.

    Three numberings are known, `3.标题。`, `（三）标题。` and `第三条`; what stands on top or between sections is left out.
    """
    text, begins = _joined(raw)
    found = _found(text, begins)
    ends = [*(_ended(text, begins, one, after) for one, after in pairwise(found)), *(_last(text, one.begin) for one in found[-1:])]
    return {start.no: _clause(text, start, end) for start, end in zip(found, ends, strict=True)}


def preface(raw: str, title: str) -> tuple[Sentence, ...]:
    """Return the sentences that the document of this title says before its first clause."""
    text, begins = _joined(raw)
    found = _found(text, begins)
    top = text[: found[0].begin] if found else ""
    end = _closed(top, max(top.rfind(mark) for mark in _ENDS) + 1)
    return _sentences(text[:end], min(end, _below_the_title(top, begins, title)))


def around(raw: str) -> tuple[list[str], list[str]]:
    """Return the lines above the first clause and those below the last full stop, without blanks; both empty without clauses."""
    text, begins = _joined(raw)
    found = _found(text, begins)
    top, below = (found[0].begin, _last(text, found[-1].begin)) if found else (0, len(text))
    lines = [(begin, text[begin:end]) for begin, end in pairwise(begins)]
    return [line for begin, line in lines if begin < top], [line for begin, line in lines if begin >= below]


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


def _joined(raw: str) -> tuple[str, list[int]]:
    lines = list(_lines(raw))
    return "".join(lines), [0, *accumulate(map(len, lines))]


def _found(text: str, begins: list[int]) -> list[_Start]:
    articles = _longest(_articles(text, begins))
    # The items of an article are numbered like clauses, and there may be more of them.
    if len(articles) > 1:
        return articles
    return max((articles, *(_longest(_starts(text, begins, style)) for style in _STYLES)), key=len)


def _articles(text: str, begins: list[int]) -> Iterator[_Start]:
    for begin in begins:
        if found := _ARTICLE.match(text, begin):
            yield _Start(number(found["no"]), begin, found.end(), titled=False, settled=_after_a_sentence(text, begin))


def _starts(text: str, begins: list[int], style: re.Pattern[str]) -> Iterator[_Start]:
    for begin in begins:
        if found := style.match(text, begin):
            start = _Start(number(found["no"]), begin, found.end())
            if start.no == 1 or _after_a_sentence(text, begin):
                yield start


def _after_a_sentence(text: str, begin: int) -> bool:
    # A numeral at the start of a wrapped line may still be inside a sentence: 刑法修正案（十一）.
    return bool(_SECTION.match(text[_sentence_end(text, begin) : begin]))


def _sentence_end(text: str, stop: int) -> int:
    begin = max(0, stop - _LONGEST_HEADING)
    return max(begin, *(text.rfind(end, begin, stop) + 1 for end in _ENDS))


def _longest(starts: Iterable[_Start]) -> list[_Start]:
    # By the number they have come to; of two runs that came as far, the one that began later.
    runs: dict[int, _Run] = {}
    for start in starts:
        before = runs.get(start.no - 1)
        # An article before which a full stop is missing; or the middle of a sentence, if there is another start.
        if not start.settled and start.no in runs:
            continue
        if start.no == 1 or before is not None:
            runs[start.no] = (start, before)
    run, best = runs.get(max(runs, default=0)), []
    while run is not None:
        best.append(run[0])
        run = run[1]
    return best[::-1]


def _ended(text: str, begins: list[int], one: _Start, after: _Start) -> int:
    # What follows the last mark that ends a clause is the heading of the next section.
    if after.settled:
        return max(one.begin, _closed(text, _sentence_end(text, after.begin), after.begin))
    within = begins[bisect_right(begins, one.end) : bisect_left(begins, after.begin)]
    return next((begin for begin in within if _CHAPTER.match(text, begin)), after.begin)


def _closed(text: str, end: int, stop: int | None = None) -> int:
    while end < (len(text) if stop is None else stop) and text[end] in _CLOSING:
        end += 1
    return end


def _last(text: str, begin: int) -> int:
    # What follows the last full stop stands below the text.
    ends = [found.end() for found in _SENTENCE_END.finditer(text, begin)]
    return ends[-1] if ends else len(text)


def _clause(text: str, start: _Start, stop: int) -> ClauseText:
    untitled = ClauseText(start.no, "", text[start.begin : stop], min(start.end, stop) - start.begin)
    if not start.titled:
        return untitled
    end = _TITLE_END.search(text, start.end, stop)
    body = stop if end is None else end.start() if end[0] == "——" else end.end()
    title = text[start.end : end.start() if end else stop]
    if len(title) > _LONGEST_TITLE:
        return untitled
    return ClauseText(start.no, title, text[start.begin : stop], (body if body < stop else start.end) - start.begin)


def _sentences(text: str, begin: int) -> tuple[Sentence, ...]:
    found: list[Sentence] = []
    while begin < len(text):
        mark = _SENTENCE_END.search(text, begin)
        end = mark.end() if mark else len(text)
        # A straight quotation mark closes only what was opened.
        while mark and end < len(text) and text[end] in "\"'" and text.count(text[end], begin, end) % 2:
            end += 1
        found.append(Sentence(len(found) + 1, begin, text[begin:end]))
        begin = end
    return tuple(found)


def _below_the_title(text: str, begins: list[int], title: str) -> int:
    name = flat(title).translate(_FOLDING)
    at = text.translate(_FOLDING).rfind(name) if name else -1
    if at < 0:
        return 0
    end = at + len(name)
    if text[end : end + 1] != "》":
        return end
    alone = text[at - 1 : at] == "《" and {at - 1, end + 1} <= set(begins)
    if alone and not _ANNOUNCED.match(text, end + 1):
        return end + 1
    mark = _SENTENCE_END.search(text, end)
    return mark.end() if mark else len(text)


def ordinal(no: int) -> str:
    """Write a number from 1 to 999 as Chinese numerals: 一百零三."""
    hundreds, rest = divmod(no, 100)
    tens, units = divmod(rest, 10)
    ten = ("一十" if hundreds else "十") if tens == 1 else f"{_DIGITS[tens]}十" if tens else "零" if hundreds and units else ""
    return (f"{_DIGITS[hundreds]}百" if hundreds else "") + ten + (_DIGITS[units] if units else "")


def own_title(no: int, title: str) -> str:
    """Return what a title says beside the number of its clause: nothing when it is 第三条 only."""
    return "" if flat(title) == f"第{ordinal(no)}条" else title


_NUMBERS = {ordinal(no): no for no in range(1, 1000)}


def number(numeral: str) -> int:
    """Read a number from 1 to 999 in digits or Chinese numerals; 0 when it is none."""
    return int(numeral) if numeral.isdecimal() else _NUMBERS.get(numeral.replace("〇", "零"), 0)
