"""Defects of rules and doors: review, recurrence, access, sessions, workbooks, packages, the offline check."""

from __future__ import annotations

from .planted import Defect

VERIFY, WORKING, REVIEWING = "tracker/verify.py", "tracker/assignments/working.py", "tracker/assignments/reviewing.py"
OF_WORKING, OF_VERIFY, OF_BOOK = "tests/assignments/test_working.py", "tests/test_verify.py", "tests/workbook/test_texts.py tests/workbook/test_book.py"
RECURRENCE, OF_RECURRENCE = "tracker/assignments/recurrence.py", "tests/assignments/test_recurrence.py"
JOBS, OF_JOBS = "tracker/reports/jobs/actions.py", "tests/exporting/test_jobs.py tests/exporting/test_working.py"

DEFECTS = (
    Defect("who handed in may review", "tracker/assignments/workflow.py", "if person_id == submitter_id:", "if submitter_id == -1:", "tests/assignments/test_workflow.py"),
    Defect("anybody may review", "tracker/assignments/workflow.py", "if person_id is None or person_id != reviewer_id:", "if person_id is None:", "tests/assignments/test_workflow.py"),
    Defect("a form older than the task is taken", WORKING, "if version is not None and row.version != version:", "if version == -1:", OF_WORKING),
    Defect("a text that changed meanwhile is accepted", REVIEWING, "if seen and seen != row.obligation.digest:", "if not row:", "tests/web/test_reconfirm.py tests/editions/test_reconfirming.py"),
    Defect("the edition is not pinned", REVIEWING, "    submission.decided_edition = edition_now(s, row)\n", "", "tests/web/test_acceptance.py"),
    Defect("an acceptance is not an event", REVIEWING, 'trail.record(\n        s, viewer.actor, f"task.{outcome}"', '(lambda *given, **more: None)(\n        s, viewer.actor, f"task.{outcome}"', OF_WORKING),
    Defect("work is handed in without evidence or a note", WORKING, "if not row.cited and not row.note:", "if not row:", OF_WORKING),
    Defect("the last day of a month drifts", RECURRENCE, "last if at_end else min(first.day, last)", "min(first.day, last)", OF_RECURRENCE),
    Defect("every due date is one step late", RECURRENCE, "return _months_later(first, months * n)", "return _months_later(first, months * (n + 1))", OF_RECURRENCE),
    Defect("a half-year is five months", RECURRENCE, "Cadence.SEMIANNUAL: 6", "Cadence.SEMIANNUAL: 5", OF_RECURRENCE),
    Defect("a due date is planned twice", "tracker/assignments/planning.py", "        if day not in taken:\n", "        if row:\n", "tests/assignments"),
    Defect("a stranger learns that there is something", "tracker/people/access.py", "    if not viewer.sees(entity_id):\n        raise NotFound\n", '    if not viewer.sees(entity_id):\n        raise Forbidden("x")\n', "tests/people/test_access.py tests/evidence/test_queries.py"),
    Defect("every role may do everything", "tracker/people/access.py", "    if not viewer.holds(entity_id, *wanted):\n", "    if not wanted:\n", "tests/people/test_access.py tests/evidence/test_actions.py"),
    Defect("one loader asks for no rights", "tracker/evidence/queries.py", "    need_sight(viewer, row.entity_id)\n    return row\n", "    return row\n", "tests/evidence/test_queries.py tests/audit/test_access.py"),
    Defect("signing out leaves the session alive", "tracker/people/signing_in.py", "        s.delete(row)\n        trail.record", "        trail.record", "tests/people/test_signing_in.py"),
    Defect("a new password leaves other sessions alive", "tracker/people/signing_in.py", "        s.delete(other)\n", "        pass\n", "tests/people/test_signing_in.py"),
    Defect("a link works twice", "tracker/people/signing_in.py", "row.used_at is not None or", "", "tests/people/test_signing_in.py"),
    Defect("a sign-in is not recorded", "tracker/people/signing_in.py", '"person.signed_in", person.audit_ref, personal={"address": address})', '"person.signed_in", person.audit_ref) if hours < 0 else None', "tests/people/test_signing_in.py"),
    Defect("no form needs its token", "tracker/app.py", "    CSRFProtect(app)\n", "    CSRFProtect()\n", "tests/web/test_signing.py"),
    Defect("a file is given without its record", "tracker/web/giving.py", "            note(s)\n", "            s.flush()\n", "tests/web/test_access.py"),
    Defect("everybody reads the access log", "tracker/web/trail/wanted.py", " and who.holds(one.id, *READERS)]", "]", "tests/web/test_access.py"),
    Defect("each turned page is an event", "tracker/evidence/actions.py", "    if not previewed_lately(s, viewer, row):\n", "    if row:\n", "tests/audit/test_access.py"),
    Defect("a name may hold what cannot be seen", "tracker/evidence/checks.py", "    if hidden:\n", "    if hidden < 0:\n", "tests/evidence/test_checks.py"),
    Defect("files with macros are kept", "tracker/evidence/checks.py", "    if extension in MACRO_NAMES:\n", "    if extension in ():\n", "tests/evidence/test_checks.py"),
    Defect("too long a text is cut silently", "tracker/workbook/stream.py", "        raise _refusal(where, f\"文字有 {size:,} 个字符", "        stored = stored[:LONGEST_TEXT] and str(f\"文字有 {size:,} 个字符", OF_BOOK),
    Defect("_x in a cell is not escaped", "tracker/workbook/stream.py", '_ESCAPE_LIKE.sub("_x005F_", text).replace', "text.replace", OF_BOOK),
    Defect("a text that looks like a formula is not quoted", "tracker/workbook/style.py", "    cell.quotePrefix = True\n", "", OF_BOOK + " tests/workbook/test_golden.py"),
    Defect("a bomb is unpacked", "tracker/archive.py", "        if total > most:\n", "        if total < 0:\n", "tests/test_archive.py"),
    Defect("what a ZIP holds is not compared with its checksum", "tracker/archive.py", "    if check != member.check:\n", "    if check < 0:\n", "tests/test_archive.py"),
    Defect("a key may be written twice", "tracker/register/source/nodes.py", 'self._note(key, (*loc, name), f"键', 'str(f"键', "tests/register/test_source.py"),
    Defect("a package takes evidence of the right size", "tracker/reports/package/packing.py", "if put != (row.sha256, row.size):", "if put[1] != row.size:", "tests/reports/test_package.py"),
    Defect("a workbook is kept without its event", "tracker/reports/actions.py", "    for entity_id in written.entity_ids:\n        trail.record(", "    for entity_id in written.entity_ids[:0]:\n        trail.record(", "tests/reports/test_export.py"),
    Defect("a cancelled export is kept", JOBS, "row.state == JobState.RUNNING and row.worker == token", "row.state", OF_JOBS),
    Defect("anybody may cancel an export", JOBS, "if not may_cancel(viewer, row):", "if not viewer:", OF_JOBS),
    Defect("a dead worker is waited for", JOBS, "ExportJob.heartbeat_at < clock.now() - SILENCE", "ExportJob.heartbeat_at < clock.now() - 99 * SILENCE", OF_JOBS),
    Defect("offline: links are not checked", VERIFY, 'need(digest("CA1 entry", name, seq, held[-1][0], body, "") == entry,', "need(entry,", OF_VERIFY),
    Defect("offline: the head is not compared", VERIFY, "need(chain[label][1] == should,", "need(should,", OF_VERIFY),
    Defect("offline: records are not hashed", VERIFY, 'and digest("CA1 body", text) == held[seq + 1][1],', ",", OF_VERIFY),
    Defect("offline: disclosures are not checked", VERIFY, '== record["pd"].get(field),', "or salt,", OF_VERIFY),
    Defect("offline: shown cells are not checked", VERIFY, "need(text == should,", "need(should is not None,", OF_VERIFY),
    Defect("offline: rows are not counted", VERIFY, "need(text == (rows :=", "need((rows :=", OF_VERIFY),
    Defect("offline: files are not compared with the manifest", VERIFY, "need(digest_of(opened(names[name])) == listed[name],", "need(listed[name],", "tests/reports/test_package.py " + OF_VERIFY),
    Defect("offline: a file from elsewhere passes", VERIFY, "need(name in listed and len(names) == len(found),", "need(found,", "tests/reports/test_package.py " + OF_VERIFY),
)
