"""The workbooks that hold one of everything are written as they are kept, part by part."""

from __future__ import annotations

import pytest

from tests.workbook.golden_books import BOOKS, kept, parts


@pytest.mark.parametrize("name", BOOKS)
def test_every_part_is_written_as_it_is_kept(name: str) -> None:
    written, wanted = parts(name), kept(name)
    assert sorted(written) == sorted(wanted)
    for part, text in wanted.items():
        assert written[part].splitlines() == text.splitlines(), f"{name}: {part} (written anew by `python -m tests.workbook.golden_books` when the change was meant)"


def test_the_whole_one_has_all_that_a_workbook_of_ours_can_have() -> None:
    told = kept("whole")
    sheet = told["xl/worksheets/sheet3.xml"]
    for tag in ("<conditionalFormatting", "<dataValidation ", "<autoFilter", "<pane ", "<hyperlink ", "hidden=", "<pageSetup", "<oddFooter>", "<ignoredError "):
        assert tag in sheet, tag
    assert {part.split("/")[1] for part in told if part.startswith("xl/")} >= {"charts", "drawings", "worksheets", "styles.xml", "workbook.xml"}
