"""Terms whose first day is not known yet: fewer months need a reason, and so does a first day that ends the term sooner than it looks."""

from __future__ import annotations

import io
from dataclasses import dataclass
from datetime import UTC, date, datetime

import pytest

from tests.making import Making
from tests.retention.conftest import Office
from tracker.errors import BadInput
from tracker.evidence.actions import EvidenceFacts, add_evidence
from tracker.people.access import Viewer
from tracker.retention import keeping
from tracker.words import Role

SHORTER, GIVEN_UP = "请填写缩短保存期限的理由", "请填写改用起算日尚未填写的类别的理由"


@dataclass
class Fund:
    """A private fund manager, by its kind ten years from a liquidation that nobody has entered, and its officer."""

    office: Office
    officer: Viewer
    entity_id: int

    def piece(self, text: str = "份额登记") -> int:
        """Add a piece of evidence and return its number."""
        stored = self.office.store.put(io.BytesIO(text.encode()), "登记.txt")
        with self.office.database.writing(self.officer.entities) as s:
            return add_evidence(s, self.officer, self.entity_id, stored, EvidenceFacts()).evidence.id

    def classify(self, piece: int, code: str, start: date | None = None, reason: str = "") -> None:
        """Put a piece into a class."""
        with self.office.database.writing(self.officer.entities) as s:
            keeping.classify(s, self.officer, piece, code, start, reason)

    def needs(self, said: str, piece: int, code: str, start: date | None = None) -> None:
        """Expect that a reason is asked for and nothing changed, then give it."""
        before = self.office.row(piece)
        with pytest.raises(BadInput, match=said) as told:
            self.classify(piece, code, start)
        after = self.office.row(piece)
        assert [one.where for one in told.value.problems] == ["why"]
        assert (after.retention, after.kept_from, after.version) == (before.retention, before.kept_from, before.version)
        self.classify(piece, code, start, "经核对")
        assert (self.office.row(piece).retention, self.office.row(piece).kept_from) == (code, start)


@pytest.fixture
def fund(office: Office, making: Making) -> Fund:
    """Give the fund manager."""
    entity = making.entity("私募甲", kinds=("private_fund_manager",))
    return Fund(office, making.viewer(making.person("私募合规", entity_id=entity, roles=[Role.OFFICER])), entity)


def test_fewer_months_need_a_reason_where_neither_first_day_is_known(fund: Fund) -> None:
    piece = fund.piece()
    fund.classify(piece, "fund_register")
    fund.needs(SHORTER, piece, "")
    fund.classify(piece, "private_fund")
    fund.classify(piece, "fund_register")
    fund.needs(SHORTER, piece, "service_papers")


@pytest.mark.parametrize("code", ["", "private_fund"])
def test_a_first_day_before_the_piece_came_needs_a_reason(fund: Fund, code: str) -> None:
    piece = fund.piece()
    if code:
        fund.classify(piece, code)
    fund.needs(SHORTER, piece, code, date(2026, 11, 21))


def test_a_first_day_from_the_upload_on_needs_none_and_a_later_one_neither(fund: Fund) -> None:
    piece = fund.piece()
    fund.classify(piece, "", date(2026, 11, 22))
    other = fund.piece("另一份")
    fund.office.clock.move_to(datetime(2028, 3, 1, 2, 0, tzinfo=UTC))
    fund.classify(other, "", date(2028, 2, 29))
    fund.classify(piece, "", date(2028, 2, 29))
    fund.needs(SHORTER, piece, "", date(2028, 2, 27))


def test_the_day_of_the_upload_is_the_one_in_shanghai(fund: Fund) -> None:
    fund.office.clock.move_to(datetime(2026, 11, 22, 17, 0, tzinfo=UTC))
    piece = fund.piece()
    fund.needs(SHORTER, piece, "", date(2026, 11, 22))


def test_a_term_that_ends_with_this_very_day_needs_a_reason(fund: Fund) -> None:
    piece = fund.piece()
    fund.office.clock.move_to(datetime(2036, 11, 22, 2, 0, tzinfo=UTC))
    fund.needs(SHORTER, piece, "", date(2026, 11, 22))
    other = fund.piece("次日届满")
    fund.office.clock.move_to(datetime(2046, 11, 21, 2, 0, tzinfo=UTC))
    fund.classify(other, "", date(2036, 11, 22))


def test_a_known_end_given_up_is_told_as_such(fund: Fund) -> None:
    piece = fund.piece()
    fund.classify(piece, "", date(2026, 11, 22))
    fund.needs(GIVEN_UP, piece, "fund_register")
