"""Table of how far the stores have been read again."""

from __future__ import annotations

from sqlalchemy import BigInteger, String
from sqlalchemy.orm import Mapped, mapped_column

from ..db import Base, Moment


class ScrubPosition(Base):
    """How far one store has been read in the pass that goes on: up to and with the digest `after`.

    `files` and `bytes` count this pass; `finished_at` is the end of the last whole one.
    """

    __tablename__ = "scrub_position"
    store: Mapped[str] = mapped_column(String(16), primary_key=True)
    after: Mapped[str] = mapped_column(String(64), default="")
    files: Mapped[int] = mapped_column(default=0)
    bytes: Mapped[int] = mapped_column(BigInteger, default=0)
    finished_at: Mapped[Moment | None]
