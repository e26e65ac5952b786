"""Large requests lie on the disk while they are read: each such file is closed, and one that found no room is answered like any other."""

from __future__ import annotations

import io
from contextlib import suppress
from typing import IO, Any, NoReturn

import waitress
from flask import Flask, Request
from waitress.channel import HTTPChannel
from waitress.parser import HTTPRequestParser
from werkzeug.utils import cached_property


class SpoolingRequest(Request):
    """A request that knows every file it began to take in, not only those it took in whole."""

    @cached_property
    def stream(self) -> IO[bytes]:
        """Return the body; raises the OSError for which it could not be kept, which the parser of forms would take for a browser that went away."""
        if isinstance(given := self.environ["wsgi.input"], Unspooled):
            raise given.reason
        return super().stream

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


class Unspooled(io.RawIOBase):
    """The body of a request that could not be kept: it takes the rest and drops it, and whoever reads it hears why."""

    def __init__(self, reason: OSError) -> None:
        # Without its traceback, in which the file that it could not write would live on.
        self.reason = reason.with_traceback(None)

    def append(self, data: bytes) -> None:
        """Drop what still comes: a browser that is not heard to the end never reads the answer."""

    def getfile(self) -> Unspooled:
        """Return the stream that the application reads."""
        return self

    def readable(self) -> bool:
        """Tell that there is something to read."""
        return True

    def readinto(self, _into: Any) -> NoReturn:
        """Say why there is nothing, in words that the application knows to answer."""
        raise self.reason


class SpoolingParser(HTTPRequestParser):  # type: ignore[misc]
    """Takes requests in as waitress does, which closes the connection without a word when the disk is full; here the application answers."""

    def __init__(self, adj: Any, channel: SpoolingChannel) -> None:
        super().__init__(adj)
        self.channel = channel

    def received(self, data: bytes) -> int:
        """Take in what came; returns how many bytes of it."""
        try:
            return int(super().received(data))
        except OSError as reason:
            with suppress(OSError):
                self.body_rcv.buf.close()
            self.body_rcv.buf = Unspooled(reason)
        if not self.chunked:
            return int(super().received(data))
        # Where the next piece begins is not known any more: this request ends here, and nothing that follows may be taken for another one.
        self.headers |= {"CONTENT_LENGTH": "1", "CONNECTION": "close"}
        self.completed = self.channel.ended = True
        return len(data)


class SpoolingChannel(HTTPChannel):  # type: ignore[misc]
    """A connection whose requests are taken in so; one that `ended` drops whatever still comes."""

    ended = False

    def parser_class(self, adj: Any) -> SpoolingParser:
        """Return the parser of the next request."""
        return SpoolingParser(adj, self)

    def received(self, data: bytes) -> bool:
        """Take in what came."""
        return self.ended or bool(super().received(data))


def listening(app: Flask, sockets: dict[int, Any], **asked: Any) -> Any:
    """Return a server of the application that listens, among `sockets`; `asked` are settings of waitress. Raises OSError, ValueError as that does."""
    server = waitress.create_server(app, map=sockets, ident=None, **asked)
    for one in sockets.values():
        # One socket for each address of the host; what else stands here only wakes the loop.
        if hasattr(one, "channel_class"):
            one.channel_class = SpoolingChannel
    return server
