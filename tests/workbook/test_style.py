"""The list of looks that remembers: it must give the places that openpyxl's own would give, whatever is handed in."""

from __future__ import annotations

from openpyxl.styles import Alignment
from openpyxl.utils.indexed_list import IndexedList

from tracker.workbook.style import BOX, Remembering, aligned, font, ground


def test_the_places_are_those_of_the_list_that_compares_everything() -> None:
    slow, quick = IndexedList([Alignment()]), Remembering([Alignment()])
    # Looks that are thrown away at once: Python gives the next one the same identity.
    looks = [lambda number=number: Alignment(indent=number % 7, wrap_text=number % 2 == 0) for number in range(300)]
    assert [quick.add(look()) for look in looks] == [slow.add(look()) for look in looks]
    assert [(one.indent, one.wrap_text) for one in quick] == [(one.indent, one.wrap_text) for one in slow]


def test_a_look_is_made_once_and_two_that_differ_stay_two() -> None:
    places = Remembering()
    every = [font(), font(10, bold=True), font(), ground("FFFFFF"), BOX, aligned("left"), aligned("left", wrap=True), aligned("left")]
    assert [places.add(one) for one in every] == [0, 1, 0, 2, 3, 4, 5, 4]
    assert font() is font() and aligned("left") is aligned("left")
