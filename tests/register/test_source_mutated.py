"""Five thousand spoilt register files: a register or its problems, never anything else, never slowly, twice the same."""

from __future__ import annotations

import copy
import random
import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.register.samples import FULL, NAME, SOUND
from tracker.register.source import Around, Fault, Register, SourceProblems, nodes, read_register
from tracker.register.source.beside import NOTHING

ODD = [
    "", "~", "null", "no", "012", "2025-01-01", "-", "- -", "[", "]", "{", "}", "{}", "[]", "[[]]", ":", "? ", "&a", "*a", "!!int 1",
    "<<", "|", ">", ">-\n", "'", '"', "#", "%", "@", "`", "\t", "\0", "\x85", "\u2028", "\ufeff", "\ud7ff", "😀", "x" * 5000, "---", "...",
    "\r", "0" * 400, "1e999", "[a: b]", "{a: [b, {c: d}]}", "\\u0000", '"\\x00"', '"\\ud800"', "a\n\n\n  b", "：", "，",
]
PLAIN = yaml.load(SOUND, yaml.CBaseLoader)
FILE = Path(__file__).parents[2] / "obligations.yaml"
VALUE = re.compile(r"((?:: |- ))([^ \[{].*)$")
KEY = re.compile(r"(^ *(?:- )?|[{,] ?)([a-z_]+):")
KEYS = sorted({found[2] for found in KEY.finditer(FULL)} | {"titel", "formaly", "infered", "registers", "no"})


def answer(data: bytes, around: Around = NOTHING) -> Register | tuple[Fault, ...]:
    """Read and check that nothing but the two answers comes back, in time and in Chinese."""
    began = time.process_time()
    try:
        result: Register | tuple[Fault, ...] = read_register(data, NAME, around)
    except SourceProblems as refused:
        result = refused.problems
        assert result and list(result) == sorted(result, key=lambda fault: fault.line)
        for fault in result:
            assert fault.line >= 1 and fault.column >= 1 and fault.where.startswith(NAME)
            assert any("一" <= character <= "鿿" for character in fault.sentence), fault
            assert "Input should" not in fault.sentence and "值不合要求" not in fault.sentence, fault
    assert time.process_time() - began < 2
    return result


def mutated_text(rng: random.Random, base: str = SOUND) -> str:
    """Drop, double, swap, shift or overwrite lines and pieces of lines."""
    lines = base.split("\n")
    for _ in range(rng.randint(1, 4)):
        at = rng.randrange(len(lines))
        match rng.randrange(7):
            case 0:
                del lines[at]
            case 1:
                lines.insert(at, lines[rng.randrange(len(lines))])
            case 2:
                lines[at] = " " * rng.randint(0, 5) + lines[at]
            case 3:
                lines[at] = lines[at][rng.randint(0, 6) :]
            case 4:
                key, colon, _ = lines[at].partition(":")
                lines[at] = key + colon + " " + rng.choice(ODD)
            case 5:
                cut = rng.randint(0, len(lines[at]))
                lines[at] = lines[at][:cut] + rng.choice(ODD) + lines[at][cut:]
            case _:
                lines[at] = rng.choice(ODD)
    return "\n".join(lines)


def places(value: Any, found: list[tuple[Any, Any]]) -> list[tuple[Any, Any]]:
    """List every container with each of its keys."""
    for key, member in value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ():
        found.append((value, key))
        places(member, found)
    return found


def mutated_tree(rng: random.Random, base: str = SOUND) -> str:
    """Put a value of another type anywhere, or move a part to where it does not belong."""
    tree = yaml.load(base, yaml.CBaseLoader)
    for _ in range(rng.randint(1, 3)):
        spots = places(tree, [])
        holder, key = rng.choice(spots)
        other, there = rng.choice(spots)
        # A copy, so that no part ever holds itself.
        odd = rng.choice([{}, [], "", [[]], {"a": "b"}, ["a", {"b": []}], {"": ""}, rng.choice(ODD), copy.deepcopy(other[there]), 7, None, True])
        if rng.random() < 0.2 and isinstance(holder, dict):
            holder[rng.choice(["", "[key]", "0", "<<", "标题", "titel", "x" * 3000])] = odd
        else:
            holder[key] = yaml.load(yaml.dump(odd, Dumper=yaml.CSafeDumper), yaml.CBaseLoader)
    return yaml.dump(tree, Dumper=yaml.CSafeDumper, allow_unicode=True, sort_keys=False)


def mutated_bytes(rng: random.Random, base: str = SOUND) -> bytes:
    """Overwrite, cut or re-encode bytes."""
    data = bytearray(base.encode(rng.choice(["utf-8", "utf-8", "utf-8", "utf-8-sig", "gb18030", "big5hkscs", "utf-16", "utf-16-be", "utf-32-le", "utf-7"]), "replace"))
    for _ in range(rng.randint(0, 5)):
        data[rng.randrange(len(data))] = rng.randrange(256)
    return bytes(data[: rng.randint(1, len(data))]) if rng.random() < 0.3 else bytes(data)


def valued(rng: random.Random, base: str, change: Callable[[str], str]) -> bytes:
    """Change what stands behind the colon or the dash of a few lines."""
    lines = base.split("\n")
    spots = [at for at, line in enumerate(lines) if VALUE.search(line)]
    for at in rng.sample(spots, rng.randint(1, 3)):
        lines[at] = VALUE.sub(lambda found: found[1] + change(found[2]), lines[at])
    return "\n".join(lines).encode("utf-8", "surrogatepass")


def odd(rng: random.Random, base: str) -> bytes:
    """Write an odd scalar."""
    return valued(rng, base, lambda value: rng.choice(ODD))


def aliased(rng: random.Random, base: str) -> bytes:
    """Name a value and point to it, or to nothing, or to itself."""
    return valued(rng, base, lambda value: rng.choice([f"&a {value}", "*a", f"&a [*a, {value}]", f"!!str {value}", f"!x {value}", f"&a {{<<: *a, x: {value}}}", "<<: *a"]))


def nested(rng: random.Random, base: str) -> bytes:
    """Put a value into brackets and braces, a few or a great many."""
    depth = rng.choice([1, 2, 5, 20, 25, 3000])
    opening, closing = rng.choice([("[", "]"), ("{a: ", "}"), ("[{a: ", "}]"), ("[[", "")])
    return valued(rng, base, lambda value: opening * depth + value + closing * depth)


def doubled(rng: random.Random, base: str) -> bytes:
    """Write a line or a block of lines again, beside itself or elsewhere."""
    lines = base.split("\n")
    for _ in range(rng.randint(1, 2)):
        begin = rng.randrange(len(lines))
        block = lines[begin : begin + rng.choice([1, 1, 2, 18, 40])]
        to = rng.choice([begin, begin + len(block), rng.randrange(len(lines))])
        lines[to:to] = block
    return "\n".join(lines).encode()


def dropped(rng: random.Random, base: str) -> bytes:
    """Leave out a line, or a block of lines."""
    lines = base.split("\n")
    for _ in range(rng.randint(1, 3)):
        begin = rng.randrange(len(lines))
        del lines[begin : begin + rng.choice([1, 1, 1, 5])]
    return "\n".join(lines).encode()


def misnamed(rng: random.Random, base: str) -> bytes:
    """Spell a key otherwise."""
    lines = base.split("\n")
    spots = [at for at, line in enumerate(lines) if KEY.search(line)]
    for at in rng.sample(spots, rng.randint(1, 3)):
        key = rng.choice([KEYS[rng.randrange(len(KEYS))], "", "<<", "[key]", "? [a]", "标题", "x" * 2000, '"\\u202e"'])
        lines[at] = KEY.sub(lambda found, key=key: found[1] + key + ":", lines[at], count=1)  # type: ignore[misc]
    return "\n".join(lines).encode()


def overwritten(rng: random.Random, base: str) -> bytes:
    """Spoil the text of a few lines in any way."""
    return mutated_text(rng, base).encode("utf-8", "surrogatepass")


def retyped(rng: random.Random, base: str) -> bytes:
    """Put a value of another type anywhere."""
    return mutated_tree(rng, base).encode()


WAYS = (odd, aliased, nested, doubled, dropped, misnamed, overwritten, retyped, mutated_bytes)
SMALL, LARGE, BATCHES = 552, 5, 4


def test_five_thousand_files_are_mutated() -> None:
    assert len(WAYS) * SMALL + (len(WAYS) - 1) * LARGE >= 5000


@pytest.mark.parametrize("batch", range(BATCHES))
@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)
def test_mutated_files_give_a_register_or_its_problems_and_the_same_again(way: Callable[[random.Random, str], bytes], batch: int) -> None:
    rng, refused = random.Random(f"{way.__name__} {batch}"), 0
    for number in range(SMALL // BATCHES):
        data = way(rng, (FULL, FULL, SOUND)[number % 3])
        first = answer(data)
        assert answer(data) == first
        refused += not isinstance(first, Register)
    assert refused > SMALL // BATCHES // 3


@pytest.mark.parametrize("way", [way for way in WAYS if way is not retyped], ids=lambda way: way.__name__)
def test_the_register_itself_mutated_gives_a_register_or_its_problems(way: Callable[[random.Random, str], bytes]) -> None:
    rng, whole = random.Random(way.__name__), FILE.read_text(encoding="utf-8")
    for _ in range(LARGE):
        data = way(rng, whole)
        assert answer(data) == answer(data)


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)
def test_mutated_files_beside_another_register_give_a_register_or_its_problems(way: Callable[[random.Random, str], bytes]) -> None:
    around = Around(
        domains={"guarantees": "主登记册"}, subjects={"staff": "主登记册"}, facts={"fine": "主登记册"}, documents={"opinions-2021": "主登记册"},
        obligations={"FF9-03-09": "主登记册", "OP21-05-01": "主登记册"}, prefixes={"OP21": "主登记册"}, held=frozenset({"staff"}),
    )
    rng = random.Random(way.__name__)
    for _ in range(60):
        data = way(rng, FULL)
        assert answer(data, around) == answer(data, around)


@pytest.mark.parametrize("odd", [{}, [], "", "a", "长" * 500, ["a", ["b"]], {"a": {"b": ["c"]}}], ids=lambda odd: repr(odd)[:20])
def test_every_type_in_every_place_has_a_sentence(odd: Any) -> None:
    for number in range(len(places(PLAIN, []))):
        tree = yaml.load(SOUND, yaml.CBaseLoader)
        holder, key = places(tree, [])[number]
        holder[key] = odd
        answer(yaml.dump(tree, Dumper=_Written, allow_unicode=True, sort_keys=False).encode())


class _Written(yaml.CSafeDumper):
    def ignore_aliases(self, data: Any) -> bool:
        return True


@settings(max_examples=150)
@given(st.text(max_size=200))
def test_any_text_gives_a_register_or_its_problems(text: str) -> None:
    answer(text.encode("utf-8", "surrogatepass"))


@settings(max_examples=100)
@given(st.binary(max_size=200))
def test_any_bytes_give_a_register_or_its_problems(data: bytes) -> None:
    answer(data)


@settings(max_examples=150)
@given(st.lists(st.sampled_from(["&a", "*a", "!t", "!!str", "%", "x", " ", "\n", ":", ": ", "- ", "[", "]", "{", "}", ",", '"', "'", "?", "? ", "中", "#", "|"]), max_size=12))
def test_no_sign_escapes_the_quick_look(pieces: list[str]) -> None:
    text = "".join(pieces)
    scanner, signs = nodes._Nodes(text), 0
    try:
        while (token := scanner.get_token()) is not None:
            signs += type(token) in nodes._SIGNS
    except yaml.YAMLError:
        pass
    assert not signs or nodes._PERHAPS_A_SIGN.search(text)
