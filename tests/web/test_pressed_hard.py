"""Requests that press hard: rights that go while one acts, a host that is none, a key that is another's, a full disk."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event

from tests.web.at_work import at_work, company, database, upload, working_template, world  # noqa: F401
from tests.web.browsing import Browser
from tests.work import Company
from tracker.evidence.store import Store
from tracker.people import actions
from tracker.people.access import operator
from tracker.web.doors import house

HOST = operator("操作员")


def leaves(company: Company) -> None:  # noqa: F811
    """Let 王责任 leave."""
    with company.database.writing(HOST.entities) as s:
        actions.set_person_active(s, HOST, company.world.people["王责任"], False)


def loses_his_role(company: Company) -> None:  # noqa: F811
    """Take 王责任's only role away."""
    with company.database.writing(HOST.entities) as s:
        actions.grant_roles(s, HOST, company.world.people["王责任"], company.world.ours, [])


@pytest.mark.parametrize(("happens", "status"), [(leaves, 401), (loses_his_role, 403)])
def test_rights_that_go_while_a_file_is_on_its_way_are_gone(
    at_work: Company, browser: Callable[[str], Browser], monkeypatch: pytest.MonkeyPatch, happens: Callable[[Company], None], status: int  # noqa: F811
) -> None:
    task_id, owner, staged = at_work.task(), browser("王责任"), Store.staged

    def slowly(*given: Any, **more: Any) -> Any:
        happens(at_work)
        return staged(*given, **more)

    owner.get(f"/tasks/{task_id}")
    monkeypatch.setattr(Store, "staged", slowly)
    assert owner.post(f"/tasks/{task_id}/files", {"files": upload("证据.txt", "晚到的内容".encode())}).status_code == status
    with at_work.database.engine.connect() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM evidence").scalar_one() == 0


@pytest.mark.parametrize("host", ["..", "a..b"])
def test_a_host_that_is_none_gets_a_sentence(stranger: Browser, host: str) -> None:
    answer = stranger.get("/sign-in", headers={"Host": host})
    assert (answer.status_code, answer.mimetype) == (400, "text/plain")
    assert "主机名" in answer.text
    assert "Content-Security-Policy" in answer.headers


def test_nobody_can_use_up_the_tries_of_somebody_elses_password_page(at_work: Company, stranger: Browser, browser: Callable[[str], Browser]) -> None:  # noqa: F811
    owner, person_id = browser("王责任"), at_work.world.people["王责任"]
    for login in (f"id-{person_id}", f"person:{person_id}"):
        for _ in range(6):
            stranger.get("/sign-in")
            assert stranger.post("/sign-in", {"login": login, "password": "猜一猜而已呀"}).status_code == 422
    owner.get("/account/password")
    answer = owner.post("/account/password", {"old": "并非原来的密码", "password": "五个互不相干的词", "repeat": "五个互不相干的词"})
    assert answer.status_code == 422


def test_on_a_full_disk_writing_says_so_keeps_what_was_typed_and_reading_goes_on(
    app: Flask, at_work: Company, browser: Callable[[str], Browser]  # noqa: F811
) -> None:
    task_id, owner = at_work.task(), browser("王责任")
    version = {"version": "1"}
    owner.get(f"/tasks/{task_id}")
    with app.app_context():
        engine = house().database.engine
    with engine.connect() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
    event.listen(engine, "begin", lambda connection: connection.exec_driver_sql(f"PRAGMA max_page_count={pages}"))
    note = "写" * 3999
    for number in range(20):
        answer = owner.post(f"/tasks/{task_id}/save", {**version, "note": f"{number % 10}{note}"})
        if answer.status_code != 303:
            break
        version = {"version": str(number + 2)}
    assert answer.status_code == 507
    assert "存储空间不足" in answer.text
    assert note in answer.text
    assert owner.get(f"/tasks/{task_id}").status_code == 200


@pytest.mark.parametrize(("files", "facts"), [
    ([("好.txt", "内容一"), ("空.txt", "")], {}), ([("好.txt", "内容一")], {"file-period_from": "2026-01-01"}), ([("好.txt", "内容一")], {"file-obtained_on": "2099-01-01"}),
])
def test_a_refused_upload_leaves_no_bytes_behind(
    at_work: Company, browser: Callable[[str], Browser], files: list[tuple[str, str]], facts: dict[str, str]  # noqa: F811
) -> None:
    task_id, owner = at_work.task(), browser("王责任")
    owner.get(f"/tasks/{task_id}")
    answer = owner.post(f"/tasks/{task_id}/files", {"files": [upload(name, text.encode()) for name, text in files], **facts})
    assert answer.status_code == 422
    assert [path for path in at_work.store.root.rglob("*") if path.is_file()] == []
