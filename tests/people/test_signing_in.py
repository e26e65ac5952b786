"""Signing in and out, one-time links, and throttling: nothing of a secret is stored, nothing works twice."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import func, select, text

from tests.cast import World
from tests.making import Making
from tracker.audit import trail
from tracker.audit.queries import TrailFilter, events, faults
from tracker.db import Database
from tracker.errors import BadInput, NotFound, Problem, Throttled
from tracker.people import actions, queries, signing_in
from tracker.people.actions import PersonFacts
from tracker.people.models import OneTimeLink, Person, SignInAttempt
from tracker.words import Role

PASSWORD = "correct horse 电池"
FIRST = PersonFacts("first", "首位管理员")


def fail(database: Database, login: str, address: str, times: int) -> None:
    """Fail to sign in, so many times."""
    for _ in range(times):
        with database.writing() as s:
            signing_in.note_failure(s, login, address)


def check(database: Database, login: str, address: str) -> None:
    """Ask whether another try is allowed."""
    with database.reading() as s:
        signing_in.check_throttle(s, login, address)


def invited(database: Database, world: World, name: str) -> str:
    """Invite one of the cast; return the token of the link."""
    with database.writing() as s:
        return signing_in.invite(s, world.admin, world.people[name])


def with_password(database: Database, world: World, name: str, password: str = PASSWORD) -> int:
    """Give one of the cast a password through a link; return his id."""
    token = invited(database, world, name)
    with database.writing() as s:
        return signing_in.set_password(s, token, password).id


def test_a_token_opens_the_session_of_its_person_with_his_roles(database: Database, world: World, making: Making) -> None:
    token = making.token(world.people["王责任"])
    with database.reading() as s:
        viewer = queries.viewer_of(s, token)
    assert viewer == world.owner
    assert viewer is not None
    assert viewer.roles == {world.ours: frozenset({Role.OWNER})}


def test_only_a_digest_of_the_token_is_stored(database: Database, world: World, making: Making) -> None:
    token = making.token(world.people["王责任"])
    with database.engine.connect() as connection:
        for table in ("sign_in", "audit_event", "audit_disclosure"):
            assert token not in str(connection.execute(text(f"SELECT * FROM {table}")).fetchall())


@pytest.mark.parametrize("token", ["", "x", "x" * 43])
def test_a_made_up_token_opens_nothing(database: Database, token: str) -> None:
    with database.reading() as s:
        assert queries.viewer_of(s, token) is None


def test_a_session_ends_after_its_hours(database: Database, world: World, making: Making, frozen_clock: time_machine.Traveller) -> None:
    token = making.token(world.people["王责任"])
    frozen_clock.shift(timedelta(hours=12) - timedelta(seconds=1))
    with database.reading() as s:
        assert queries.viewer_of(s, token) is not None
    frozen_clock.shift(timedelta(seconds=1))
    with database.reading() as s:
        assert queries.viewer_of(s, token) is None


def test_signing_out_makes_the_cookie_worthless_and_leaves_other_browsers_alone(database: Database, world: World, making: Making) -> None:
    here, there = (making.token(world.people["王责任"]) for _ in range(2))
    with database.writing() as s:
        signing_in.sign_out(s, world.owner, here)
    with database.reading() as s:
        assert queries.viewer_of(s, here) is None
        assert queries.viewer_of(s, there) is not None
        actions_told = [event.action for event in events(s, TrailFilter((trail.SYSTEM_CHAIN,)), limit=3)]
    assert actions_told == ["person.signed_out", "person.signed_in", "person.signed_in"]


def test_who_has_left_has_no_session_even_with_a_live_token(database: Database, world: World, making: Making) -> None:
    token = making.token(world.people["王责任"])
    with database.writing() as s:
        actions.set_person_active(s, world.admin, world.people["王责任"], False)
    with database.reading() as s:
        assert queries.viewer_of(s, token) is None
        assert signing_in.password_fits(s, "wang", PASSWORD) is None


def test_the_password_fits_only_its_own_login(database: Database, world: World) -> None:
    person = with_password(database, world, "王责任")
    with database.reading() as s:
        assert signing_in.password_fits(s, " WANG ", PASSWORD) == person
        for login, password in (("wang", "wrong"), ("zhao", PASSWORD), ("nobody", PASSWORD), ("", ""), ("wang", "")):
            assert signing_in.password_fits(s, login, password) is None


def test_six_failures_close_a_login_for_the_rest_of_a_quarter_of_an_hour(database: Database, frozen_clock: time_machine.Traveller) -> None:
    fail(database, "wang", "10.0.0.1", signing_in.TRIES_PER_LOGIN - 1)
    check(database, "wang", "10.0.0.9")
    frozen_clock.shift(timedelta(minutes=5))
    fail(database, "WANG ", "10.0.0.2", 1)
    with pytest.raises(Throttled, match="请在 11 分钟后再试|请在 10 分钟后再试") as refused:
        check(database, "Wang", "10.0.0.9")
    assert 595 <= refused.value.seconds <= 601
    assert refused.value.status == 429
    check(database, "zhao", "10.0.0.9")
    frozen_clock.shift(timedelta(minutes=10, seconds=1))
    check(database, "wang", "10.0.0.9")


def test_one_address_trying_many_logins_is_stopped_too(database: Database) -> None:
    for number in range(signing_in.TRIES_PER_ADDRESS):
        fail(database, f"login{number}", "10.0.0.1", 1)
    with pytest.raises(Throttled):
        check(database, "another", "10.0.0.1")
    check(database, "another", "10.0.0.2")


def test_failures_of_unknown_logins_count_like_any_other(database: Database) -> None:
    fail(database, "查无此人", "10.0.0.1", signing_in.TRIES_PER_LOGIN)
    with pytest.raises(Throttled):
        check(database, "查无此人", "10.0.0.2")


def test_old_failures_are_forgotten_from_the_table(database: Database, frozen_clock: time_machine.Traveller) -> None:
    fail(database, "wang", "10.0.0.1", 3)
    frozen_clock.shift(timedelta(minutes=16))
    fail(database, "wang", "10.0.0.1", 1)
    with database.reading() as s:
        assert s.scalar(select(func.count()).select_from(SignInAttempt)) == 2


def test_an_endless_login_name_fits_the_table(database: Database) -> None:
    fail(database, "x" * 5000, "10.0.0.1", signing_in.TRIES_PER_LOGIN)
    with pytest.raises(Throttled):
        check(database, "x" * 5000, "10.0.0.2")


def test_the_first_administrator_is_made_through_the_set_up_link_once(empty_database: Database) -> None:
    with empty_database.writing() as s:
        token = signing_in.first_link(s)
    assert token is not None
    with empty_database.writing() as s:
        person = signing_in.set_up(s, token, FIRST, PASSWORD)
        assert person.is_admin
    with pytest.raises(NotFound, match="已经用过或已过期"), empty_database.writing() as s:
        signing_in.set_up(s, token, PersonFacts("second", "另一位"), PASSWORD)
    with empty_database.writing() as s:
        assert signing_in.first_link(s) is None
    with empty_database.reading() as s:
        assert signing_in.password_fits(s, "first", PASSWORD) is not None
        assert faults(s) == []


def test_a_second_set_up_link_makes_the_first_one_useless(empty_database: Database) -> None:
    tokens = []
    for _ in range(2):
        with empty_database.writing() as s:
            tokens.append(signing_in.first_link(s) or "")
    with empty_database.reading() as s:
        with pytest.raises(NotFound):
            signing_in.open_link(s, tokens[0])
        assert signing_in.open_link(s, tokens[1]).person_id is None


def test_a_set_up_link_is_dead_once_somebody_exists(database: Database, empty_database: Database) -> None:
    with empty_database.writing() as s:
        token = signing_in.first_link(s) or ""
    with empty_database.writing() as s:
        actions.add_person(s, World.read(database).viewer("操作员"), FIRST)
    with pytest.raises(NotFound), empty_database.writing() as s:
        signing_in.set_up(s, token, PersonFacts("second", "另一位"), PASSWORD)


def test_a_weak_password_at_set_up_changes_nothing_and_the_link_still_works(empty_database: Database) -> None:
    with empty_database.writing() as s:
        token = signing_in.first_link(s) or ""
    with pytest.raises(BadInput), empty_database.writing() as s:
        signing_in.set_up(s, token, FIRST, "short")
    with empty_database.writing() as s:
        assert s.scalar(select(func.count()).select_from(Person)) == 0
        signing_in.set_up(s, token, FIRST, PASSWORD)


def test_an_invitation_sets_the_password_once_within_three_days(database: Database, world: World, frozen_clock: time_machine.Traveller) -> None:
    token = invited(database, world, "王责任")
    with database.writing() as s:
        signing_in.set_password(s, token, PASSWORD)
    with pytest.raises(NotFound), database.writing() as s:
        signing_in.set_password(s, token, "another password")
    token = invited(database, world, "王责任")
    frozen_clock.shift(signing_in.LINK_LIFE)
    with pytest.raises(NotFound), database.writing() as s:
        signing_in.set_password(s, token, "another password")


def test_inviting_again_makes_the_earlier_link_useless_but_no_one_elses(database: Database, world: World) -> None:
    first, other = invited(database, world, "王责任"), invited(database, world, "赵复核")
    second = invited(database, world, "王责任")
    with database.reading() as s:
        with pytest.raises(NotFound):
            signing_in.open_link(s, first)
        assert signing_in.open_link(s, second).person_id == world.people["王责任"]
        assert signing_in.open_link(s, other).person_id == world.people["赵复核"]
        assert s.scalar(select(func.count()).select_from(OneTimeLink)) == 2


def test_a_personal_link_is_no_set_up_link_and_the_other_way_round(database: Database, world: World, empty_database: Database) -> None:
    token = invited(database, world, "王责任")
    with pytest.raises(NotFound), database.writing() as s:
        signing_in.set_up(s, token, FIRST, PASSWORD)
    with empty_database.writing() as s:
        set_up = signing_in.first_link(s) or ""
    with pytest.raises(NotFound), empty_database.writing() as s:
        signing_in.set_password(s, set_up, PASSWORD)


def test_who_has_left_cannot_be_invited(database: Database, world: World) -> None:
    with database.writing() as s:
        actions.set_person_active(s, world.admin, world.people["王责任"], False)
    with pytest.raises(Problem, match="王责任已离职"):
        invited(database, world, "王责任")


def test_a_new_password_signs_out_every_browser(database: Database, world: World, making: Making) -> None:
    with_password(database, world, "王责任")
    token = making.token(world.people["王责任"])
    with pytest.raises(BadInput, match="原密码不正确"), database.writing() as s:
        signing_in.change_password(s, world.owner, "wrong", "a new password")
    with database.reading() as s:
        assert queries.viewer_of(s, token) is not None
    with database.writing() as s:
        signing_in.change_password(s, world.owner, PASSWORD, "a new password")
    with database.reading() as s:
        assert queries.viewer_of(s, token) is None
        assert signing_in.password_fits(s, "wang", PASSWORD) is None
        assert signing_in.password_fits(s, "wang", "a new password") == world.people["王责任"]
