"""A real chromium for these tests, or the plain reason why there is none."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.browser.driving import LAUNCH, Troubles, Window

PLACES = ("chromium", "chromium-browser", "google-chrome")


def _executable() -> str:
    given = os.environ.get("TRACKER_CHROMIUM", "")
    return given or next((found for found in map(shutil.which, PLACES) if found), "")


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """Start chromium without a screen; skip where it is not installed."""
    executable = _executable()
    if not executable:
        pytest.skip("no chromium is installed (apt-get install chromium), and TRACKER_CHROMIUM names none")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=list(LAUNCH))
        yield browser
        browser.close()


@pytest.fixture
def troubles() -> Iterator[Troubles]:
    """Collect what goes wrong behind the pages; any of it fails the test at its end."""
    found = Troubles()
    yield found
    assert not found.found, "behind the pages:\n" + "\n".join(dict.fromkeys(found.found))


@pytest.fixture
def window(chromium: Browser, troubles: Troubles) -> Iterator[Callable[[str, str], Window]]:
    """Give a function from an address and a name to a window of that person's own."""
    opened: list[Window] = []

    def of(address: str, who: str) -> Window:
        opened.append(Window(chromium, address, troubles, who))
        return opened[-1]

    yield of
    for one in opened:
        one.close()
