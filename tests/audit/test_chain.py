"""The chain rule: one canonical form, hashes as specified, and every way to break a chain is found."""

from __future__ import annotations

import base64
import hashlib
import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.audit import chain
from tracker.audit.chain import Entry, Fault

CHAIN = "ent_7"
START = chain.genesis("d", CHAIN, "2026-11-22T02:00:00.000000Z")

plain = st.recursive(
    st.none() | st.booleans() | st.integers(-chain.BIGGEST, chain.BIGGEST) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


def sha(text: str) -> str:
    """Return the hash as an outsider would compute it."""
    return hashlib.sha256(text.encode("ascii")).hexdigest()


def built(count: int) -> list[Entry]:
    """Make a sound chain of `count` entries."""
    rows, prev = [], START
    for seq in range(count):
        record = chain.canonical({"v": 1, "chain": CHAIN, "seq": seq, "after": {"n": seq}})
        body = chain.body_hash(record)
        entry = chain.entry_hash(CHAIN, seq, prev, body)
        rows.append(Entry(seq, record, body, prev, entry))
        prev = entry
    return rows


def check(rows: list[Entry], size: int | None = None, head: str | None = None) -> Fault | None:
    """Check rows against the size and head of the sound chain of three, unless told otherwise."""
    sound = built(3)
    return chain.first_fault(CHAIN, START, rows, 3 if size is None else size, head or sound[-1].entry)


def test_the_canonical_form_is_ascii_sorted_and_without_spaces() -> None:
    assert chain.canonical({"b": [1, True, None], "a": "海川"}) == '{"a":"\\u6d77\\u5ddd","b":[1,true,null]}'


def test_an_underscore_before_an_x_is_escaped_because_spreadsheets_decode_it() -> None:
    assert chain.canonical("a_x000d_b_y") == '"a\\u005fx000d_b_y"'
    assert "_x" not in chain.canonical({"_x": "__x_x"})


@given(plain)
def test_whatever_is_written_reads_back_and_writes_the_same_again(value: Any) -> None:
    text = chain.canonical(value)
    assert text.isascii()
    assert "_x" not in text
    assert json.loads(text) == value
    assert chain.canonical(json.loads(text)) == text


@given(st.dictionaries(st.text(), st.integers(0, 9), min_size=2))
def test_the_order_of_keys_makes_no_difference(value: dict[str, int]) -> None:
    assert chain.canonical(value) == chain.canonical(dict(reversed(value.items())))


@pytest.mark.parametrize("value", [1.0, {"a": 0.5}, [float("nan")], b"bytes", {1, 2}, object()])
def test_what_has_no_canonical_form_is_refused(value: Any) -> None:
    with pytest.raises(TypeError, match="has no canonical form"):
        chain.canonical(value)


@pytest.mark.parametrize("value", [2**53, -(2**53), {"deep": [2**60]}])
def test_integers_that_other_readers_would_round_are_refused(value: Any) -> None:
    with pytest.raises(ValueError, match="beyond 2"):
        chain.canonical(value)


def test_the_refusal_names_the_place() -> None:
    with pytest.raises(TypeError, match=r"^\$\.after\.amount: float"):
        chain.canonical({"after": {"amount": 1.5}})


def test_the_hashes_are_those_of_the_written_rule() -> None:
    assert chain.genesis("d", "c", "t") == sha("CA1 genesis\nd\nc\nt\n")
    assert chain.body_hash("{}") == sha("CA1 body\n{}")
    assert chain.entry_hash("c", 3, "p", "b") == sha("CA1 entry\nc\n3\np\nb\n")
    salt = bytes(range(16))
    assert chain.commitment(salt, "林") == sha(f'CA1 pd\n{base64.b64encode(salt).decode()}\n"\\u6797"')


def test_the_same_value_under_another_salt_gives_another_commitment() -> None:
    assert chain.commitment(b"a" * 16, "王") != chain.commitment(b"b" * 16, "王")


def test_a_sound_chain_and_an_empty_one_have_no_fault() -> None:
    assert check(built(3)) is None
    assert chain.first_fault(CHAIN, START, [], 0, START) is None


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"record": '{"seq":1}'}, "place"),
        ({"record": '{"seq": 1, "chain": "ent_7"}'}, "form"),
        ({"record": "not json"}, "form"),
        ({"record": "[]"}, "form"),
        ({"record": '{"a":1.5}'}, "form"),
        ({"record": chain.canonical({"v": 1, "chain": CHAIN, "seq": 1, "after": {"n": 2}})}, "body"),
        ({"body": "0" * 64}, "body"),
        ({"prev": "0" * 64}, "prev"),
        ({"entry": "0" * 64}, "entry"),
        ({"seq": 5}, "gap"),
    ],
)
def test_every_part_of_an_entry_is_covered(change: dict[str, Any], fault: str) -> None:
    rows = built(3)
    rows[1] = replace(rows[1], **change)
    found = check(rows)
    assert found is not None
    assert (found.chain, found.what) == (CHAIN, fault)


def test_a_missing_entry_leaves_a_gap() -> None:
    rows = built(3)
    assert check([rows[0], rows[2]]) == Fault(CHAIN, 2, "gap")
    assert check(rows[1:]) == Fault(CHAIN, 1, "gap")


def test_a_cut_tail_does_not_reach_the_stored_size() -> None:
    assert check(built(3)[:2]) == Fault(CHAIN, 2, "size")
    assert check([]) == Fault(CHAIN, 0, "size")


def test_an_entry_added_behind_the_stored_size_is_found() -> None:
    assert check(built(4)) == Fault(CHAIN, 4, "size")


def test_two_entries_that_changed_places_are_found() -> None:
    first, second, third = built(3)
    assert check([second, first, third]) == Fault(CHAIN, 1, "gap")
    swapped = [replace(second, seq=0), replace(first, seq=1), third]
    assert check(swapped) == Fault(CHAIN, 0, "place")


def test_a_chain_that_was_rewritten_whole_does_not_end_in_the_stored_head() -> None:
    other = chain.genesis("another deployment", CHAIN, "2026-11-22T02:00:00.000000Z")
    rows, prev = [], other
    for row in built(3):
        entry = chain.entry_hash(CHAIN, row.seq, prev, row.body)
        rows.append(replace(row, prev=prev, entry=entry))
        prev = entry
    found = chain.first_fault(CHAIN, other, rows, 3, built(3)[-1].entry)
    assert found == Fault(CHAIN, 3, "head")


def test_the_entry_of_another_chain_does_not_fit_here() -> None:
    rows = built(1)
    found = chain.first_fault("ent_8", START, rows, 1, rows[0].entry)
    assert found == Fault("ent_8", 0, "place")
