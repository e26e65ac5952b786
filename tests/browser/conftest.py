"""Windows of a real chromium, and what goes wrong behind their pages."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser

from tests.browser.driving import Troubles, Window


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
