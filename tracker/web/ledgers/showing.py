"""What the pages of ledgers show: the start with what is remembered, and one ledger with its columns, words and rows."""

from __future__ import annotations

from typing import Any

from flask import render_template
from flask_babel import gettext as _

from ...ledgers import queries
from ...ledgers.building import doubled
from ...ledgers.fields import FIELDS
from ...ledgers.models import LedgerDraft
from ...ledgers.queries import Opened
from ...ledgers.rows import NEW, labels
from ...people.queries import names
from ...words import Cadence, Modality, Severity
from ...workbook.container import MEGABYTE, MOST_BYTES
from ...workbook.reading import cell_name
from ..doors import reading, viewer
from ..form import Form
from .forms import LedgerForm, value_name

# A page stays readable; what is beyond is counted.
MOST_SHOWN, SAMPLED = 200, 12


def start_page(form: Form) -> str:
    """Draw the page to which ledgers are sent."""
    s, who = reading(), viewer()
    rows = queries.mappings(s, who)
    return render_template(
        "ledgers/start.html", page_title=_("台账导入"), form=form, rows=rows, most=MOST_BYTES // MEGABYTE, draft=queries.pending(s, who),
        people=names(s, [row.made_by for row in rows]), registers={one.key: one.name for one in queries.ledger_registers(s)},
    )


def ledger_page(row: LedgerDraft, found: Opened, form: LedgerForm) -> str:
    """Draw one ledger: the sheet, its columns, the words to be explained, the register it becomes, the rows it leaves out."""
    remembered = found.remembered
    people = names(reading(), [remembered.made_by]) if remembered else {}
    who = people.get(remembered.made_by) if remembered and remembered.made_by else None
    return render_template(
        "ledgers/ledger.html", page_title=_("台账导入"), row=row, found=found, form=form, fields=FIELDS, most=MOST_SHOWN, sampled=SAMPLED,
        letter=lambda number: cell_name(number, 1)[:-1], value_name=value_name, options=lambda field: _options(field, found), new=NEW,
        by=who.name if who else "", doubled=doubled(found.built.entries) if found.built else {}, words=_Words(found),
    )


def _options(field: str, found: Opened) -> list[tuple[str, str]]:
    known = list(labels(field, found.words).items())
    return [*known, (NEW, _("新设为本登记册的领域"))] if field == "domain" else known


class _Words:
    """Labels of the codes of an entry."""

    def __init__(self, found: Opened) -> None:
        self.found = found

    def __call__(self, field: str, code: str) -> Any:
        """Return the label of a code; a new domain is called by its own name."""
        kinds = {"modality": Modality, "severity": Severity, "cadence": Cadence}
        if field in kinds:
            return kinds[field](code).label if code else ""
        return code.removeprefix(NEW) if code.startswith(NEW) else labels(field, self.found.words).get(code, code)
