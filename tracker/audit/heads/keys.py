"""The folder of private keys, and what was signed last: neither is any part of the database, and a backup of that needs neither."""

from __future__ import annotations

import json
import os
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

from ...errors import Problem, why_not
from .notes import PUBLIC_BYTES, SIGNATURE_BYTES, Unreadable, decoded, encoded, fingerprint

MEMORY = "signed.json"


@dataclass(frozen=True, slots=True)
class Memory:
    """What was signed last: of each chain size and head, and the newest registry; `passed` are checkpoints that an operator gave up."""

    deployment: str = ""
    chains: Mapping[str, tuple[int, str]] = field(default_factory=dict)
    registry: tuple[int, str] | None = None
    passed: Mapping[str, int] = field(default_factory=dict)


def signed_by(public: str, signature: str, text: str) -> bool:
    """Tell whether this signature over a text was made with the private key of a public one; all are given as base64."""
    try:
        key = Ed25519PublicKey.from_public_bytes(decoded(public, PUBLIC_BYTES))
        key.verify(decoded(signature, SIGNATURE_BYTES), text.encode())
        return True
    except (InvalidSignature, Unreadable, ValueError):
        return False


class Keyring:
    """A folder with one file for each private key, named by its fingerprint, readable for its owner only."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def create(self) -> str:
        """Make a key, keep it safely on disk, and return its public half; raises Problem when the folder cannot be written."""
        key = Ed25519PrivateKey.generate()
        public = encoded(key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw))
        self._write(f"{fingerprint(public)}.pem", key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
        return public

    def holds(self, print_of_key: str) -> bool:
        """Tell whether the private key with this fingerprint is here and whole."""
        return self._private(print_of_key) is not None

    def sign(self, print_of_key: str, text: str) -> str:
        """Sign a text and return the signature as base64; raises Problem when the key is not here."""
        key = self._private(print_of_key)
        if key is None:
            raise Problem(f"签名密钥的文件不在 {self.folder} 中，或已损坏（指纹 {print_of_key[:16]}…）。请放回密钥文件；确已遗失的，运行 python -m tracker heads key lost。")
        return encoded(key.sign(text.encode()))

    def _private(self, print_of_key: str) -> Ed25519PrivateKey | None:
        try:
            key = load_pem_private_key((self.folder / f"{print_of_key}.pem").read_bytes(), None)
        except (OSError, ValueError, TypeError, UnsupportedAlgorithm):
            return None
        if not isinstance(key, Ed25519PrivateKey):
            return None
        public = encoded(key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw))
        return key if fingerprint(public) == print_of_key else None

    def strangers(self, known: Collection[str]) -> list[str]:
        """List the fingerprints of private keys that lie here and are none of those known."""
        try:
            return sorted(path.stem for path in self.folder.glob("*.pem") if path.stem not in known)
        except OSError:
            return []

    def exposure(self) -> str:
        """Say which key files others on this machine may open, and what to do; nothing on Windows, where the mode says nothing of that."""
        if os.name == "nt":
            return ""
        try:
            open_ones = [path.name for path in sorted(self.folder.glob("*.pem")) if path.stat().st_mode & 0o077]
        except OSError:
            return ""
        if not open_ones:
            return ""
        return (
            f"签名密钥的文件本机其他账号也能打开（{self.folder} 中的 {'、'.join(open_ones[:3])}{'等' if len(open_ones) > 3 else ''}）：拿到它的人能以您的名义签名。"
            f"请运行 chmod 600 {self.folder}/*.pem 收回权限；可能已被他人读取的，再运行 python -m tracker heads key rotate 更换密钥。"
        )

    def memory(self) -> Memory:
        """Return what was signed last, nothing when nothing ever was; raises Problem when the file is damaged."""
        path = self.folder / MEMORY
        try:
            told: Any = json.loads(path.read_text(encoding="utf-8"))
            return Memory(
                str(told["deployment"]), {str(chain): (int(size), str(head)) for chain, (size, head) in told["chains"].items()},
                (int(told["registry"][0]), str(told["registry"][1])) if told["registry"] else None, {str(chain): int(size) for chain, size in told["passed"].items()},
            )
        except FileNotFoundError:
            return Memory()
        except OSError as reason:
            raise Problem(f"读不到 {path}：{why_not(reason)}。没有签名。请检查设置 TRACKER_KEYS 与目录的权限。") from None
        except (ValueError, KeyError, TypeError, AttributeError, IndexError, OverflowError, RecursionError):
            raise Problem(f"{path} 已损坏，不知道上次签到哪里，没有签名。请从备份放回这个文件；放不回的，移走它，再由操作员运行 python -m tracker heads accept 说明原因。") from None

    def remember(self, memory: Memory) -> None:
        """Write durably down what was signed last."""
        told = {"deployment": memory.deployment, "chains": memory.chains, "registry": memory.registry, "passed": memory.passed}
        self._write(MEMORY, json.dumps(told, sort_keys=True, indent=1).encode())

    def _write(self, name: str, content: bytes) -> None:
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            _write_durably(self.folder, name, content)
        except OSError as reason:
            raise Problem(f"写不了密钥目录 {self.folder}：{why_not(reason)}。请检查设置 TRACKER_KEYS 与目录的权限。") from None


def _write_durably(folder: Path, name: str, content: bytes) -> None:
    """Put a file in its place so that after a crash it is there wholly or not at all; only its owner may read it."""
    part = folder / f".{name}.part"
    handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    os.replace(part, folder / name)
    if os.name != "nt":
        opened = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(opened)
        finally:
            os.close(opened)
