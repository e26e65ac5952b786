"""The cover of the audit workbook: whose it is, from which texts, for which filter, as of when, and how much of what."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime

from .. import clock
from ..assignments.queries import task_count
from ..audit.heads.signing import Sealed
from ..audit.queries import chain_heads
from ..audit.trail import entity_chain
from ..register.queries import editions_told
from ..words import Standing
from ..workbook.sheets import Cover
from .rows import Source
from .wording import filter_words

REMARKS = (
    "“风险敞口”指需要管理的责任或执法实践，条文并未向本主体设定义务；“权利”指可以运用的制度工具。",
    "“推定”指条文未直接以“应当”“不得”等词指向该主体，由本项目推断；频率与建议证据为专业建议，条文未作规定。",
    "合规义务清单中的“义务主体”只列本主体承担的身份，全部主体见“适用性说明”；无人承担的列出全部。",
    "法律依据标注“未核验”的，引用前请自行核对原文。",
    "三张清单中的灰色斜体是系统按义务清单和分派给出的默认内容，尚未由本主体填写；权利不构成义务或风险，不列入三张清单。",
)
OF_TASKS = "筛选条件涉及任务，因此合规义务清单与适用性说明只列有符合条件任务的义务，操作留痕只列与之有关的记录。"
OF_OBLIGATIONS = "本报告只涉及筛选范围内的义务，操作留痕只列与之有关的记录。"


LABELS = ("登记事项", *(word.label for word in Standing), "任务")


def owner(sources: Sequence[Source], short: bool = False) -> str:
    """Say whose workbook it is: 海川证券股份有限公司, or 海川证券股份有限公司等 3 个主体.

    In short, as in the name of a file and so in the trail of each of them, a group names none: not everybody may know of the others.
    """
    first, number = sources[0].entity, len(sources)
    if short:
        return first.short_name if number == 1 else f"{number}个主体"
    return first.name if number == 1 else f"{first.name}等 {number} 个主体"


def cover(sources: Sequence[Source], made_at: datetime, pieces: int, since: datetime | None = None, sealed: Sealed | None = None) -> Cover:
    """Describe the cover; `pieces` is the number of pieces of evidence in the workbook, `since` the moment with which it is compared, `sealed` what is signed of the chains."""
    source, held = sources[0], [counts(one) for one in sources]
    words, edition, viewer = source.words, editions_told(source.s), source.viewer
    texts = "\n".join(f"{d.title}（{d.number or '无文号'}，{d.issued.isoformat()}）" for d in words.documents.values())
    facts = (
        ("主体", "\n".join(f"{one.entity.name}（{one.entity.code}）" if one.entity.code else one.entity.name for one in sources)),
        ("主体类型", "、".join(dict.fromkeys(words.subjects.get(kind.kind, "（义务清单中已没有的类型）") for one in sources for kind in one.entity.kinds))),
        ("依据文件", texts),
        ("义务清单版本", edition or "（未载入）"),
        ("截止时点", f"{clock.local(made_at):%Y-%m-%d %H:%M:%S}（北京时间）"),
        *([("比较时点", f"{clock.local(since):%Y-%m-%d %H:%M:%S}（北京时间），与截止时点的差异见“版本差异”")] if since else []),
        ("筛选条件", filter_words(source.s, viewer, source.wanted)),
        ("导出人", viewer.name if viewer.is_operator else f"{viewer.name}（经{viewer.via.label}）"),
        *(("操作留痕", text) for text in _chains(sources)), *(("签名公钥指纹", one) for one in _fingerprints(sealed)), *([("各主体", "\n".join(map(_each, sources, held)))] if len(sources) > 1 else []),
    )
    note = (OF_TASKS,) if source.of_tasks else (OF_OBLIGATIONS,) if source.narrowed else ()
    return Cover("合规义务审计报告", owner(sources), facts, (*total(held), ("证据", pieces)), (*note, *REMARKS))


def _chains(sources: Sequence[Source]) -> Iterator[str]:
    for one in sources:
        for chain in chain_heads(one.s, (entity_chain(one.entity_id),)):
            whose = "" if len(sources) == 1 else f"{one.entity.short_name}："
            yield f"{whose}共 {chain.size:,} 条，首尾相连；链头校验值 {chain.head}"


def _fingerprints(sealed: Sealed | None) -> list[str]:
    return list(dict.fromkeys(note.fingerprint for _chain, note in sorted(sealed.heads.items()))) if sealed else []


def _each(source: Source, held: Sequence[tuple[str, int]]) -> str:
    return f"{source.entity.short_name}：" + "，".join(f"{label.removeprefix('其中：')} {number:,}" for label, number in held)


def total(held: Iterable[Sequence[tuple[str, int]]]) -> list[tuple[str, int]]:
    """Add up the counts of several entities, in the order in which they are told."""
    found: Counter[str] = Counter()
    for one in held:
        found.update(dict(one))
    places = {label: place for place, label in enumerate(LABELS)}
    return sorted(found.items(), key=lambda item: places.get(item[0], len(places)))


def counts(source: Source) -> list[tuple[str, int]]:
    """Count what the filter holds: what the register holds by standing (duties, exposures and rights), tasks by state."""
    standing = Counter(row.standing for row in source.scope)
    return [
        ("登记事项", len(source.scope)), *((word.label, standing[word]) for word in Standing if standing[word]),
        ("任务", len(source.tasks)), *_task_counts(source),
    ]


def _task_counts(source: Source) -> Iterator[tuple[str, int]]:
    for label, state in (("其中：已完成", "done"), ("其中：待复核", "submitted"), ("其中：逾期", "overdue"), ("其中：待重新确认", "reconfirm")):
        if source.wanted.state in ("", state):
            number = task_count(source.s, source.viewer, replace(source.wanted, state=state))
            # An acceptance on an earlier text is shown as 待重新确认, so it is not counted twice.
            yield label, number - task_count(source.s, source.viewer, replace(source.wanted, state="reconfirm")) if state == "done" else number
