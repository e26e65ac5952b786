"""The planted defects fit the code as it is: each text stands once where it is said to, and each test file is there."""

from __future__ import annotations

import ast

import pytest

from tests.bite.biting import DEFECTS, Defect, failed
from tracker.config import ROOT


@pytest.mark.parametrize("one", DEFECTS, ids=[one.name for one in DEFECTS])
def test_a_planted_defect_fits_the_code_and_its_tests_are_there(one: Defect) -> None:
    text = (ROOT / one.file).read_text(encoding="utf-8")
    assert text.count(one.old) == 1, f"{one.file} has this {text.count(one.old)} times: {one.old}"
    assert one.new != one.old
    ast.parse(text.replace(one.old, one.new))
    for path in one.tests.split():
        assert (ROOT / path.partition("::")[0]).exists()


def test_what_failed_is_read_from_the_summary_whatever_its_parameters_hold() -> None:
    said = "..F\nFAILED tests/a.py::test_b[size = size - 1] - assert 0\nERROR tests/c.py::test_d - boom [x]\n1 failed, 2 passed"
    assert failed(said) == ["tests/a.py::test_b", "tests/c.py::test_d"]


def test_there_are_enough_and_no_two_of_one_name() -> None:
    assert len({one.name for one in DEFECTS}) == len(DEFECTS) >= 90
