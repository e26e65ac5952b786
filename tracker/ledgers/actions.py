"""Verbs of ledgers: take a workbook, keep what is said of it, write the register file, lead into the preview of editions, put away."""

from __future__ import annotations

import datetime as dt
import hashlib
from dataclasses import dataclass, replace

from sqlalchemy import select
from sqlalchemy.orm import Session

from .. import clock
from ..audit import trail
from ..editions import actions as editions
from ..editions.models import Draft
from ..errors import BadInput, NotFound, Place
from ..people.access import Viewer, need_admin
from ..register.models import Document
from ..register.queries import around, edition_in_force, registers
from ..register.writing.starter import initials, visible
from ..workbook.reading import Workbook, cell_name, read_workbook
from .building import Built, Choices, headings_key, named
from .fields import FIELDS, IGNORE, TEXTS, columns_twice
from .models import LedgerDraft, LedgerMapping
from .queries import Opened, draft, known, mapping, opened
from .sheet import Ledger
from .writing import Frame, register_file, says_the_same

LISTED = 20


@dataclass(frozen=True, slots=True)
class Written:
    """A register file made from a ledger: its name, its bytes, the key of its register and how many obligations it holds."""

    name: str
    data: bytes
    register: str
    entries: int


def read(viewer: Viewer, data: bytes, name: str) -> Workbook:
    """Read the workbook of a ledger; BadInput with a sentence about the file. Needs no session."""
    need_admin(viewer)
    return read_workbook(data, name)


def keep(s: Session, viewer: Viewer, data: bytes, name: str, book: Workbook) -> LedgerDraft:
    """Keep a workbook as the viewer's one ledger; BadInput when no sheet of it holds anything."""
    need_admin(viewer)
    trail.check_holdable([name])
    for old in s.scalars(select(LedgerDraft).where(LedgerDraft.made_by == viewer.person_id)):
        s.delete(old)
    row = LedgerDraft(
        name=name[-200:], sha256=hashlib.sha256(data).hexdigest(), size=len(data), source=data, choices=Choices().stored(), made_by=viewer.person_id,
        made_at=clock.now(),
    )
    s.add(row)
    s.flush()
    row.choices = opened(s, viewer, row, book).choices.stored()
    return row


def choose(s: Session, viewer: Viewer, draft_id: int, choices: Choices) -> LedgerDraft:
    """Keep what was said of a ledger, sound or not: nothing that was chosen is lost."""
    row = draft(s, viewer, draft_id)
    row.choices = choices.stored()
    return row


def write(s: Session, viewer: Viewer, row: LedgerDraft, found: Opened) -> Written:
    """Write the register file of a ledger; BadInput that names every column, word and cell that is in the way."""
    need_admin(viewer)
    choices = found.choices
    if found.ledger is None or found.built is None:
        raise BadInput(found.why_not)
    check(found.ledger, choices, found)
    frame = _frame(s, choices, row)
    held, now = known(s, frame.register), edition_in_force(s, frame.register)
    file = register_file(found.built.entries, frame, held)
    if now is not None and says_the_same(file, now.source.decode(), choices.issued != clock.today().isoformat()):
        # The same ledger a second time is the same file, byte for byte; only what differs is another edition.
        file = now.source.decode()
    elif now is not None:
        file = register_file(found.built.entries, replace(frame, edition=next_edition(now.edition, clock.today())), held)
    return Written(f"{frame.register}.yaml", file.encode(), frame.register, len(found.built.entries))


def look(s: Session, viewer: Viewer, draft_id: int, book: Workbook) -> Draft:
    """Write the register file, remember the mapping, and lead into the preview of editions; nothing is in force yet."""
    row = draft(s, viewer, draft_id)
    found = opened(s, viewer, row, book)
    written = write(s, viewer, row, found)
    _remember(s, viewer, row, found, written.register)
    return editions.look_at(s, viewer, written.data, f"{row.name}（台账）")


def drop(s: Session, viewer: Viewer, draft_id: int) -> None:
    """Put a ledger away without importing it."""
    s.delete(draft(s, viewer, draft_id))


def forget(s: Session, viewer: Viewer, mapping_id: int) -> None:
    """Forget what was said of a kind of ledger, or raise NotFound."""
    need_admin(viewer)
    row = s.get(LedgerMapping, mapping_id)
    if row is None:
        raise NotFound
    trail.record(s, viewer.actor, "ledger.forgotten", row.audit_ref, before={"columns": _listed(row)})
    s.delete(row)


def check(ledger: Ledger, choices: Choices, found: Opened) -> None:
    """Raise BadInput with everything that has still to be said or put right."""
    problems = [Place(f"col-{columns[1]}", f"{'、'.join(cell_name(one, ledger.head) for one in columns)} 都对应到“{FIELDS[code].label}”，只能有一列。请把其余各列改为照录或忽略。")
                for code, columns in columns_twice(choices.columns)]
    if not {*TEXTS, "title"}.intersection(choices.columns.values()):
        problems.append(Place("columns", "没有一列对应到“要求”“问题”“整改措施”或“标题”。请至少指定一列。"))
    unsaid = [one for one in found.questions if not one.chosen]
    if unsaid:
        listed = "、".join(f"“{one.value[:20]}”（{one.place}，{one.count} 处）" for one in unsaid[:5])
        problems.append(Place("values", f"还有 {len(unsaid)} 个取值没有说明意思：{listed}{'等' if len(unsaid) > 5 else ''}。请在“取值对应”中说明。"))
    problems += _unsaid_defaults(choices, found)
    built = found.built or Built((), (), (), ())
    if not unsaid and built.problems and not choices.leave:
        problems.append(Place("leave", f"有 {built.refused} 行有问题，不能导入。请改正台账后重新上传，或勾选“不导入有问题的行”。"))
    if not unsaid and not built.entries:
        problems.append(Place("columns", "没有一行可以导入。请检查列的对应关系，或选择另一张工作表。"))
    if problems:
        raise BadInput("还不能生成登记册。", problems[:LISTED])


def _unsaid_defaults(choices: Choices, found: Opened) -> list[Place]:
    said: list[Place] = []
    if not choices.register and visible(choices.name) in found.names:
        said.append(Place("register", f"已有名为“{choices.name}”的登记册。请在“载入到”选择它，作为它的新版本；或换一个名称。"))
    if not choices.name.strip():
        said.append(Place("name", "请填写登记册名称。"))
    if not choices.issuer.strip():
        said.append(Place("issuer", "请填写台账的编制单位。"))
    if not _is_day(choices.issued):
        said.append(Place("issued", "请填写台账日期，写法如 2026-11-22。"))
    allowed = {"subject": found.words.subjects, "domain": {**found.words.domains, "+": ""}}
    for code, words in allowed.items():
        if choices.defaults.get(code, "") not in words:
            said.append(Place(f"default_{code}", f"请选择台账没有写明时的{FIELDS[code].label}（命令用 --default）。"))
    return said


def _is_day(text: str) -> bool:
    try:
        return bool(dt.date.fromisoformat(text))
    except ValueError:
        return False


def next_edition(now: str, today: dt.date) -> str:
    """Return the edition that follows one: of this month, with the next number where the month has one already."""
    month = f"{today:%Y.%m}"
    if now < month:
        return month
    year, number, *more = now.split(".")
    return f"{year}.{number}.{int(more[0]) + 1 if more else 1}"


def _frame(s: Session, choices: Choices, row: LedgerDraft) -> Frame:
    name, taken = visible(choices.name), {one.key for one in registers(s)}
    if choices.register:
        now = edition_in_force(s, choices.register)
        document = s.scalar(select(Document).where(Document.register_key == choices.register, ~Document.withdrawn).limit(1))
        prefix = next((one.partition("-")[0] for one in sorted(around(s, choices.register).own)), "")
        if now is None or document is None:
            raise BadInput.at("register", "没有这本登记册。请重新选择。")
        key, code, edition = choices.register, document.id, now.edition
    else:
        documents = around(s, "").documents
        key = _free(f"{initials(name)}_ledger", taken | {one.replace("-", "_") for one in documents})
        code, prefix, edition = key.replace("_", "-"), "", f"{clock.today():%Y.%m}"
    prefix = prefix or _free(choices.prefix or f"L{initials(name)[:6]}".upper(), set(around(s, key).prefixes))
    return Frame(
        key, name, edition, code, prefix, name, visible(choices.issuer), dt.date.fromisoformat(choices.issued),
        f"{visible(row.name)}，SHA-256 {row.sha256}", f"工作表“{choices.sheet}”",
    )


def _free(wanted: str, taken: set[str]) -> str:
    return next(one for one in (wanted, *(f"{wanted}{n}" for n in range(2, 10_000))) if one not in taken)


def _listed(row: LedgerMapping) -> list[str]:
    return [f"{heading} → {FIELDS[code].label}" for heading, code in row.told["columns"].items() if code in FIELDS]


def _remember(s: Session, viewer: Viewer, row: LedgerDraft, found: Opened, register: str) -> None:
    ledger, choices = found.ledger, found.choices
    if ledger is None:
        return
    columns = {heading: choices.columns.get(number, IGNORE) for heading, number in named(ledger.columns).items()}
    told = replace(choices, sheet="", head=None, columns={}, register=register, leave=False, issued="").stored() | {"columns": columns}
    key = headings_key(ledger.columns)
    held = mapping(s, key)
    if held is not None and held.told == told:
        return
    before = {"columns": _listed(held)} if held else {}
    if held is None:
        held = LedgerMapping(key=key, headings=[one.heading for one in ledger.columns])
        s.add(held)
    held.told, held.made_by, held.made_at = told, viewer.person_id, clock.now()
    s.flush()
    trail.record(
        s, viewer.actor, "ledger.mapped", held.audit_ref, before=before, after={"columns": _listed(held), "register": register},
        personal={"file_name": row.name},
    )
