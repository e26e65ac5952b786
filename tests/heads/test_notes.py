"""The texts that are signed: written and read in one spelling only; and both checks of a signature say the same."""

from __future__ import annotations

import random

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tracker import verify
from tracker.audit.heads import notes
from tracker.audit.heads.keys import signed_by
from tracker.audit.heads.notes import Head, HeadsFile, Key, Registry, Unreadable

AT, PRINT, SIGNATURE = "2026-11-22T02:00:00.000000Z", "a" * 64, notes.encoded(bytes(range(64)))
HEAD = Head("d" * 32, "ent_1", 41, "b" * 64, AT, PRINT, SIGNATURE)
REGISTRY = Registry("d" * 32, AT, "c" * 64, PRINT, SIGNATURE)
PUBLIC = notes.encoded(bytes(range(32)))


def test_a_note_reads_as_the_format_says() -> None:
    assert HEAD.text == f"CA1 head\n{'d' * 32}\nent_1\n41\n{'b' * 64}\n{AT}\n{PRINT}\n"
    assert REGISTRY.text == f"CA1 registry\n{'d' * 32}\n{AT}\n{'c' * 64}\n{PRINT}\n"
    assert notes.statement("d", "old", PUBLIC, AT) == f"CA1 key\nd\nold\n{PUBLIC}\n{AT}\n"
    assert notes.registry_lines("d", AT, [("system", 3, "y"), ("ent_1", 2, "x")]) == f"CA1 registry lines\ndeployment d {AT}\nent_1 2 x\nsystem 3 y\n"
    assert (notes.read_head(HEAD.stored), notes.read_registry(REGISTRY.stored)) == (HEAD, REGISTRY)


def test_a_file_of_heads_is_read_as_it_was_written() -> None:
    keys = [Key(1, PUBLIC, notes.fingerprint(PUBLIC), AT, "first")]
    other = notes.encoded(bytes(reversed(range(32))))
    keys.append(Key(2, other, notes.fingerprint(other), AT, "changed", SIGNATURE, SIGNATURE))
    file = HeadsFile(keys, REGISTRY, notes.registry_lines("d" * 32, AT, [("ent_1", 41, "b" * 64)]), [HEAD])
    assert notes.read_file(notes.write_file(file)) == file
    assert notes.read_file(notes.write_file(file).replace("\n", "\r\n")) == file
    assert notes.file_name(REGISTRY) == "heads_20261122T020000Z.txt"


@pytest.mark.parametrize("text", [
    "", "\n", "CA1 head\n", HEAD.stored[:-1], HEAD.stored + "\n", HEAD.stored.replace("\n41\n", "\n041\n"), HEAD.stored.replace("41", "４１"), HEAD.stored.replace("b" * 64, "B" * 64),
    HEAD.stored.replace("=", ""), HEAD.stored.replace(SIGNATURE, SIGNATURE[:-3] + "x=="), HEAD.stored.replace("\n", "\r\n"), HEAD.stored.replace("02:00", "2:00"),
])
def test_any_other_spelling_of_a_note_is_refused(text: str) -> None:
    with pytest.raises(Unreadable):
        notes.read_head(text)


@pytest.mark.parametrize("text", ["", "CA1 registry lines\n", "CA1 registry lines\ndeployment d\n", f"CA1 registry lines\ndeployment d {AT}\nb 1 x\na 1 x\n", f"CA1 registry lines\ndeployment d {AT}\na 01 x\n", f"CA1 registry lines\ndeployment d {AT}\na 1 x"])
def test_any_other_spelling_of_the_lines_is_refused(text: str) -> None:
    with pytest.raises(Unreadable):
        notes.listed(text)


def test_the_checker_and_the_library_say_the_same_of_every_signature() -> None:
    die = random.Random(20261122)
    for _ in range(12):
        key = Ed25519PrivateKey.from_private_bytes(die.randbytes(32))
        public, message = key.public_key().public_bytes_raw(), die.randbytes(80)
        signature = key.sign(message)
        assert verify.signed_by(public, signature, message)
        broken = bytearray(signature)
        broken[die.randrange(64)] ^= 1 << die.randrange(8)
        assert not verify.signed_by(public, bytes(broken), message)
        assert not verify.signed_by(public, signature, message + b" ")
        text = message.hex()
        mine = notes.encoded(key.sign(text.encode()))
        assert signed_by(notes.encoded(public), mine, text) and verify.signed_by(public, key.sign(text.encode()), text.encode())


def test_a_signature_has_one_form_only_and_a_key_is_no_point_of_small_order() -> None:
    key = Ed25519PrivateKey.from_private_bytes(bytes(32))
    public, signature = key.public_key().public_bytes_raw(), key.sign(b"x")
    larger = int.from_bytes(signature[32:], "little") + verify.L
    assert verify.signed_by(public, signature, b"x")
    assert not verify.signed_by(public, signature[:32] + larger.to_bytes(32, "little"), b"x")
    small = (1, 0, verify.P - 1, verify.P, verify.P + 1, 2**255 - 1, 1 | 1 << 255, 2707385501144840649318225287225658788936804267575313519463743609750303021022)
    assert [number for number in small if verify.unpacked(number.to_bytes(32, "little"))] == []


def test_the_vectors_of_rfc_8032_verify() -> None:
    for public, message, signature in (
        ("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
         "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"),
        ("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
         "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"),
    ):
        assert verify.signed_by(bytes.fromhex(public), bytes.fromhex(signature), bytes.fromhex(message))
