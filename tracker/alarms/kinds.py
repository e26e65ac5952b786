"""Pure names of alarms: what each kind is called, and which events tell of its raising and settling."""

from __future__ import annotations

EVIDENCE_DAMAGED, EXPORT_DAMAGED, HISTORY_BROKEN = "evidence_damaged", "export_damaged", "history_broken"
LABELS = {EVIDENCE_DAMAGED: "证据文件损坏", EXPORT_DAMAGED: "导出件损坏", HISTORY_BROKEN: "历史与签名不符"}


# How a file that is not there at all is told of; earlier alarms say it in the second way.
MISSING = ("缺失", "不见了")


def label(kind: str, sentence: str = "") -> str:
    """Return what an alarm of a kind is called, by its sentence where that tells a missing file from a damaged one; one without a name of its own is an alarm."""
    called = LABELS.get(kind, "系统警报")
    return called.replace("损坏", "缺失") if any(word in sentence for word in MISSING) else called
