"""One task as a page: everything it shows, and which buttons its viewer may use."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import render_template

from ... import clock
from ...assignments import workflow
from ...assignments.models import Submission, Task
from ...assignments.queries import reconfirmations, submissions
from ...audit.queries import TrailFilter, events
from ...audit.trail import entity_chain
from ...editions.queries import text_change
from ...evidence.queries import damaged
from ...people.access import Viewer
from ...people.queries import colleagues, names
from ...register.models import ObligationText
from ...register.queries import accepted_text, vocabulary
from ...words import Outcome, Role, TaskState
from ..acceptance import beside
from ..changes import Labels, Row, field_rows
from ..doors import config, reading, viewer
from ..evidence.forms import FactsForm
from ..telling import tell
from .forms import AcceptForm, ReasonForm, ReassignForm, ReconfirmForm, RescheduleForm, SendBackForm, WorkForm

MOST_EVENTS = 60


@dataclass(frozen=True, slots=True)
class Acts:
    """What the viewer may do with the task as it stands."""

    work: bool
    submit: bool
    recall: bool
    review: bool
    reschedule: bool
    cancel: bool
    reassign: bool
    reopen: bool
    reconfirm: bool

    @property
    def any_of_office(self) -> bool:
        """Tell whether the menu of further acts holds anything."""
        return self.recall or self.reschedule or self.cancel or self.reassign


def acts_of(who: Viewer, row: Task, handed_in: Sequence[Submission]) -> Acts:
    """Say which acts the viewer may use now; the actions check each of them again."""
    officer = who.holds(row.entity_id, Role.OFFICER)
    worker = officer or (who.person_id == row.owner_id and who.holds(row.entity_id, Role.OWNER))
    is_reviewer = who.person_id == row.reviewer_id and who.holds(row.entity_id, Role.REVIEWER)
    accepted = next((one for one in handed_in if one.outcome == Outcome.ACCEPTED), None)
    waiting = next((one for one in handed_in if one.outcome is None and one.recalled_at is None), None)

    def may(act: str, allowed: bool) -> bool:
        return allowed and workflow.allowed(act, row.state)

    return Acts(
        work=may("work", worker), submit=may("submit", worker and who.person_id != row.reviewer_id), recall=may("recall", worker),
        review=may("accept", is_reviewer and waiting is not None and waiting.submitted_by != who.person_id),
        reschedule=may("reschedule", officer), cancel=may("cancel", officer), reassign=may("hand_over", officer),
        reopen=may("reopen", (officer or is_reviewer) and row.assignment.active),
        reconfirm=is_reviewer and row.outdated and accepted is not None and accepted.submitted_by != who.person_id,
    )


def page(row: Task, **forms: Any) -> str:
    """Draw the page of a task; a form that was refused is shown with what was typed."""
    s, who = reading(), viewer()
    handed_in = submissions(s, who, row)
    acts = acts_of(who, row, handed_in)
    told = events(s, TrailFilter((entity_chain(row.entity_id),), object=row.audit_ref), limit=MOST_EVENTS)
    people = [one for link in row.cited for one in (link.evidence.uploaded_by,)]
    again = reconfirmations(s, who, row)
    people += [one for each in handed_in for one in (each.submitted_by, each.decided_by)] + [each.decided_by for each in again]
    document = vocabulary(s).documents[row.obligation.document_id]
    return render_template(
        "tasks/task.html", page_title=row.obligation.title, row=row, one=row.obligation, document=document, acts=acts, handed_in=handed_in, again=again,
        people=names(s, people), earlier_texts=_earlier_texts(row, handed_in), pinned=beside(s, who, row, handed_in, again), changed=_changed(row), events=tell(s, who, told), domain=vocabulary(s).domains[row.obligation.domain],
        state=workflow.shown_state(row.state, row.due_on, clock.today(), row.outdated), settled=row.state in {TaskState.DONE, TaskState.CANCELLED} or (row.state == TaskState.SUBMITTED and row.due_on < clock.today()),
        upload_limit=config().upload_limit, alarmed=damaged(s, [link.evidence.sha256 for link in row.cited]), **_forms(row, acts, forms),
    )


def _changed(row: Task) -> list[Row]:
    """Tell what changed in the obligation since the acceptance that awaits its confirmation."""
    s = reading()
    return field_rows(text_change(s, row.obligation_id, row.accepted_digest or ""), Labels.of(s)) if row.outdated else []


def _earlier_texts(row: Task, handed_in: Sequence[Submission]) -> dict[str, ObligationText | None]:
    """Return the texts, by digest, that were pinned and are no longer in force."""
    digests = {one.obligation_digest for one in handed_in} - {row.obligation.digest}
    return {digest: accepted_text(reading(), row.obligation_id, digest) for digest in digests}


def _forms(row: Task, acts: Acts, given: dict[str, Any]) -> dict[str, Any]:
    forms: dict[str, Any] = {
        "work": WorkForm(), "accept": AcceptForm(prefix="accept-"), "send_back": SendBackForm(prefix="back-"), "reopen": ReasonForm(prefix="reopen-"), "reconfirm": ReconfirmForm(prefix="again-"),
        "reschedule": RescheduleForm(prefix="due-"), "cancel": ReasonForm(prefix="cancel-"), "reassign": ReassignForm(prefix="people-"),
        "files": FactsForm(prefix="file-", data={"period_from": row.period_from, "period_to": row.period_to}),
    }
    forms["work"].show(row)
    forms.update(given)
    for name in ("work", "accept", "send_back"):
        # After a refusal the version and the text shown are the ones that stand: what was typed may be sent again on top of it.
        forms[name].version.data = str(row.version)
    for name in ("accept", "reconfirm"):
        forms[name].seen.data = row.obligation.digest
    if acts.reassign and "reassign" not in given:
        forms["reassign"].offer(colleagues(reading(), viewer(), row.entity_id))
    return forms
