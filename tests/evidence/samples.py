"""Real bytes of every accepted kind, made here and now, and a few that only pretend."""

from __future__ import annotations

import io
import struct
import wave
import zipfile

import openpyxl
import pypdfium2
from PIL import Image

from tracker.evidence.checks import Kind

OLE_STREAMS = {
    Kind.DOC: ["WordDocument", "1Table"], Kind.XLS: ["Workbook"], Kind.PPT: ["PowerPoint Document", "Current User"],
    Kind.MSG: ["__nameid_version1.0", "__properties_version1.0"],
}


def picture(format: str, size: tuple[int, int] = (40, 30), mode: str = "RGB", **options: object) -> bytes:
    """Return a small picture."""
    held = io.BytesIO()
    Image.new(mode, size, "#2a4d8f" if mode == "RGB" else 0).save(held, format, **options)
    return held.getvalue()


def pdf(pages: int = 1, size: tuple[float, float] = (595, 842)) -> bytes:
    """Return a PDF of empty pages, sizes in points."""
    held = io.BytesIO()
    with pypdfium2.PdfDocument.new() as document:
        for _ in range(pages):
            document.new_page(*size)
        document.save(held)
    return held.getvalue()


def archive(*members: str, content: bytes = b"x") -> bytes:
    """Return a ZIP with these members."""
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as packed:
        for member in members:
            packed.writestr(member, content)
    return held.getvalue()


def workbook() -> bytes:
    """Return a workbook as openpyxl writes it."""
    held = io.BytesIO()
    openpyxl.Workbook().save(held)
    return held.getvalue()


def ole(*streams: str, directory_first: int = 1) -> bytes:
    """Return an OLE compound file: header, one allocation table, a directory of as many sectors as the names need."""
    entries = b"".join(_entry(name) for name in ("Root Entry", *streams))
    entries += b"\0" * (-len(entries) % 512)
    sectors = len(entries) // 512
    table = [0xFFFFFFFD] + [0xFFFFFFFF] * 127
    for sector in range(directory_first, directory_first + sectors):
        table[sector] = sector + 1 if sector + 1 < directory_first + sectors else 0xFFFFFFFE
    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1".ljust(24, b"\0") + struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6)
    header = header.ljust(44, b"\0") + struct.pack("<IIIIIIIII", 1, directory_first, 0, 4096, 0xFFFFFFFE, 0, 0xFFFFFFFE, 0, 0)
    header += struct.pack("<108I", *[0xFFFFFFFF] * 108)
    return header + struct.pack("<128I", *table) + entries


def _entry(name: str) -> bytes:
    raw = (name + "\0").encode("utf-16-le")
    return raw.ljust(64, b"\0") + struct.pack("<HBB", len(raw), 2, 1).ljust(64, b"\0")


def recording() -> bytes:
    """Return a short WAV."""
    held = io.BytesIO()
    with wave.open(held, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(8000)
        sound.writeframes(b"\0\0" * 80)
    return held.getvalue()


def sample(kind: Kind) -> bytes:
    """Return a real small file of a kind."""
    return SAMPLES[kind]


SAMPLES: dict[Kind, bytes] = {
    Kind.PDF: pdf(),
    Kind.PNG: picture("PNG"), Kind.JPG: picture("JPEG"), Kind.GIF: picture("GIF"), Kind.WEBP: picture("WEBP"),
    Kind.TIF: picture("TIFF"), Kind.BMP: picture("BMP"),
    Kind.DOCX: archive("[Content_Types].xml", "_rels/.rels", "word/document.xml"), Kind.XLSX: workbook(),
    Kind.PPTX: archive("[Content_Types].xml", "_rels/.rels", "ppt/presentation.xml"),
    Kind.OFD: archive("OFD.xml", "Doc_0/Document.xml"),
    Kind.ZIP: archive("签收记录/一月.pdf", "签收记录/二月.pdf"),
    Kind.TXT: "适当性匹配意见\n".encode(), Kind.CSV: "客户,等级\n甲,C3\n".encode("gb18030"), Kind.MD: "# 会议纪要\n".encode("utf-8-sig"),
    Kind.EML: b"From: a@example.com\r\nTo: b@example.com\r\nSubject: =?utf-8?b?6K+B5o2u?=\r\n\r\nhello\r\n",
    Kind.MP3: b"ID3\x04\x00\x00\x00\x00\x00\x00" + b"\xff\xfb\x90\x00" * 20, Kind.WAV: recording(),
    Kind.MP4: b"\x00\x00\x00\x18ftypisom\x00\x00\x02\x00isomiso2" + b"\x00\x00\x00\x08free",
    **{kind: ole(*streams) for kind, streams in OLE_STREAMS.items()},
}
