"""The rules of ledgers: headings, merged cells, rows that are none, words, laws, ids that stay, and the file they come to."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import pytest

from tests.ledgers.books import ROWS, duties, read, repairs
from tracker.errors import BadInput
from tracker.ledgers.building import Built, build, doubled, headings_key, named, questions
from tracker.ledgers.fields import CHOSEN, FIELDS, IGNORE, KEEP, choice, columns_twice, guesses, meaning
from tracker.ledgers.rows import NEW, Wishes, Words, laws, means
from tracker.ledgers.sheet import MOST_COLUMNS, MOST_LINES, Ledger, ledger
from tracker.ledgers.writing import (
    Frame,
    Known,
    known_of,
    placed,
    register_file,
    same_rows,
    says_the_same,
)
from tracker.register.shape import Register
from tracker.register.source import Around, read_register
from tracker.words import Basis, Cadence
from tracker.workbook.reading import Fault, read_workbook

WORDS = Words({"disclosure": "信息披露"}, {"securities_firm": "证券公司", "controlling_shareholder": "控股股东、实际控制人"})
DEFAULTS = {"modality": "must", "severity": "medium", "cadence": "annual", "domain": "disclosure", "subject": "securities_firm"}
FRAME = Frame("own_ledger", "自有台账", "2026.11", "own-ledger", "LZY", "自有台账", "海川证券", dt.date(2026, 11, 22), "台账.xlsx", "工作表“台账”")
AROUND = Around(domains={"disclosure": "主"}, subjects={"securities_firm": "主", "controlling_shareholder": "主"})


def wishes(of: Ledger, values: Mapping[str, Mapping[str, str]] | None = None, **columns: str) -> Wishes:
    """Return what is guessed of the columns, some said otherwise by their letter."""
    guessed = dict(zip((one.number for one in of.columns), guesses(one.parts for one in of.columns), strict=True))
    return Wishes({**guessed, **{ord(letter) - 64: code for letter, code in columns.items()}}, values or {}, DEFAULTS)


def built(of: Ledger, values: Mapping[str, Mapping[str, str]] | None = None, **columns: str) -> Built:
    """Return what a ledger comes to."""
    return build(of, wishes(of, values, **columns), WORDS)


def register(of: Built, known: Known = Known()) -> Register:
    """Write the file and read it as the reader of registers does."""
    return read_register(register_file(of.entries, FRAME, known).encode(), "own.yaml", AROUND)


def said(rows: Sequence[Sequence[Any]], **columns: str) -> Register:
    """Read rows under their headings and return the register."""
    return register(built(read(rows), **columns))


def one_sheet(data: bytes) -> Ledger:
    """Read the last sheet of a workbook."""
    return ledger(read_workbook(data, "台账.xlsx").sheets[-1])


@pytest.mark.parametrize(("parts", "field"), [
    (["合规义务"], "statement"), (["义务内容"], "statement"), (["管理要求"], "statement"), (["来源"], "law"), (["制度依据"], "law"), (["法规名称"], "law"),
    (["整改事项"], "problem"), (["问题描述"], "problem"), (["整改措施"], "measure"), (["整改期限"], "deadline"), (["责任人"], "owner"), (["责任", "部门"], "department"),
    (["序 号"], "number"), (["风险等级（高/中/低）"], "severity"), (["条款号"], "article"), (["领域"], "domain"), (["是否完成"], None), (["2026年整改完成时限"], "deadline"),
])
def test_headings_speak_for_fields(parts: list[str], field: str | None) -> None:
    assert meaning(parts) == field


def test_a_field_of_one_column_is_guessed_once_and_what_nothing_speaks_for_is_kept() -> None:
    assert guesses([["序号"], ["编号"], ["合规义务"], ["是否完成"], []]) == ["number", KEEP, "statement", KEEP, KEEP]
    assert guesses([["序号"], ["事项名称"]]) == ["number", "statement"]
    assert columns_twice({1: "title", 2: "title", 3: KEEP, 4: KEEP, 5: "law", 6: "law"}) == [("title", [1, 2])]


@pytest.mark.parametrize(("field", "value", "code"), [
    ("modality", "应当", "must"), ("modality", "禁止", "must_not"), ("modality", "权利", "right"), ("modality", "风险敞口", "exposure"), ("modality", "原则上", None),
    ("severity", "高风险", "high"), ("severity", "较低", "low"), ("severity", "一般", None), ("cadence", "每半年一次", "semiannual"), ("cadence", "季度", "quarterly"),
    ("cadence", "不定期", None), ("cadence", "annual", "annual"),
])
def test_words_stand_for_choices_or_are_asked_about(field: str, value: str, code: str | None) -> None:
    assert choice(field, value, {str(word): word.label for word in CHOSEN[field] or ()}) == code


def test_a_ledger_with_a_title_headings_of_two_rows_and_merged_cells_is_read_whole() -> None:
    found = one_sheet(duties())
    assert found.head == 3 and found.above == "海川证券合规义务台账（2026年）"
    assert [one.heading for one in found.columns] == ["序号", "类别", "合规义务", "来源", "性质", "风险等级", "频率", "责任 / 部门", "责任 / 人员", "备注"]
    assert [(line.cells[2], line.cells[8]) for line in found.lines] == [("公司治理", "董事会办公室")] * 2 + [("信息披露", "证券事务部")] * 2
    assert [(one.place, one.why) for one in found.left] == [
        ("合规义务清单!A1", "表头上方的标题或说明"), ("合规义务清单!A8", "合计行"), ("合规义务清单!9 行", "空行"), ("合规义务清单!A10", "表末的注释或签字行"),
    ]
    assert found.left[1].text == "合计　4 项"


def test_every_obligation_of_a_ledger_is_implied_and_its_laws_are_unverified() -> None:
    told = register(built(one_sheet(duties())))
    every = [one for document in told.documents for clause in document.clauses for one in clause.obligations]
    assert [clause.title for clause in told.documents[0].clauses] == ["公司治理", "信息披露"]
    assert len(every) == len(ROWS) and {one.basis for one in every} == {Basis.IMPLIED} and {one.inferred for one in every} == {("securities_firm",)}
    assert [(law.name, law.articles, law.basis.value) for one in every for law in one.law] == [
        ("证券法", ("88",), "unverified"), ("上市公司信息披露管理办法", ("12",), "unverified"),
    ]
    assert [one.cadence for one in every] == [Cadence.ANNUAL, Cadence.CONTINUOUS, Cadence.SEMIANNUAL, Cadence.EVENT]
    assert told.documents[0].nature.startswith("公司内部台账") and told.facts == {}


def test_a_deadline_of_a_rectification_ledger_is_noted_and_no_date_of_the_register() -> None:
    told = register(built(one_sheet(repairs())))
    one = told.documents[0].clauses[0].obligations[0]
    assert one.statement == "问题描述：未按规定保存客户回访记录。整改措施：补齐回访记录，修订回访制度"
    assert {note.label: note.text for note in one.noted} == {
        "整改期限（仅作提示）": "2026-12-31", "整改责任部门": "零售业务部", "责任人": "周洁", "完成情况": "整改中", "台账编号": "Z-01",
    }
    assert one.facts == () and "2026-12-31" not in one.statement


def test_section_lines_become_the_clause_of_what_follows() -> None:
    found = read([("序号", "合规义务"), ("一、公司治理", None), (1, "甲项要求应当落实到位。"), ("二、信息披露", None), (2, "乙项要求应当落实到位。")])
    assert [one.clause for one in built(found).entries] == ["一、公司治理", "二、信息披露"]
    assert [one.why for one in found.left] == ["分节标题，作为以下各行的类别"] * 2


@pytest.mark.parametrize("text", ["合计", "总 计", "小计：", "共计3项", "本页合计"])
def test_total_lines_are_left_out(text: str) -> None:
    found = read([("序号", "合规义务"), (1, "甲"), (text, "3"), ("合计算法", "按规定计算净资本。")])
    assert [one.why for one in found.left] == ["合计行"] and [line.number for line in found.lines] == [2, 4]


def test_what_has_no_content_of_its_own_and_what_says_the_same_twice_is_named() -> None:
    found = read([("序号", "合规义务", "部门"), (1, "甲项要求", "合规部"), (2, None, "合规部"), (3, "甲项要求", "合规部"), (4, "甲项要求", "风控部")])
    told = built(found)
    assert [one.line for one in told.entries] == [2, 5]
    assert [(one.place, one.why) for one in told.left] == [
        ("台账!A3", "没有要求的内容：“要求（义务内容）”各列都是空的"), ("台账!A4", "与第 2 行完全相同，只导入一次"),
    ]
    assert doubled(built(read([("序号", "合规义务"), (1, "甲"), (1, "乙"), (2, "丙")])).entries) == {"1": 2}


def test_faults_name_sheet_and_cell_unless_the_column_is_passed_over() -> None:
    found = read([("序号", "合规义务", "备注"), (1, Fault("#REF!"), "x"), (2, Fault(""), "x"), (3, "有\x07控制字符", "x"), (4, "好", Fault("#N/A")), (5, "好的", "长" * 4001)])
    told = built(found)
    assert [one.sentence.partition("。")[0] for one in told.problems] == [
        "台账!B2：这里是错误值 #REF!，请改正", "台账!B3：这里是公式，文件里没有保存它的结果", "台账!B4：文字中有无法保存的控制字符（U+0007），请删去",
        "台账!C5：这里是错误值 #N/A，请改正", "台账!C6：文字有 4,001 个字，最多 4,000 个",
    ]
    assert not told.entries and told.refused == 5
    assert [one.line for one in built(found, C=IGNORE).entries] == [5, 6]


def test_a_long_text_is_shortened_at_a_full_stop_and_kept_whole_beside() -> None:
    text = "应当建立制度。" * 90
    told = built(read([("合规义务", "标题", "备注"), (text, "一" * 30, "x")]))
    (one,) = told.entries
    assert len(one.statement) <= 400 and one.statement.endswith("。") and text.startswith(one.statement)
    assert ("合规义务（全文）", text) in one.noted and ("标题", "一" * 30) in one.noted and one.title == "一" * 19 + "…"
    assert [place.sentence.partition("：")[0] for place in told.remarks] == ["台账!A2", "台账!B2"]
    assert register(told).documents[0].clauses[0].obligations[0].noted[0].text == text


def test_unknown_words_are_asked_about_with_their_count_and_first_place() -> None:
    found = read([("合规义务", "性质", "领域", "义务主体"), ("甲", "原则", "反洗钱", "控股股东、实际控制人"), ("乙", "原则", "信息披露", "证券公司、期货公司"), ("丙", "应当", "反洗钱", "证券公司")])
    asked = questions(found, wishes(found), WORDS)
    assert [(one.field, one.value, one.count, one.place) for one in asked] == [
        ("modality", "原则", 2, "台账!B2"), ("domain", "反洗钱", 2, "台账!C2"), ("subject", "期货公司", 1, "台账!D3"),
    ]
    assert [place.sentence[:15] for place in built(found).problems][0] == "台账!B2：“原则”不是已知的"
    answers = {"modality": {"原则": "must"}, "domain": {"反洗钱": NEW}, "subject": {"期货公司": "securities_firm"}}
    told = built(found, answers)
    assert not told.problems and [one.domain for one in told.entries] == ["+反洗钱", "disclosure", "+反洗钱"]
    assert [one.subjects for one in told.entries] == [("controlling_shareholder",), ("securities_firm",), ("securities_firm",)]
    made = register(told)
    assert [domain.label for domain in made.domains.values()] == ["反洗钱"] and made.documents[0].clauses[0].obligations[0].inferred == ()
    # What somebody said that is no word of the field is no answer.
    assert means("modality", "原则", Wishes({}, {"modality": {"原则": "onto"}}), WORDS) == ""


@pytest.mark.parametrize(("text", "told"), [
    ("《证券法》第八十八条", [("证券法", ("88",))]), ("《证券法》第八十八条、第一百九十八条；《公司法》", [("证券法", ("88", "198")), ("公司法", ())]),
    ("《证券法》第一百六十九条之一", [("证券法", ("169-1",))]), ("证券法第八十八条", None), ("《证券法》第八十八条及配套规则", None), ("", None), ("《证券法》《证券法》", None),
])
def test_laws_are_read_only_where_the_cell_says_nothing_else(text: str, told: list[tuple[str, tuple[str, ...]]] | None) -> None:
    assert laws(text) == told


def test_headings_twice_and_columns_without_a_heading_keep_their_own_texts() -> None:
    found = read([("合规义务", "备注", "备注", None), ("甲项要求", "一", "二", "三")])
    assert [one.heading for one in found.columns] == ["合规义务", "备注", "备注", "D 列（没有列名）"]
    assert built(found).entries[0].noted == (("备注", "一"), ("备注（2）", "二"), ("D 列（没有列名）", "三"))
    assert list(named(found.columns)) == ["合规义务", "备注", "备注#2", ""]


def test_the_same_headings_in_another_order_are_the_same_ledger() -> None:
    one, other = read([("序号", "合规义务", "备注"), (1, "甲", "x")]), read([("备 注", "序号*", "合规义务"), ("x", 1, "甲")])
    assert headings_key(one.columns) == headings_key(other.columns) != headings_key(read([("序号", "合规义务"), (1, "甲")]).columns)


def test_numbers_dates_and_formula_like_texts_read_as_people_see_them() -> None:
    found = read([("序号", "合规义务", "整改期限", "备注"), (1, "=1+1", dt.date(2026, 12, 31), dt.datetime(2026, 1, 2, 9, 30)), (2, "<b>加粗</b> & “引号”", 0.5, True)])
    assert [dict(line.cells) for line in found.lines] == [
        {1: "1", 2: "=1+1", 3: "2026-12-31", 4: "2026-01-02 09:30:00"}, {1: "2", 2: "<b>加粗</b> & “引号”", 3: "0.5", 4: "TRUE"},
    ]
    told = register(built(found)).documents[0].clauses[0].obligations
    assert [one.statement for one in told] == ["=1+1", "<b>加粗</b> & “引号”"] and told[0].anchor == "本台账所列事项：=1+1"


@pytest.mark.parametrize(("rows", "sentence"), [
    ([("甲", "乙"), ("丙", "丁")], "没有认出表头"), ([("合规义务",), ("甲",)], "没有认出表头"), ([("序号", "合规义务")], "没有内容"), ([], "是空的"),
])
def test_a_sheet_that_is_no_ledger_is_refused_with_a_way_out(rows: list[tuple[str, ...]], sentence: str) -> None:
    with pytest.raises(BadInput, match=sentence):
        read(rows)


def test_headings_that_say_nothing_are_taken_where_somebody_names_their_row() -> None:
    found = read([("甲", "乙"), ("丙", "丁")], head=1)
    assert [one.heading for one in found.columns] == ["甲", "乙"] and not built(found).entries
    assert [one.statement for one in built(found, A="statement").entries] == ["丙"]


def test_too_many_rows_and_columns_are_refused_with_the_first_cell_beyond() -> None:
    rows: list[tuple[Any, ...]] = [("序号", "合规义务"), *((n, f"第{n}项要求") for n in range(MOST_LINES + 1))]
    with pytest.raises(BadInput, match=rf"有 5,001 行，一次最多导入 5,000 行（台账!A{MOST_LINES + 2} 起超出）"):
        read(rows)
    assert len(read(rows[:-1]).lines) == MOST_LINES
    with pytest.raises(BadInput, match=r"有 61 列，最多 60 列（台账!BI1 起超出）"):
        read([("序号", "合规义务", *(f"列{n}" for n in range(MOST_COLUMNS - 1))), (1, "甲")])


def test_merged_cells_that_lie_over_one_another_are_refused_and_far_ones_cost_nothing() -> None:
    rows = [("序号", "合规义务"), *((n, f"第{n}项") for n in range(1000))]
    with pytest.raises(BadInput, match="互相重叠"):
        read(rows, [(2, 1, 1001, 1)] * 1000)
    assert read(rows, [(2, 1, 1_048_576, 1)] * 50).lines[1].cells[1] == "1"


def ids(rows: Sequence[tuple[Any, ...]], before: Known = Known()) -> list[str]:
    """Return the ids of rows under a heading of number, clause and duty, in the order of the rows."""
    told = built(read([("序号", "类别", "合规义务"), *rows]))
    return [one.id for one in sorted(placed(told.entries, "LZY", before)[1], key=lambda one: one.entry.line)]


BASE = [(1, "治理", "甲项要求"), (2, "治理", "乙项要求"), (3, "披露", "丙项要求")]


@pytest.mark.parametrize(("rows", "told"), [
    (BASE, ["LZY-01-01", "LZY-01-02", "LZY-02-01"]),
    ([(1, "治理", "甲项要求改了"), *BASE[1:]], ["LZY-01-01", "LZY-01-02", "LZY-02-01"]),
    ([(1, "治理", "新的一项"), (2, "治理", "甲项要求"), (3, "治理", "乙项要求"), (4, "披露", "丙项要求")], ["LZY-01-03", "LZY-01-01", "LZY-01-02", "LZY-02-01"]),
    ([BASE[0], BASE[2]], ["LZY-01-01", "LZY-02-01"]),
    ([BASE[2], BASE[1], BASE[0]], ["LZY-02-01", "LZY-01-02", "LZY-01-01"]),
    ([(None, "治理", "乙项要求"), (None, "内控", "丁项要求")], ["LZY-01-02", "LZY-03-01"]),
    ([(1, "治理", "甲项要求"), (2, "披露", "乙项要求")], ["LZY-01-01", "LZY-02-02"]),
], ids=["same", "changed", "put in", "taken out", "turned round", "without numbers", "moved"])
def test_the_same_rows_keep_their_ids_and_new_ones_take_none_that_was_used(rows: list[tuple[Any, ...]], told: list[str]) -> None:
    before = register(built(read([("序号", "类别", "合规义务"), *BASE])))
    assert ids(rows, known_of(before)) == told


def test_a_row_that_moved_to_another_clause_names_its_earlier_id() -> None:
    before = register(built(read([("序号", "类别", "合规义务"), *BASE])))
    after = register(built(read([("序号", "类别", "合规义务"), BASE[0], (2, "披露", "乙项要求"), BASE[2]])), known_of(before))
    assert [one.formerly for one in after.documents[0].clauses[1].obligations if one.id == "LZY-02-02"] == [("LZY-01-02",)]


def test_an_id_that_was_withdrawn_is_never_given_again_and_doubled_keys_fit_nothing() -> None:
    entries = built(read([("序号", "合规义务"), (1, "甲"), (1, "乙")])).entries
    assert [one.id for one in placed(entries, "LZY", Known((), frozenset({"LZY-01-07"}), {1: "台账各项"}))[1]] == ["LZY-01-08", "LZY-01-09"]
    earlier = known_of(register(built(read([("序号", "合规义务"), (1, "丙"), (2, "丁")])))).obligations
    assert same_rows(entries, earlier) == {}


def test_a_full_clause_goes_on_in_another_and_stays_there() -> None:
    entries = [replace(built(read([("合规义务", "备注"), ("甲", "x")])).entries[0], line=n, statement=f"第{n}项", title=f"第{n}项") for n in range(1005)]
    clauses, rows = placed(entries, "LZY", Known())
    assert clauses == {1: "台账各项", 2: "台账各项（续2）"} and rows[-1].id == "LZY-02-06"
    again = placed(entries, "LZY", known_of(register(Built(entries, (), (), ()))))
    assert [one.id for one in again[1]] == [one.id for one in rows] and not any(one.formerly for one in again[1])


def test_the_workbook_and_the_rows_from_which_a_file_came_are_no_change_and_a_day_only_when_it_was_said() -> None:
    entries = built(read([("合规义务", "备注"), ("# 甲项", "x")])).entries
    one, other, text = (register_file(told, frame, Known()) for told, frame in (
        (entries, FRAME), ([replace(entries[0], line=9)], replace(FRAME, source="另一份.xlsx", issued=dt.date(2026, 12, 1))), ([replace(entries[0], statement="# 乙项")], FRAME)))
    assert says_the_same(one, other, dated=False) and not says_the_same(one, other, dated=True) and not says_the_same(one, text, dated=False)


def test_every_field_has_a_label_of_its_own() -> None:
    assert len({field.label for field in FIELDS.values()}) == len(FIELDS)
