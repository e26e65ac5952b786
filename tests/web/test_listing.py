"""The addresses of lists keep the filter, and only the page number is forgotten."""

from __future__ import annotations

import pytest
from flask import Flask

from tracker.web import listing

ADDRESS = "/tasks?state=submitted&state=overdue&q=%E6%8B%85%E4%BF%9D&sort=due&page=3"


@pytest.mark.parametrize(
    ("changes", "address"),
    [
        ({"sort": "-due"}, "/tasks?state=submitted&state=overdue&q=%E6%8B%85%E4%BF%9D&sort=-due"),
        ({"page": 4}, "/tasks?state=submitted&state=overdue&q=%E6%8B%85%E4%BF%9D&sort=due&page=4"),
        ({"q": None, "state": None, "sort": None}, "/tasks"),
        ({"state": ["done"], "q": "", "sort": None}, "/tasks?state=done"),
    ],
)
def test_an_address_changes_only_where_it_is_told(changes: dict[str, object], address: str) -> None:
    with Flask(__name__).test_request_context(ADDRESS):
        assert listing.here(**changes) == address


def test_one_value_of_a_filter_goes_and_the_others_stay() -> None:
    with Flask(__name__).test_request_context(ADDRESS):
        assert listing.here_without("state", "submitted") == "/tasks?q=%E6%8B%85%E4%BF%9D&sort=due&state=overdue"


def test_what_is_typed_into_an_address_cannot_break_out_of_it() -> None:
    with Flask(__name__).test_request_context("/tasks", query_string={"q": '"><script>&x=1#'}):
        assert listing.here(page=2) == "/tasks?q=%22%3E%3Cscript%3E%26x%3D1%23&page=2"
