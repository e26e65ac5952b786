"""Proves obligations.yaml: its form always, its anchors and its law against the texts when these are at hand."""

from __future__ import annotations

import os
import re
from collections import Counter
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.register.texts.samples import pdf, softly
from tracker.errors import BadInput
from tracker.register.changes import located
from tracker.register.cover import document_of, prove
from tracker.register.source import Register, read_register
from tracker.register.text import ClauseText, clauses, flat, positions, shared_runs
from tracker.register.texts.reading import read_text
from tracker.words import Basis, Modality, SentenceClass

ROOT = Path(__file__).parents[2]
FILE = ROOT / "obligations.yaml"
SOURCES = Path(os.environ.get("TRACKER_SOURCES") or ROOT.parent / "shared" / "sources")
LONGEST_QUOTATION = 45


@cache
def register() -> Register:
    return read_register(FILE.read_bytes(), FILE.name)


@cache
def official(document: str) -> str:
    path = SOURCES / f"{document}.txt"
    if not path.is_file():
        pytest.skip(f"the official text {path.name} is not at hand: put it into {SOURCES} or name its folder in TRACKER_SOURCES")
    return path.read_text(encoding="utf-8")


@cache
def official_clauses(document: str) -> dict[int, ClauseText]:
    return clauses(official(document))


@cache
def checked_law() -> list[tuple[str, str, frozenset[str]]]:
    path = SOURCES.parent / "legal" / "refs.yaml"
    if not path.is_file():
        pytest.skip(f"the checked statute facts are not at hand: expected {path}")
    facts: Any = yaml.load(path.read_text(encoding="utf-8"), yaml.CSafeLoader)
    listed = [law for theme in facts["themes"] for law in theme.get("law") or ()]
    return [(law["name"], law["basis"], frozenset(law["articles"])) for law in listed]


def test_both_documents_are_there_with_every_clause() -> None:
    found = {document.id: [clause.no for clause in document.clauses] for document in register().documents}
    assert found == {"ff2025-9": list(range(1, 24)), "opinions-2021": list(range(1, 31))}


def test_there_are_well_over_a_hundred_obligations_of_every_kind() -> None:
    counted = Counter((document.id, one.modality) for document, _, one in located(register()))
    assert sum(counted.values()) > 150
    assert {modality for _, modality in counted} == set(Modality)
    assert sum(number for (document, _), number in counted.items() if document == "ff2025-9") > 85
    assert sum(number for (document, _), number in counted.items() if document == "opinions-2021") > 50


def test_no_two_obligations_have_the_same_title_or_statement() -> None:
    for field in ("title", "statement", "en"):
        twice = [text for text, number in Counter(getattr(one, field) for _, _, one in located(register())).items() if number > 1]
        assert not twice, field


def test_ids_count_up_within_each_clause() -> None:
    for document in register().documents:
        for clause in document.clauses:
            numbers = [int(one.id.rpartition("-")[2]) for one in clause.obligations]
            assert numbers == list(range(1, len(numbers) + 1)), (document.id, clause.no)


def test_no_domain_and_no_subject_stands_idle() -> None:
    every = [one for _, _, one in located(register())]
    assert {one.domain for one in every} == set(register().domains)
    assert {subject for one in every for subject in one.subjects} == set(register().subjects)


def test_statements_speak_for_themselves() -> None:
    for _, _, one in located(register()):
        assert 30 <= len(one.statement) <= 160, one.id
        assert re.search("[一-鿿]", one.title + one.statement) and one.en.isprintable() and not re.search("[一-鿿]", one.en), one.id
        assert len(one.en) <= 160, one.id


def test_the_editors_file_says_what_it_is() -> None:
    head = FILE.read_text(encoding="utf-8").split("format:")[0]
    assert head.startswith("#") and "modality" in head and "\t" not in FILE.read_text(encoding="utf-8")


@pytest.mark.parametrize("document", ["ff2025-9", "opinions-2021"])
def test_the_clauses_have_the_titles_of_the_text(document: str) -> None:
    (ours,) = [one for one in register().documents if one.id == document]
    assert {clause.no: clause.title for clause in ours.clauses} == {no: clause.title for no, clause in official_clauses(document).items()}


@pytest.mark.parametrize("document", ["ff2025-9", "opinions-2021"])
def test_every_anchor_is_found_exactly_once_in_its_clause(document: str) -> None:
    found = {
        one.id: len(positions(official_clauses(document)[clause.no].text, one.anchor))
        for place, clause, one in located(register()) if place.id == document
    }
    assert {key: number for key, number in found.items() if number != 1} == {}


@pytest.mark.parametrize("document", ["ff2025-9", "opinions-2021"])
def test_every_sentence_of_the_text_is_accounted_for(document: str) -> None:
    proof = prove(document_of(register(), official(document)), official(document))
    assert (proof.document.id, proof.gaps) == (document, ())
    assert len(proof.lines) == {"ff2025-9": 113, "opinions-2021": 87}[document]
    held = [one for line in proof.lines for one in line.obligations]
    assert sorted(held) == sorted(one.id for place, _, one in located(register()) if place.id == document)


def wrapped(text: str, width: int) -> list[str]:
    """Return the lines of a text cut to a width."""
    return [line[at : at + width] for line in text.splitlines() for at in range(0, len(line), width)]


@pytest.mark.parametrize("document", ["ff2025-9", "opinions-2021"])
@pytest.mark.parametrize("width", [11, 29, 53])
def test_the_proof_holds_for_the_text_wrapped_otherwise_and_in_the_other_encoding(document: str, width: int) -> None:
    text = official(document)
    raw = read_text("\r\n".join(wrapped(text, width)).encode("gb18030"), "official.txt").text
    assert prove(document_of(register(), raw), raw).gaps == ()


@pytest.mark.parametrize("document", ["ff2025-9", "opinions-2021"])
@pytest.mark.parametrize("kind", ["docx", "pdf"])
def test_the_proof_holds_for_the_text_in_a_document_and_on_numbered_pages(document: str, kind: str) -> None:
    lines = wrapped(official(document), 37)
    pages = [[*lines[at : at + 38], f"— {at // 38 + 1} —"] for at in range(0, len(lines), 38)]
    data = pdf(pages) if kind == "pdf" else softly("\n".join(line for page in pages for line in page))
    reading = read_text(data, "official")
    assert (reading.kind, reading.note) == (kind, "")
    assert prove(document_of(register(), reading.text), reading.text).gaps == ()


@pytest.mark.parametrize(("document", "other"), [("ff2025-9", "opinions-2021"), ("opinions-2021", "ff2025-9")])
def test_neither_text_passes_for_the_other(document: str, other: str) -> None:
    with pytest.raises(BadInput, match="这份文本不是"):
        document_of(register(), official(document), other)


def test_reasons_are_in_own_words_and_given_where_a_duty_is_only_inferred() -> None:
    for document in register().documents:
        for clause in document.clauses:
            stated = any(one.basis is Basis.STATED and one.modality in (Modality.MUST, Modality.MUST_NOT) for one in clause.obligations)
            for number, sentence in enumerate(clause.sentences, 1):
                assert stated or sentence.why or sentence.kind is not SentenceClass.OBLIGATION, (document.id, clause.no, number)


def test_many_obligations_of_the_two_texts_point_to_each_other() -> None:
    pointing = [(place.id, one) for place, _, one in located(register()) if one.related]
    assert sum(document == "ff2025-9" for document, _ in pointing) > 30


@pytest.mark.parametrize("document", ["ff2025-9", "opinions-2021"])
def test_no_long_run_of_the_text_stands_in_the_file(document: str) -> None:
    assert shared_runs(FILE.read_text(encoding="utf-8"), official(document), LONGEST_QUOTATION) == []


@pytest.mark.parametrize("document", ["ff2025-9", "opinions-2021"])
def test_statements_are_in_own_words(document: str) -> None:
    text = official(document)
    copied = {one.id: shared_runs(f"{one.title}\n{one.statement}\n{one.trigger}", text, 20) for _, _, one in located(register())}
    reasons = [sentence.why for place in register().documents for part in (place.preface, *(c.sentences for c in place.clauses)) for sentence in part]
    copied |= {why: shared_runs(why, text, 20) for why in reasons if why}
    assert {key: runs for key, runs in copied.items() if runs} == {}


def test_the_law_is_only_what_was_checked_with_its_basis() -> None:
    unknown = [
        (one.id, law.name, law.articles, law.basis.value)
        for _, _, one in located(register()) for law in one.law
        if not any((law.name, law.basis) == (name, basis) and articles.issuperset(law.articles) for name, basis, articles in checked_law())
    ]
    assert unknown == []


def test_stated_duties_are_few_and_their_clause_speaks_of_a_duty() -> None:
    stated = [(place.id, clause.no, one) for place, clause, one in located(register()) if one.basis is Basis.STATED and one.modality in (Modality.MUST, Modality.MUST_NOT)]
    assert 0 < len(stated) < 40
    for document, no, one in stated:
        text = official_clauses(document)[no].text
        at = positions(text, flat(one.anchor))[0]
        sentence = text[text.rfind("。", 0, at) + 1 : text.find("。", at)]
        assert re.search("应当|应继续|要|不得|应", sentence), one.id
