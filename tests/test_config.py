"""Settings: every one has a default, a wrong one is named with a sentence, all wrong ones at once."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from tracker.config import KNOWN_ELSEWHERE, PREFIX, Config, read_config, settings
from tracker.errors import BadInput


def test_without_any_variable_the_defaults_hold() -> None:
    config = read_config({})
    assert config == Config()
    assert (config.host, config.port, config.upload_limit) == ("127.0.0.1", 8000, 100 * 1024 * 1024)
    assert config.url == f"sqlite:///{config.instance / 'tracker.db'}"
    assert config.store.parent == config.exports.parent == config.instance


def test_variables_of_others_are_left_alone() -> None:
    assert read_config({"PORT": "nonsense", "HOME": "/", "tracker_port": "1"}) == Config()


def test_every_setting_can_be_set() -> None:
    given = {
        "host": "0.0.0.0", "port": "9000", "threads": "8", "instance": "/srv/data", "database_url": "postgresql://db/tracker",
        "register": "/srv/register.yaml", "backups": "/mnt/backup", "scrub_mb": "25", "upload_limit_mb": "5", "session_hours": "1", "horizon_days": "30", "workers": "2", "keys": "/srv/keys",
        "heads_folder": "/srv/heads", "heads_mail": "a@example.com,b@example.com", "smtp": "smtp://u:secret@mail.example.com:25", "https": "1", "demo": "1",
    }
    assert set(given) >= {item.name for item in dataclasses.fields(Config)}, "a setting without a value in this test"
    config = read_config({PREFIX + name.upper(): value for name, value in given.items()})
    for item in dataclasses.fields(Config):
        assert getattr(config, item.name) != item.default, item.name
    assert config.upload_limit == 5 * 1024 * 1024
    assert config.instance == Path("/srv/data")


@pytest.mark.parametrize(
    ("variable", "value", "reason"),
    [
        ("PORT", "0", "应为 1 到 65535 之间的整数"), ("PORT", "65536", "应为 1 到 65535"), ("PORT", "-1", "整数"), ("PORT", "", "整数"),
        ("PORT", "８０００", "整数"), ("PORT", "8000.0", "整数"), ("PORT", " 8000", "整数"), ("HOST", "  ", "不能为空"),
        ("INSTANCE", "", "不能为空"), ("DATABASE_URL", "mysql://x", "应以 sqlite:/// 或 postgresql://"), ("DATABASE_URL", "", "应以 sqlite"),
        ("HTTPS", "yes", "应为 0 或 1"), ("DEMO", "true", "应为 0 或 1"), ("UPLOAD_LIMIT_MB", "99999", "1 到 4096"),
    ],
)
def test_a_wrong_value_is_refused_and_named(variable: str, value: str, reason: str) -> None:
    with pytest.raises(BadInput, match="未启动") as refused:
        read_config({PREFIX + variable: value})
    (place,) = refused.value.problems
    assert place.where == PREFIX + variable
    assert reason in place.sentence
    assert PREFIX + variable in place.sentence


def test_a_misspelt_setting_is_refused_too() -> None:
    with pytest.raises(BadInput) as refused:
        read_config({"TRACKER_PROT": "8000"})
    assert "不认识设置 TRACKER_PROT" in refused.value.problems[0].sentence


def test_all_wrong_settings_are_named_at_once() -> None:
    with pytest.raises(BadInput) as refused:
        read_config({"TRACKER_PORT": "x", "TRACKER_HTTPS": "x", "TRACKER_NONSENSE": "x"})
    assert {place.where for place in refused.value.problems} == {"TRACKER_PORT", "TRACKER_HTTPS", "TRACKER_NONSENSE"}


def test_the_variables_of_tests_and_makefile_do_not_disturb() -> None:
    assert read_config(dict.fromkeys(KNOWN_ELSEWHERE, "1")) == Config()


@pytest.mark.parametrize(
    ("given", "url"),
    [
        ("postgresql://db/tracker", "postgresql+psycopg://db/tracker"),
        ("postgresql+psycopg://db/tracker", "postgresql+psycopg://db/tracker"),
        ("sqlite:////srv/x.db", "sqlite:////srv/x.db"),
    ],
)
def test_postgresql_means_psycopg_3(given: str, url: str) -> None:
    assert read_config({"TRACKER_DATABASE_URL": given}).url == url


def test_every_setting_is_listed_with_what_it_means() -> None:
    listed = settings(read_config({"TRACKER_HTTPS": "1"}))
    assert {line.variable for line in listed} == {PREFIX + item.name.upper() for item in dataclasses.fields(Config)}
    assert all(line.about for line in listed)
    https = next(line for line in listed if line.variable == "TRACKER_HTTPS")
    assert (https.value, https.default) == ("1", "0")


def test_a_config_cannot_be_changed_afterwards() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        read_config({}).port = 1  # type: ignore[misc]
