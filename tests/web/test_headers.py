"""Every answer carries the headers, whatever it is; pages are not kept, files with a version are."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask

from tests.web.browsing import Browser
from tracker.app import create_app
from tracker.config import Config
from tracker.errors import Problem
from tracker.web.headers import ALWAYS
from tracker.web.session import secret_key

ANSWERS = (
    ("/sign-in", 200), ("/account", 303), ("/nowhere", 404), ("/sign-out", 405), ("/healthz", 200),
    ("/static/css/base.css", 200), ("/static/nothing.css", 404), ("/icons.svg", 200), ("/setup/wrong", 404), ("/account?q=%00", 404),
)


@pytest.mark.parametrize(("address", "status"), ANSWERS)
def test_every_answer_carries_every_header(stranger: Browser, address: str, status: int) -> None:
    answer = stranger.get(address)
    assert answer.status_code == status
    assert {name: answer.headers[name] for name in ALWAYS} == ALWAYS


def test_the_policy_allows_nothing_inline_and_nothing_from_elsewhere() -> None:
    policy = ALWAYS["Content-Security-Policy"]
    assert policy.startswith("default-src 'none';")
    assert "unsafe" not in policy
    assert "http" not in policy
    assert "frame-ancestors 'none'" in policy
    assert "base-uri 'none'" in policy


def test_a_crash_is_a_chinese_page_with_the_headers_and_a_number(own_app: Flask, caplog: pytest.LogCaptureFixture) -> None:
    def crash() -> str:
        raise ZeroDivisionError("secret inside")

    crash.open_to_all = True  # type: ignore[attr-defined]
    own_app.add_url_rule("/crash", view_func=crash)
    answer = own_app.test_client().get("/crash")
    assert answer.status_code == 500
    assert answer.headers["Content-Security-Policy"] == ALWAYS["Content-Security-Policy"]
    assert "系统出错" in answer.text
    assert "secret inside" not in answer.text
    number = caplog.records[-1].args[1]  # type: ignore[index]
    assert f"编号 {number}" in answer.text


def test_pages_are_never_kept_and_versioned_files_for_good(stranger: Browser) -> None:
    assert stranger.get("/sign-in").headers["Cache-Control"] == "no-store"
    assert stranger.get("/static/css/base.css").headers["Cache-Control"] == "no-cache"
    assert "immutable" in stranger.get("/static/css/base.css?v=1").headers["Cache-Control"]
    assert stranger.get("/static/nothing.css?v=1").headers["Cache-Control"] == "no-store"


def test_pages_ask_for_their_files_with_a_version_and_hold_nothing_inline(stranger: Browser) -> None:
    page = stranger.get("/sign-in").text
    assert "/static/css/base.css?v=" in page
    assert "style=" not in page
    assert "<script>" not in page


def test_https_adds_strict_transport_and_a_secure_cookie_bound_to_the_host(config: Config) -> None:
    client = create_app(replace(config, https=True)).test_client()
    answer = client.get("/sign-in", base_url="https://tracker.example")
    assert answer.headers["Strict-Transport-Security"] == "max-age=31536000"
    cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith("__Host-tracker=")
    assert all(flag in cookie for flag in ("Secure", "HttpOnly", "SameSite=Lax", "Path=/"))
    assert "Domain" not in cookie


def test_without_https_there_is_no_strict_transport(stranger: Browser) -> None:
    assert "Strict-Transport-Security" not in stranger.get("/sign-in").headers


def test_the_secret_key_is_made_once_and_only_its_owner_reads_it(config: Config) -> None:
    first, second = create_app(config), create_app(config)
    assert first.secret_key == second.secret_key
    assert len(first.secret_key or b"") == 32
    path = config.instance / "secret.key"
    if os.name == "posix":
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [p.name for p in config.instance.iterdir() if p.name.startswith("secret.key")] == ["secret.key"]


def test_a_damaged_secret_key_stops_the_start_with_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "secret.key").write_bytes(b"short")
    with pytest.raises(Problem, match="密钥文件"):
        secret_key(tmp_path / "secret.key")


def test_too_large_a_form_is_refused_with_the_limit(browser: Callable[[str], Browser]) -> None:
    answer = browser("管理员").post("/people/new", {"name": "长" * 400_000})
    assert answer.status_code == 413
    assert "1 MB" in answer.text


def test_a_script_gets_the_sentence_as_json(stranger: Browser) -> None:
    answer = stranger.client.post("/account/password", headers={"Accept": "application/json"})
    assert answer.status_code == 401
    assert answer.json is not None
    assert answer.json["message"].startswith("登录已过期")


@pytest.mark.parametrize("address", ["/people/99999999999999999999", "/people/4294967296", "/people/１２", "/people/-1", "/people/0x1"])
def test_a_silly_number_in_the_address_is_not_found(browser: Callable[[str], Browser], address: str) -> None:
    assert browser("管理员").get(address).status_code == 404
