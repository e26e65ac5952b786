"""Full-text search over obligations: every CJK character is a word of its own, a query is a phrase of them."""

from __future__ import annotations

import re
import unicodedata

from sqlalchemy import ColumnElement, Select, and_, column, delete, func, insert, select, table
from sqlalchemy.orm import Session

CJK = re.compile("([\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff])")
NOT_A_WORD = re.compile(r"[^\w]+")
_index = table("obligation_search", column("obligation_id"), column("words"))


def creating(dialect: str) -> list[str]:
    """Return the statements that make the search table of this dialect."""
    if dialect == "postgresql":
        return [
            "CREATE TABLE obligation_search (obligation_id VARCHAR(64) PRIMARY KEY, words TEXT NOT NULL, "
            "vector TSVECTOR GENERATED ALWAYS AS (to_tsvector('simple', words)) STORED)",
            "CREATE INDEX ix_obligation_search_vector ON obligation_search USING GIN (vector)",
        ]
    return ["CREATE VIRTUAL TABLE obligation_search USING fts5(obligation_id UNINDEXED, words, tokenize='unicode61')"]


def dropping(_dialect: str) -> list[str]:
    """Return the statements that drop it."""
    return ["DROP TABLE obligation_search"]


def spaced(text: str) -> str:
    """Return the text as search words: width and case folded, a space around each Chinese character."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    # Splitting gives the characters back too, as the pattern is a group.
    return NOT_A_WORD.sub(" ", " ".join(CJK.split(folded))).strip()


def terms(query: str) -> list[str]:
    """Split what the user typed at its white space into spaced phrases; characters that are no words fall away."""
    return [found for part in query[:200].split() if (found := spaced(part))]


def replace_words(s: Session, words: dict[str, str]) -> None:
    """Write the whole index anew: obligation id → text to be found."""
    s.execute(delete(_index))
    if words:
        s.execute(insert(_index), [{"obligation_id": key, "words": spaced(text)} for key, text in words.items()])


def matching(s: Session, query: str) -> Select[str] | None:
    """Return a select of the ids that hold every term, or None when the query has no word in it."""
    wanted = terms(query)
    if not wanted:
        return None
    found: Select[str] = select(_index.c.obligation_id)
    return found.where(_matches(s, wanted))


def _matches(s: Session, wanted: list[str]) -> ColumnElement[bool]:
    if s.get_bind().dialect.name == "postgresql":
        vector: ColumnElement[bool] = column("vector")
        return and_(*(vector.op("@@")(func.phraseto_tsquery("simple", term)) for term in wanted))
    # The last word of a term may still be half typed: `fun` finds `fund`.
    phrase = " AND ".join(f'"{term}"' + ("" if CJK.match(term[-1]) else "*") for term in wanted)
    return _index.c.words.op("MATCH")(phrase)
