"""Addresses of list pages: the filter, the order and the page number live in the address and nowhere else."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal
from urllib.parse import urlencode

from flask import request


@dataclass(frozen=True, slots=True)
class Facet:
    """One filter of a list: `name` is its key in the address, `options` are (value, label) pairs.

    Kinds: `many` ticks several values, `one` is a select, `date` a day, `text` a free word.
    """

    name: str
    label: str
    options: Sequence[tuple[str, str]] = ()
    kind: Literal["many", "one", "date", "text"] = "many"


def changed(args: Mapping[str, Sequence[str]], changes: Mapping[str, object]) -> str:
    """The query string of `args` with some keys replaced; None removes a key, a list gives several values.

    Every change but that of the page number leads back to the first page.
    """
    kept = {key: list(values) for key, values in args.items() if key not in changes and key != "page"}
    for key, value in changes.items():
        if value is not None:
            kept[key] = [str(v) for v in value] if isinstance(value, (list, tuple)) else [str(value)]
    return urlencode([(key, value) for key, values in kept.items() for value in values if value])


def here(**changes: object) -> str:
    """The address of the page now shown, with some keys of its query replaced."""
    query = changed(request.args.to_dict(flat=False), changes)
    return f"{request.path}?{query}" if query else request.path


def here_without(name: str, value: str) -> str:
    """The address of the page now shown, with one value of one filter taken away."""
    return here(**{name: [other for other in request.args.getlist(name) if other != value]})
