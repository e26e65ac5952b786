"""The three lists, the record of reviews and the board's page: every cell from the database, every number from the rows beside it."""

from __future__ import annotations

import io
import re
import zipfile
from collections import Counter
from dataclasses import replace
from typing import Any
from xml.etree import ElementTree

import pytest
from sqlalchemy import select

from tests.reports.opening import Opened
from tests.reports.story import HOSTILE, Story
from tests.work import REGISTER
from tracker import clock
from tracker.assignments import reviewing
from tracker.assignments.models import Assignment, Reconfirmation, Submission, Task
from tracker.assignments.queries import TaskFilter
from tracker.controls.actions import set_controls
from tracker.controls.fields import FIELDS, LEVEL
from tracker.controls.models import Control
from tracker.db import EVERY_ENTITY
from tracker.people.access import operator
from tracker.people.models import Person
from tracker.register.loading import load
from tracker.register.models import Domain, Obligation
from tracker.register.queries import ObligationFilter
from tracker.reports import layout
from tracker.reports.actions import export_store, write
from tracker.reports.layout import BOARD
from tracker.scope.models import ScopeDecision
from tracker.words import Modality

THREE = ("合规风险识别清单", "岗位合规职责清单", "流程管控清单")
LABELS = {
    "合规风险识别清单": {"一级业务": "business", "二级业务": "sub_business", "风险行为编号": "risk_no", "底线": "bottom_line", "风险控制措施": "measure", "归口部门": "lead_department", "配合部门": "support_departments", "备注": "remark"},
    "岗位合规职责清单": {"部门名称": "lead_department", "岗位名称": "post_name", "合规职责": "post_duty", "合规底线": "bottom_line", "制度依据": "policy"},
    "流程管控清单": {"一级流程": "main_process", "二级流程": "sub_process", "流程编号": "process_no", "合规审查内容": "review_points", "监督评价要点": "supervision", "责任部门": "lead_department"},
}
AS_PRACTICE_HAS_THEM = {
    "合规风险识别清单": "一级业务 二级业务 合规风险名称 风险行为编号 风险行为描述 责任或后果 风险等级 底线 合规依据 合规义务 风险控制措施 归口部门 配合部门 备注",
    "岗位合规职责清单": "部门名称 岗位名称 合规职责 合规义务来源 合规底线 制度依据",
    "流程管控清单": "一级流程 二级流程 流程编号 合规重要环节 合规审查内容 义务来源 合规风险点 监督评价要点 责任部门",
}


def _fill(story: Story) -> tuple[str, str]:
    """Fill every field of one obligation with hostile texts, and two of another."""
    world = story.company.world
    first, second = story.company.applicable(2)
    texts = dict(zip((field.name for field in FIELDS), [text for text in HOSTILE if "\n" not in text] * 2, strict=False)) | {LEVEL: "low", "measure": "第一行\n第二行"}
    with story.company.database.writing(world.officer.entities) as s:
        set_controls(s, world.officer, world.ours, [first], texts)
        set_controls(s, world.officer, world.ours, [second], {"bottom_line": "不得越过", "risk_level": "high"})
    return first, second


def _cells(opened: Opened, title: str) -> list[dict[str, Any]]:
    page = opened.book[title]
    heads = [cell.value for cell in page[2]]
    return [dict(zip(heads, row, strict=True)) for row in page.iter_rows(min_row=3)]


@pytest.mark.parametrize("title", THREE)
def test_the_columns_are_those_of_practice_and_the_hidden_ones_name_the_obligation(story: Story, title: str) -> None:
    _fill(story)
    opened = story.export()[0]
    page = opened.book[title]
    heads = [cell.value for cell in page[2]]
    unseen = ["义务编号", "管控版本", "行标识", "导出时的值", "单元格校验"]
    assert heads == [*AS_PRACTICE_HAS_THEM[title].split(), *unseen]
    hidden = [page.column_dimensions[page.cell(2, number).column_letter].hidden for number in range(1, len(heads) + 1)]
    assert hidden == [False] * (len(heads) - len(unseen)) + [True] * len(unseen)
    with story.company.database.reading(EVERY_ENTITY) as s:
        out = set(s.scalars(select(ScopeDecision.obligation_id).where(ScopeDecision.state == "not_applicable", ScopeDecision.entity_id == story.company.world.ours)))
        wanted = {o.id for o in s.scalars(select(Obligation).where(~Obligation.withdrawn)) if o.id not in out and o.modality != Modality.RIGHT}
        versions = {row.obligation_id: row.version for row in s.scalars(select(Control))}
    rows = opened.rows(title)
    assert len(rows) == len(wanted) and {row["义务编号"] for row in rows} == wanted
    assert all(row["管控版本"] == versions.get(row["义务编号"], 0) for row in rows)


@pytest.mark.parametrize("title", THREE)
def test_what_was_filled_in_stands_there_letter_by_letter_and_what_was_not_is_marked_as_a_suggestion(story: Story, title: str) -> None:
    first, second = _fill(story)
    opened = story.export()[0]
    with story.company.database.reading(EVERY_ENTITY) as s:
        held = {row.obligation_id: row.values for row in s.scalars(select(Control))}
    plain = {row["义务编号"]: row for row in opened.rows(title)}
    for head, name in LABELS[title].items():
        assert plain[first][head] == held[first][name], head
    for row in _cells(opened, title):
        for head, name in LABELS[title].items():
            own = held.get(row["义务编号"].value, {}).get(name, "")
            if row[head].value is not None:
                assert bool(row[head].font.i) is not bool(own), (row["义务编号"].value, head)
                assert row[head].data_type == "s"
    assert plain[second].get("底线", plain[second].get("合规底线", "不得越过")) == "不得越过"


def test_an_exposure_is_never_presented_as_a_duty_and_an_implied_duty_never_as_a_stated_one(story: Story) -> None:
    opened = story.export()[0]
    with story.company.database.reading(EVERY_ENTITY) as s:
        known = {o.id: o for o in s.scalars(select(Obligation))}
    for title, head, source in zip(THREE, ("合规义务", "合规职责", "合规审查内容"), ("合规依据", "合规义务来源", "义务来源"), strict=True):
        for row in opened.rows(title):
            one = known[row["义务编号"]]
            assert row[head].startswith(f"【{one.modality.label} · {one.basis.label}】") and row[head].endswith(one.statement)
            assert ("条文未设义务" in row[head]) is (one.modality == Modality.EXPOSURE)
            assert f"第 {one.clause_no} 条（{one.basis.label}）" in row[source]
            assert all(f"《{law['name']}》" in row[source] for law in one.law) and row[source].count("已核") + row[source].count("未核验") == len(one.law)
    risks = {row["义务编号"]: row for row in opened.rows("合规风险识别清单")}
    begins = {Modality.MUST: "未做到：", Modality.MUST_NOT: "违反：", Modality.EXPOSURE: "涉及："}
    assert all(row["风险行为描述"] == begins[known[one].modality] + known[one].title for one, row in risks.items())
    assert {row["合规风险名称"] for row in risks.values()} == {known[one].title for one in risks}


def test_suggestions_come_from_the_register_and_the_assignment(story: Story) -> None:
    opened = story.export()[0]
    with story.company.database.reading(EVERY_ENTITY) as s:
        known = {o.id: o for o in s.scalars(select(Obligation))}
        domains = {d.code: d.label for d in s.scalars(select(Domain))}
        duties = {a.obligation_id: (a.department, s.get_one(Person, a.owner_id).post) for a in s.scalars(select(Assignment))}
    for row in opened.rows("合规风险识别清单"):
        one = known[row["义务编号"]]
        assert (row["一级业务"], row["风险行为编号"], row["风险等级"]) == (domains[one.domain], one.id, one.severity.label)
        assert row["归口部门"] == duties.get(one.id, ("", ""))[0]
    posts = opened.rows("岗位合规职责清单")
    assert all((row["部门名称"], row["岗位名称"]) == duties.get(row["义务编号"], ("", "")) for row in posts)
    named = [bool(row["部门名称"]) for row in posts]
    assert named == sorted(named, reverse=True) and any(named)


def test_rights_stand_in_none_of_the_three_and_changing_a_level_is_offered_as_a_list(story: Story) -> None:
    opened = story.export(TaskFilter(ObligationFilter(modality="right", withdrawn=True)))[0]
    assert opened.rows("合规义务清单") and all(opened.rows(title) == [] for title in THREE)
    page = story.export()[0].book["合规风险识别清单"]
    assert [(str(rule.sqref)[0], rule.formula1) for rule in page.data_validations.dataValidation] == [("G", '"高,中,低"')]


def _rewrite(story: Story) -> None:
    """Change the text of the obligation whose task is accepted."""
    database, host = story.company.database, operator("操作员")
    with database.reading(EVERY_ENTITY) as s:
        task = s.get_one(Task, story.tasks["done"])
        title = s.get_one(Obligation, task.obligation_id).title
    changed = REGISTER.read_text(encoding="utf-8").replace('edition: "2026.12.1"', 'edition: "2026.12.9"').replace(f"title: {title}\n", f"title: {title[:18]}改\n")
    with database.writing(host.entities) as s:
        load(s, host, changed.encode(), REGISTER.name)


def test_the_record_of_reviews_holds_every_submission_and_every_confirmation_in_order(story: Story) -> None:
    _rewrite(story)
    world = story.company.world
    before = story.export()[0]
    assert {row["任务号"]: row["状态"] for row in before.rows("责任分派与任务")}[story.tasks["done"]] == "待重新确认"
    with story.company.database.writing(world.reviewer.entities) as s:
        assert reviewing.reconfirm(s, world.reviewer, [story.tasks["done"]], "=仍然成立") == 1
    rows = story.export()[0].rows("复核记录")
    with story.company.database.reading(EVERY_ENTITY) as s:
        names = {row.id: row.name for row in s.scalars(select(Person))}
        handed = s.scalars(select(Submission).order_by(Submission.id)).all()
        confirmed = s.scalars(select(Reconfirmation)).one()
    submitted = {(row["任务号"], row["次数"]): row for row in rows if row["类别"] == "提交复核"}
    assert set(submitted) == {(one.task_id, one.n) for one in handed} and len(handed) >= 4
    for one in handed:
        row = submitted[one.task_id, one.n]
        assert (row["提交人"], row["办理说明"], row["意见或理由"], row["义务文本摘要（SHA-256）"]) == (names[one.submitted_by or 0], one.note, one.reason, one.obligation_digest)
        assert row["提交时间"] == clock.local(one.submitted_at).replace(tzinfo=None, microsecond=0)
        assert row["结论"] == (one.outcome.label if one.outcome else "待复核")
        assert row["复核人"] == (names[one.decided_by] if one.decided_by else "")
        assert all(piece["sha256"] in row["证据与 SHA-256"] and piece["name"] in row["证据与 SHA-256"] for piece in one.pinned)
    (again,) = [row for row in rows if row["类别"] == "重新确认"]
    assert (again["任务号"], again["结论"], again["复核人"], again["意见或理由"]) == (story.tasks["done"], "重新确认", "赵复核", "=仍然成立")
    assert again["义务文本摘要（SHA-256）"] == f"原：{confirmed.old_digest}\n现：{confirmed.new_digest}"
    assert [row["类别"] for row in rows if row["任务号"] == story.tasks["done"]] == ["提交复核", "重新确认"]


def _figures(opened: Opened) -> dict[str, Any]:
    page = opened.book[BOARD]
    return {page.cell(4, column).value: page.cell(3, column).value for column in range(2, 26) if page.cell(4, column).value}


def _table(opened: Opened, title: str) -> list[list[Any]]:
    """Return the rows under a title of the board's page, down to the first line that is empty or a sentence."""
    page = opened.book[BOARD]
    at = next(cell for row in page.iter_rows() for cell in row if cell.value == title)
    rows, row = [], at.row + 2
    while page.cell(row, at.column).value is not None and page.cell(row, at.column).value != "":
        values = [cell.value for cell in page[row][at.column - 1:] if cell.value is not None]
        if len(values) == 1:
            break
        rows.append(values)
        row += 1
    return rows


@pytest.mark.parametrize("wanted", [TaskFilter(), TaskFilter(state="overdue"), TaskFilter(ObligationFilter(domain="suitability", withdrawn=True)), TaskFilter(state="cancelled")])
def test_the_numbers_of_the_board_the_cover_and_the_sheets_are_the_same(story: Story, wanted: TaskFilter) -> None:
    opened, written, _kept = story.export(wanted)
    duties, tasks = opened.rows("合规义务清单"), opened.rows("责任分派与任务")
    states, kinds = Counter(row["状态"] for row in tasks), Counter(row["性质"] for row in duties)
    live = len(tasks) - states["已取消"]
    late = sum(1 for row in tasks if row["逾期天数"])
    figures = _figures(opened)
    assert figures.pop("任务完成率") == (pytest.approx(states["已完成"] / live) if live else "—")
    assert figures == {
        "义务（应当、不得）": kinds["应当"] + kinds["不得"], "风险敞口（非义务）": kinds["风险敞口"], "任务（不含已取消）": live, "逾期任务": late, "已退回任务": states["已退回"],
        "待重新确认任务": states["待重新确认"],
        "适用而未分派": sum(1 for row in duties if row["适用性"] == "适用" and row["责任分派"] == "未分派" and row["性质"] != "权利"),
    }
    if tasks:
        assert {row[0]: row[1] for row in _table(opened, "任务状态")} == {state: states[state] for state in layout.STATE}
    assert sum(row[1] for row in _table(opened, "按领域")) == sum(row[1] for row in _table(opened, "按文件")) == kinds["应当"] + kinds["不得"]
    assert sum(row[2] for row in _table(opened, "按领域")) == kinds["风险敞口"] and sum(row[4] for row in _table(opened, "按文件")) == live
    assert (written.counts["责任分派与任务"], written.counts["合规义务清单"]) == (len(tasks), len(duties)) and BOARD not in written.counts
    if not wanted.state:
        said = {row[0]: row[1] for row in zip(_row_of(opened, 0), _row_of(opened, 1), strict=True)}
        assert (said["其中：已完成"], said["其中：逾期"], said["任务"]) == (f"{states['已完成']:,}", f"{late:,}", f"{len(tasks):,}")


def _row_of(opened: Opened, above: int) -> list[str]:
    """Return the labels of the cover's counts, or the numbers that stand above them."""
    page, found = opened.book["封面"], []
    for row in page.iter_rows():
        for cell in row:
            if cell.value and re.search("^(任务$|登记事项|证据$|其中：|适用|不适用|待确认)", str(cell.value)) and page.cell(cell.row - 1, cell.column).font.sz == 20:
                found.append(str(page.cell(cell.row - above, cell.column).value))
    return found


def test_what_needs_attention_comes_late_first_and_never_more_than_ten(story: Story) -> None:
    opened = story.export()[0]
    rows = _table(opened, "最需关注的事项（至多十项）")
    late = {row["义务编号"]: row["逾期天数"] for row in opened.rows("责任分派与任务") if row["逾期天数"]}
    assert 3 <= len(late) < len(rows) == 10 and [row[0] for row in rows] == list(range(1, 11))
    assert {row[1] for row in rows[: len(late)]} == set(late)
    assert all(f"逾期 {late[row[1]]:,} 天" in row[-1] for row in rows[: len(late)])
    modalities = {row["编号"]: row["性质"] for row in opened.rows("合规义务清单")}
    assert all(row[2] == modalities[row[1]] for row in rows)
    assert all("尚未分派" in row[-1] for row in rows if "未分派" in row)


def test_a_board_without_anything_says_so(story: Story) -> None:
    opened = story.export(replace(TaskFilter(), obligation_id="OB-00-00"))[0]
    texts = [cell.value for row in opened.book[BOARD].iter_rows() for cell in row if isinstance(cell.value, str)]
    assert {"没有任务。", "没有逾期、退回、待重新确认或未分派的事项。", "没有记录。"} <= set(texts)
    assert opened.book[BOARD]._charts == []


CHART = "{http://schemas.openxmlformats.org/drawingml/2006/chart}"


def test_the_charts_are_native_and_refer_to_the_cells_beside_them(story: Story) -> None:
    opened = story.export()[0]
    with zipfile.ZipFile(io.BytesIO(opened.data)) as archive:
        parts = [name for name in archive.namelist() if name.startswith("xl/charts/chart")]
        trees = [ElementTree.fromstring(archive.read(name)) for name in parts]
        assert not [name for name in archive.namelist() if name.startswith("xl/media/")]
    assert len(trees) == 3
    assert sorted(tag for tree in trees for tag in ("doughnutChart", "barChart") if tree.find(f".//{CHART}{tag}") is not None) == ["barChart", "barChart", "doughnutChart"]
    page = opened.book[BOARD]
    for tree in trees:
        references = [found.text or "" for found in tree.iter(f"{CHART}f")]
        assert references
        for reference in references:
            title, area = reference.replace("'", "").split("!")
            assert title == BOARD
            cells = page[area.replace("$", "")]
            flat = [cells] if not isinstance(cells, tuple) else [cell for row in cells for cell in (row if isinstance(row, tuple) else (row,))]
            assert all(cell.value is not None for cell in flat), reference


def test_states_and_late_days_keep_their_colour_when_somebody_edits_them(story: Story) -> None:
    page = story.export()[0].book["责任分派与任务"]
    rules = {str(reach.sqref): [rule.formula[0] for rule in reach.rules] for reach in page.conditional_formatting}
    assert rules[f"L3:L{page.max_row}"] == ['"进行中"', '"待复核"', '"已退回"', '"已完成"', '"已逾期"', '"待重新确认"']
    assert rules[f"M3:M{page.max_row}"] == ["0"]
    assert page.cell(2, 12).value == "状态" and page.cell(2, 13).value == "逾期天数"


def test_the_cover_leads_to_every_sheet_and_the_board_prints_on_one_page(story: Story) -> None:
    opened = story.export()[0]
    links = {cell.value: cell.hyperlink.location for row in opened.book["封面"].iter_rows() for cell in row if cell.hyperlink}
    assert links == {title: f"'{title}'!A1" for title in opened.book.sheetnames[1:] if opened.book[title].sheet_state == "visible"}
    page = opened.book[BOARD]
    assert (page.page_setup.fitToWidth, page.page_setup.fitToHeight, page.page_setup.orientation, page.page_setup.paperSize) == (1, 1, "landscape", 9)


def test_the_same_state_gives_the_same_bytes_charts_and_all(story: Story) -> None:
    _fill(story)
    officer, digests = story.company.world.officer, []
    for _time in range(2):
        with story.company.database.reading(officer.entities) as s:
            digests.append(write(s, officer, [story.company.world.ours], TaskFilter(), export_store(story.folder)).stored.sha256)
    assert digests[0] == digests[1]
