"""What carrying out has to go by: rows with their final values, put into groups that change alike, and refusals that name cells."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from ...errors import BadInput, Forbidden, RuleBroken, Stale
from ..merging import Merged

Finals = Sequence[tuple[Merged, Mapping[str, Any]]]


@contextmanager
def naming(rows: Sequence[Merged]) -> Iterator[None]:
    """Let a refusal of the pages' own actions say which cells it is about."""
    try:
        yield
    except (BadInput, RuleBroken, Forbidden, Stale) as problem:
        places = "、".join(one.line.place for one in rows[:5]) + ("等" if len(rows) > 5 else "")
        raise BadInput.at("decide", f"{places}：{problem.sentence}没有导入任何更改。") from problem


def grouped(finals: Finals, key: Callable[[Merged, Mapping[str, Any]], Hashable]) -> dict[Any, list[tuple[Merged, str]]]:
    """Put rows that change alike together, each with what it is about; those whose key is None are left out."""
    groups: dict[Any, list[tuple[Merged, str]]] = defaultdict(list)
    for one, final in finals:
        if one.held and (found := key(one, final)) is not None:
            groups[found].append((one, one.held.ref))
    return groups
