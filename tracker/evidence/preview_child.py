"""The child process of the preview: opens one hostile file under limits and writes what it re-encoded to standard output.

It stands alone, imports nothing of the application and is given no environment: `preview_child.py KIND PAGE PATH`;
page 0 asks for the number of pages. Exit code 3 means that there is no such page.
"""

from __future__ import annotations

import io
import sys
import warnings

import pypdfium2
from PIL import Image, ImageOps

WIDEST, HIGHEST = 1600, 2200
MOST_PIXELS = 60_000_000
NO_SUCH_PAGE = 3
FORMATS = {"png": "PNG", "jpg": "JPEG", "gif": "GIF", "webp": "WEBP", "tif": "TIFF", "bmp": "BMP"}


def _pdf(path: str, page: int) -> bytes:
    with pypdfium2.PdfDocument(path) as document:
        if not page:
            return str(len(document)).encode()
        if page > len(document):
            raise IndexError(page)
        # Without this the filled-in fields of a form stay empty.
        document.init_forms()
        shown = document[page - 1]
        width, height = shown.get_size()
        # A page may claim to be kilometres wide.
        scale = min(2.0, WIDEST / max(width, 1), HIGHEST / max(height, 1))
        return _png(shown.render(scale=scale).to_pil())


def _image(path: str, kind: str, page: int) -> bytes:
    with Image.open(path, formats=[FORMATS[kind]]) as image:
        # The frames of a moving picture are not pages.
        pages = getattr(image, "n_frames", 1) if kind == "tif" else 1
        if not page:
            return str(pages).encode()
        if page > pages:
            raise IndexError(page)
        image.seek(page - 1)
        image.thumbnail((WIDEST, HIGHEST))
        return _png(ImageOps.exif_transpose(image))


def _png(image: Image.Image) -> bytes:
    if image.mode.startswith("I;16"):
        image = image.convert("I").point(lambda level: level * (1 / 256)).convert("L")
    seen = image.convert("RGBA" if image.has_transparency_data else "RGB")
    # Pasted onto a new picture, so that pixels go out and nothing else: no place, no profile, no comment.
    clean = Image.new(seen.mode, seen.size)
    clean.paste(seen)
    held = io.BytesIO()
    clean.save(held, "PNG")
    return held.getvalue()


def main(kind: str, page: int, path: str) -> int:
    """Write the PNG of a page, or the number of pages, and return the exit code."""
    Image.MAX_IMAGE_PIXELS = MOST_PIXELS
    warnings.simplefilter("error", Image.DecompressionBombWarning)
    try:
        answer = _pdf(path, page) if kind == "pdf" else _image(path, kind, page)
    except IndexError:
        return NO_SUCH_PAGE
    sys.stdout.buffer.write(answer)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], int(sys.argv[2]), sys.argv[3]))
