"""Keys and signed notes for workbooks and heads files, written from the formats alone; the signing itself is the library's."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass, field

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

AT = "2027-01-05T02:30:09.000000Z"
KINDS = {"first": "首个密钥", "changed": "由上一密钥更换", "lost": "上一密钥遗失后另建"}


@dataclass
class Key:
    """One key, made from a seed so that every run has the same."""

    seed: int
    kind: str = "first"
    secret: Ed25519PrivateKey = field(init=False)

    def __post_init__(self) -> None:
        self.secret = Ed25519PrivateKey.from_private_bytes(bytes([self.seed] * 32))

    @property
    def raw(self) -> bytes:
        """Return the public key."""
        return self.secret.public_key().public_bytes_raw()

    @property
    def public(self) -> str:
        """Return the public key as it is written."""
        return base64.b64encode(self.raw).decode()

    @property
    def print(self) -> str:
        """Return the fingerprint."""
        return hashlib.sha256(self.raw).hexdigest()

    def sign(self, *lines: str) -> str:
        """Sign lines, each with its end."""
        return base64.b64encode(self.secret.sign("".join(f"{line}\n" for line in lines).encode())).decode()


SUMMED = hashlib.sha256(b"registry").hexdigest()


def changes(deployment: str, keys: list[Key]) -> list[tuple[str, ...]]:
    """Return both signatures of each key's change, nothing for those that were not changed."""
    signed: list[tuple[str, ...]] = []
    for before, key in zip([None, *keys], keys, strict=False):
        statement = ("CA1 key", deployment, before.print if before else "", key.public, AT)
        signed.append((before.sign(*statement), key.sign(*statement)) if before and key.kind == "changed" else ())
    return signed


def signed_lines(deployment: str, chain: str, size: int, head: str, keys: list[Key]) -> list[tuple[str, str]]:
    """Return what a signed workbook says on 校验: the newest key signs head and registry."""
    newest, summed = keys[-1], SUMMED
    lines = [("签名时间", AT), ("签名指纹", newest.print), ("链头签名", newest.sign("CA1 head", deployment, chain, str(size), head, AT, newest.print))]
    for key, signatures in zip(keys, changes(deployment, keys), strict=True):
        lines += [("公钥", key.public), ("公钥指纹", key.print), ("启用时间", AT), ("启用方式", KINDS[key.kind]), *zip(("更换签名", "接受签名"), signatures, strict=False)]
    return [*lines, ("登记时间", AT), ("登记摘要", summed), ("登记指纹", newest.print), ("登记签名", newest.sign("CA1 registry", deployment, AT, summed, newest.print))]


def sheets_lines(deployment: str, digests: list[str], keys: list[Key]) -> list[tuple[str, str]]:
    """Return what a signed workbook says of its sheets on 校验."""
    key, named = keys[-1], [f"{one.public} {AT} {one.kind}" for one in keys] if len(keys) > 1 else []
    listed = ["CA1 sheets lines", AT, *named, f"{AT} {SUMMED}", *(f"{number} {told}" for number, told in enumerate(digests, start=1))]
    note = ["CA1 sheets", deployment, AT, hashlib.sha256("".join(f"{line}\n" for line in listed).encode()).hexdigest(), key.print]
    return [("工作表签名时间", AT), ("工作表签名指纹", key.print), ("工作表签名", key.sign(*note))]


def heads_file(deployment: str, heads: list[tuple[str, int, str]], keys: list[Key]) -> bytes:
    """Return a heads file over chains with their sizes and heads."""
    newest = keys[-1]
    blocks = [["CA1 public", key.public, AT, key.kind, *signatures] for key, signatures in zip(keys, changes(deployment, keys), strict=True)]
    listed = ["CA1 registry lines", f"deployment {deployment} {AT}", *(f"{chain} {size} {head}" for chain, size, head in heads)]
    registry = ["CA1 registry", deployment, AT, hashlib.sha256("".join(f"{line}\n" for line in listed).encode()).hexdigest(), newest.print]
    blocks += [[*registry, newest.sign(*registry)], listed]
    for chain, size, head in heads:
        note = ["CA1 head", deployment, chain, str(size), head, AT, newest.print]
        blocks.append([*note, newest.sign(*note)])
    return ("\n\n".join("\n".join(block) for block in blocks) + "\n").encode()
