"""Events told to people: who did what to which thing, with names instead of references; for pages and workbooks alike."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from ..assignments.models import Assignment, Task
from ..audit import names
from ..audit.queries import Told
from ..audit.sealing.queries import unnamed
from ..bringing.models import Import
from ..evidence.checks import Kind
from ..evidence.models import Evidence
from ..people.access import Viewer
from ..people.models import Entity, Person
from ..register.models import Obligation
from ..register.queries import former_names, vocabulary
from ..register.shape import MAIN
from .models import Export

# Personal fields that name the thing an event is about.
NAMING = {"name", "person", "file_name"}


@dataclass(frozen=True, slots=True)
class Line:
    """One event for a reader; `href` leads to the thing when it has a page, `exact` is the moment to the second in Shanghai."""

    chain: str
    seq: int
    at: datetime
    who: str
    door: str
    action: str
    thing: str
    href: str
    changes: list[tuple[str, str, str]]
    entry: str


def told(s: Session, viewer: Viewer, events: Sequence[Told], known: dict[str, str] | None = None) -> list[Line]:
    """Put names (`known`, or what is looked up) to a page of events: a constant number of statements, whatever the number of events."""
    known = known_names(s, viewer, references(events)) if known is None else known
    return [_line(event, known, viewer.is_admin) for event in events]


def _line(event: Told, known: dict[str, str], manages: bool) -> Line:
    known = sayable(event, known)
    return Line(
        event.chain, event.seq, datetime.fromisoformat(event.at), str(event.personal.get("actor_name", known.get(event.actor, event.actor))),
        names.via_label(event.via), names.action_label(event.action), thing_of(event.object, known), href_of(_page_of(event), manages),
        names.changes(event.before, event.after, event.personal, known), event.entry,
    )


def sayable(event: Told, known: dict[str, str]) -> dict[str, str]:
    """Return the names that this event may still be told with: what it hides is not said in another of its cells."""
    if not event.hidden:
        return known
    called = {name.rpartition(".")[2] for name in event.hidden}
    unsaid = {event.actor} if "actor_name" in called else set()
    if called & NAMING:
        kind = event.object.partition(":")[0]
        unsaid |= {event.object, *(one for one in known if kind == "evidence" and one.startswith("evidence:"))}
    # What may not be named is told by its number: the bare reference would be no words for anybody.
    return {one: name for one, name in known.items() if one not in unsaid} | {one: thing_of(one, {}) for one in unsaid if ":" in one}


def _page_of(event: Told) -> str:
    # Loading belongs to no one thing but to the whole register; its page tells what every edition changed.
    return f"register:{event.after.get('register', MAIN)}" if event.object == "register" else event.object


def thing_of(reference: str, known: dict[str, str]) -> str:
    """Say what a reference stands for: the kind of thing and its name."""
    kind, _, rest = reference.partition(":")
    if kind == "register":
        return "义务清单"
    if kind == "job":
        return f"第 {rest} 次导出"
    if kind == "event":
        chain, _, seq = rest.rpartition(":")
        return f"链 {chain} 第 {seq} 条记录" if chain else f"第 {seq} 条记录"
    if kind == "obligation":
        return known.get(rest, rest)
    if kind in {"scope", "control"}:
        return known.get(rest.partition(":")[2], reference)
    return known.get(reference, f"{names.FAMILIES.get(kind, kind)} {rest}".rstrip())


def href_of(reference: str, manages: bool = False) -> str:
    """Return the address of a thing's page, or nothing when it has none; `manages`: for an administrator."""
    kind, _, rest = reference.partition(":")
    if kind in {"person", "entity"} and manages:
        return f"/{'people' if kind == 'person' else 'entities'}/{rest}"
    if kind in {"task", "evidence"}:
        return f"/{'tasks' if kind == 'task' else kind}/{rest}"
    if kind == "report":
        return f"/reports/{rest}/file"
    if kind == "job":
        return f"/reports/jobs/{rest}"
    if kind == "document":
        return f"/documents/{rest}"
    if kind in {"scope", "control"}:
        return f"/obligations/{rest.partition(':')[2]}"
    return f"/registers/{rest or MAIN}" if kind == "register" else ""


def references(events: Iterable[Told]) -> set[str]:
    """List what stands in these events and may have a name."""
    found: set[str] = set()
    for event in events:
        found |= {event.object, event.actor}
        if event.object.startswith(("scope:", "control:")):
            found.add(event.object.split(":", 2)[2])
        for values in (event.before, event.after):
            found.add(f"entity:{values.get('parent_id')}")
            for value in values.values():
                found |= {str(item) for item in (value if isinstance(value, list) else [value])}
    return found


def _numbers(references: set[str], prefix: str) -> list[int]:
    return sorted(int(r.removeprefix(prefix)) for r in references if r.startswith(prefix) and r.removeprefix(prefix).isdigit())


def known_names(s: Session, viewer: Viewer, references: set[str]) -> dict[str, str]:
    """Return the name of each reference that stands for something: people, obligations, tasks, evidence, entities, kinds."""
    known = dict(vocabulary(s).subjects) | {str(kind): kind.label for kind in Kind}
    known |= {f"document:{one.id}": f"《{one.title}》" for one in vocabulary(s).documents.values()}
    people = [*_numbers(references, "u_"), *_numbers(references, "person:")]
    sealed = unnamed(s, people)
    for row in s.execute(select(Person.id, Person.name).where(Person.id.in_(people))):
        name = f"人员 {row.id}{names.CONCEALED['sealed']}" if row.id in sealed else row.name
        known |= {f"u_{row.id}": name, f"person:{row.id}": name}
    for entity in s.execute(select(Entity.id, Entity.name).where(Entity.id.in_(_numbers(references, "entity:")))):
        known[f"entity:{entity.id}"] = entity.name
    tasks = select(Task.id, Task.due_on, Obligation.id, Obligation.title).join(Task.obligation).where(Task.id.in_(_numbers(references, "task:")))
    for task_id, due_on, obligation_id, title in s.execute(tasks):
        known[f"task:{task_id}"] = f"{obligation_id}《{title}》{due_on.isoformat()}"
    standing = select(Assignment.id, Obligation.id, Obligation.title).join(Assignment.obligation)
    for row_id, obligation_id, title in s.execute(standing.where(Assignment.id.in_(_numbers(references, "assignment:")))):
        known[f"assignment:{row_id}"] = f"{obligation_id}《{title}》"
    pieces = select(Evidence.id, Evidence.name, Evidence.version_no).where(Evidence.id.in_(_numbers(references, "evidence:")))
    for row_id, name, version_no in s.execute(pieces):
        known[f"evidence:{row_id}"] = f"{name}（第 {version_no} 版）"
    for export in s.execute(select(Export.id, Export.file_name).where(Export.id.in_(_numbers(references, "report:")))):
        known[f"report:{export.id}"] = export.file_name
    for brought in s.execute(select(Import.id, Import.name).where(Import.id.in_(_numbers(references, "import:")))):
        known[f"import:{brought.id}"] = brought.name
    return known | _obligation_names(s, {r for r in references if "-" in r})


def _obligation_names(s: Session, ids: set[str]) -> dict[str, str]:
    # Under the id that the event tells; one that has another name by now is found through it.
    now = former_names(s)
    wanted = select(Obligation.id, Obligation.title).where(Obligation.id.in_({now.get(one, one) for one in ids}))
    titles = {row.id: row.title for row in s.execute(wanted)}
    told = {one: titles[now.get(one, one)] for one in ids if now.get(one, one) in titles}
    return {one: f"{one}《{title}》" + (f"（现编号 {now[one]}）" if one not in titles and one in now else "") for one, title in told.items()}
