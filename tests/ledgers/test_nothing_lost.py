"""Whatever a ledger says: every row is an obligation, a row left out or a row with a fault, and every cell that is taken is found in the register."""

from __future__ import annotations

import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook

from tests.ledgers.books import page
from tests.ledgers.test_rules import AROUND, DEFAULTS, FRAME, WORDS
from tracker.ledgers.building import Built, build
from tracker.ledgers.fields import CHOSEN, FIELDS, IGNORE, columns_twice
from tracker.ledgers.rows import NEW, Wishes, laws
from tracker.ledgers.sheet import Ledger, ledger
from tracker.ledgers.writing import Known, known_of, placed, register_file
from tracker.register.shape import Obligation, Register
from tracker.register.source import read_register
from tracker.workbook.reading import Fault, read_workbook

WORD = st.sampled_from(["应当", "不得", "高", "中", "每年", "半年", "证券公司", "信息披露", "《证券法》第八十八条", "合计", "注：", "一、总则", "=1+1", "#REF!", "- a: b", "x: [y", "{z}", "'", '"', "\\n", "null", "yes", "012", "待填写", "&a", "*b", "! c", "%d", "| e"])
TEXT = st.text(st.sampled_from("甲乙丙丁应当不得《》第八条：；，。、（）“” \n\t0aZ-#&*!|>%@`'\"\\{}[]:,?_\u200b\u3000\x07é😀"), max_size=40)
LONG = st.integers(380, 4100).map(lambda n: ("要求内容须落实。" * 600)[:n])
CELL: st.SearchStrategy[Any] = st.one_of(st.none(), WORD, TEXT, WORD, TEXT, LONG, st.integers(-5, 99999), st.floats(-9, 9), st.booleans(), st.dates(), st.sampled_from([Fault("#N/A"), Fault("")]))
CODES = st.sampled_from([*FIELDS, "statement", "note", "number"])
MERGED = st.lists(st.tuples(st.integers(2, 12), st.integers(1, 8), st.integers(0, 4), st.integers(0, 3)).map(lambda t: (t[0], t[1], t[0] + t[2], t[1] + t[3])), max_size=4)


@st.composite
def ledgers(draw: st.DrawFn) -> tuple[list[list[Any]], list[tuple[int, int, int, int]], dict[int, str]]:
    """Draw rows under headings of their own, merged areas, and what each column is."""
    wide = draw(st.integers(2, 8))
    rows = draw(st.lists(st.lists(CELL, min_size=wide, max_size=wide), min_size=1, max_size=9))
    columns = {n: draw(CODES) for n in range(1, wide + 1)}
    columns[draw(st.integers(1, wide))] = "statement"
    for _code, several in columns_twice(columns):
        columns |= dict.fromkeys(several[1:], "note")
    return [[f"列{n}" for n in range(1, wide + 1)], *rows], draw(MERGED), columns


def answered(of: Ledger, columns: Mapping[int, str]) -> Wishes:
    """Answer every question about a word with the first choice there is."""
    first = {"modality": "must", "severity": "low", "cadence": "event", "subject": "securities_firm", "domain": NEW}
    values: dict[str, dict[str, str]] = {}
    for column, code in columns.items():
        for line in of.lines if code in CHOSEN else ():
            for value in (text := line.cells.get(column, ""), *re.split(r"[、，,；;/\s]+", text)):
                values.setdefault(code, {})[value.strip()] = first[code]
    return Wishes(columns, values, DEFAULTS)


def strings(value: Any) -> list[str]:
    """List every text in plain values."""
    if isinstance(value, dict):
        return [text for member in value.values() for text in strings(member)]
    return [text for member in value for text in strings(member)] if isinstance(value, (list, tuple)) else [str(value)]


def missing(line: Mapping[int, str], columns: Mapping[int, str], one: Obligation, clause: str, register: Register) -> list[str]:
    """List the cells of a row that are not found in the obligation."""
    held = [*strings(one.model_dump(mode="json")), clause, *(domain.label for domain in register.domains.values())]
    lost = []
    for column, text in line.items():
        code = columns[column]
        if code in (IGNORE, "modality", "severity", "cadence", "subject") or any(text in other for other in held):
            continue
        parts = [part.strip() for part in re.split("[；;]", text) if part.strip()] if code == "evidence" else [text]
        if code in ("law", "article"):
            # What is nothing but laws is held law by law; 第八条 alone belongs to the law before it.
            whole = "".join(line[n] for n in columns if columns[n] == "law" and n in line) + "".join(line[n] for n in columns if columns[n] == "article" and n in line)
            read = laws(text) if code == "law" and laws(text) is not None else laws(whole)
            if read is not None and all(any(law.name == name and set(articles) <= set(law.articles) for law in one.law) for name, articles in read):
                continue
        if not all(any(part in other for other in held) for part in parts):
            lost.append(f"{column} {code}: {text!r}")
    return lost


def check(of: Ledger, columns: Mapping[int, str], seen: Sequence[int]) -> Built:
    """Hold one ledger against what it comes to."""
    told = build(of, answered(of, columns), WORDS)
    refused = {int(place.where.rpartition("!")[2]) for place in told.problems}
    taken = {one.line for one in told.entries}
    left = {int(match[1]) for one in told.left if (match := re.search(r"![A-Z]+(\d+)$", one.place))}
    # A row of nothing but what cannot be seen says as little as a row that is not there.
    assert taken | refused | left >= set(seen) and not taken & refused and not taken & left
    if not told.entries:
        return told
    text = register_file(told.entries, FRAME, Known())
    register = read_register(text.encode(), "own.yaml", AROUND)
    found = {one.id: (one, clause.title) for clause in register.documents[0].clauses for one in clause.obligations}
    lines = {line.number: line.cells for line in of.lines}
    for row in placed(told.entries, FRAME.prefix, Known())[1]:
        assert missing(lines[row.entry.line], columns, *found[row.id], register) == []
    assert register_file(told.entries, FRAME, known_of(register)) == text, "the same ledger a second time is another file"
    return told


@settings(max_examples=200, deadline=None)
@given(ledgers())
def test_every_cell_that_is_taken_is_found_again(drawn: tuple[list[list[Any]], list[tuple[int, int, int, int]], dict[int, str]]) -> None:
    rows, merged, columns = drawn
    sheet = page(rows, merged)
    if len(sheet.rows) < 2:
        return
    of = ledger(sheet, 1)
    check(of, columns, [row.number for row in sheet.rows if row.number > 1])


@settings(max_examples=12, deadline=None)
@given(st.lists(st.tuples(st.integers(1, 99), TEXT.map(lambda text: re.sub("[\x07\u200b]", "", text)), WORD), min_size=1, max_size=6), st.randoms(use_true_random=False))
def test_what_a_spreadsheet_program_saved_is_found_again_too(rows: list[tuple[int, str, str]], random: Any) -> None:
    book = Workbook()
    for column, heading in enumerate(("序号", "合规义务", "备注"), 1):
        book.active.cell(1, column, heading)
    for number, row in enumerate(rows, 2):
        for column, value in enumerate(row, 1):
            cell = book.active.cell(number, column, value)
            if isinstance(value, str):
                cell.data_type = "s"
    out = io.BytesIO()
    book.save(out)
    of = ledger(read_workbook(out.getvalue(), "台账.xlsx").sheets[0])
    columns = {1: "number", 2: "statement", 3: "note"}
    told = check(of, columns, [line.number for line in of.lines])
    # One row that is changed leaves the ids of all others as they were.
    if len(told.entries) > 1:
        register = read_register(register_file(told.entries, FRAME, Known()).encode(), "own.yaml", AROUND)
        at = random.randrange(len(told.entries))
        changed = [replace(one, statement="改写后的要求，须重新落实。", title="改写") if n == at else one for n, one in enumerate(told.entries)]
        before, after = ({row.entry.line: row.id for row in placed(every, FRAME.prefix, known)[1]} for every, known in ((told.entries, Known()), (changed, known_of(register))))
        assert {line: code for line, code in after.items() if line != told.entries[at].line}.items() <= before.items()
