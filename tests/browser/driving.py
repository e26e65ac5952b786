"""Somebody at a browser window of his own: what he clicks, what he sees, pictures of it, and everything that goes wrong behind it."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, ConsoleMessage, Locator, Page, Response, expect

PICTURES = Path(__file__).resolve().parents[2] / "artefacts" / "browser"
DESK, PHONE = (1366, 768), (390, 844)
PATIENCE_MS = 45_000
# Pictures are for people who want to look; drawing them takes a processor longer than all that is checked.
WANTED = os.environ.get("TRACKER_PICTURES") == "1"
LAUNCH = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync",
)
TELL_VIOLATIONS = "document.addEventListener('securitypolicyviolation', e => console.error('policy broken: ' + e.violatedDirective + ' ' + e.blockedURI))"
GRAVE = {"serious", "critical"}
LOOK: dict[str, Any] = {"resultTypes": ["violations"], "preload": False, "iframes": False}
# Rows of one list are drawn by one template: the first ones tell of all.
PLACES = {"exclude": [["tbody tr:nth-child(n+7)"]]}
_numbers = count(1)

expect.set_options(timeout=PATIENCE_MS)


@dataclass
class Troubles:
    """What went wrong behind the pages of everybody; a test fails when there is any at its end."""

    found: list[str] = field(default_factory=list)

    def watch(self, page: Page) -> None:
        """Note console errors, scripts that break, answers that are errors."""
        page.on("console", lambda message: self._console(page, message))
        page.on("pageerror", lambda error: self.found.append(f"{page.url}: script broke: {error}"))
        page.on("response", self._response)

    def _console(self, page: Page, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            self.found.append(f"{page.url}: console: {message.text}")

    def _response(self, response: Response) -> None:
        if response.status >= 400:
            self.found.append(f"{response.request.method} {response.url}: {response.status}")


class Window:
    """One person's browser window."""

    def __init__(self, browser: Browser, address: str, troubles: Troubles, who: str) -> None:
        self.context = browser.new_context(
            base_url=address, viewport={"width": DESK[0], "height": DESK[1]}, locale="zh-CN", timezone_id="Asia/Shanghai", accept_downloads=True, reduced_motion="reduce",
        )
        self.context.add_init_script(TELL_VIOLATIONS)
        self.context.set_default_timeout(PATIENCE_MS)
        self.page = self.context.new_page()
        self.who, self.troubles = who, troubles
        troubles.watch(self.page)

    def close(self) -> None:
        """Close the window."""
        self.context.close()

    def go(self, address: str) -> None:
        """Open an address."""
        self.page.goto(address)

    def rail(self, label: str) -> None:
        """Go to a room by the rail."""
        self.page.get_by_role("navigation", name="主导航").get_by_role("link", name=label, exact=True).click()
        expect(self.page.get_by_role("heading", level=1)).to_contain_text(label)

    def press(self, name: str, within: Locator | None = None, role: Any = "button") -> None:
        """Press the button (or follow the link) with exactly this name."""
        (within or self.page.locator("main")).get_by_role(role, name=name, exact=True).first.click()

    def told(self, text: str) -> str:
        """Wait for the quiet line that says what was done; return it."""
        line = self.page.locator(".flash").filter(has_text=text).first
        expect(line).to_be_visible()
        return line.inner_text()

    def pick_all_matching(self) -> None:
        """Select every row of the list, those on other pages too."""
        self.page.locator("[data-pick-all]").check()
        self.page.locator("[name=all_matching]").check()

    def choose(self, field_id: str, text: str) -> None:
        """Choose the option of a select whose label contains a text."""
        select = self.page.locator(f"[id='{field_id}']")
        value = select.locator("option", has_text=text).first.get_attribute("value")
        select.select_option(value=value)

    def picture(self, name: str, *kinds: str, idle: bool = True) -> None:
        """Keep a picture of the page where pictures are wanted; kinds: phone (which must fit, wanted or not), dark, print, whole."""
        place = f"{next(_numbers):02d}-{name}"
        if idle:
            self.page.wait_for_load_state("networkidle" if WANTED else "load")
        if WANTED:
            self._shoot_all(place, kinds)
        if "phone" in kinds:
            self.page.set_viewport_size({"width": PHONE[0], "height": PHONE[1]})
            if WANTED:
                self._shoot(f"{place}-phone", False)
            width = self.page.evaluate("document.documentElement.scrollWidth")
            if width > PHONE[0]:
                self.troubles.found.append(f"{self.page.url}: {width} px wide on a phone")
            self.page.set_viewport_size({"width": DESK[0], "height": DESK[1]})

    def _shoot_all(self, place: str, kinds: tuple[str, ...]) -> None:
        self._shoot(place, "whole" in kinds)
        if "dark" in kinds:
            self.page.emulate_media(color_scheme="dark")
            self._shoot(f"{place}-dark", False)
            self.page.emulate_media(color_scheme="light")
        if "print" in kinds:
            self.page.emulate_media(media="print")
            self._shoot(f"{place}-print", True)
            self.page.emulate_media(media="screen")

    def _shoot(self, place: str, whole: bool) -> None:
        PICTURES.mkdir(parents=True, exist_ok=True)
        self.page.screenshot(path=PICTURES / f"{place}.png", full_page=whole, animations="disabled")

    def check_access(self, *schemes: str) -> None:
        """Let axe look at the page, in light and in each further colour scheme; grave findings, and ids given twice, are troubles."""
        for twice in self.page.evaluate("[...document.querySelectorAll('[id]')].map(e => e.id).filter((id, at, all) => all.indexOf(id) !== at)"):
            self.troubles.found.append(f"{self.page.url}: the id “{twice}” is given twice")
        for scheme in ("light", *schemes):
            self.page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
            # A further scheme changes colours, and nothing else that axe looks at.
            for found in Axe().run(self.page, PLACES, LOOK | ({} if scheme == "light" else {"runOnly": ["color-contrast"]})).response["violations"]:
                if found["impact"] in GRAVE:
                    places = "; ".join(f"{node['html'][:160]} {' '.join(node.get('failureSummary', '').split())[:240]}" for node in found["nodes"][:3])
                    self.troubles.found.append(f"{self.page.url} ({scheme}): {found['id']}, {found['help']}: {places}")
        self.page.emulate_media(color_scheme="light")
