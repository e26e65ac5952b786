"""Pure rule of suggestions: an entity's kinds × an obligation's bearers, and the sentence that says why."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence


def covered_subjects(kinds: Collection[str], held_by: Mapping[str, Sequence[str]]) -> frozenset[str]:
    """Return every bearer an entity of these kinds answers for: itself, and those who stand behind it."""
    behind = {subject for subject, holders in held_by.items() if set(holders) & set(kinds)}
    return frozenset(kinds) | behind


def suggested(subjects: Collection[str], covered: Collection[str]) -> bool:
    """Tell whether an obligation with these bearers is suggested to apply."""
    return bool(set(subjects) & set(covered))


def reason_why(applies: bool, subjects: Sequence[str], covered: Collection[str], kinds: Collection[str], labels: Mapping[str, str]) -> str:
    """Write the suggestion out, so that a confirmed 不适用 is never left without its reason."""
    own = "、".join(labels.get(kind, kind) for kind in sorted(kinds))
    if applies:
        named = "、".join(labels.get(code, code) for code in subjects if code in covered)
        return f"本主体为{own}，该义务的主体包括{named}。"
    named = "、".join(labels.get(code, code) for code in subjects)
    return f"本主体为{own}，不在该义务的主体（{named}）之列。"
