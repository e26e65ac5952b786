"""Requests whose large files lie on the disk while they are read: each such file is closed, even one that found no room."""

from __future__ import annotations

from contextlib import suppress
from typing import IO

from flask import Request


class SpoolingRequest(Request):
    """A request that knows every file it began to take in, not only those it took in whole."""

    def _get_file_stream(
        self, total_content_length: int | None, content_type: str | None, filename: str | None = None, content_length: int | None = None,
    ) -> IO[bytes]:
        file = super()._get_file_stream(total_content_length, content_type, filename, content_length)
        self.__dict__.setdefault("begun_files", []).append(file)
        return file

    def close(self) -> None:
        """Close every file; what could not be written does not matter any more."""
        for file in self.__dict__.pop("begun_files", []):
            with suppress(OSError):
                file.close()
        super().close()
