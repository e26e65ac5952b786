"""The real register in force, a text of the suite's own for its longer document, and a small register beside it with the suite's odd text."""

from __future__ import annotations

import io
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from tests.cast import World
from tests.register.official import official_text
from tests.web.duties.conftest import cost, database, office, officer, registered
from tests.work import WHOLE
from tracker import schema
from tracker.db import Database
from tracker.people.access import operator
from tracker.register.source import read_register
from tracker.register.texts.actions import Imported, import_text

__all__ = ["cost", "database", "office", "officer", "registered_template"]
LONGER, OTHER = "ff2025-9", "opinions-2021"


@pytest.fixture(scope="session")
def registered_template(templates: dict[str, Path]) -> Path:
    """Make the database with every obligation: with fewer the register would not cover the text."""
    return registered(templates["settled"], "all.db", WHOLE)


@dataclass
class Library:
    """Texts for the documents of the register, and a short way to import them."""

    database: Database
    world: World

    def text(self, document_id: str = LONGER, padding: int = 3) -> str:
        """Return a text of the suite's own that the register covers."""
        documents = read_register(WHOLE.read_bytes(), WHOLE.name).documents
        return official_text(next(one for one in documents if one.id == document_id), padding)

    def keep(self, text: str = "", document_id: str = LONGER, name: str = "原文.txt") -> Imported:
        """Import a text as the operator."""
        host = operator("操作员")
        with self.database.writing(host.entities) as s:
            return import_text(s, host, document_id, (text or self.text(document_id)).encode(), name)

    def size(self) -> dict[str, int]:
        """Count the rows of every table, events among them."""
        with self.database.engine.connect() as connection:
            return {table.name: connection.scalar(select(func.count()).select_from(table)) or 0 for table in schema.METADATA.sorted_tables}


@pytest.fixture
def library(database: Database, world: World) -> Library:  # noqa: F811
    """Give the texts and the means to import them."""
    return Library(database, world)


def upload(text: str | bytes, name: str = "原文.txt") -> dict[str, Any]:
    """Return the body of a form with one file."""
    return {"file": (io.BytesIO(text if isinstance(text, bytes) else text.encode()), name)}
