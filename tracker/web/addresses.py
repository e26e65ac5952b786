"""What may stand in an address: numbers of rows, and paths of our own to come back to."""

from __future__ import annotations

from urllib.parse import urlsplit

from werkzeug.routing import IntegerConverter, ValidationError

from ..errors import NotFound

BIGGEST = 2**31 - 1


class RowNumber(IntegerConverter):
    """`<int:…>` for ASCII digits that fit a key column, so that a silly number is a 404 and never a crash."""

    regex = r"[0-9]{1,10}"

    def to_python(self, value: str) -> int:
        """Convert, refusing what no row can have."""
        number = int(value)
        if number > BIGGEST:
            raise ValidationError
        return number


def row_id(text: str) -> int:
    """Read a row's number from an address or a form, or raise NotFound."""
    if not text.isascii() or not text.isdigit() or len(text) > 10 or int(text) > BIGGEST:
        raise NotFound
    return int(text)


def row_ids(texts: list[str]) -> list[int]:
    """Read several row numbers, each once, in their order."""
    return list(dict.fromkeys(row_id(text) for text in texts))


def own_path(text: str | None) -> str:
    """Return the text when it is a path of this site, otherwise an empty text; anything else could lead astray."""
    if not text or not text.startswith("/") or text.startswith("//") or "\\" in text or not text.isprintable():
        return ""
    parts = urlsplit(text)
    return "" if parts.scheme or parts.netloc else text
