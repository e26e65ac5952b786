"""What the XML parts of a DOCX say, element by element: no tree is built, no document type and no entity is accepted."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol
from xml.parsers import expat

from ...archive import Damaged
from ...errors import BadInput
from .bounds import MOST_CHARACTERS, TOO_LONG

MOST_ELEMENTS, MOST_NAMES, DEEPEST = 400_000, 2000, 500
# A single tag may hold a picture as text, but not more than this.
MOST_UNFINISHED = 4 * 1024 * 1024
_WORD = (
    "http://schemas.openxmlformats.org/wordprocessingml/2006/main",
    "http://purl.oclc.org/ooxml/wordprocessingml/main",
)
_SHORT = {f"{space} ": "w:" for space in _WORD} | {
    "http://schemas.openxmlformats.org/markup-compatibility/2006 ": "mc:",
    "http://schemas.openxmlformats.org/package/2006/relationships ": "r:",
}
_OFF = {"0", "false", "off", "none"}
# Deleted or moved away, said a second time for older programs, the reading above a character, how it was before.
_SKIPPED = {"w:del", "w:moveFrom", "mc:Fallback", "w:rt", "w:pPrChange", "w:rPrChange"}
_SIGNS = {"w:tab": "\t", "w:ptab": "\t", "w:cr": "\n", "w:noBreakHyphen": "-"}

Attributes = dict[str, str]


class Hostile(Exception):
    """XML that no writing program makes: a document type, too many elements or names or levels, a tag without an end."""


class Reader(Protocol):
    """What is told of each element as it begins and ends, and of the characters between."""

    def begin(self, name: str, attributes: Attributes) -> None:
        """Take the beginning of an element."""

    def end(self, name: str) -> None:
        """Take the end of an element."""

    def characters(self, said: str) -> None:
        """Take characters."""


def parsed(pieces: Iterable[bytes], reader: Reader) -> None:
    """Tell a reader what a part says; raises Damaged when it is no XML, Hostile when it is none that a program wrote."""
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True
    counted = depth = 0
    names = _Names()

    def begin(name: str, attributes: Attributes) -> None:
        nonlocal counted, depth
        counted += 1
        depth += 1
        if counted > MOST_ELEMENTS or depth > DEEPEST:
            raise Hostile
        reader.begin(names[name], attributes)

    def end(name: str) -> None:
        nonlocal depth
        depth -= 1
        reader.end(names[name])

    def refuse(*_: object) -> None:
        raise Hostile

    parser.StartElementHandler = begin
    parser.EndElementHandler = end
    parser.CharacterDataHandler = reader.characters
    parser.StartDoctypeDeclHandler = refuse
    parser.EntityDeclHandler = refuse
    given = 0
    try:
        for piece in pieces:
            parser.Parse(piece, False)
            given += len(piece)
            if given - parser.CurrentByteIndex > MOST_UNFINISHED:
                raise Hostile
        parser.Parse(b"", True)
    except (expat.ExpatError, LookupError, ValueError):
        # The last two: an encoding that Python does not know, or cannot read byte by byte.
        raise Damaged from None


class _Names(dict[str, str]):
    """Short names of elements: `w:p` for the paragraph of either namespace; what is of no interest stays as it is."""

    def __missing__(self, name: str) -> str:
        if len(self) == MOST_NAMES:
            raise Hostile
        space, found, local = name.rpartition(" ")
        short = _SHORT[space + found] + local if space + found in _SHORT else name
        self[name] = short
        return short


def _value(attributes: Attributes) -> str:
    return next((attributes[f"{space} val"] for space in _WORD if f"{space} val" in attributes), "")


class Shown:
    """Collects the lines that Word shows of the main part, and whether any paragraph has an automatic number."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.styles: set[str] = set()
        self.is_document = self.numbered = False
        self._depth = self._skipped = self._counted = 0
        self._open: list[list[str]] = []
        self._hidden: list[bool] = [False]
        self._in_text = False

    def begin(self, name: str, attributes: Attributes) -> None:
        """Take the beginning of an element."""
        self._depth += 1
        if self._depth == 1:
            self.is_document = name == "w:document"
        if self._skipped or name in _SKIPPED:
            self._skipped += 1
        elif name == "w:t":
            self._in_text = True
        elif name in _SIGNS:
            self._say(_SIGNS[name])
        elif name == "w:br":
            self._say("\f" if "page" in attributes.values() else "\n")
        elif name in ("w:p", "w:r"):
            self._hidden.append(False)
            if name == "w:p":
                self._open.append([])
        else:
            self._property(name, attributes)

    def _property(self, name: str, attributes: Attributes) -> None:
        if name == "w:vanish":
            self._hidden[-1] = _value(attributes) not in _OFF
        elif name == "w:numId":
            self.numbered |= _value(attributes) not in ("0", "")
        elif name == "w:pStyle":
            self.styles.add(_value(attributes))

    def end(self, name: str) -> None:
        """Take the end of an element."""
        self._depth -= 1
        if self._skipped:
            self._skipped -= 1
        elif name == "w:t":
            self._in_text = False
        elif name in ("w:p", "w:r"):
            self._hidden.pop()
            if name == "w:p":
                # What stands in a text box ends before the paragraph that holds the box, and so stays whole.
                self.lines.append("".join(self._open.pop()))

    def characters(self, said: str) -> None:
        """Take characters, which count only inside the text of a run."""
        if self._in_text and not self._skipped:
            self._say(said.replace("\n", " "))

    def _say(self, said: str) -> None:
        self._counted += len(said)
        if self._counted > MOST_CHARACTERS:
            raise BadInput(TOO_LONG)
        if self._open and not self._hidden[-1]:
            self._open[-1].append(said)


class Links:
    """Finds the main part of a package."""

    def __init__(self) -> None:
        self.main = ""

    def begin(self, name: str, attributes: Attributes) -> None:
        """Take the beginning of an element."""
        if name == "r:Relationship" and attributes.get("Type", "").endswith("/officeDocument"):
            self.main = attributes.get("Target", "").lstrip("/")

    def end(self, name: str) -> None:
        """Take the end of an element."""

    def characters(self, said: str) -> None:
        """Take characters."""


class Numbered:
    """Collects the styles that number their paragraphs, and on which other style each one stands."""

    def __init__(self) -> None:
        self._style = ""
        self._numbered: dict[str, bool] = {}
        self._on: dict[str, str] = {}

    def begin(self, name: str, attributes: Attributes) -> None:
        """Take the beginning of an element."""
        if name == "w:style":
            self._style = next((attributes[f"{space} styleId"] for space in _WORD if f"{space} styleId" in attributes), "")
        elif name == "w:basedOn":
            self._on[self._style] = _value(attributes)
        elif name == "w:numId":
            self._numbered[self._style] = _value(attributes) not in ("0", "")

    def end(self, name: str) -> None:
        """Take the end of an element."""

    def characters(self, said: str) -> None:
        """Take characters."""

    def styles(self) -> set[str]:
        """Return the styles whose paragraphs are numbered, by themselves or by what they stand on."""
        return {style for style in {*self._numbered, *self._on} if self._is_numbered(style)}

    def _is_numbered(self, style: str) -> bool:
        # Styles stand on few others; a circle of them ends here too.
        for _ in range(20):
            if style in self._numbered:
                return self._numbered[style]
            style = self._on.get(style, "")
        return False
