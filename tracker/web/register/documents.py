"""Pages of the official texts: what they are, and their obligations clause by clause."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from flask import Blueprint, render_template
from flask_babel import gettext as _

from ...errors import BadInput, NotFound
from ...register import queries
from ...register.models import Clause, Document, Obligation
from ...register.original.queries import earlier_texts, newest_text, sheet
from ...register.queries import ObligationFilter
from ...register.texts.bounds import MOST_BYTES
from ...words import Modality
from ..doors import chosen_entity, reading, viewer

blueprint = Blueprint("documents", __name__, url_prefix="/documents")


@dataclass(frozen=True, slots=True)
class ClauseOf:
    """One clause with what it asks."""

    clause: Clause
    obligations: list[Obligation]


@dataclass(frozen=True, slots=True)
class TextOf:
    """One official text, its clauses, and how many obligations of which modality it has."""

    document: Document
    clauses: list[ClauseOf]
    counts: dict[Modality, int]

    @property
    def total(self) -> int:
        """Return the number of obligations."""
        return sum(self.counts.values())


def _text(document: Document, clauses: Sequence[Clause], obligations: Sequence[Obligation]) -> TextOf:
    by_clause: dict[int, list[Obligation]] = defaultdict(list)
    for one in obligations:
        by_clause[one.clause_no].append(one)
    counted = Counter(one.modality for one in obligations)
    kept = [clause for clause in clauses if by_clause[clause.no] or not clause.withdrawn]
    return TextOf(document, [ClauseOf(clause, by_clause[clause.no]) for clause in kept], {word: counted[word] for word in Modality})


@blueprint.get("")
def listing() -> str:
    """List the official texts, withdrawn ones at the end."""
    s = reading()
    words, rows, clauses = queries.vocabulary(s), queries.obligations(s, ObligationFilter()), queries.clauses(s)
    texts = [
        _text(document, [c for c in clauses if c.document_id == document.id], [o for o in rows if o.document_id == document.id])
        for document in words.documents.values()
    ]
    return render_template(
        "register/documents.html", page_title=_("文件"), texts=sorted(texts, key=lambda one: one.document.withdrawn), words=words,
        editions=queries.editions_in_force(s), entity_arg=chosen_entity(),
    )


@blueprint.get("/<document_id>")
def page(document_id: str) -> str:
    """Show one text with its obligations, clause by clause."""
    return document_page(document_id)


def document_page(document_id: str, refused: BadInput | None = None) -> str:
    """Draw the page of a document; `refused` tells why a file was not imported as its official text."""
    s = reading()
    words = queries.vocabulary(s)
    document = words.documents.get(document_id)
    if document is None:
        raise NotFound
    rows = queries.obligations(s, ObligationFilter(document=document_id))
    text = _text(document, queries.clauses(s, document_id), rows)
    original = newest_text(s, document_id)
    return render_template(
        "register/document.html", page_title=document.title, text=text, words=words, entity_arg=chosen_entity(), refused=refused,
        original=original, earlier=earlier_texts(s, document_id) if original else [], gaps=len(sheet(s, document_id, original).layout.gaps) if original else 0,
        may_import=viewer().is_admin and not document.withdrawn, upload_limit=MOST_BYTES,
    )
