"""The audit workbook as a whole: which sheets it has, and their columns in the order in which practice reads them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property

from .. import clock
from ..audit.heads.signing import Sealed
from ..audit.queries import chain_heads
from ..people.queries import called
from ..words import ListKind, ScopeState
from ..workbook.sheets import Board, Book, Column, Kind, Sheet, Tone
from .cover import cover, owner
from .lists.columns import MODALITY, POSTS, PROCESSES, REVIEWS, RISKS, SEVERITY
from .lists.differences import COMPARED, OWNER, Comparison, Row
from .lists.marks import CHECKED, MARKS, with_checks
from .lists.reviews import review_rows
from .lists.summary import Tally
from .lists.tasks import task_sheet_rows
from .lists.three import Lists
from .proving import trail
from .proving.page import LINKS, NOT_SEALED, PROOF, Sealing, proof_page, unsealed
from .rows import (
    Source,
    evidence_sheet_rows,
    numbered,
    obligation_rows,
    scope_sheet_rows,
)
from .wording import filter_words

STATE = {
    "未开始": Tone.DIM, "进行中": Tone.ACTIVE, "待复核": Tone.WAIT, "已退回": Tone.BAD, "已完成": Tone.GOOD, "已逾期": Tone.BAD, "已取消": Tone.DIM,
    "待重新确认": Tone.AGAIN,
}
SCOPE = {"适用": Tone.GOOD, "不适用": Tone.DIM, "待确认 · 建议适用": Tone.WAIT, "待确认 · 建议不适用": Tone.WAIT}
OUTCOME = {"接受": Tone.GOOD, "退回": Tone.BAD}

TITLES = (
    "合规义务清单", "合规风险识别清单", "岗位合规职责清单", "流程管控清单", "责任分派与任务", "证据目录", "适用性说明", "复核记录", "操作留痕",
)
# As what a sheet comes back; of the others nothing may be edited.
COMES_BACK = {
    **dict.fromkeys(TITLES[1:4], ListKind.CONTROLS), TITLES[4]: ListKind.TASKS, TITLES[5]: ListKind.EVIDENCE, TITLES[6]: ListKind.SCOPE,
}
BOARD = "董事会摘要"
HINTED = "　　灰色斜体为系统给出的默认内容，尚未由本主体填写"
# What the cover says of each sheet, how many of its columns stay in sight, and what its caption adds.
ABOUT: dict[str, tuple[str, int, str]] = {
    TITLES[0]: ("筛选范围内未被认定为不适用的义务、风险敞口与权利", 4, ""),
    TITLES[1]: ("义务与风险敞口对应的风险、后果、依据与控制措施（权利不列）", 3, HINTED),
    TITLES[2]: ("按部门和岗位：职责、来源、底线与制度", 2, HINTED),
    TITLES[3]: ("按流程：重要环节、审查内容、风险点与评价要点", 3, HINTED),
    TITLES[4]: ("每个到期日一项任务：责任、期间、提交与复核", 3, ""),
    TITLES[5]: ("上述任务引用的证据：索引号、期间、取得与上传、SHA-256", 2, ""),
    TITLES[6]: ("逐项认定及理由，含不适用", 3, ""),
    TITLES[7]: ("每次提交、复核与重新确认，文本与证据的摘要", 3, ""),
    TITLES[8]: ("谁在何时、经何途径、改了什么；首尾相连的校验值", 2, ""),
}
NOTES = (
    "完成率为已完成任务占未取消任务的比例，待重新确认的不计为已完成。“风险敞口”是须管理的责任或执法实践，条文未设义务，不与义务相加。",
    "关注次序：逾期、退回、待重新确认、适用的义务尚未分派、十四天内到期；同一类中重要程度高的在前。",
)
# The widths of a sheet come to at most 216, so that A4 landscape stays readable.
OBLIGATIONS = (
    Column("编号", 11), Column("性质", 9, Kind.MARK, MODALITY), Column("依据", 6, Kind.MARK), Column("标题", 15), Column("合规管理要求", 32),
    Column("来源", 16), Column("锚点原文", 13), Column("义务主体", 12), Column("领域", 9), Column("重要程度", 9, Kind.MARK, SEVERITY),
    Column("可能后果", 9), Column("法律依据与核验", 20), Column("建议证据", 13), Column("适用性", 9, Kind.MARK, SCOPE), Column("责任分派", 12),
    Column("频率", 9), Column("未完任务", 11),
)
TASKS = (
    Column("任务号", 7, Kind.NUMBER), Column("义务编号", 11), Column("义务", 16), Column("性质", 9, Kind.MARK, MODALITY), Column("责任人", 9),
    Column("复核人", 9), Column("部门", 10), Column("频率与事件", 11), Column("所属期间", 13), Column("原定截止", 11, Kind.DATE),
    Column("截止日", 11, Kind.DATE), Column("状态", 11, Kind.MARK, STATE, shaded=True), Column("逾期天数", 8, Kind.NUMBER, alarm=0), Column("办理说明", 17),
    Column("证据索引号", 9), Column("提交", 16), Column("复核结果", 8, Kind.MARK, OUTCOME, shaded=True), Column("复核", 16), Column("复核意见", 13), *MARKS,
)
EVIDENCE = (
    Column("索引号", 9), Column("文件名", 30), Column("版本", 12), Column("类型", 9), Column("所属期间", 13), Column("取得日", 12, Kind.DATE),
    Column("有效期至", 12, Kind.DATE), Column("上传时间", 17, Kind.MOMENT), Column("上传人", 9), Column("字节数", 11, Kind.NUMBER), Column("SHA-256", 36, Kind.DIGEST),
    Column("证明的义务", 13), Column("对应任务", 10), Column("说明", 12), Column("保存期限至", 12), *MARKS,
)
# Beside the files, the index number leads to them.
LINKED_EVIDENCE = (replace(EVIDENCE[0], kind=Kind.LINK), *EVIDENCE[1:])
SCOPES = (
    Column("编号", 13), Column("性质", 10, Kind.MARK, MODALITY), Column("标题", 24), Column("文件", 16), Column("条款", 7, Kind.NUMBER),
    Column("义务主体", 26), Column("系统建议", 11, Kind.MARK), Column("认定", 12, Kind.MARK, SCOPE, shaded=True, choices=tuple(state.label for state in ScopeState)), Column("理由", 44), Column("认定人", 10),
    Column("认定时间", 21, Kind.MOMENT), Column("备注", 14), *MARKS,
)


def foreseen(sources: Sequence[Source], numbers: Sequence[Mapping[int, str]]) -> dict[str, int]:
    """Say about how many rows each sheet will have, rather too many: only for showing how far the work is."""
    listed, tasks = sum(len(one.scope) for one in sources), sum(len(one.tasks) for one in sources)
    events = sum(chain.size for chain in chain_heads(sources[0].s, trail.chains(sources)))
    return dict(zip((*TITLES, LINKS), (listed, listed, listed, listed, tasks, sum(map(len, numbers)), listed, tasks, events, events), strict=True))


def names_of(sources: Sequence[Source]) -> dict[int, str]:
    """Return what each of several entities is called; a single one needs none."""
    return called(sources[0].s, sources[0].viewer, [one.entity_id for one in sources]) if len(sources) > 1 else {}


@dataclass(frozen=True)
class Rows:
    """The columns and rows of the sheets of one or several entities, one sheet at a time; of several, `names` says whose a row is."""

    sources: Sequence[Source]
    names: Mapping[int, str] = field(default_factory=dict)
    files: Mapping[int, str] | None = None

    @cached_property
    def numbers(self) -> list[dict[int, str]]:
        """Return the index numbers of the evidence of each entity."""
        return numbered(self.sources)

    @cached_property
    def trail(self) -> trail.Trail:
        """Return what 操作留痕 is made of."""
        return trail.Trail(self.sources)

    @cached_property
    def _lists(self) -> list[Lists]:
        return [Lists(one) for one in self.sources]

    def columns(self, title: str) -> tuple[Column, ...]:
        """Return the columns of a sheet; the first says whose the row is, where there are several."""
        evidence = EVIDENCE if self.files is None else LINKED_EVIDENCE
        every = (OBLIGATIONS, RISKS, POSTS, PROCESSES, TASKS, evidence, SCOPES, REVIEWS, self.trail.columns if title == TITLES[8] else ())
        own = dict(zip(TITLES, every, strict=True))[title]
        return (Column(OWNER, 11), *own) if self.names else tuple(own)

    def rows(self, title: str) -> Iterator[Row]:
        """Yield the rows of a sheet, entity by entity."""
        for place, source in enumerate(self.sources):
            rows = self._rows(title, place, source)
            yield from ((self.names[source.entity_id], *row) for row in rows) if self.names else rows

    def _rows(self, title: str, place: int, source: Source) -> Iterable[Row]:
        numbers, lists = self.numbers[place], self._lists[place]
        ways: tuple[Callable[[], Iterable[Row]], ...] = (
            lambda: obligation_rows(source), lists.risks, lists.posts, lists.processes, lambda: task_sheet_rows(source, numbers),
            lambda: evidence_sheet_rows(source, numbers, self.files), lambda: scope_sheet_rows(source), lambda: review_rows(source, numbers),
            lambda: self.trail.rows(source),
        )
        return ways[TITLES.index(title)]()


def audit_book(
    sources: Sequence[Source], made_at: datetime, files: Mapping[int, str] | None = None, compared: Comparison | None = None, sealed: Sealed = NOT_SEALED,
    sealing: Sealing = unsealed,
) -> Book:
    """Describe the whole workbook of one or several entities; rows are read while it is written, all from one snapshot.

    `files` gives the place of each piece of evidence beside the workbook, by its id, to which its index number then leads;
    `compared` holds the rows of an earlier moment, for the sheet of differences; `sealed` is what is signed of the chains,
    `sealing` signs the sheets with them.
    """
    told, tally = Rows(sources, names_of(sources), files), Tally(sources[0].places, sources[0].today)
    front, name = cover(sources, made_at, sum(map(len, told.numbers)), compared.since if compared else None, sealed), owner(sources)

    def sheet(title: str, about: str, frozen: int, note: str = "") -> Sheet:
        columns, rows = told.columns(title), counted(title, told.columns(title), told.rows(title))
        rows = compared.passing(title, columns, rows) if compared and title in COMPARED else rows
        frozen += len(sources) > 1
        return Sheet(title, (*columns, CHECKED), with_checks(COMES_BACK.get(title), columns, rows), f"{title}　{name}{note}", about, frozen)

    def counted(title: str, columns: Sequence[Column], rows: Iterator[Row]) -> Iterator[Row]:
        return tally.duties(columns, rows) if title == TITLES[0] else tally.tasks(columns, rows) if title == TITLES[4] else rows

    def board() -> Board:
        source = sources[0]
        notes = (f"筛选条件：{filter_words(source.s, source.viewer, source.wanted)}", *NOTES) if source.narrowed else NOTES
        moment = f"{name}　截至 {clock.local(made_at):%Y-%m-%d %H:%M}（北京时间）"
        return tally.board(BOARD, moment, notes, STATE | MODALITY)

    coming = foreseen(sources, told.numbers)
    sheets = [sheet(title, *ABOUT[title]) for title in TITLES]
    links = Sheet(LINKS, trail.LINKS, trail.link_rows(sources), hidden=True)
    seen = [replace(one, foreseen=coming[one.title]) for one in (*sheets, links)]
    return Book(
        front, [*seen[:-1], *([compared.sheet(name, len(sources) > 1, made_at)] if compared else []), seen[-1]], made_at, sources[0].viewer.name, board, BOARD,
        proof=lambda counts, sums: proof_page(sources, front, counts, sums, sealing), proof_title=PROOF,
    )
