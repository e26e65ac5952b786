"""The rows of 操作留痕 and, in hidden columns beside them, what proves them; the links of the whole chain for a hidden sheet."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from functools import partial

from sqlalchemy import select

from ... import clock
from ...assignments.models import Assignment
from ...audit.chain import SPREADSHEET_ESCAPE, canonical
from ...audit.queries import Told, TrailFilter, entries, event_count, event_stream, widest
from ...audit.sealing.covering import COVERING, DESTROYED
from ...audit.trail import entity_chain
from ...workbook.sheets import Column, Kind, Value
from ..rows import Source, batches, cut, index_numbers, lines
from ..telling import Line, known_names, references, sayable, told

# No cell may hold more than 32,767 characters in UTF-16: of ASCII so many, of any text half of them.
PIECE, NAMES_PIECE = 32_000, 16_000
# A reference (`evidence:12`, with its marks 14 characters of a record) has a name of 240 characters at the most.
NAMED = 20
SHOWN = (
    Column("序号", 9, Kind.NUMBER), Column("时间", 21, Kind.MOMENT), Column("人员", 11), Column("途径", 9), Column("操作", 12), Column("对象", 34),
    Column("变更内容", 76), Column("本条校验值", 36, Kind.DIGEST),
)
LINKS = (Column("链", 16), Column("序号", 9, Kind.NUMBER), Column("内容校验值", 66, Kind.DIGEST), Column("本条校验值", 66, Kind.DIGEST))
_hidden = partial(Column, width=12, hidden=True)


def chains(sources: Sequence[Source]) -> tuple[str, ...]:
    """Name the chains that the workbook tells of, one for each entity."""
    return tuple(entity_chain(source.entity_id) for source in sources)


def _is_gone(event: Told, until: str, about: set[str] | None) -> bool:
    return event.action == DESTROYED and event.at > until and (about is None or event.object in about)


def younger(sources: Sequence[Source]) -> bool:
    """Tell whether the chains reach beyond the moment shown: to events that say what is sealed or redacted since."""
    return event_count(sources[0].s, TrailFilter(chains(sources), since=clock.stamp(clock.now() + timedelta(microseconds=1)))) > 0


class Trail:
    """操作留痕 of one or several entities: its columns, as many for long records as the longest needs, and its rows."""

    def __init__(self, sources: Sequence[Source]) -> None:
        record, disclosed = widest(sources[0].s, chains(sources))
        self._parts = tuple((name, size, max(1, -(-most // size))) for name, most, size in (
            ("记录", record, PIECE), ("披露", disclosed, PIECE), ("名称", NAMED * record, NAMES_PIECE),
        ))

    @property
    def columns(self) -> tuple[Column, ...]:
        """Return the shown columns and the hidden ones."""
        numbered = [f"{name} {place}" for name, _size, count in self._parts for place in range(1, count + 1)]
        return (*SHOWN, *(_hidden(heading) for heading in ("前一条校验值", *numbered)))

    def rows(self, source: Source) -> Iterator[tuple[Value, ...]]:
        """Yield the events of one entity up to the moment shown, oldest first; under a filter only those about what the filter holds.

        What was sealed or redacted is always said, also when it was done after that moment.
        """
        about, until = _about(source) if source.narrowed else None, clock.stamp(clock.now())
        kept = (event for event in event_stream(source.s, TrailFilter(chains([source])))
                if event.action in COVERING or _is_gone(event, until, about) or (event.at <= until and (about is None or event.object in about)))
        for some in batches(kept):
            known = known_names(source.s, source.viewer, references(some))
            for event, line in zip(some, told(source.s, source.viewer, some, known), strict=True):
                yield (*_shown(line), *self._proof(event, line, known))

    def _proof(self, event: Told, line: Line, known: Mapping[str, str]) -> Iterator[str]:
        yield event.prev
        disclosed = {name: [salt, event.personal[name]] for name, salt in event.salts.items()}
        for text, (_name, size, count) in zip((event.record, canonical(disclosed), _names(event, line, known)), self._parts, strict=True):
            for place in range(count):
                yield text[place * size : (place + 1) * size]


def _names(event: Told, line: Line, known: Mapping[str, str]) -> str:
    # What stands in for references by the rows of the moment; no part of the chain.
    known = sayable(event, dict(known))
    said = references([event]) | {value for value in event.personal.values() if isinstance(value, str)}
    names = {one: known[one] for one in said if one in known} | {event.object: line.thing}
    for parent in (str(values.get("parent_id")) for values in (event.before, event.after)):
        names |= {parent: known[f"entity:{parent}"]} if f"entity:{parent}" in known else {}
    text = json.dumps(names, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return SPREADSHEET_ESCAPE.sub(r"\\u005f", text)


def _shown(line: Line) -> tuple[Value, ...]:
    return (line.seq, line.at, line.who, line.door, line.action, line.thing, cut(lines(*map(_change, line.changes))), line.entry)


def _change(change: tuple[str, str, str]) -> str:
    label, before, after = change
    return f"{label}：{before} → {after or '（空）'}" if before and before != after else f"{label}：{after}"


def link_rows(sources: Sequence[Source]) -> Iterator[tuple[Value, ...]]:
    """Yield 校验链: of every event its place and its hashes, so that a filtered workbook proves the whole chain and discloses nothing."""
    yield from entries(sources[0].s, chains(sources))


def _about(source: Source) -> set[str]:
    tasks = source.tasks
    obligations = {row.obligation.id for row in source.scope}
    about = {f"task:{task_id}" for task_id in tasks} | {
        f"{kind}:{source.entity_id}:{obligation_id}" for obligation_id in obligations for kind in ("scope", "control")
    }
    about |= {f"evidence:{piece}" for piece in index_numbers(source)}
    standing = select(Assignment.id, Assignment.obligation_id).where(Assignment.entity_id == source.entity_id)
    return about | {f"assignment:{row_id}" for row_id, obligation_id in source.s.execute(standing) if obligation_id in obligations}
