"""The proof that nothing of an official text was missed, as lines to read."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

from ..register.cover import HOLDING, Gap, GapKind, Proof, place


def lines_of(proof: Proof) -> Iterator[str]:
    """Yield the proof line by line: what was counted, the sentences that hold something, the gaps."""
    total, classed = len(proof.lines), sum(proof.counts.values())
    yield f"{proof.document.id}《{proof.document.title}》：{total} 句，已归类 {classed} 句。"
    yield "，".join(f"{kind.label} {number}" for kind, number in proof.counts.items()) + "。"
    held = sum(len(line.obligations) for line in proof.lines)
    yield f"{sum(line.kind in HOLDING for line in proof.lines)} 个句子含有义务、风险敞口或权利，{held} 项锚定在其中："
    for line in proof.lines:
        if line.kind in HOLDING:
            yield f"  {place(line.clause, line.no)}“{line.opening}…”{line.kind.label if line.kind else ''}：{'、'.join(line.obligations) or '无'}"
    yield from gap_lines(proof.gaps)
    yield _verdict(proof)


def gap_lines(gaps: tuple[Gap, ...]) -> Iterator[str]:
    """Yield the gaps of a proof by their kind, nothing when there are none."""
    if not gaps:
        return
    yield f"缺口 {len(gaps)} 处："
    for kind, members in groupby(sorted(gaps, key=lambda gap: list(GapKind).index(gap.kind)), lambda gap: gap.kind):
        for gap in members:
            yield f"  【{kind.label}】{gap.said}"


def _verdict(proof: Proof) -> str:
    whole = {(gap.clause, gap.sentence) for gap in proof.gaps if gap.sentence}
    sound = sum((line.clause, line.no) not in whole for line in proof.lines)
    share = sound * 1000 // len(proof.lines) / 10 if proof.lines else 0.0
    return f"没有缺口：{len(proof.lines)} 句全部有着落，100%。" if not proof.gaps else f"有着落的句子 {sound} / {len(proof.lines)}，{share}%；先消除以上缺口。"
