"""Every event and every field that the code records has its Chinese name, found by reading the code."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import tracker
from tracker.alarms.actions import EVENTS, RAISED, SETTLED
from tracker.audit import names
from tracker.words import Cadence, Outcome, Role, TaskState

ROOT = Path(tracker.__file__).parent
CHINESE = re.compile("[\u4e00-\u9fff]")
# What may stand in the braces of an event's name, by the source of the expression.
FILLED = {"outcome": [str(word) for word in Outcome]}
PLACES = ("before", "after", "personal")
# Variables that are taken from a table: every kind of alarm has its two events.
CHOSEN = {"raised": [RAISED, *(one for one, _ in EVENTS.values())], "settled": [SETTLED, *(one for _, one in EVENTS.values())]}


def _calls() -> Iterator[tuple[Path, ast.FunctionDef, ast.Call]]:
    for path in sorted(ROOT.rglob("*.py")):
        for function in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(function, ast.FunctionDef):
                yield from ((path, function, call) for call in ast.walk(function) if isinstance(call, ast.Call) and ast.unparse(call.func) == "trail.record")


def _texts(node: ast.expr, function: ast.FunctionDef) -> list[str]:
    if isinstance(node, ast.Constant):
        return [str(node.value)]
    if isinstance(node, ast.IfExp):
        return _texts(node.body, function) + _texts(node.orelse, function)
    if isinstance(node, ast.JoinedStr):
        texts = [""]
        for part in node.values:
            added = [str(part.value)] if isinstance(part, ast.Constant) else FILLED[ast.unparse(part.value)]  # type: ignore[attr-defined]
            texts = [text + more for text in texts for more in added]
        return texts
    assert isinstance(node, ast.Name), ast.unparse(node)
    return _given(node.id, function)


def _given(name: str, function: ast.FunctionDef) -> list[str]:
    """Find what a variable holds: what is assigned to it, or what callers pass for the parameter."""
    if name in CHOSEN:
        return CHOSEN[name]
    assigned = [n.value for n in ast.walk(function) if isinstance(n, ast.Assign) and ast.unparse(n.targets[0]) == name]
    if assigned:
        return [text for value in assigned for text in _texts(value, function)]
    place = [argument.arg for argument in function.args.args].index(name)
    passed = [
        call.args[place] for path in ROOT.rglob("*.py") for call in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(call, ast.Call) and ast.unparse(call.func) == function.name and len(call.args) > place
    ]
    assert passed, f"{function.name}({name}) is never called"
    return [text for value in passed for text in _texts(value, function)]


def _recorded() -> dict[str, str]:
    return {action: f"{path.name}:{call.lineno}" for path, function, call in _calls() for action in _texts(call.args[2], function)}


def _keys(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Dict):
            yield from (key.value for key in node.keys if isinstance(key, ast.Constant) and isinstance(key.value, str))


def _sources(call: ast.Call, function: ast.FunctionDef, path: Path) -> list[ast.AST]:
    """Return what the values of a record call are made of: its arguments, the variables in them, the functions that describe a row."""
    sources: list[ast.AST] = [keyword.value for keyword in call.keywords if keyword.arg in PLACES]
    named = {n.id for source in sources for n in ast.walk(source) if isinstance(n, ast.Name)}
    for node in ast.walk(function):
        if isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None:
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            if named & {n.id for target in targets for n in ast.walk(target) if isinstance(n, ast.Name)}:
                sources.append(node.value)
    called = {ast.unparse(n.func) for source in sources for n in ast.walk(source) if isinstance(n, ast.Call)}
    helpers = (n for n in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if isinstance(n, ast.FunctionDef) and n.name in called)
    return [*sources, *(helper for helper in helpers if helper.returns and ast.unparse(helper.returns).startswith("dict"))]


def _fields() -> dict[str, str]:
    return {
        key.removeprefix("before.").removeprefix("after."): f"{path.name}:{call.lineno}"
        for path, function, call in _calls() for source in _sources(call, function, path) for key in _keys(source)
    }


def test_the_search_finds_the_events_it_is_meant_to_find() -> None:
    recorded = _recorded()
    assert {"task.accepted", "task.returned", "task.planned", "entity.deactivated", "person.activated", "register.loaded", "report.built"} <= set(recorded)
    assert len(recorded) > 25


def test_every_recorded_event_has_a_chinese_name_and_a_family() -> None:
    recorded = _recorded()
    assert {action: place for action, place in recorded.items() if not CHINESE.search(names.ACTIONS.get(action, ""))} == {}
    assert {action: place for action, place in recorded.items() if action.split(".")[0] not in names.FAMILIES} == {}


def test_no_name_stands_for_an_event_that_is_never_recorded() -> None:
    assert set(names.ACTIONS) - set(_recorded()) == set()


def test_the_search_finds_the_fields_it_is_meant_to_find() -> None:
    assert {"due_on", "obligation_digest", "is_admin", "roles", "file_name", "reason", "sha256", "note", "period_from", "others", "withdrawn"} <= set(_fields())


def test_every_recorded_field_has_a_chinese_name() -> None:
    known = set(names.FIELDS) | names.HIDDEN
    assert {field: place for field, place in _fields().items() if field not in known} == {}
    assert {label for label in names.FIELDS.values() if not CHINESE.search(label)} == {"SHA-256"}


@pytest.mark.parametrize(("field", "value", "text"), [
    ("state", str(TaskState.SUBMITTED), "待复核"), ("state", "not_applicable", "不适用"), ("cadence", str(Cadence.ANNUAL), "每年"),
    ("roles", [str(Role.OFFICER), str(Role.AUDITOR)], "合规管理、审计"), ("active", False, "否"), ("note", "", ""), ("rows", 0, "0"),
    ("as_of", "2027-01-05T02:30:09.000000Z", "2027-01-05 10:30:09"), ("owner", "u_3", "王责任"), ("parent_id", 2, "海川证券"),
    ("note", "u_3", "u_3"), ("name", "staff", "staff"), ("kinds", ["staff"], "从业人员"),
])
def test_a_stored_value_is_said_in_words_and_free_text_is_left_alone(field: str, value: object, text: str) -> None:
    assert names.value_text(field, value, {"u_3": "王责任", "staff": "从业人员", "entity:2": "海川证券"}) == text


def test_every_fault_of_the_chain_has_a_sentence() -> None:
    rule = (ROOT / "audit" / "chain.py").read_text(encoding="utf-8").partition("class Fault")[2] + (ROOT / "audit" / "queries.py").read_text(encoding="utf-8")
    codes = set(re.findall(r'Fault\([^()]*?, "(\w+)"\)', rule)) | set(re.findall(r'return "(\w+)"', rule)) | {"entry"}
    assert {"gap", "prev", "size", "head", "column", "disclosure", "chain"} <= codes
    assert codes <= set(names.FAULTS)
