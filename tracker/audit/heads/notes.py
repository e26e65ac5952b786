"""Pure texts of what is signed: the head of a chain, the registry over all chains, the sheets of a workbook, the change of a key; and the file of heads."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import ClassVar, TypeVar

HEAD, REGISTRY, KEY, LINES, PUBLIC = "CA1 head", "CA1 registry", "CA1 key", "CA1 registry lines", "CA1 public"
SHEETS, SHEETS_LINES = "CA1 sheets", "CA1 sheets lines"
FIRST, CHANGED, LOST = "first", "changed", "lost"
KINDS = (FIRST, CHANGED, LOST)
DIGEST = re.compile("[0-9a-f]{64}")
MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z")
NUMBER = re.compile("0|[1-9][0-9]{0,15}")
PUBLIC_BYTES, SIGNATURE_BYTES = 32, 64


class Unreadable(ValueError):
    """A text that is none of ours, or was changed."""


def _text(*lines: str) -> str:
    return "".join(f"{line}\n" for line in lines)


def decoded(text: str, size: int) -> bytes:
    """Read base64 of exactly so many bytes, in its one canonical spelling; raises Unreadable."""
    try:
        data = base64.b64decode(text.encode("ascii"), validate=True)
    except ValueError:
        raise Unreadable("base64") from None
    if len(data) != size or base64.b64encode(data).decode() != text:
        raise Unreadable("base64")
    return data


def encoded(data: bytes) -> str:
    """Write bytes as base64, standard and padded."""
    return base64.b64encode(data).decode()


def fingerprint(public: str) -> str:
    """Return the fingerprint of a public key given as base64: SHA-256 of its 32 bytes."""
    return hashlib.sha256(decoded(public, PUBLIC_BYTES)).hexdigest()


def digest(text: str) -> str:
    """Return the SHA-256 of a text."""
    return hashlib.sha256(text.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Head:
    """That a chain had so many events and this head, said at a moment with a key; `signature` is over `text`."""

    deployment: str
    chain: str
    size: int
    head: str
    at: str
    fingerprint: str
    signature: str = ""

    @property
    def text(self) -> str:
        """Return exactly what is signed."""
        return _text(HEAD, self.deployment, self.chain, str(self.size), self.head, self.at, self.fingerprint)

    @property
    def stored(self) -> str:
        """Return the text with its signature, as it is kept and handed out."""
        return self.text + _text(self.signature)


@dataclass(frozen=True, slots=True)
class Registry:
    """That all chains together had these sizes and heads: `digest` is of the lines that name them."""

    title: ClassVar[str] = REGISTRY
    deployment: str
    at: str
    digest: str
    fingerprint: str
    signature: str = ""

    @property
    def text(self) -> str:
        """Return exactly what is signed."""
        return _text(self.title, self.deployment, self.at, self.digest, self.fingerprint)

    @property
    def stored(self) -> str:
        """Return the text with its signature."""
        return self.text + _text(self.signature)


@dataclass(frozen=True, slots=True)
class Sheets(Registry):
    """That the sheets of a workbook showed this when it was exported: `digest` is of the lines that name the digest of each."""

    title: ClassVar[str] = SHEETS


Over = TypeVar("Over", bound=Registry)


@dataclass(frozen=True, slots=True)
class Key:
    """A public key, since when and how it is in force; of a change both signatures of the statement."""

    number: int
    public: str
    fingerprint: str
    at: str
    kind: str
    old_signature: str = ""
    new_signature: str = ""


@dataclass(frozen=True, slots=True)
class Listed:
    """What the lines of a registry name: the installation and each chain with size and head."""

    deployment: str
    created_at: str
    chains: Mapping[str, tuple[int, str]]


@dataclass(frozen=True, slots=True)
class HeadsFile:
    """What a file of heads holds."""

    keys: Sequence[Key]
    registry: Registry
    lines: str
    heads: Sequence[Head] = field(default=())


def statement(deployment: str, old: str, public: str, at: str) -> str:
    """Return what both keys sign when one takes the place of the other; `old` is a fingerprint, `public` base64."""
    return _text(KEY, deployment, old, public, at)


def registry_lines(deployment: str, created_at: str, chains: Iterable[tuple[str, int, str]]) -> str:
    """Return the lines that a registry's digest is of: chains in the order of their ids."""
    named = (f"{chain} {size} {head}" for chain, size, head in sorted(chains))
    return _text(LINES, f"deployment {deployment} {created_at}", *named)


def sheets_lines(keys: Sequence[Key], registry: Registry | None, digests: Iterable[str]) -> str:
    """Return the lines that the digest of a note over sheets is of: since when the first key is in force, of several all of them, the registry beside them, each sheet in its order.

    A key made after a loss is signed by no other, and no registry need be there: here stands what vouches for the rows that tell of them.
    """
    told = [f"{key.public} {key.at} {key.kind}" for key in keys] if len(keys) > 1 else []
    told += [f"{registry.at} {registry.digest}"] if registry else []
    return _text(SHEETS_LINES, keys[0].at if keys else "", *told, *(f"{number} {one}" for number, one in enumerate(digests, start=1)))


def listed(lines: str) -> Listed:
    """Read the lines of a registry; raises Unreadable unless they are written exactly so."""
    title, *named = lines.split("\n")
    if title != LINES or len(named) < 2 or named.pop():
        raise Unreadable(title)
    parts = [line.split(" ") for line in named]
    if any(len(part) != 3 for part in parts) or any(not NUMBER.fullmatch(part[1]) for part in parts[1:]):
        raise Unreadable(title)
    chains = {chain: (int(size), head) for chain, size, head in parts[1:]}
    _name, deployment, created_at = parts[0]
    if registry_lines(deployment, created_at, ((chain, *place) for chain, place in chains.items())) != lines:
        raise Unreadable(title)
    return Listed(deployment, created_at, chains)


def _lines(stored: str, title: str, number: int) -> list[str]:
    lines = stored.split("\n")
    if len(lines) != number + 1 or lines[0] != title or lines[-1]:
        raise Unreadable(title)
    decoded(lines[-2], SIGNATURE_BYTES)
    return lines[1:-1]


def read_head(stored: str) -> Head:
    """Read a stored note of a chain; raises Unreadable unless it is written exactly as we write it."""
    deployment, chain, size, head, at, by, signature = _lines(stored, HEAD, 8)
    if not (NUMBER.fullmatch(size) and DIGEST.fullmatch(head) and MOMENT.fullmatch(at) and DIGEST.fullmatch(by)):
        raise Unreadable(HEAD)
    return Head(deployment, chain, int(size), head, at, by, signature)


def read_registry(stored: str) -> Registry:
    """Read a stored note over all chains; raises Unreadable unless it is written exactly as we write it."""
    return _read_over(stored, Registry)


def read_sheets(stored: str) -> Sheets:
    """Read a stored note over the sheets of a workbook; raises Unreadable unless it is written exactly as we write it."""
    return _read_over(stored, Sheets)


def _read_over(stored: str, kind: type[Over]) -> Over:
    deployment, at, digested, by, signature = _lines(stored, kind.title, 6)
    if not (DIGEST.fullmatch(digested) and MOMENT.fullmatch(at) and DIGEST.fullmatch(by)):
        raise Unreadable(kind.title)
    return kind(deployment, at, digested, by, signature)


def write_file(file: HeadsFile) -> str:
    """Write a file of heads: keys, registry, the lines of the registry, then every chain; blocks apart by one empty line."""
    keys = (
        _text(PUBLIC, key.public, key.at, key.kind, *([key.old_signature, key.new_signature] if key.kind == CHANGED else []))
        for key in file.keys
    )
    return "\n".join([*keys, file.registry.stored, file.lines, *(head.stored for head in file.heads)])


def read_file(text: str) -> HeadsFile:
    """Read a file of heads; raises Unreadable when a block is none of ours, or it is not written as we write it."""
    blocks = [block.rstrip("\n") + "\n" for block in text.replace("\r\n", "\n").split("\n\n")]
    of = {title: [block for block in blocks if block.split("\n")[0] == title] for title in (PUBLIC, REGISTRY, LINES, HEAD)}
    if len(of[REGISTRY]) != 1 or len(of[LINES]) != 1 or not of[PUBLIC] or sum(map(len, of.values())) != len(blocks):
        raise Unreadable("heads")
    keys = [_read_key(number, block) for number, block in enumerate(of[PUBLIC], start=1)]
    file = HeadsFile(keys, read_registry(of[REGISTRY][0]), of[LINES][0], [read_head(block) for block in of[HEAD]])
    listed(file.lines)
    return file


def _read_key(number: int, block: str) -> Key:
    _title, *lines = block.split("\n")[:-1]
    if len(lines) < 3:
        raise Unreadable(PUBLIC)
    public, at, kind, *signatures = lines
    if kind not in KINDS or not MOMENT.fullmatch(at) or len(signatures) != (2 if kind == CHANGED else 0):
        raise Unreadable(PUBLIC)
    for signature in signatures:
        decoded(signature, SIGNATURE_BYTES)
    return Key(number, public, fingerprint(public), at, kind, *signatures)


def file_name(registry: Registry) -> str:
    """Return the name of the file of heads that this registry stands in: heads_20261122T020000Z.txt."""
    return f"heads_{re.sub('[-:]|[.][0-9]+', '', registry.at)}.txt"
