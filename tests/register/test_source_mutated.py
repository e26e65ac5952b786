"""Some hundred spoilt register files: a register or its problems, never anything else, and never slowly."""

from __future__ import annotations

import copy
import random
import time
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.register.samples import NAME, SOUND
from tracker.register.source import Fault, Register, SourceProblems, nodes, read_register

ODD = [
    "", "~", "null", "no", "012", "2025-01-01", "-", "- -", "[", "]", "{", "}", "{}", "[]", "[[]]", ":", "? ", "&a", "*a", "!!int 1",
    "<<", "|", ">", ">-\n", "'", '"', "#", "%", "@", "`", "\t", "\0", "\x85", "\u2028", "\ufeff", "\ud7ff", "😀", "x" * 5000, "---", "...",
    "\r", "0" * 400, "1e999", "[a: b]", "{a: [b, {c: d}]}", "\\u0000", '"\\x00"', '"\\ud800"', "a\n\n\n  b", "：", "，",
]
PLAIN = yaml.load(SOUND, yaml.CBaseLoader)


def answer(data: bytes) -> Register | tuple[Fault, ...]:
    """Read and check that nothing but the two answers comes back, in time and in Chinese."""
    began = time.process_time()
    try:
        result: Register | tuple[Fault, ...] = read_register(data, NAME)
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


def mutated_bytes(rng: random.Random) -> bytes:
    """Overwrite, cut or re-encode bytes."""
    data = bytearray(SOUND.encode(rng.choice(["utf-8", "utf-8", "utf-8", "gb18030", "utf-16", "utf-16-be", "utf-32-le", "utf-7"])))
    for _ in range(rng.randint(0, 5)):
        data[rng.randrange(len(data))] = rng.randrange(256)
    return bytes(data[: rng.randint(1, len(data))]) if rng.random() < 0.3 else bytes(data)


@pytest.mark.parametrize("seed", range(20))
def test_mutated_files_give_a_register_or_its_problems(seed: int) -> None:
    rng = random.Random(seed)
    refused = 0
    for _ in range(15):
        for data in (mutated_text(rng).encode("utf-8", "surrogatepass"), mutated_tree(rng).encode(), mutated_bytes(rng)):
            refused += not isinstance(answer(data), Register)
    assert refused > 20


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


@settings(max_examples=300)
@given(st.text(max_size=200))
def test_any_text_gives_a_register_or_its_problems(text: str) -> None:
    answer(text.encode("utf-8", "surrogatepass"))


@settings(max_examples=200)
@given(st.binary(max_size=200))
def test_any_bytes_give_a_register_or_its_problems(data: bytes) -> None:
    answer(data)


@settings(max_examples=300)
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
