"""Signatures, fingerprints and earlier heads as the page checks them: what holds, and every way in which it does not, with its place."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.checking.notes import Key, heads_file, sheets_lines, signed_lines
from tests.checking.second import Second, second
from tests.reports.parcel import changed_book, parcel, part
from tests.reports.story import story
from tests.torture.parts import Parts
from tests.work import company, working_template
from tracker.verify import MOST_SIGNED, PROOF, PUBLIC, SHEETS, UNSIGNED, Check, Fault, Workbook, compare

__all__ = ["company", "parcel", "part", "second", "story", "working_template"]

ONE, OTHER, CHANGED, LOST = Key(1), Key(2), Key(3, "changed"), Key(4, "lost")
Lines = list[tuple[str, str]]


def _unsigned(book: Any) -> None:
    # The story has no key; what stands in place of a signature would stand beside ours.
    for row in book[PROOF].iter_rows():
        if any(cell.value in ("链头签名", SHEETS[0]) for cell in row):
            for cell in [one for one in row if one.value]:
                cell.value = None


class Signed:
    """The workbook of the story, and what is signed of it."""

    def __init__(self, book: bytes) -> None:
        check = Check(Workbook(io.BytesIO(book)))
        ((self.chain, held),) = check.held.items()
        self.sheets = [told for _title, _place, told in check.sums]
        self.parts, self.held, self.deployment = Parts(changed_book(book, _unsigned)), [entry for entry, _body in held], check.deployment
        self.first = max(cell.row for cell in self.parts.cells(PROOF)) + 1

    def lines(self, keys: list[Key]) -> Lines:
        """Return what stands on 校验, signed."""
        return [*sheets_lines(self.deployment, self.sheets, keys), *signed_lines(self.deployment, self.chain, len(self.held) - 1, self.held[-1], keys)]

    def book(self, lines: Lines) -> bytes:
        """Return the workbook with these lines."""
        return self.parts.with_lines(PROOF, lines)

    def heads(self, size: int, keys: list[Key], head: str = "", deployment: str = "") -> tuple[str, bytes]:
        """Return a heads file of when the chain had this size, or with another head."""
        return "heads.txt", heads_file(deployment or self.deployment, [("ent_9", 1, "0" * 64), (self.chain, size, head or self.held[size])], keys)


@pytest.fixture
def signed(part: bytes) -> Signed:
    """Give what is signed of the story; the workbook of a filter holds every link of the chain, and is read in a fraction of the time."""
    return Signed(part)


def _other(label: str, place: int = 0) -> Callable[[Lines], Lines]:
    """Change the first letter of the text beside a label: what is signed is another text then."""
    def change(lines: Lines) -> Lines:
        at = [number for number, (one, _text) in enumerate(lines) if one == label][place]
        text = lines[at][1]
        return [*lines[:at], (label, ("2" if text[0] == "1" else "1") + text[1:]), *lines[at + 1:]]

    return change


def _without(*labels: str) -> Callable[[Lines], Lines]:
    return lambda lines: [line for line in lines if line[0] not in labels]


def _as_a_loss(lines: Lines) -> Lines:
    return [(label, "上一密钥遗失后另建" if text == "由上一密钥更换" else text) for label, text in _without("更换签名", "接受签名")(lines)]


KEYS = [ONE, CHANGED]
# What is changed on 校验, and which of its labels is named.
CHANGES: dict[str, tuple[Callable[[Lines], Lines], str]] = {
    "the signature of the head": (_other("链头签名"), "链头签名"), "when it was signed": (_other("签名时间"), "链头签名"), "who signed it": (_other("签名指纹"), "链头签名"),
    "the signature left out": (_without("链头签名"), ""), "its moment left out": (_without("签名时间"), "链头签名"),
    "the first key": (_other("公钥"), "公钥指纹"), "the first fingerprint": (_other("公钥指纹"), "公钥指纹"), "the way it came": (_other("启用方式"), "启用方式"),
    "the signature of the old key": (_other("更换签名"), "更换签名"), "the signature of the new key": (_other("接受签名"), "接受签名"),
    "a change without its signatures": (_without("更换签名", "接受签名"), "启用方式 1"), "the moment of a change": (_other("启用时间", 1), "更换签名"),
    "the registry's moment": (_other("登记时间"), "登记签名"), "the registry's digest": (_other("登记摘要"), "登记签名"), "the registry's signature": (_other("登记签名"), "登记签名"),
    "the signature of the sheets": (_other("工作表签名"), "工作表签名"), "when they were signed": (_other("工作表签名时间"), "工作表签名"), "who signed them": (_other("工作表签名指纹"), "工作表签名"),
    "the moment of the first key": (_other("启用时间"), "工作表签名"), "their signature left out": (_without("工作表签名"), ""),
    "all of their signature left out": (_without("工作表签名", "工作表签名时间", "工作表签名指纹"), ""),
    "the registry left out": (_without("登记时间", "登记摘要", "登记指纹", "登记签名"), "工作表签名"), "a change shown as a loss": (_as_a_loss, "工作表签名"),
    "a label twice": (lambda lines: [*lines, lines[-1]], "again"),
}


def test_every_change_of_what_is_signed_is_found_and_named(signed: Signed, second: Second) -> None:
    sound, found = signed.lines(KEYS), {}
    assert second.ask("b.xlsx", signed.book(sound))["chains"][0]["by"] == CHANGED.print
    for what, (change, _named) in CHANGES.items():
        lines = change(sound)
        places = {f"{PROOF}!E{signed.first + number}": number for number in range(len(lines))}
        told = second.says("b.xlsx", signed.book(lines))
        labels = [label for label, _text in lines]
        number = places.get(told[1], -1)
        nth = labels[:number].count(labels[number]) if number >= 0 else 0
        found[what] = (told[0], "" if number < 0 else "again" if number == len(sound) else f"{labels[number]} {nth}" if nth else labels[number])
    assert found == {what: (1, named) for what, (_change, named) in CHANGES.items()}


def _another_key(lines: Lines) -> Lines:
    stranger = Key(5)
    return [(label, {OTHER.public: stranger.public, OTHER.print: stranger.print}.get(text, text)) for label, text in lines]


def test_a_key_that_signed_nothing_is_vouched_for_by_the_note_over_the_sheets(signed: Signed, second: Second) -> None:
    unused = Key(2, "lost")
    sound = signed.lines([ONE, unused, LOST])
    assert second.says("b.xlsx", signed.book(sound))[0] == 0 and Check(Workbook(io.BytesIO(signed.book(sound)))).sheets == LOST.print
    without = [line for number, line in enumerate(sound) if not _told_of(unused, sound, number)]
    place = f"{PROOF}!E{signed.first + 2}"
    for changed in (_other("启用时间", 1)(sound), _other("启用时间", 2)(sound), _another_key(sound), without):
        book = signed.book(changed)
        assert changed != sound and second.says("b.xlsx", book) == (1, place)
        with pytest.raises(Fault, match=f"^{place}：各工作表的签名不对"):
            Check(Workbook(io.BytesIO(book)))


def _told_of(key: Key, lines: Lines, number: int) -> bool:
    began = next(place for place, (label, text) in enumerate(lines) if (label, text) == (PUBLIC, key.public))
    return began <= number < began + 4


def test_a_fingerprint_vouches_for_its_key_and_for_those_linked_to_it(signed: Signed, second: Second) -> None:
    def asked(keys: list[Key], fingerprint: str) -> tuple[bool, str]:
        told = second.ask("b.xlsx", signed.book(signed.lines(keys)) if keys else signed.book([(SHEETS[0], UNSIGNED)]), fingerprint=fingerprint)
        return told["sound"], told.get("sentence", "")

    spoken = " ".join(ONE.print[at : at + 4].upper() for at in range(0, 32, 4))
    assert [asked(KEYS, text)[0] for text in (ONE.print, CHANGED.print, ONE.print[:32], spoken)] == [True] * 4
    assert asked([ONE, LOST], LOST.print)[0] and asked([ONE, LOST, CHANGED], LOST.print)[0]
    assert "链头没有由您给出的指纹的密钥" in asked([ONE, LOST], ONE.print)[1]
    assert "至少前 32 位" in asked(KEYS, ONE.print[:31])[1]
    assert "没有指纹为" in asked(KEYS, OTHER.print)[1] and "没有指纹为" in asked([], ONE.print)[1]


def test_earlier_heads_and_workbooks_must_still_hold(signed: Signed, second: Second, tmp_path: Path) -> None:
    book, last = signed.book(signed.lines(KEYS)), len(signed.held) - 1

    def against(earlier: tuple[str, bytes], fingerprint: str = "") -> tuple[bool, str]:
        told, path = second.ask("b.xlsx", book, earlier=earlier, fingerprint=fingerprint), tmp_path / earlier[0]
        path.write_bytes(earlier[1])
        try:
            sound, _found = True, compare(Check(Workbook(io.BytesIO(book)), fingerprint), path, fingerprint)
        except Fault:
            sound = False
        assert sound is told["sound"], "the two checkers"
        return told["sound"], told.get("sentence", told.get("found"))

    for earlier in (signed.heads(0, [ONE]), signed.heads(100, [ONE]), signed.heads(last, KEYS), ("以前.xlsx", book)):
        assert against(earlier) == (True, f"与 {earlier[0]} 一致：ent_1 的历史是它的延续。")
    assert against(signed.heads(100, [ONE]), CHANGED.print[:32])[0] is False, "the file names only the first key"
    assert against(signed.heads(100, [ONE]), ONE.print)[0]
    size = next(cell.place for cell in signed.parts.cells(PROOF) if cell.text == str(last))
    refused = {"cut": (signed.heads(last + 1, [ONE], "0" * 64), f"{size}：链“ent_1”有 {last} 条，而 heads.txt 中已有 {last + 1} 条"),
               "rewritten": (signed.heads(50, [ONE], "0" * 64), f"{size}：链“ent_1”第 50 条处的链头与 heads.txt 中的不同"),
               "another house": (signed.heads(5, [ONE], deployment="0" * 32), "heads.txt：属于另一套系统"),
               "no heads": (("heads.txt", b"x"), "heads.txt：有不属于链头文件的内容")}
    name, data = signed.heads(60, [ONE])
    for what, (old, new) in {"size": (b"\n60\n", b"\n61\n"), "line": (b"ent_9 1 ", b"ent_9 2 "), "moment": (b"T02:30:09", b"T02:30:08")}.items():
        refused[what] = ((name, data.replace(old, new)), "heads.txt")
    for what, (earlier, sentence) in refused.items():
        assert against(earlier)[1].startswith(sentence), what


def test_a_sheet_with_endless_keys_is_put_away_before_any_signature_is_checked(signed: Signed, second: Second) -> None:
    book = signed.book([(PUBLIC, "x")] * MOST_SIGNED)
    assert "多于 2,000" in second.ask("b.xlsx", book)["sentence"]
    with pytest.raises(Fault, match="多于 2,000"):
        Check(Workbook(io.BytesIO(book)))
