"""Defects of what everything stands on: the database, the trail, the journal, the store of evidence, the migrations."""

from __future__ import annotations

from .planted import Defect

TRAIL, CHAIN, DB, STORE = "tracker/audit/trail.py", "tracker/audit/chain.py", "tracker/db.py", "tracker/evidence/store.py"
OF_CHAIN, OF_TRAIL, OF_DB, OF_STORE = "tests/audit/test_chain.py", "tests/audit/test_trail.py", "tests/test_db.py", "tests/evidence/test_store.py"

DEFECTS = (
    Defect("an entry is not chained to the one before", TRAIL, "        prev = entry\n", "", "tests/audit/test_tampering.py::test_an_untouched_trail_is_sound"),
    Defect("the sequence is not checked", CHAIN, '    if row.seq != seq:\n        return "gap"\n', "", OF_CHAIN),
    Defect("the hash of a record is not checked", CHAIN, '    if body_hash(row.record) != row.body:\n        return "body"\n', "", OF_CHAIN),
    Defect("the link to the entry before is not checked", CHAIN, '    if row.prev != prev:\n        return "prev"\n', "", OF_CHAIN),
    Defect("the head is not compared", CHAIN, 'return None if prev == head else Fault(chain, count, "head")', "return None", OF_CHAIN),
    Defect("any spelling of a record is taken", CHAIN, '.replace("_x", "\\\\u005fx") != row.record', " is None", OF_CHAIN),
    Defect("_x is written as it is", CHAIN, 'return SPREADSHEET_ESCAPE.sub(r"\\\\u005f", text)', "return text", OF_CHAIN),
    Defect("a personal value is committed without its salt", CHAIN, "{base64.b64encode(salt).decode()}\\n{canonical(value)}", "{canonical(value)}", OF_CHAIN),
    Defect("a changed disclosure passes", CHAIN, " == commitments", " is not None", "tests/audit/test_tampering.py::test_every_column_of_a_disclosure_is_covered"),
    Defect("a repeated column is not compared", CHAIN, "row.repeated is not None and", "row.repeated is None and", "tests/audit/test_tampering.py::test_every_column_of_an_event_is_covered"),
    Defect("the salt is always the same", TRAIL, "salt = secrets.token_bytes(16)", "salt = bytes(16)", OF_TRAIL),
    Defect("a change without an event is let through", TRAIL, "    if missing:\n", "    if missing and not events:\n", OF_TRAIL + " tests/audit/test_access.py"),
    Defect("a read covers a change", TRAIL, "for e in events if not e.log for ref", "for e in events for ref", "tests/audit/test_access.py"),
    Defect("a character that no workbook holds gets into the trail", TRAIL, "    check_holdable([before, after, named])\n", "", OF_TRAIL),
    Defect("an event may be deleted", "tracker/audit/guards.py", 'for verb in ("UPDATE", "DELETE")', 'for verb in ("UPDATE",)', "tests/audit/test_guards.py"),
    Defect("a chain may shrink", "tracker/audit/guards.py", '"WHEN NEW.size <= OLD.size OR', '"WHEN NEW.size = OLD.size OR', "tests/audit/test_guards.py"),
    Defect("writers begin without taking their turn", DB, '"BEGIN IMMEDIATE" if writes else "BEGIN"', '"BEGIN"', OF_DB),
    Defect("synchronous is NORMAL", DB, '"synchronous": 2', '"synchronous": 1', OF_DB),
    Defect("foreign keys are off", DB, '"foreign_keys": 1', '"foreign_keys": 0', OF_DB),
    Defect("a setting is not read back", DB, "if found != wanted and not", "if found is None and not", OF_DB),
    Defect("the entity filter is gone", DB, "(cls.entity_id + 0).in_(visible)", "(cls.entity_id + 0) > 0 if visible else cls.entity_id < 0", OF_DB),
    Defect("a full disk is no news", DB, 'if code == sqlite3.SQLITE_FULL or state == "53100":', 'if state == "53100":', "tests/test_db_pressure.py"),
    Defect("a file is not flushed to the disk", STORE, "            os.fsync(file.fileno())\n", "", OF_STORE),
    Defect("a folder is not flushed to the disk", "tracker/durable.py", "        os.fsync(handle)\n", "        pass\n", OF_STORE),
    Defect("only the last folder is flushed", STORE, "(target.parent, target.parent.parent, self.root)", "(target.parent,)", OF_STORE),
    Defect("an upload that was cut short is kept", STORE, "if declared_size is not None and size != declared_size:", "if declared_size == -1:", OF_STORE),
    Defect("a damaged file is not put right", STORE, "if target.stat().st_size != size:", "if not size:", OF_STORE),
    Defect("too large a file is kept", STORE, "if size is not None and size > self.limit:", "if size is None:", OF_STORE),
    Defect("the journal forgets what was deleted", "tracker/journal/recording.py", "if only_listed or not isinstance", "if deleted or only_listed or not isinstance", "tests/journal/test_recording.py"),
    Defect("a moment may go backwards", "tracker/journal/recording.py", 'max(clock.stamp(clock.now()), last or "")', "clock.stamp(clock.now())", "tests/journal/test_recording.py tests/asof/test_looking.py"),
    Defect("a migration may leave dangling references", "tracker/migrate.py", "        _check_foreign_keys(connection)\n        return _revision", "        return _revision", "tests/test_migrations.py"),
    Defect("a half-migrated database is served", "tracker/migrate.py", "    if half:\n", "    if half and newer:\n", "tests/test_migrations.py"),
    Defect("a large request that finds no room is dropped without a word", "tracker/web/spooling.py", "return SpoolingParser(adj, self)", "return HTTPRequestParser(adj)", "tests/faults/test_full_disk.py"),
)
