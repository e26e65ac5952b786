"""Small real files for the demonstration: a PDF with Chinese text, a PNG, an XLSX; made from words, never copied."""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import datetime

from openpyxl import Workbook
from openpyxl.styles import Font
from PIL import Image, ImageDraw

INK, GREY, RULE = (31, 58, 95), (90, 100, 115), (210, 218, 228)


def pdf(title: str, lines: Sequence[str]) -> bytes:
    """Return a one-page A4 PDF; the readers' own Chinese font is named, so that none has to be shipped."""
    words = [_shown(title, 20, 770), *(_shown(line, 12, 730 - 24 * place) for place, line in enumerate(lines))]
    content = "\n".join(words).encode("ascii")
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(content), content),
        b"<< /Type /Font /Subtype /Type0 /BaseFont /STSong-Light /Encoding /UniGB-UCS2-H /DescendantFonts [6 0 R] >>",
        b"<< /Type /Font /Subtype /CIDFontType0 /BaseFont /STSong-Light /CIDSystemInfo << /Registry (Adobe) /Ordering (GB1) /Supplement 2 >> "
        b"/DW 1000 /FontDescriptor 7 0 R >>",
        b"<< /Type /FontDescriptor /FontName /STSong-Light /Flags 6 /FontBBox [-25 -254 1000 880] /ItalicAngle 0 /Ascent 880 /Descent -120 "
        b"/CapHeight 880 /StemV 93 >>",
    ]
    return _assembled(objects)


def _shown(text: str, size: int, height: int) -> str:
    return f"BT /F1 {size} Tf 60 {height} Td <{text.encode('utf-16-be').hex()}> Tj ET"


def _assembled(objects: Sequence[bytes]) -> bytes:
    out, places = bytearray(b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n"), []
    for number, body in enumerate(objects, start=1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % place for place in places)
    out += b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, start)
    return bytes(out)


def png(label: str, values: Sequence[int]) -> bytes:
    """Return a PNG that looks like the screen of a monitoring system: a heading and bars."""
    image = Image.new("RGB", (900, 520), "white")
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, 0, 900, 64), fill=INK)
    draw.text((24, 18), label, fill="white", font_size=24)
    most = max([*values, 1])
    for place, value in enumerate(values):
        left = 60 + place * 800 // max(len(values), 1)
        draw.rectangle((left, 460 - 340 * value // most, left + 36, 460), fill=INK)
        draw.text((left, 470), str(value), fill=GREY, font_size=16)
    for height in range(120, 461, 68):
        draw.line((48, height, 860, height), fill=RULE)
    out = io.BytesIO()
    image.save(out, "PNG", optimize=True)
    return out.getvalue()


def xlsx(title: str, headings: Sequence[str], rows: Sequence[Sequence[str | int]], made_at: datetime) -> bytes:
    """Return a small workbook with one table."""
    book = Workbook()
    sheet = book.worksheets[0]
    sheet.title = title[:31]
    sheet.append(list(headings))
    for cell in sheet[1]:
        cell.font = Font(bold=True)
    for row in rows:
        sheet.append(list(row))
    for letter in "ABCDE":
        sheet.column_dimensions[letter].width = 22
    book.properties.created = book.properties.modified = made_at.replace(tzinfo=None)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()
