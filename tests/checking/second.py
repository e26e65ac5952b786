"""The page of the second check in a real chromium, opened as a file, and its answers beside those of verify.py."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from tracker.checking.assembling import PAGE_NAME, checking_page

ASK = """async ([file, earlier, evidence, fingerprint]) => {
  const blob = (text) => new Blob([Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0))]);
  const named = (one) => one && { name: one[0], blob: blob(one[1]) };
  return await verdict(named(file), { earlier: named(earlier), evidence: evidence.map(blob), fingerprint });
}"""
File = tuple[str, bytes]


@dataclass
class Second:
    """The opened page, and what it asked of any network."""

    page: Page
    asked: list[str]

    def ask(self, name: str, data: bytes, earlier: File | None = None, evidence: Iterable[bytes] = (), fingerprint: str = "") -> dict[str, Any]:
        """Let the page check a file; returns its verdict."""
        given = [_packed(name, data), _packed(*earlier) if earlier else None, [base64.b64encode(one).decode() for one in evidence], fingerprint]
        told: dict[str, Any] = self.page.evaluate(ASK, given)
        return told

    def says(self, *given: Any, **more: Any) -> tuple[int, str]:
        """Return status and place as `place_of` gives them for verify.py."""
        told = self.ask(*given, **more)
        return (0, "") if told["sound"] else (1, place_of(told["sentence"]))


def _packed(name: str, data: bytes) -> list[str]:
    return [name, base64.b64encode(data).decode()]


def place_of(sentence: str) -> str:
    """Return the place that a sentence names: a cell, a row, a file; nothing when it is about the whole file."""
    sentence = sentence.strip().removeprefix("校验未通过。")
    if "不是本系统导出的工作簿" in sentence:
        return ""
    found = re.match("[^：（。]+(?=[：（])", sentence)
    return found.group() if found else ""


@pytest.fixture(scope="module")
def second(chromium: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Second]:
    """Open the page once for all tests of a module."""
    path: Path = tmp_path_factory.mktemp("checking") / PAGE_NAME
    path.write_bytes(checking_page())
    context = chromium.new_context(locale="zh-CN", timezone_id="Asia/Shanghai", viewport={"width": 1200, "height": 900})
    page, asked, troubles = context.new_page(), list[str](), list[str]()
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: troubles.append(message.text))
    page.on("pageerror", lambda error: troubles.append(str(error)))
    page.goto(path.as_uri())
    yield Second(page, asked)
    assert troubles == [] and [url for url in asked if not url.startswith(("file:", "blob:"))] == []
    context.close()


@pytest.fixture
def agreed(request: pytest.FixtureRequest) -> Callable[..., None]:
    """Give a function that asks the page too, and holds its verdict and place against verify.py's; without a browser it asks nothing.

    That nothing is asked is told by tests/checking, which is skipped then.
    """
    try:
        page: Second = request.getfixturevalue("second")
    except pytest.skip.Exception:
        return lambda *_given, **_more: None

    def hold(name: str, data: bytes, status: int, said: str, **more: Any) -> None:
        told = page.ask(name, data, **more)
        assert told["sound"] is (status == 0), (told, said)
        assert status == 0 or place_of(told["sentence"]) == place_of(said), (told["sentence"], said)

    return hold
