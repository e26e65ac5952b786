"""The whole chain in a real browser: from the set-up link on the console to the audit workbook and the trail, by five people."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from tests.browser import company, duties, proof, working
from tests.browser.driving import Window
from tests.browser.journey import Journey
from tests.browser.papers import papers
from tests.browser.serving import serving


def test_five_people_go_from_the_set_up_link_to_the_audit_workbook(tmp_path: Path, window: Callable[[str, str], Window]) -> None:
    with serving(tmp_path / "instance") as service:
        journey = Journey(service, window, papers(tmp_path / "papers"))
        company.set_up(journey)
        company.enter_company(journey)
        company.invite_people(journey)
        duties.read_the_register(journey)
        duties.confirm_scope(journey)
        duties.assign(journey)
        working.hand_in(journey)
        working.send_back(journey)
        working.hand_in_again(journey)
        working.accept(journey)
        working.look_at_evidence(journey)
        proof.export(journey, tmp_path)
        proof.read_the_workbook(journey)
        proof.read_the_trail(journey)
        proof.sign_out(journey)
