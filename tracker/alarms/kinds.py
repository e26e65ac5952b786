"""Pure names of alarms: what each kind is called, and which events tell of its raising and settling."""

from __future__ import annotations

EVIDENCE_DAMAGED, EXPORT_DAMAGED, HISTORY_BROKEN = "evidence_damaged", "export_damaged", "history_broken"
LABELS = {EVIDENCE_DAMAGED: "证据文件损坏", EXPORT_DAMAGED: "导出件损坏", HISTORY_BROKEN: "历史与签名不符"}


def label(kind: str) -> str:
    """Return what a kind of alarm is called; one that has no name of its own is an alarm."""
    return LABELS.get(kind, "系统警报")
