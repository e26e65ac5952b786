"""What a board reads first, counted from the very rows of the sheets while they are written."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import Any

from ...workbook.sheets import Board, Column, Figure, Share, Table, Tone, Value

DUTY, EXPOSURE, RIGHT = "义务", "风险敞口", "权利"
GROUPS = {"应当": DUTY, "不得": DUTY, "风险敞口": EXPOSURE, "权利": RIGHT}
STATES = ("已完成", "待重新确认", "待复核", "进行中", "未开始", "已退回", "已逾期", "已取消")
HEADINGS = (DUTY, EXPOSURE, RIGHT, "任务", "完成率", "逾期")
MOST_DOMAINS, MOST_DOCUMENTS, MOST_OWNERS, MOST_ATTENTION, SOON = 9, 7, 12, 10, 14
REST = "其余"
SEVERE = {"高": 0, "中": 1, "低": 2}

Row = Sequence[Value]
Place = tuple[str, str, str]


class Tally:
    """Counts rows as they pass; `places` gives domain, document and severity of every obligation by its id."""

    def __init__(self, places: dict[str, Place], today: date) -> None:
        self._places, self._today = places, today
        self._modalities: Counter[str] = Counter()
        self._states: Counter[str] = Counter()
        self._domains: defaultdict[str, Counter[str]] = defaultdict(Counter)
        self._documents: defaultdict[str, Counter[str]] = defaultdict(Counter)
        self._entities: defaultdict[str, Counter[str]] = defaultdict(Counter)
        self._late = self._unassigned = 0
        self._urgent: list[tuple[tuple[int, int, int, str], Row]] = []

    def duties(self, columns: Sequence[Column], rows: Iterable[Row]) -> Iterator[Row]:
        """Pass the rows of 合规义务清单 on, counted."""
        for row in rows:
            told = _by_heading(columns, row)
            group = GROUPS[str(told["性质"])]
            self._modalities[group] += 1
            self._add(str(told["编号"]), group)
            self._entities[str(told.get("主体", ""))][group] += 1
            if told["适用性"] == "适用" and told["责任分派"] == "未分派" and group != RIGHT:
                self._unassigned += 1
                if group == DUTY:
                    self._attend(3, str(told["编号"]), 0, told, None, "适用，尚未分派责任人")
            yield row

    def tasks(self, columns: Sequence[Column], rows: Iterable[Row]) -> Iterator[Row]:
        """Pass the rows of 责任分派与任务 on, counted."""
        for row in rows:
            self._task(_by_heading(columns, row))
            yield row

    def _task(self, told: dict[str, Any]) -> None:
        state, obligation, late = str(told["状态"]), str(told["义务编号"]), told["逾期天数"] or 0
        self._states[state] += 1
        counted = [what for what, so in (("任务", state != "已取消"), ("完成", state == "已完成"), ("逾期", late), ("退回", state == "已退回"), ("待重新确认", state == "待重新确认")) if so]
        self._entities[str(told.get("主体", ""))].update(counted)
        for what in counted:
            self._add(obligation, what)
        self._late += bool(late)
        if late or state in {"已退回", "待重新确认"}:
            rank, why = _reason(state, late)
            self._attend(rank, obligation, -late, told, told["截止日"], why)
        elif state in {"未开始", "进行中"} and (left := (told["截止日"] - self._today).days) <= SOON:
            self._attend(4, obligation, left, told, told["截止日"], f"{left} 天后到期" if left else "今天到期")

    def _add(self, obligation: str, what: str) -> None:
        domain, document, _severity = self._places[obligation]
        self._domains[domain][what] += 1
        self._documents[document][what] += 1

    def _attend(self, rank: int, obligation: str, days: int, told: dict[str, Any], due: date | None, why: str) -> None:
        level = self._places[obligation][2]
        severity, why = SEVERE[level], f"{why}（重要程度{level}）"
        row = (obligation, told["性质"], told.get("义务") or told["标题"], told.get("责任人"), " · ".join(filter(None, (told.get("主体"), told.get("部门")))) or None, due, told.get("状态", "未分派"), told.get("逾期天数"), why)
        self._urgent.append(((rank, severity, days, f"{obligation} {told.get('任务号', 0):>12}"), row))
        if len(self._urgent) > 50 * MOST_ATTENTION:
            self._trim()

    def _trim(self) -> None:
        self._urgent = sorted(self._urgent, key=lambda item: item[0])[:MOST_ATTENTION]

    def board(self, title: str, caption: str, notes: Sequence[str], tones: dict[str, Tone]) -> Board:
        """Put the page together; to be called when all rows have passed."""
        self._trim()
        ten = [(place, *row) for place, (_rank, row) in enumerate(self._urgent, start=1)]
        split = self._late != self._states["已逾期"]
        return Board(
            title, caption, self._figures(), self._of_states(), _table("按文件", "文件", self._documents, MOST_DOCUMENTS),
            _table("按领域", "领域", self._domains, MOST_DOMAINS),
            Table("最需关注的事项（至多十项）", ("序", "义务编号", "性质", "事项", "责任人", "部门", "截止日", "状态", "逾期", "关注原因"), ten, "没有逾期、退回、待重新确认或未分派的事项。"),
            (*(("“逾期”含已退回后仍未重新提交、且已过截止日的任务；任务状态中这类任务列为“已退回”。",) if split else ()), *notes), tones, self._of_owners(),
        )

    def _of_owners(self) -> Table | None:
        """Put the entities of a group under each other, the one with most that is late first."""
        names = sorted((name for name in self._entities if name), key=lambda name: (-self._entities[name]["逾期"], name))
        if not names:
            return None
        rows = [_owner_line(name, self._entities[name]) for name in (names if len(names) <= MOST_OWNERS else names[: MOST_OWNERS - 1])]
        if others := names[len(rows):]:
            rows.append(_owner_line(f"{REST} {len(others)} 个主体", sum((self._entities[name] for name in others), Counter())))
        return Table("按主体", ("主体", DUTY, EXPOSURE, "任务", "完成率", "逾期", "退回", "待重新确认"), rows, "没有记录。", bool(others))

    def _figures(self) -> list[Figure]:
        states = self._states
        live = states.total() - states["已取消"]
        return [
            Figure("义务（应当、不得）", self._modalities[DUTY]), Figure("风险敞口（非义务）", self._modalities[EXPOSURE], Tone.WAIT), Figure("任务（不含已取消）", live),
            Figure("任务完成率", Share(states["已完成"], live), Tone.GOOD), Figure("逾期任务", self._late, Tone.BAD), Figure("已退回任务", states["已退回"], Tone.BAD),
            Figure("待重新确认任务", states["待重新确认"], Tone.AGAIN), Figure("适用而未分派", self._unassigned, Tone.WAIT),
        ]

    def _of_states(self) -> Table:
        total = self._states.total()
        rows = [(state, self._states[state], Share(self._states[state], total)) for state in STATES if total]
        return Table("任务状态", ("状态", "任务", "占比"), rows, "没有任务。")


def _reason(state: str, late: int) -> tuple[int, str]:
    if late:
        return 0, f"逾期 {late:,} 天{'，且被退回' if state == '已退回' else ''}"
    return (1, "复核退回，待补正") if state == "已退回" else (2, "义务文本已变，待重新确认")


def _by_heading(columns: Sequence[Column], row: Row) -> dict[str, Any]:
    return {column.heading: value for column, value in zip(columns, row, strict=True)}


def _table(title: str, what: str, counted: dict[str, Counter[str]], most: int) -> Table:
    """Order by what is late, then by exposures and duties; what does not fit is added up in the last line."""
    names = sorted(counted, key=lambda name: (-counted[name]["逾期"], -counted[name][EXPOSURE] - counted[name][DUTY], name))
    rows = [_line(name, counted[name]) for name in (names if len(names) <= most else names[: most - 1])]
    if len(names) > most:
        others = names[most - 1 :]
        rows.append(_line(f"{REST} {len(others)} 个{what}", sum((counted[name] for name in others), Counter())))
    return Table(title, (what, *HEADINGS), rows, "没有记录。", len(names) > most)


def _line(name: str, of: Counter[str]) -> tuple[Value, ...]:
    return (name, of[DUTY], of[EXPOSURE], of[RIGHT], of["任务"], Share(of["完成"], of["任务"]), of["逾期"])


def _owner_line(name: str, of: Counter[str]) -> tuple[Value, ...]:
    return (name, of[DUTY], of[EXPOSURE], of["任务"], Share(of["完成"], of["任务"]), of["逾期"], of["退回"], of["待重新确认"])
