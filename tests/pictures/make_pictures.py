"""Takes the pictures of the manual: builds the demonstration in a folder of its own, serves it, photographs seven pages.

Run as `python -m tests.pictures.make_pictures`, or with the address of a demonstration that is already being served.
"""

from __future__ import annotations

import io
import os
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

from tracker.config import ROOT

HERE = Path(__file__).resolve().parent
SIZE, LARGEST = {"width": 1366, "height": 768}, 150_000
CHROMIUM = os.environ.get("TRACKER_CHROMIUM", "/usr/bin/chromium")
FLAGS = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync",
)
# File name, who looks, the address, and a link to follow from there.
PICTURES = (
    ("workbench", "王责任", "/", ""),
    ("obligations", "林合规", "/obligations?q=投资者", ""),
    ("obligation", "林合规", "/obligations/FF9-03-02", ""),
    ("tasks", "林合规", "/tasks?state=open&sort=due", ""),
    ("review", "赵复核", "/tasks?state=submitted", ".row-link"),
    ("text", "林合规", "/documents/ff2025-9/text?entity=2", ""),
    ("trail", "林合规", "/trail", ""),
)


@contextmanager
def demonstration() -> Iterator[str]:
    """Build and serve a demonstration; give its address."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with tempfile.TemporaryDirectory() as folder:
        given = {name: value for name, value in os.environ.items() if not name.startswith("TRACKER_")}
        given |= {"TRACKER_INSTANCE": str(Path(folder, "instance")), "TRACKER_PORT": str(port), "PYTHONIOENCODING": "utf-8"}
        process = subprocess.Popen([sys.executable, "-m", "tracker", "demo"], cwd=ROOT, env=given, stdout=subprocess.PIPE, encoding="utf-8")
        try:
            assert process.stdout is not None
            if not any("已启动" in line for line in process.stdout):
                raise SystemExit("the demonstration did not start")
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()
            process.wait()


def entered(browser: Browser, address: str, who: str) -> Page:
    """Return a page of a browser in which one of the cast has entered by a click."""
    page = browser.new_context(viewport=SIZE, locale="zh-CN", timezone_id="Asia/Shanghai").new_page()  # type: ignore[arg-type]
    page.goto(f"{address}/sign-in")
    page.get_by_role("button", name=who).first.click()
    page.wait_for_url(lambda url: "sign-in" not in url)
    return page


def small(png: bytes) -> bytes:
    """Return the picture with as many colours as keep it below the largest size."""
    picture = Image.open(io.BytesIO(png)).convert("RGB")
    for colours in (128, 96, 64, 48, 32):
        out = io.BytesIO()
        picture.quantize(colours, dither=Image.Dither.NONE).save(out, "PNG", optimize=True)
        if out.tell() <= LARGEST:
            return out.getvalue()
    raise SystemExit("a picture stays too large")


def take(address: str) -> None:
    """Take every picture."""
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
        pages = {who: entered(browser, address, who) for who in {who for _, who, _, _ in PICTURES}}
        for name, who, path, link in PICTURES:
            page = pages[who]
            answer = page.goto(address + path)
            assert answer is not None and answer.status == 200, path
            if link:
                page.locator(link).first.click()
                page.wait_for_load_state()
            (HERE / f"{name}.png").write_bytes(small(page.screenshot()))
        browser.close()


def main() -> None:
    """Photograph the demonstration that is given, or one of our own."""
    if len(sys.argv) > 1:
        take(sys.argv[1].rstrip("/"))
        return
    with demonstration() as address:
        take(address)


if __name__ == "__main__":
    main()
