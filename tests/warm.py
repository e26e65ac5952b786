"""What one test has made that the next would make again: translated templates, kept for the life of the process."""

from __future__ import annotations

from types import CodeType

from flask import Flask
from jinja2 import BytecodeCache
from jinja2.bccache import Bucket


class Kept(BytecodeCache):
    """Keeps the code of each template with the digest of its source, which Jinja asks for as it would of a file."""

    def __init__(self) -> None:
        self._code: dict[tuple[str, str], CodeType] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        """Give the code of exactly this source, if it was ever translated."""
        bucket.code = self._code.get((bucket.key, bucket.checksum))

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep what was just translated."""
        if bucket.code is not None:
            self._code[bucket.key, bucket.checksum] = bucket.code


def keep_templates() -> None:
    """Let every application of this process share them: in earnest there is one application to a process."""
    Flask.jinja_options = {**Flask.jinja_options, "bytecode_cache": Kept()}
