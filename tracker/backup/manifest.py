"""The manifest of a backup: what it holds, written last, so that a backup without one does not exist."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from ..errors import RuleBroken

FORMAT = 1
DIGEST = re.compile("[0-9a-f]{64}")
# The stores whose contents belong to a backup; the name is the folder's in the data folder, and the table's rows name the digest.
STORES = {"evidence": "evidence", "exports": "export"}


@dataclass(frozen=True, slots=True)
class Content:
    """One content under its SHA-256, its size in bytes, and the stores in which it lies."""

    sha256: str
    size: int
    stores: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Manifest:
    """What one backup holds; `made_at` is a stamp from before its snapshot, `damaged` names contents that were so already.

    `chains` gives size and head of each chain in the snapshot.
    """

    made_at: str
    deployment: str
    revision: str
    kind: str
    database_size: int
    database_sha256: str
    contents: tuple[Content, ...]
    chains: Mapping[str, tuple[int, str]]
    damaged: tuple[str, ...] = ()

    @property
    def moment(self) -> datetime:
        """Return when it was made."""
        return datetime.fromisoformat(self.made_at)

    @property
    def events(self) -> int:
        """Return how many events its trail has."""
        return sum(size for size, _head in self.chains.values())

    @property
    def bytes(self) -> int:
        """Return the size of everything in it."""
        return self.database_size + sum(content.size for content in self.contents)


def written(manifest: Manifest) -> bytes:
    """Write a manifest as JSON that also says its own digest."""
    told = {"format": FORMAT, **asdict(manifest)}
    return json.dumps({"manifest": told, "check": _check(told)}, ensure_ascii=False, indent=1).encode()


def read(data: bytes, name: str) -> Manifest:
    """Read a manifest, or raise RuleBroken with the sentence why it is none."""
    try:
        whole = json.loads(data)
        told = dict(whole["manifest"])
        if told.pop("format") != FORMAT:
            raise RuleBroken(f"备份 {name} 的格式不是本程序认得的。请使用与它相配的版本。")
        if whole["check"] != _check(whole["manifest"]):
            raise ValueError
        contents = tuple(Content(one["sha256"], one["size"], tuple(one["stores"])) for one in told.pop("contents"))
        chains = {chain: (size, head) for chain, (size, head) in told.pop("chains").items()}
        manifest = Manifest(contents=contents, chains=chains, damaged=tuple(told.pop("damaged")), **told)
        if not _is_sound(manifest):
            raise ValueError
        return manifest
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise RuleBroken(f"备份 {name} 的清单（manifest.json）已损坏，不能使用这份备份。") from None


def _is_sound(manifest: Manifest) -> bool:
    """Tell whether everything is of its kind: its own digest is easily computed anew, and digests become paths."""
    texts = (manifest.made_at, manifest.deployment, manifest.revision, manifest.kind, *(head for _size, head in manifest.chains.values()))
    sizes = (manifest.database_size, *(one.size for one in manifest.contents), *(size for size, _head in manifest.chains.values()))
    digests = (manifest.database_sha256, *(one.sha256 for one in manifest.contents), *manifest.damaged)
    return (
        all(isinstance(one, str) for one in texts) and manifest.moment.tzinfo is not None and all(type(one) is int and one >= 0 for one in sizes)
        and all(DIGEST.fullmatch(one) for one in digests) and all({*one.stores} <= {*STORES} for one in manifest.contents)
    )


def _check(told: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(told, ensure_ascii=True, sort_keys=True, separators=(",", ":")).encode()).hexdigest()
