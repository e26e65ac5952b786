"""Pure rule of editions: what a new register does to what is held, and what differs between two, field by field."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from .shape import Clause, Document, Obligation, Register, Sentence, content, digest, settled


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One field before and after, as plain values; None is where it was not given."""

    field: str
    old: Any
    new: Any


@dataclass(frozen=True, slots=True)
class Changed:
    """One obligation whose content differs, field by field in the order of the file format; `was` is its earlier id, if another."""

    id: str
    fields: tuple[FieldChange, ...]
    was: str = ""


@dataclass(frozen=True, slots=True)
class Changes:
    """What a new register does to an old one; ids in the order of the texts, `frame` is all around the obligations.

    `renamed` gives (old id, new id); a renamed obligation is also among the changed or the unchanged, by its new id.
    """

    added: tuple[str, ...]
    changed: tuple[Changed, ...]
    withdrawn: tuple[str, ...]
    unchanged: tuple[str, ...]
    renamed: tuple[tuple[str, str], ...] = ()
    frame: tuple[FieldChange, ...] = ()

    def __bool__(self) -> bool:
        """Tell whether anything differs at all."""
        return bool(self.added or self.changed or self.withdrawn or self.renamed or self.frame)


@dataclass(frozen=True, slots=True)
class Held:
    """What is known of an obligation that is held: its digest, the id it was first loaded under, and whether it is withdrawn."""

    digest: str
    origin: str
    withdrawn: bool = False


@dataclass(frozen=True, slots=True)
class Plan:
    """What putting a register in force does, by id: `revived` are withdrawn ones that come back, `digests` is what each will be."""

    added: tuple[str, ...]
    revived: tuple[str, ...]
    changed: tuple[str, ...]
    withdrawn: tuple[str, ...]
    unchanged: tuple[str, ...]
    renamed: Mapping[str, str]
    digests: Mapping[str, str]

    @property
    def former(self) -> dict[str, str]:
        """Return new id → old id of what is renamed."""
        return {new: old for old, new in self.renamed.items()}


def located(register: Register) -> Iterator[tuple[Document, Clause, Obligation]]:
    """Yield every obligation with its clause and document, in the order of the file."""
    for document in register.documents:
        for clause in document.clauses:
            for obligation in clause.obligations:
                yield document, clause, obligation


def obligations_of(register: Register) -> dict[str, Obligation]:
    """Return every obligation by its id, in the order of the file."""
    return {obligation.id: obligation for _, _, obligation in located(register)}


def planned(held: Mapping[str, Held], known: Mapping[str, str], new: Mapping[str, Obligation]) -> Plan:
    """Say what putting `new` in force does to what is held; `known` maps every former id to what that obligation is called now.

    An id that is not held takes over the first of its `formerly` that is held and no longer told of; or it is itself a former
    id that comes back.
    """
    renamed: dict[str, str] = {}
    for key, one in new.items():
        earlier = [old for old in (*one.formerly, known.get(key, "")) if old in held and old not in new and old not in renamed]
        if key not in held and earlier:
            renamed[earlier[0]] = key
    former = {fresh: old for old, fresh in renamed.items()}
    digests: dict[str, str] = {}
    groups: dict[str, list[str]] = {"added": [], "revived": [], "changed": [], "unchanged": []}
    for key, one in new.items():
        row = held.get(former.get(key, key))
        digests[key] = digest(one, row.origin if row else key)
        groups["added" if row is None else "revived" if row.withdrawn else "unchanged" if row.digest == digests[key] else "changed"].append(key)
    gone = [key for key, row in held.items() if key not in new and key not in renamed and not row.withdrawn]
    told = {name: tuple(ids) for name, ids in groups.items()}
    return Plan(told["added"], told["revived"], told["changed"], tuple(gone), told["unchanged"], renamed, digests)


def compare(old: Mapping[str, Obligation], new: Mapping[str, Obligation]) -> Changes:
    """Compare two maps from id to obligation; a name that either side declares as former is no new obligation."""
    back = {earlier: key for key, one in old.items() for earlier in one.formerly}
    plan = planned({key: Held(digest(one), key) for key, one in old.items()}, back, new)
    return Changes(
        added=plan.added,
        changed=tuple(Changed(key, differing(old[plan.former.get(key, key)], new[key]), plan.former.get(key, "")) for key in plan.changed),
        withdrawn=plan.withdrawn,
        unchanged=plan.unchanged,
        renamed=tuple(plan.renamed.items()),
    )


def compare_registers(old: Register, new: Register) -> Changes:
    """Compare two registers with all that stands around their obligations."""
    changes = compare(obligations_of(old), obligations_of(new))
    frame = frame_changes(old, new, dict(changes.renamed), {*changes.added, *changes.withdrawn})
    return Changes(changes.added, changes.changed, changes.withdrawn, changes.unchanged, changes.renamed, frame)


def frame_changes(old: Register, new: Register, renamed: Mapping[str, str], told: Collection[str]) -> tuple[FieldChange, ...]:
    """List what differs around the obligations of two registers; `told` are obligations that came or went, and say it all themselves."""
    def kept(frame: dict[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for key, value in frame.items():
            group, _, name = key.partition(".")
            if group in {"related", "facts", "noted"} and "-" in name:
                if name in told:
                    continue
                key = f"{group}.{names.get(name, name)}"
            if group in {"related", "facts"} and "-" in name:
                value = [" ".join([names.get(word, word) for word in one.split(" ")]) for one in value if one.split(" ")[0] not in told]
            if value:
                found[key] = value
        return found

    return _fields(kept(_frame(old), renamed), kept(_frame(new), {}))


def differing(old: Obligation, new: Obligation) -> tuple[FieldChange, ...]:
    """List the fields in which two contents differ, but for the name."""
    return tuple(change for change in _fields(content(old), content(new)) if change.field != "id")


def _fields(old: Mapping[str, Any], new: Mapping[str, Any]) -> tuple[FieldChange, ...]:
    keys = list(dict.fromkeys([*new, *old]))
    return tuple(FieldChange(key, old.get(key), new.get(key)) for key in keys if settled(old.get(key)) != settled(new.get(key)))


def _frame(register: Register) -> dict[str, Any]:
    frame: dict[str, Any] = {"format": register.format, "name": register.name, "edition": register.edition}
    for group, members in (("domains", register.domains), ("subjects", register.subjects)):
        frame |= {f"{group}.{code}": member.model_dump(mode="json", exclude_defaults=True) for code, member in members.items()}
    for document in register.documents:
        facts = document.model_dump(mode="json", exclude_defaults=True, exclude={"clauses", "preface"})
        frame |= {f"documents.{document.id}.{key}": value for key, value in facts.items()}
        frame |= {f"documents.{document.id}.clauses.{clause.no}": clause.title for clause in document.clauses}
        frame |= {f"documents.{document.id}.preface": _classes(document.preface)}
        frame |= {f"documents.{document.id}.clauses.{clause.no}.sentences": _classes(clause.sentences) for clause in document.clauses}
    frame |= {f"facts.{code}": fact.model_dump(mode="json", exclude_defaults=True) for code, fact in register.facts.items()}
    for _, _, one in located(register):
        frame |= {f"related.{one.id}": [f"{other.id} {other.how}" for other in one.related], f"facts.{one.id}": list(one.facts)}
        frame |= {f"noted.{one.id}": [f"{note.label}：{note.text}" for note in one.noted]}
    return {key: value for key, value in frame.items() if value}


def _classes(sentences: tuple[Sentence, ...]) -> str:
    # A line of text, because the order of sentences counts.
    return " · ".join(f"{one.kind}（{one.why}）" if one.why else str(one.kind) for one in sentences)
