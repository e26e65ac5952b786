"""Pure rule of editions: what differs between two registers, obligation by obligation and field by field."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
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
    """One obligation whose content differs, field by field in the order of the file format."""

    id: str
    fields: tuple[FieldChange, ...]


@dataclass(frozen=True, slots=True)
class Changes:
    """What a new register does to an old one; ids in the order of the texts, `frame` is all around the obligations."""

    added: tuple[str, ...]
    changed: tuple[Changed, ...]
    withdrawn: tuple[str, ...]
    unchanged: tuple[str, ...]
    frame: tuple[FieldChange, ...] = ()

    def __bool__(self) -> bool:
        """Tell whether anything differs at all."""
        return bool(self.added or self.changed or self.withdrawn or self.frame)


def located(register: Register) -> Iterator[tuple[Document, Clause, Obligation]]:
    """Yield every obligation with its clause and document, in the order of the file."""
    for document in register.documents:
        for clause in document.clauses:
            for obligation in clause.obligations:
                yield document, clause, obligation


def obligations_of(register: Register) -> dict[str, Obligation]:
    """Return every obligation by its id, in the order of the file."""
    return {obligation.id: obligation for _, _, obligation in located(register)}


def compare(old: Mapping[str, Obligation], new: Mapping[str, Obligation]) -> Changes:
    """Compare two maps from id to obligation."""
    both = [key for key in new if key in old]
    differing = {key: _fields(content(old[key]), content(new[key])) for key in both if digest(old[key]) != digest(new[key])}
    return Changes(
        added=tuple(key for key in new if key not in old),
        changed=tuple(Changed(key, fields) for key, fields in differing.items()),
        withdrawn=tuple(key for key in old if key not in new),
        unchanged=tuple(key for key in both if key not in differing),
    )


def compare_registers(old: Register, new: Register) -> Changes:
    """Compare two registers with all that stands around their obligations."""
    changes = compare(obligations_of(old), obligations_of(new))
    frame = _fields(_frame(old), _frame(new))
    return Changes(changes.added, changes.changed, changes.withdrawn, changes.unchanged, frame)


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
    return {key: value for key, value in frame.items() if value}


def _classes(sentences: tuple[Sentence, ...]) -> str:
    # A line of text, because the order of sentences counts.
    return " · ".join(f"{one.kind}（{one.why}）" if one.why else str(one.kind) for one in sentences)
