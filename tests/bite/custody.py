"""Defects of what keeps the trail and the evidence safe for years: signed heads, sealing, retention, backups, the janitor."""

from __future__ import annotations

from .planted import Defect

VERIFY, SIGNING, CHECKING = "tracker/verify.py", "tracker/audit/heads/signing.py", "tracker/audit/heads/checking.py"
KEEPING = "tracker/retention/keeping.py"
EXECUTING, ASKING, CLASSES = "tracker/retention/executing.py", "tracker/retention/asking.py", "tracker/retention/classes.py"
SWEEPING, SCRUBBING = "tracker/stores/sweeping.py", "tracker/stores/scrubbing.py"
OF_SIGNING, OF_BOOK, OF_WITHHELD = "tests/heads/test_signing.py::", "tests/heads/test_workbook.py::", "tests/heads/test_withheld.py"
OF_DESTROYING, OF_REDACTING = "tests/retention/test_destroying.py::", "tests/retention/test_redacting.py::"
OF_DESCRIBING, OF_CLASSIFYING = "tests/retention/test_describing.py", "tests/retention/test_classifying.py"
OF_BACKUPS, OF_SWEEPING = "tests/backup/test_backups.py::", "tests/stores/test_sweeping.py::"
SHORTER = OF_DESTROYING + "test_a_class_may_be_made_longer_freely_and_shorter_only_with_a_reason"
DAMAGED = OF_BACKUPS + "test_a_damaged_backup_is_refused_and_the_place_stays_as_it_was"
EARLIER = OF_BOOK + "test_what_was_got_earlier_is_continued_or_the_difference_named"

DEFECTS = (
    Defect("a history that does not extend the signed one is signed", SIGNING, "if queries.head_at(self.w, row, signed) != known:", "if known is None:", OF_SIGNING + "test_an_older_backup_put_back_is_refused_until_an_operator_says_why"),
    Defect("a break after the last signed head is signed over", SIGNING, " or not self._holds_together(row, size):", ":", OF_SIGNING + "test_a_link_that_is_broken_after_the_last_note_is_not_signed"),
    Defect("the signature of a stored note is not checked", CHECKING, 'return note if signed_by(publics.get(note.fingerprint, ""), note.signature, note.text) else None', "return note", "tests/heads/test_bits.py"),
    Defect("offline: a signature is not checked", VERIFY, 'need(sound, f"{where}：{what}的签名不对', 'need(sound is not None, f"{where}：{what}的签名不对', EARLIER),
    Defect("offline: a key made after a loss counts as linked", VERIFY, 'self.line += kind == "lost"', 'self.line += kind == ""', OF_BOOK + "test_a_key_made_after_a_loss_is_not_bound_to_the_one_before"),
    Defect("offline: an earlier head is not compared", VERIFY, "need(held[size][0] == head,", "need(held[size][0],", "tests/checking/test_signed.py::test_earlier_heads_and_workbooks_must_still_hold"),
    Defect("offline: a history that was cut is not noticed", VERIFY, "need(size < len(held),", "size = min(size, len(held) - 1)\n        need(held,", EARLIER),
    Defect("offline: a missing field needs no covering event", VERIFY, "need(told[field], f", "need(told is not None, f", OF_WITHHELD),
    Defect("offline: a key that signed nothing is vouched for by nobody", VERIFY, '*(" ".join(key) for key in every if every[1:]), ', "", "tests/checking/test_signed.py::test_a_key_that_signed_nothing_is_vouched_for_by_the_note_over_the_sheets"),
    Defect("offline: a file beside what a package is made of is taken", VERIFY, 'need(name.startswith(FOLDER) or name in', 'need(name or name in', "tests/checking/test_disguised.py"),
    Defect("a known end is given up without a reason", KEEPING, "return old.end is not None", "return False", SHORTER),
    Defect("a first day ends a term before the usual one without a reason", KEEPING, " or (usual.end is not None and new.end < usual.end)", "", SHORTER),
    Defect("fewer months of a term still to begin need no reason", KEEPING, " or new.kept_as.months < old.kept_as.months", "", OF_CLASSIFYING),
    Defect("a first day before the piece came needs no reason", KEEPING, " or before_it_came or", " or", OF_CLASSIFYING),
    Defect("a term that ends with this day needs no reason", KEEPING, "new.end <= clock.today()", "new.end < clock.today()", OF_CLASSIFYING),
    Defect("a description ends a term earlier without a reason", KEEPING, "        if not reason.strip():\n            raise", "        if not earlier:\n            raise", OF_DESCRIBING),
    Defect("an owner ends a term earlier by a description", KEEPING, "        if not viewer.holds(row.entity_id, Role.OFFICER):\n            raise RuleBroken", "        if not earlier:\n            raise RuleBroken", OF_DESCRIBING),
    Defect("a list that comes back ends a term earlier", "tracker/bringing/rules/lists.py", "return wrong or _shortened(held, last, obtained)", "return wrong", "tests/bringing/test_terms.py"),
    Defect("who asked may approve", ASKING, "if row.asked_by == viewer.person_id:", "if row.asked_by is None:", OF_DESTROYING + "test_who_asked_never_decides_and_neither_does_the_command_line"),
    Defect("term and hold are not looked at again when approving", ASKING, "    _refuse(hindrance(s, viewer, row))\n    row.state,", "    row.state,", OF_DESTROYING + "test_a_hold_stops_it_even_between_asking_and_approving_until_somebody_else_lifts_it"),
    Defect("a hold on evidence is ignored", EXECUTING, " or _held(hold_on_evidence(s, row))", "", OF_DESTROYING + "test_a_hold_stops_it_even_between_asking_and_approving_until_somebody_else_lifts_it"),
    Defect("a hold on an obligation forgets what was taken back", "tracker/retention/queries.py", ", *_held_once(s, row)]", "]", "tests/retention/test_holding.py"),
    Defect("a stranger lifts the hold on a person", "tracker/retention/queries.py", "if hold.kind != HoldKind.PERSON or viewer.is_admin:", "if hold:", "tests/retention/test_holding.py"),
    Defect("a role taken away gives the person up", "tracker/retention/queries.py", "{*now, *(json.loads(key)[1] for key in s.scalars(ever))}", "{*now}", "tests/retention/test_holding.py"),
    Defect("evidence that unfinished work cites is destroyed", EXECUTING, " or _needed(s, row)", "", "tests/retention/test_cited.py"),
    Defect("a hold on a person is ignored", EXECUTING, "or _held(hold_on_events(s, {one.chain for one in told}, [row.id]))", 'or ""', OF_REDACTING + "test_who_is_still_here_and_who_is_under_a_hold_is_not_deleted"),
    Defect("a term ends a day early", CLASSES, "today > self.end", "today >= self.end", "tests/retention/test_classes.py::test_nothing_is_over_before_its_last_day"),
    Defect("a file goes that others still need", EXECUTING, "if not s.connection().scalar(others):", "if row.id:", OF_DESTROYING + "test_the_file_stays_as_long_as_any_piece_of_anybody_needs_it"),
    Defect("a backup's database is not held against its digest", "tracker/backup/checking.py", "if digest_of(path) != (manifest.database_sha256, manifest.database_size):", "if not path.exists():", OF_BACKUPS + "test_a_row_changed_in_a_backup_is_found_by_the_digest_alone"),
    Defect("a restored content is not held against its digest", "tracker/backup/making.py", "if write_part(target, source_of(source)) == (content.sha256, content.size):", "if write_part(target, source_of(source))[1] == content.size:", DAMAGED),
    Defect("the manifest's own digest is not checked", "tracker/backup/manifest.py", 'if whole["check"] != _check(whole["manifest"]):', 'if not whole["check"]:', OF_BACKUPS + "test_a_manifest_changed_in_a_value_is_refused"),
    Defect("the trail of a backup is not checked", "tracker/backup/checking.py", "for fault in faults(s, expected=list(expected)):", "for fault in faults(s, expected=list(expected))[:0]:", OF_BACKUPS + "test_a_rewritten_history_in_a_backup_is_found_though_its_digest_fits"),
    Defect("a restore overwrites a database unasked", "tracker/backup/restoring.py", "if not replace and _taken(target):", "if _taken is None:", OF_BACKUPS + "test_a_database_that_is_there_is_left_alone_or_moved_aside"),
    Defect("the janitor takes what a row names", SWEEPING, "if path.name not in known:\n                        _found", "if path.name:\n                        _found", OF_SWEEPING + "test_only_what_no_row_names_and_nobody_touched_for_a_day_is_found"),
    Defect("the quarantine is emptied of what a row names", SWEEPING, "if path.name not in known:\n                    path.unlink", "if path.name:\n                    path.unlink", OF_SWEEPING + "test_what_gets_its_row_after_the_janitor_has_looked_is_not_emptied_from_quarantine"),
    Defect("a rotten file raises no alarm", SCRUBBING, 'raise_alarm(s, SYSTEM, ALARMS[store], thing, sentence, entity_id, {"sha256": kept.sha256})', "str(sentence)", "tests/stores/test_scrubbing.py::test_a_damaged_file_raises_one_alarm_which_a_restored_one_settles"),
    Defect("a download takes a file of the right size", "tracker/evidence/store.py", "if (hashing.hexdigest(), read) != (sha256, size):", "if read != size:", "tests/web/test_damaged.py"),
    Defect("a download is taken for a preview's repetition", "tracker/web/giving.py", 'if request.method == "HEAD":', 'if request.method == "GET" and "/file" in request.path:', "tests/web/test_access.py::test_every_download_counts_and_pages_once"),
)
