"""The published schema and the reader agree: what the one takes the other takes, and both refuse the same simple mistakes."""

from __future__ import annotations

import copy
import json
import random
import re
from collections.abc import Iterator
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator, FormatChecker

from tests.register.samples import FULL, NAME, SOUND, spoilt
from tests.register.test_obligations_yaml import FILE
from tests.register.test_source_mutated import mutated_text, mutated_tree, places
from tracker.register.shape import keys
from tracker.register.source import SourceProblems, read_register
from tracker.register.writing.keys import KEYS, PARTS
from tracker.register.writing.schema import json_schema, written_schema

SCHEMA = json_schema()
VALIDATOR = Draft202012Validator(SCHEMA, format_checker=FormatChecker())


class Editor(yaml.CSafeLoader):
    """Reads YAML 1.2 as editors do: no dates, no `no`, numbers and truth values as in JSON."""


Editor.yaml_implicit_resolvers = {}
for tag, pattern, first in (
    ("bool", "true|True|TRUE|false|False|FALSE", "tTfF"), ("null", "~|null|Null|NULL|", "~nN"), ("int", "[-+]?[0-9]+", "-+0123456789"),
    ("float", r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?", "-+.0123456789"),
):
    Editor.add_implicit_resolver(f"tag:yaml.org,2002:{tag}", re.compile(f"^(?:{pattern})$"), list(first))
Editor.yaml_implicit_resolvers.setdefault("", []).append(("tag:yaml.org,2002:null", re.compile("^$")))


def marked(text: str) -> list[str]:
    """Return what an editor with the schema marks, by path."""
    return [f"{error.json_path}: {error.message}" for error in VALIDATOR.iter_errors(yaml.load(text, Editor))]


def taken(text: str) -> bool:
    """Tell whether the reader takes the file."""
    try:
        read_register(text.encode("utf-8", "surrogatepass"), NAME)
    except SourceProblems:
        return False
    return True


def written(tree: Any) -> str:
    """Write plain data as a file without aliases."""
    return yaml.dump(copy.deepcopy(tree), Dumper=_Written, allow_unicode=True, sort_keys=False)


class _Written(yaml.CSafeDumper):
    def ignore_aliases(self, data: Any) -> bool:
        return True


def test_the_schema_is_sound_and_printed_the_same_every_time() -> None:
    Draft202012Validator.check_schema(SCHEMA)
    assert json.loads(written_schema()) == SCHEMA and written_schema() == written_schema()


def test_every_key_of_every_part_is_explained_and_nothing_else() -> None:
    assert set(KEYS) == {(part, key) for part in PARTS for key in keys(part)}
    for part, name in ((part, part.__name__) for part in PARTS):
        shown = SCHEMA["properties"] if name == "Register" else SCHEMA["$defs"][name]["properties"]
        assert list(shown) == list(keys(part))
        for key, field in keys(part).items():
            assert shown[key]["title"] == field.title and shown[key]["description"].startswith(KEYS[part, key])


def choices(schema: Any) -> Iterator[dict[str, Any]]:
    """Yield every choice of words in the schema."""
    if isinstance(schema, dict):
        if "enumDescriptions" in schema:
            yield schema
        for member in schema.values():
            yield from choices(member)
    for member in schema if isinstance(schema, list) else ():
        yield from choices(member)


def test_every_choice_carries_its_chinese_labels() -> None:
    found = list(choices(SCHEMA))
    assert len(found) >= 12
    for choice in found:
        assert len(choice["enum"]) == len(choice["enumDescriptions"]) == len(choice["x-intellij-enum-metadata"])
        assert all(re.search("[一-鿿]", label) for label in choice["enumDescriptions"])
        assert all(label in choice["description"] for label in choice["enumDescriptions"])


@pytest.mark.parametrize("text", [SOUND, FULL, FILE.read_text(encoding="utf-8")], ids=["sound", "full", "obligations.yaml"])
def test_sound_files_are_taken_by_both(text: str) -> None:
    assert taken(text) and marked(text) == []


@pytest.mark.parametrize(("old", "new"), [
    ("format: 1\n", 'format: "1"\n'), ("- no: 3\n", '- no: "3"\n'), ('edition: "2026.12"', "edition: 2026.12"), ('edition: "2026.12"', 'edition: "2026.12.3"'),
    ("issued: 2025-05-15", 'issued: "2025-05-15"'), ("nature: 司法政策文件", "nature: 2025"), ("label: 对外担保", "label: 1.5"), ('articles: ["88", "169-1"]', "articles: [88, 169-1]"),
    ("consequences: [civil, administrative]", "consequences: []"), ("why: 写给法院", "why: '  写给法院  '"), ("title: 保护投资者", "title: no"),
])
def test_every_way_of_writing_that_the_reader_takes_is_taken(old: str, new: str) -> None:
    text = spoilt(old, new, FULL)
    assert taken(text) and marked(text) == []


def nudged(rng: random.Random) -> str:
    """Move one value to another place of the same key, write another scalar there, or leave it out."""
    tree = yaml.load(FULL, yaml.CBaseLoader)
    spots = places(tree, [])
    holder, key = rng.choice(spots)
    alike = [(other, there) for other, there in spots if there == key or isinstance(there, int) and isinstance(key, int)]
    other, there = rng.choice(alike)
    if rng.random() < 0.5:
        holder[key], other[there] = other[there], holder[key]
    elif isinstance(holder[key], str):
        holder[key] = rng.choice(["2026", "1.50", "012", "0x1F", "no", "一个不长不短的句子呀", "a", "quarterly", "  前后有空格的一个句子  ", "2025-01-01", "two words", "-"])
    else:
        holder.pop(key)
    return yaml.dump(tree, Dumper=_Unquoted, allow_unicode=True, sort_keys=False)


class _Unquoted(yaml.Dumper):
    """Writes 2026 and no as people do, without quotation marks."""

    yaml_implicit_resolvers: dict[str, list[tuple[str, re.Pattern[str]]]] = {}

    def ignore_aliases(self, data: Any) -> bool:
        return True


@pytest.mark.parametrize("seed", range(10))
def test_what_the_reader_takes_the_schema_takes(seed: int) -> None:
    rng, agreed = random.Random(seed), 0
    for _ in range(40):
        for text in (mutated_text(rng, FULL), mutated_tree(rng, FULL), nudged(rng)):
            if taken(text):
                # A bare true, line folds and blanks around a text are other things to an editor.
                assert [one for one in marked(text) if not re.search("is too long|: (True|False) is not", one)] == [], text
                agreed += 1
    assert agreed >= 10


PLAIN = yaml.load(FULL, Editor)


def mappings() -> list[int]:
    """List the places in which a part stands, by number."""
    return [number for number, (holder, key) in enumerate(places(PLAIN, [])) if isinstance(holder[key], dict)]


def both_refuse(number: int, spoil: Any) -> None:
    """Spoil the value at one place; both must refuse."""
    tree = yaml.load(FULL, Editor)
    holder, key = places(tree, [])[number]
    spoil(holder, key)
    text = written(tree)
    assert not taken(text) and marked(text), text


@pytest.mark.parametrize("number", mappings())
def test_an_unknown_key_is_refused_by_both(number: int) -> None:
    both_refuse(number, lambda holder, key: holder[key].update({"标题": "多余"}))


def test_a_missing_key_is_refused_by_both() -> None:
    required = {name: set(part["required"]) for name, part in SCHEMA["$defs"].items()}
    needed = set().union(*required.values(), SCHEMA["required"]) | {"trigger", "review_every"}
    optional_somewhere = {"law", "facts"}
    spots = [number for number, (holder, key) in enumerate(places(PLAIN, [])) if key in needed - optional_somewhere and ("documents" not in holder or key in SCHEMA["required"])]
    assert len(spots) > 60
    for number in spots:
        both_refuse(number, lambda holder, key: holder.pop(key))


@pytest.mark.parametrize("wrong", [{"a": "b"}, {}, [["a"]], None], ids=str)
def test_a_wrong_type_is_refused_by_both(wrong: Any) -> None:
    tables = {"domains", "subjects", "facts"}
    for number, (holder, key) in enumerate(places(PLAIN, [])):
        if not (key in tables and isinstance(wrong, dict)) and not (wrong == [["a"]] and key == "sentences"):
            both_refuse(number, lambda holder, key: holder.__setitem__(key, wrong))


def test_a_wrong_word_of_a_choice_is_refused_by_both() -> None:
    words = {word for choice in choices(SCHEMA) for word in choice["enum"]}
    spots = [number for number, (holder, key) in enumerate(places(PLAIN, [])) if isinstance(holder[key], str) and holder[key] in words]
    assert len(spots) > 15
    for number in spots:
        both_refuse(number, lambda holder, key: holder.__setitem__(key, holder[key] + "x"))


@pytest.mark.parametrize(("old", "new"), [
    ("title: 保护投资者", f"title: {'长' * 61}"), ("anchor: 对资金占用、违规担保等", "anchor: 太短的锚点"), ("title: 违规担保的追责", f"title: {'长' * 21}"), ("id: FF9-03-01", "id: ff9-3-1"),
    ("id: ff2025-9", "id: FF2025"), ("- no: 3", "- no: 1000"), ("- no: 3", "- no: 0"), ("format: 1\n", "format: 2\n"), ('edition: "2026.12"', 'edition: "2026.13"'), ("register: own", "register: Own"),
    ("issued: 2025-05-15", "issued: 2025-02-30"), ("issued: 2025-05-15", "issued: 2025年5月15日"), ("cadence: continuous", "cadence: annual"), ("cadence: event\n            trigger: 拟对外提供担保\n            related", "cadence: once\n            trigger: 拟对外提供担保\n            related"),
    ("subjects: [securities_firm, staff]", "subjects: []"), ("subjects: [securities_firm, staff]", "subjects: [staff, staff, securities_firm]"), ('articles: ["88", "169-1"]', 'articles: ["088"]'), ("review_every: quarterly", "review_every: once"), ("label: 对外担保", 'label: " "'),
])
def test_a_wrong_value_is_refused_by_both(old: str, new: str) -> None:
    assert old in FULL
    text = FULL.replace(old, new, 1)
    assert not taken(text) and marked(text)
