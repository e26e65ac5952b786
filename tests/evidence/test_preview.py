"""Previews: PNG of what was re-encoded in a child, and a clear sentence for whatever cannot be shown."""

from __future__ import annotations

import io
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from tests.evidence import samples
from tracker.errors import NotFound
from tracker.evidence import preview
from tracker.evidence.checks import IMAGES, PREVIEWABLE, Kind
from tracker.evidence.preview import NoPreview, page_count, preview_png


def kept(folder: Path, content: bytes) -> Path:
    """Put bytes where the store would, without an extension."""
    path = folder / "0f3a"
    path.write_bytes(content)
    return path


def shown(png: bytes) -> Image.Image:
    """Open what came back, which must be PNG."""
    return Image.open(io.BytesIO(png), formats=["PNG"])


@pytest.mark.parametrize("kind", sorted(PREVIEWABLE))
def test_images_and_pdf_are_shown_as_png(tmp_path: Path, kind: Kind) -> None:
    path = kept(tmp_path, samples.sample(kind))
    assert page_count(path, kind) == 1
    width, height = shown(preview_png(path, kind)).size
    assert (width, height) == ((1190, 1684) if kind is Kind.PDF else (40, 30))


def test_the_pixels_of_a_picture_stay_and_all_else_goes(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x010E] = "secret place"
    path = kept(tmp_path, samples.picture("JPEG", exif=exif.tobytes(), comment=b"secret comment"))
    png = preview_png(path, Kind.JPG)
    assert b"secret" not in png
    assert shown(png).getpixel((5, 5)) == pytest.approx((0x2A, 0x4D, 0x8F), abs=4)


def test_a_photograph_is_turned_upright(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    assert shown(preview_png(kept(tmp_path, samples.picture("JPEG", exif=exif.tobytes())), Kind.JPG)).size == (30, 40)


@pytest.mark.parametrize("mode", ["1", "L", "P", "CMYK", "I;16", "LA", "RGBA"])
def test_every_colour_mode_of_a_scan_is_shown(tmp_path: Path, mode: str) -> None:
    picture = samples.picture("TIFF", mode=mode)
    assert shown(preview_png(kept(tmp_path, picture), Kind.TIF)).mode in {"RGB", "RGBA"}


def test_a_large_picture_is_made_smaller(tmp_path: Path) -> None:
    assert shown(preview_png(kept(tmp_path, samples.picture("PNG", (4000, 100))), Kind.PNG)).size == (1600, 40)


def test_each_page_of_a_pdf_is_shown_and_none_past_the_last(tmp_path: Path) -> None:
    path = kept(tmp_path, samples.pdf(3))
    assert page_count(path, Kind.PDF) == 3
    assert shown(preview_png(path, Kind.PDF, 3)).size == (1190, 1684)
    for page in (4, 0, -1):
        with pytest.raises(NotFound, match=f"没有第 {page} 页"):
            preview_png(path, Kind.PDF, page)


def test_each_page_of_a_scan_is_shown(tmp_path: Path) -> None:
    second = Image.new("RGB", (50, 20))
    path = kept(tmp_path, samples.picture("TIFF", save_all=True, append_images=[second]))
    assert page_count(path, Kind.TIF) == 2
    assert shown(preview_png(path, Kind.TIF, 2)).size == (50, 20)
    with pytest.raises(NotFound):
        preview_png(path, Kind.TIF, 3)


def test_the_frames_of_a_moving_picture_are_not_pages(tmp_path: Path) -> None:
    path = kept(tmp_path, samples.picture("GIF", save_all=True, append_images=[Image.new("RGB", (40, 30), "red")]))
    assert page_count(path, Kind.GIF) == 1


@pytest.mark.parametrize("size", [(200_000, 200_000), (200_000, 1), (1, 200_000), (1, 1)])
def test_a_page_of_absurd_size_is_clamped(tmp_path: Path, size: tuple[float, float]) -> None:
    width, height = shown(preview_png(kept(tmp_path, samples.pdf(size=size)), Kind.PDF)).size
    assert 1 <= width <= 1601 and 1 <= height <= 2201


def test_a_picture_bomb_is_not_opened(tmp_path: Path) -> None:
    bomb = samples.picture("PNG", (20_000, 20_000), mode="1")
    assert len(bomb) < 100_000
    with pytest.raises(NoPreview):
        preview_png(kept(tmp_path, bomb), Kind.PNG)


@pytest.mark.parametrize("kind", sorted(PREVIEWABLE))
def test_what_cannot_be_read_gets_a_sentence(tmp_path: Path, kind: Kind) -> None:
    path = kept(tmp_path, samples.sample(kind)[:20])
    with pytest.raises(NoPreview, match="此文件无法预览，请下载查看。"):
        preview_png(path, kind)


@pytest.mark.parametrize("kind", sorted(set(Kind) - PREVIEWABLE))
def test_other_kinds_are_never_opened(tmp_path: Path, kind: Kind, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(subprocess, "run", lambda *_, **__: pytest.fail("a child was started"))
    with pytest.raises(NoPreview):
        page_count(kept(tmp_path, samples.sample(kind)), kind)


def test_a_picture_is_only_opened_as_what_it_was_taken_for(tmp_path: Path) -> None:
    path = kept(tmp_path, samples.sample(Kind.PNG))
    for kind in IMAGES - {Kind.PNG}:
        with pytest.raises(NoPreview):
            preview_png(path, kind)


@pytest.fixture
def child(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Put another program in the place of the child."""
    def put(program: str) -> None:
        script = tmp_path / "child.py"
        script.write_text(program, encoding="utf-8")
        monkeypatch.setattr(preview, "CHILD", script)

    return put


def test_a_child_that_takes_too_long_is_ended(tmp_path: Path, child: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    child("import time\ntime.sleep(60)")
    monkeypatch.setattr(preview, "LIMITS", replace(preview.LIMITS, patience=0.5))
    with pytest.raises(NoPreview):
        preview_png(kept(tmp_path, samples.pdf()), Kind.PDF)


@pytest.mark.parametrize("program", [
    "print('<script>')", "import os\nos.abort()", "import sys\nsys.stdout.buffer.write(b'\\x89PNG\\r\\n\\x1a\\n')\nsys.exit(1)",
])
def test_what_a_child_says_is_believed_only_when_it_is_a_png_and_the_end_is_good(tmp_path: Path, child: Any, program: str) -> None:
    child(program)
    with pytest.raises(NoPreview):
        preview_png(kept(tmp_path, samples.pdf()), Kind.PDF)


def test_a_number_of_pages_is_a_number(tmp_path: Path, child: Any) -> None:
    child("print('9' * 40)")
    with pytest.raises(NoPreview):
        page_count(kept(tmp_path, samples.pdf()), Kind.PDF)


def test_when_too_many_previews_are_made_one_is_told_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(preview, "PATIENCE", 0)
    for _ in range(2):
        assert preview._at_once.acquire(blocking=False)
    try:
        with pytest.raises(NoPreview, match="正在生成的预览较多"):
            preview_png(kept(tmp_path, samples.pdf()), Kind.PDF)
    finally:
        preview._at_once.release(2)
