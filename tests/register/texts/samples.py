"""Official texts as DOCX and PDF of the suite's own making: a few parts in a ZIP, a few objects written by hand."""

from __future__ import annotations

import io
import time
import zipfile
import zlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from xml.sax.saxutils import escape

from PIL import Image

from tracker.register.texts.pdf_child import stand_in

WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
STRICT = "http://purl.oclc.org/ooxml/wordprocessingml/main"
SPACES = f'xmlns:w="{WORD}" xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006" xmlns:v="urn:schemas-microsoft-com:vml"'
TYPES = """<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="xml" ContentType="application/xml"/></Types>"""
LINKS = """<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" \
Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="{}"/></Relationships>"""
MADE = (2026, 11, 22, 10, 0, 0)
NUMBERING = '<w:pPr><w:numPr><w:ilvl w:val="0"/><w:numId w:val="{}"/></w:numPr></w:pPr>'


def package(parts: Mapping[str, str | bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """Return a ZIP of these parts."""
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", method) as archive:
        for name, content in parts.items():
            archive.writestr(zipfile.ZipInfo(name, MADE), content, method)
    return held.getvalue()


def document(body: str, spaces: str = SPACES) -> str:
    """Return the main part of a DOCX around the XML of its body."""
    return f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n<w:document {spaces}><w:body>{body}<w:sectPr/></w:body></w:document>'


def docx(body: str, main: str = "word/document.xml", **more: str | bytes) -> bytes:
    """Return a DOCX around the XML of its body; `more` are parts beside the main one, such as `styles`."""
    beside = {f"word/{name}.xml": content for name, content in more.items()}
    return package({"[Content_Types].xml": TYPES, "_rels/.rels": LINKS.format(main), main: document(body), **beside})


def run(text: str, properties: str = "") -> str:
    """Return the XML of a run."""
    return f'<w:r>{properties}<w:t xml:space="preserve">{escape(text)}</w:t></w:r>'


def paragraph(*runs: str) -> str:
    """Return the XML of a paragraph of runs."""
    return f"<w:p>{''.join(runs)}</w:p>"


def pasted(text: str) -> bytes:
    """Return a DOCX into which a wrapped text was pasted: a paragraph for each line, a page break at each form feed."""
    lines = (run(line).replace("\f", '</w:t><w:br w:type="page"/><w:t>') for line in text.split("\n"))
    return docx("".join(map(paragraph, lines)))


def softly(text: str) -> bytes:
    """Return a DOCX of one paragraph in a table whose lines end in soft breaks, in runs of three characters each."""
    runs = (
        "".join(run(line[at : at + 3]) for at in range(0, len(line), 3)) + "<w:r><w:br/></w:r>" for line in text.replace("\f", "\n").split("\n")
    )
    return docx(f"<w:tbl><w:tr><w:tc>{paragraph(*runs)}</w:tc></w:tr></w:tbl>")


def objects(bodies: Sequence[bytes], trailer: str = "") -> bytes:
    """Return a PDF of these objects, the first of them its catalogue."""
    held, places = bytearray(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n"), []
    for number, body in enumerate(bodies, start=1):
        places.append(len(held))
        held += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    begin = len(held)
    held += f"xref\n0 {len(bodies) + 1}\n0000000000 65535 f \n".encode()
    held += b"".join(b"%010d 00000 n \n" % place for place in places)
    held += f"trailer\n<< /Size {len(bodies) + 1} /Root 1 0 R {trailer}>>\nstartxref\n{begin}\n%%EOF\n".encode()
    return bytes(held)


def stream(content: bytes, entries: str = "") -> bytes:
    """Return a stream object, deflated."""
    squeezed = zlib.compress(content)
    return f"<< /Length {len(squeezed)} /Filter /FlateDecode {entries}>>\nstream\n".encode() + squeezed + b"\nendstream"


CATALOGUE = b"<< /Type /Catalog /Pages 2 0 R >>"
OWN = "/Type /Font /Subtype /Type0 /BaseFont /{0} /Encoding /Identity-H /DescendantFonts [4 0 R] /ToUnicode 5 0 R"
LEGACY = "/Type /Font /Subtype /Type0 /BaseFont /{0} /Encoding /{1} /DescendantFonts [4 0 R]"
BELOW = "/Type /Font /Subtype /{0} /BaseFont /{1} /CIDSystemInfo << /Registry (Adobe) /Ordering ({2}) /Supplement 0 >> /DW 1000 /FontDescriptor 6 0 R {3}"
DESCRIBED = "/Type /FontDescriptor /FontName /{0} /Flags 4 /FontBBox [0 -200 1000 900] /ItalicAngle 0 /Ascent 900 /Descent -200 /CapHeight 700 /StemV 80 {1}"


def thing(entries: str, *said: str) -> bytes:
    """Return a dictionary object."""
    return f"<< {entries.format(*said)} >>".encode()


def _paged(fonts: Sequence[bytes], contents: Sequence[bytes]) -> bytes:
    bodies, leaves = [CATALOGUE, b"", *fonts], []
    for content in contents:
        leaves.append(f"{len(bodies) + 1} 0 R")
        bodies.append(thing(f"/Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Resources << /Font << /F 3 0 R >> >> /Contents {len(bodies) + 2} 0 R"))
        bodies.append(stream(content))
    bodies[1] = thing(f"/Type /Pages /Count {len(leaves)} /Kids [{' '.join(leaves)}]")
    return objects(bodies)


def pdf(pages: Iterable[Iterable[str]]) -> bytes:
    """Return a PDF of pages of lines, in a font that is named but not brought along."""
    held = [[line for line in lines if line.strip()] for lines in pages]
    codes = {character: code for code, character in enumerate(sorted({c for lines in held for line in lines for c in line}), start=1)}
    fonts = [thing(OWN, "SimSun"), thing(BELOW, "CIDFontType2", "SimSun", "Identity", ""), stream(_to_unicode(codes)), thing(DESCRIBED, "SimSun", "")]
    return _paged(fonts, [_drawn(lines, lambda text: "".join(f"{codes[c]:04x}" for c in text)) for lines in held])


def legacy(lines: Sequence[str], encoding: str, alone: bool) -> bytes:
    """Return a PDF as older programs wrote it, in a font and an encoding that are only named; every character may be drawn alone."""
    codec = "gbk" if encoding.startswith("GBK") else "utf-16-be"
    fonts = [thing(LEGACY, "SimSun", encoding), thing(BELOW, "CIDFontType0", "SimSun", "GB1", ""), b"null", thing(DESCRIBED, "SimSun", "")]
    return _paged(fonts, [_drawn(lines, lambda text: text.encode(codec).hex(), alone)])


def laid_under(lines: Sequence[str], alone: bool) -> bytes:
    """Return a PDF as recognition programs write it: unseen text in a font that draws nothing."""
    name = "GlyphLessFont"
    codes = {c: ord(c) for line in lines for c in line}
    fonts = [
        thing(OWN, name), thing(BELOW, "CIDFontType2", name, "Identity", "/CIDToGIDMap 7 0 R"), stream(_to_unicode(codes)),
        thing(DESCRIBED, name, "/FontFile2 8 0 R"), stream(bytes([0, 1]) * 65536), stream(_blank(stand_in())),
    ]
    return _paged(fonts, [b"3 Tr\n" + _drawn(lines, lambda text: text.encode("utf-16-be").hex(), alone)])


def _blank(font: bytes) -> bytes:
    # The place of the end of the only glyph becomes that of its beginning.
    at = int.from_bytes(font[font.index(b"loca") + 8 :][:4], "big") + 8
    return font[:at] + bytes(4) + font[at + 4 :]


def picture_page(content: bytes, more: str = "") -> bytes:
    """Return a PDF of one page whose content is anything; it can also be called as a form, object 4."""
    form = stream(content, f"/Type /XObject /Subtype /Form /BBox [0 0 9 9] /Resources << /XObject << /X 4 0 R >> {more if 'XObject' not in more else ''} >>")
    font = "/Font << /F << /Type /Font /Subtype /Type1 /BaseFont /Helvetica >> >>"
    page = f"/Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Resources << {font} {more} >> /Contents 4 0 R".replace("{", "{{").replace("}", "}}")
    return objects([CATALOGUE, thing("/Type /Pages /Count 1 /Kids [3 0 R]"), thing(page), form])


def _to_unicode(codes: Mapping[str, int]) -> bytes:
    pairs = [f"<{code:04x}> <{character.encode('utf-16-be').hex()}>" for character, code in codes.items()]
    blocks = [pairs[at : at + 100] for at in range(0, len(pairs), 100)]
    said = "".join(f"{len(block)} beginbfchar\n" + "\n".join(block) + "\nendbfchar\n" for block in blocks)
    return (
        "/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CMapName /Own def /CMapType 2 def\n"
        f"1 begincodespacerange <0000> <ffff> endcodespacerange\n{said}endcmap end end"
    ).encode()


def _drawn(lines: Sequence[str], coded: Callable[[str], str], alone: bool = False) -> bytes:
    pieces = ((60 + 12 * across, 790 - 18 * down, piece) for down, line in enumerate(lines) for across, piece in enumerate(line if alone else [line]))
    shown = (f"1 0 0 1 {x} {y} Tm <{coded(piece)}> Tj" for x, y, piece in pieces)
    return ("BT /F 12 Tf\n" + "\n".join(shown) + "\nET").encode()


def printed(text: str) -> bytes:
    """Return a PDF of a wrapped text: a line for each line, a page for each form feed."""
    return pdf(page.split("\n") for page in text.split("\f"))


def scanned(pages: int = 2, size: tuple[int, int] = (300, 420)) -> bytes:
    """Return a PDF of pictures."""
    held = io.BytesIO()
    sheets = [Image.new("L", size, 255) for _ in range(pages)]
    sheets[0].save(held, "PDF", save_all=True, append_images=sheets[1:], creationDate=time.gmtime(0), modDate=time.gmtime(0))
    return held.getvalue()
