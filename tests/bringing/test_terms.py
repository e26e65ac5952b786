"""证据目录 that comes back makes no term end earlier: the cell is named, and the page where it can be done with a reason."""

from __future__ import annotations

from datetime import date

import pytest

from tests.bringing.audit import EVIDENCE, Audit, desk_of, exported
from tests.bringing.paper import Desk, sentences
from tests.reports.story import Story, story
from tracker.errors import BadInput
from tracker.evidence.actions import EvidenceFacts
from tracker.evidence.models import Evidence
from tracker.retention import keeping

__all__ = ["story"]


@pytest.fixture
def at(story: Story) -> Desk:
    """Return the desk on which the workbook lies."""
    return desk_of(story)


def describe(at: Desk, ref: int, facts: EvidenceFacts, reason: str = "") -> None:
    """Describe a piece on its page."""
    with at.company.database.writing(at.viewer.entities) as s:
        keeping.describe(s, at.viewer, ref, facts, s.get_one(Evidence, ref).version, reason)


def row(at: Desk, ref: int) -> Evidence:
    """Return a piece of evidence, detached."""
    with at.company.database.reading(at.viewer.entities) as s:
        found = s.get_one(Evidence, ref)
        s.expunge(found)
        return found


@pytest.fixture
def ref(at: Desk, story: Story) -> int:
    """Return a piece that speaks of ten years, so that its term runs from the last day of them."""
    paper = exported(story)
    found = next(int(one) for one in paper.refs(EVIDENCE) if row(at, int(one)).is_current)
    describe(at, found, EvidenceFacts(date(2026, 1, 1), date(2036, 12, 31), date(2026, 11, 2)))
    return found


@pytest.mark.parametrize("text", ["〔清空〕", "2026-01-01 至 2026-12-31"])
def test_what_makes_a_term_end_earlier_is_refused_by_its_cell(story: Story, at: Desk, ref: int, text: str) -> None:
    paper = exported(story).put(EVIDENCE, str(ref), "所属期间", text).put(EVIDENCE, str(ref), "说明", "改过的说明")
    draft = at.bring(paper.data)
    (place, told), = sentences(at.preview(draft)).items()
    assert place == paper.place(EVIDENCE, str(ref), "所属期间")
    assert told.startswith("这样修改会使保存期限由 2056-12-31 提前到 2046-1") and "不能通过导入办理，请在这份证据的页面上修改说明" in told
    with pytest.raises(BadInput, match="有 1 行不能导入"):
        at.apply(draft)
    assert (row(at, ref).period_to, row(at, ref).note) == (date(2036, 12, 31), "")


def test_what_leaves_it_or_makes_it_longer_is_brought_in(story: Story, at: Desk, ref: int) -> None:
    at.through(exported(story).put(EVIDENCE, str(ref), "说明", "只改说明").put(EVIDENCE, str(ref), "取得日", "〔清空〕").data)
    assert (row(at, ref).note, row(at, ref).obtained_on) == ("只改说明", None)
    at.through(exported(story).put(EVIDENCE, str(ref), "所属期间", "2026-01-01 至 2037-12-31").data)
    assert row(at, ref).period_to == date(2037, 12, 31)


def test_where_both_have_changed_the_files_earlier_day_is_refused(story: Story, at: Desk, ref: int) -> None:
    paper: Audit = exported(story).put(EVIDENCE, str(ref), "所属期间", "2026-01-01 至 2037-12-31")
    describe(at, ref, EvidenceFacts(date(2026, 1, 1), date(2040, 12, 31), date(2026, 11, 2)))
    told = sentences(at.preview(at.bring(paper.data)))
    assert list(told) == [paper.place(EVIDENCE, str(ref), "所属期间")] and "由 2060-12-31 提前到 2057-12-31" in str(told)


def test_a_term_that_runs_from_an_entered_day_is_not_told_by_the_list(story: Story, at: Desk, ref: int) -> None:
    with at.company.database.writing(at.viewer.entities) as s:
        keeping.classify(s, at.viewer, ref, "service_papers", date(2026, 6, 30), "是服务机构的底稿")
    at.through(exported(story).put(EVIDENCE, str(ref), "所属期间", "〔清空〕").data)
    assert row(at, ref).period_to is None
