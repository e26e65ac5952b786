"""A thousand spoilt texts: each gives a proof or a Chinese sentence, never anything else, and never slowly."""

from __future__ import annotations

import io
import os
import random
import zipfile
from collections.abc import Callable
from functools import cache

import pytest

from tests.register.covering import TEXT, proof, register
from tests.register.texts.samples import package, pasted, printed, softly
from tracker.errors import BadInput
from tracker.register.cover import Proof, document_of, prove
from tracker.register.source import Register
from tracker.register.texts.reading import read_text

SECONDS = 5
ODD = ["", "\n", "。", "（三）", "4.", "”", "\f", "\u2028", "——", "12\n", "😀", "\ufeff", "《", "》主要内容如下", "\0", "\ud800", "（" * 50, "x" * 3000, "5" + " " * 20_000]
ENCODINGS = ["utf-8", "utf-8", "utf-8", "utf-8-sig", "gb18030", "utf-16", "utf-16-be", "utf-7", "big5", "shift_jis"]
BINARY: dict[str, Callable[[str], bytes]] = {"docx": pasted, "docx, soft": softly, "pdf": printed}


@cache
def known() -> Register:
    """Return the register that covers the sound text."""
    return register()


@cache
def sound() -> tuple[object, ...]:
    """Return the classes of the sound text."""
    return tuple(line.kind for line in proof().lines)


@cache
def sample(form: str) -> bytes:
    """Return the sound text in a form."""
    return BINARY[form](TEXT)


def spent() -> float:
    """Return the processor time of this process and of the children that it waited for."""
    return sum(os.times()[:4])


def proven(raw: str) -> type:
    """Prove a text, and check what holds for every proof."""
    result = prove(document_of(known(), raw), raw)
    assert all(gap.said.endswith("。") for gap in result.gaps)
    assert result.gaps or tuple(line.kind for line in result.lines) == sound()
    return Proof


def answer(work: Callable[[], type]) -> type:
    """Do the work, and check that nothing but a proof or a Chinese sentence comes of it, in time."""
    began = spent()
    try:
        outcome = work()
    except BadInput as refused:
        assert any("一" <= character <= "鿿" for character in refused.sentence) and refused.sentence.endswith("。")
        outcome = BadInput
    assert spent() - began < SECONDS
    return outcome


def mutated_text(rng: random.Random, most: int = 4) -> str:
    """Cut, double, move, overwrite or shuffle pieces of the text, up to so many times."""
    text = TEXT
    for _ in range(rng.randint(1, most)):
        begin, end = sorted(rng.randrange(len(text) + 1) for _ in range(2))
        piece = rng.choice([*ODD, text[begin:end] * 2])
        match rng.randrange(4):
            case 0:
                text = text[:begin] + piece + text[begin:]
            case 1:
                text = text[:begin] + piece + text[min(end, begin + 30) :]
            case 2:
                text = text[end:] + text[begin:end] + text[:begin]
            case _:
                text = "\n".join(rng.sample(lines := text.split("\n"), len(lines)))
    return text


def mutated_bytes(rng: random.Random, data: bytes) -> bytes:
    """Flip, cut, put in, take out or double bytes."""
    held = bytearray(data)
    for _ in range(rng.randint(1, 4)):
        begin = rng.randrange(len(held) + 1)
        end = min(len(held), begin + rng.choice([1, 4, 40, 400]))
        match rng.randrange(6):
            case 0 | 1:
                for _ in range(rng.choice([1, 3, 30])):
                    if held:
                        held[rng.randrange(len(held))] = rng.randrange(256)
            case 2:
                held[begin:begin] = rng.randbytes(rng.choice([1, 4, 40]))
            case 3:
                del held[begin:end]
            case 4:
                held[begin:begin] = held[begin:end] * rng.choice([1, 2, 200])
            case _:
                del held[rng.choice([begin, len(held)]) :]
    return bytes(held)


def spoilt_inside(rng: random.Random) -> bytes:
    """Return a DOCX whose package is sound and whose main part is not."""
    with zipfile.ZipFile(io.BytesIO(sample("docx"))) as archive:
        parts: dict[str, str | bytes] = {name: archive.read(name) for name in archive.namelist()}
    main = archive.namelist()[-1]
    held = bytearray(parts[main])  # type: ignore[arg-type]
    for _ in range(rng.randint(1, 3)):
        at = rng.randrange(len(held))
        match rng.randrange(3):
            case 0:
                # Inside a tag nearly every change ends the reading; inside the text few do.
                held[at] = rng.choice(b" <>&/'\"=;wp1")
            case 1:
                held[at:at] = rng.choice([b"<w:p>", b"</w:p>", b"<w:del>", b"<w:br/>", b"&#10;", b"&a;", b"<!-- -->", b"<![CDATA[x]]>", b"<?x?>", b"<!DOCTYPE a>"])
            case _:
                at = held.index(b"<w:p>", rng.randrange(len(held) // 2))
                del held[at : held.index(b"</w:p>", at) + 6]
    return package({**parts, main: bytes(held)})


@pytest.mark.parametrize("seed", range(10))
def test_three_hundred_texts_by_the_pure_rule(seed: int) -> None:
    rng = random.Random(seed)
    outcomes = {answer(lambda text=mutated_text(rng): proven(text)) for _ in range(30)}  # type: ignore[misc]
    assert outcomes == {Proof, BadInput}


@pytest.mark.parametrize("seed", range(10))
def test_three_hundred_and_fifty_files_of_plain_text(seed: int) -> None:
    rng, outcomes = random.Random(100 + seed), set()
    for _ in range(35):
        data = mutated_text(rng).encode(rng.choice(ENCODINGS), "replace")
        data = mutated_bytes(rng, data) if rng.random() < 0.5 else data
        outcomes.add(answer(lambda data=data: proven(read_text(data, "意见.txt").text)))  # type: ignore[misc]
    assert outcomes == {Proof, BadInput}


@pytest.mark.parametrize(("form", "count"), [("docx", 110), ("docx, soft", 100), ("pdf", 60)])
def test_two_hundred_and_seventy_documents(form: str, count: int) -> None:
    rng, outcomes = random.Random(form), []
    for _ in range(count):
        # Most are spoilt before they are packed: few that are spoilt after can be opened at all.
        whole = BINARY[form](mutated_text(rng, 1).translate(dict.fromkeys([0, 0xD800]))) if rng.random() < 0.6 else mutated_bytes(rng, sample(form))
        outcomes.append(answer(lambda data=whole: proven(read_text(data, f"意见.{form}").text)))  # type: ignore[misc]
    assert set(outcomes) == {Proof, BadInput} and outcomes.count(Proof) > count // 6


@pytest.mark.parametrize("seed", range(4))
def test_eighty_parts_that_are_spoilt_before_they_are_packed(seed: int) -> None:
    rng, outcomes = random.Random(200 + seed), set()
    for _ in range(20):
        outcomes.add(answer(lambda data=spoilt_inside(rng): proven(read_text(data, "意见.docx").text)))  # type: ignore[misc]
    assert outcomes == {Proof, BadInput}
