"""The child process that reads the text of a hostile PDF from standard input and writes it to standard output.

It stands alone, imports nothing of the application and is given no environment: `pdf_child.py PAGES CHARACTERS`, the most
of each. Exit codes: 0 and 7 all is well, 7 when the text was laid under pictures by a recognition program; 3 a password is
needed, 4 damaged, 5 too many pages, 6 too many characters.
"""

from __future__ import annotations

import ctypes
import struct
import sys

import pypdfium2
import pypdfium2.raw as pdfium

PASSWORD, DAMAGED, PAGES, CHARACTERS, RECOGNISED = 3, 4, 5, 6, 7
_NEEDS_PASSWORD = 4
_SIMPLIFIED = 134
_LOOKED_AT = 20
# PDFium calls what it was given until the process ends.
_kept: list[object] = []


class Refused(Exception):
    """The text is not read, for the reason that the exit code says."""


def stand_in() -> bytes:
    """Return a TrueType font that draws every character as the same box.

    PDFium passes over a character that stands alone when no font of the machine can draw it. With this font in the place of
    all that a file names and does not bring along, the same text is read on every machine.
    """
    box = struct.pack(">5h2H4B8h", 1, 0, 0, 1000, 1000, 3, 0, 1, 1, 1, 1, 0, 1000, 0, -1000, 0, 0, 1000, 0) + b"\0\0"
    tables = {
        b"cmap": struct.pack(">4HI2H6I", 0, 1, 3, 10, 12, 13, 0, 28, 0, 1, 0x21, 0x10FFFF, 1),
        b"glyf": box,
        b"head": struct.pack(">4I2H2Q4h2H3h", 0x10000, 0x10000, 0, 0x5F0F3CF5, 0, 1000, 0, 0, 0, 0, 1000, 1000, 0, 8, 2, 1, 0),
        b"hhea": struct.pack(">I3hH11hH", 0x10000, 800, -200, 0, 1000, 0, 0, 1000, 1, 0, 0, 0, 0, 0, 0, 0, 1),
        b"hmtx": struct.pack(">H2hH", 1000, 0, 0, 0),
        b"loca": struct.pack(">3I", 0, 0, len(box)),
        b"maxp": struct.pack(">I14H", 0x10000, 2, 4, 1, 0, 0, 1, *[0] * 8),
        b"name": struct.pack(">3H", 0, 0, 6),
        b"post": struct.pack(">2I2h5I", 0x30000, *[0] * 8),
    }
    directory, body = struct.pack(">I4H", 0x10000, len(tables), 128, 3, 16 * len(tables) - 128), b""
    for tag, table in tables.items():
        directory += tag + struct.pack(">3I", 0, 12 + 16 * len(tables) + len(body), len(table))
        body += table + bytes(-len(table) % 4)
    return directory + body


def _only_stand_in() -> None:
    font, kinds = stand_in(), dict(pdfium.FPDF_SYSFONTINFO._fields_)

    def copied(_info: object, _font: object, table: int, place: int, size: int) -> int:
        if table:
            return 0
        if place and size >= len(font):
            ctypes.memmove(place, font, len(font))
        return len(font)

    answers = {
        "Release": lambda *_: None, "EnumFonts": lambda *_: None, "DeleteFont": lambda *_: None, "GetFont": lambda *_: None,
        "MapFont": lambda *_: 1, "GetFontData": copied, "GetFaceName": lambda *_: 0, "GetFontCharset": lambda *_: _SIMPLIFIED,
    }
    info = pdfium.FPDF_SYSFONTINFO(version=1, **{name: kinds[name](answer) for name, answer in answers.items()})
    pdfium.FPDF_SetSystemFontInfo(info)
    _kept.append(info)


def _is_laid_under(page: pypdfium2.PdfPage) -> bool:
    count = min(pdfium.FPDFPage_CountObjects(page), _LOOKED_AT)
    drawn = [pdfium.FPDFPage_GetObject(page, number) for number in range(count)]
    texts = [one for one in drawn if pdfium.FPDFPageObj_GetType(one) == pdfium.FPDF_PAGEOBJ_TEXT]
    unseen = pdfium.FPDF_TEXTRENDERMODE_INVISIBLE
    return bool(texts) and all(pdfium.FPDFTextObj_GetTextRenderMode(one) == unseen for one in texts)


def _pages(data: bytes, most_pages: int, most_characters: int) -> tuple[list[str], bool]:
    if b"/GlyphLessFont" in data:
        # The font of a recognition program draws nothing, and single characters in it would be passed over.
        data = data.replace(b"/FontFile2", b"/FontFileX")
    with pypdfium2.PdfDocument(data) as document:
        if len(document) > most_pages:
            raise Refused(PAGES)
        found: list[str] = []
        laid_under = False
        for number in range(len(document)):
            page = document[number]
            words = page.get_textpage()
            laid_under = laid_under or _is_laid_under(page)
            most_characters -= words.count_chars()
            if most_characters < 0:
                raise Refused(CHARACTERS)
            # PDFium writes U+FFFE for a hyphen with which a line ends.
            found.append(words.get_text_range().replace("\f", " ").replace("\ufffe", "-\n"))
            words.close()
            page.close()
        return found, laid_under


def main(most_pages: int, most_characters: int) -> int:
    """Write the text of all pages, parted by form feeds, and return the exit code."""
    _only_stand_in()
    try:
        found, laid_under = _pages(sys.stdin.buffer.read(), most_pages, most_characters)
    except Refused as refused:
        return int(refused.args[0])
    except pypdfium2.PdfiumError as error:
        return PASSWORD if error.err_code == _NEEDS_PASSWORD else DAMAGED
    sys.stdout.buffer.write("\f".join(found).encode("utf-8", "replace"))
    return RECOGNISED if laid_under else 0


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]), int(sys.argv[2])))
