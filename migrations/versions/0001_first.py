"""The first schema: every table, the triggers that make the trail append-only, and the search tables."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

# In the order in which they are made; they go in the opposite one.
TABLES = (
    "audit_chain",
    "deployment",
    "document",
    "domain",
    "edition",
    "entity",
    "person",
    "sign_in_attempt",
    "subject",
    "audit_checkpoint",
    "audit_event",
    "clause",
    "entity_kind",
    "evidence",
    "export",
    "one_time_link",
    "role_grant",
    "sign_in",
    "audit_disclosure",
    "obligation",
    "assignment",
    "obligation_subject",
    "obligation_text",
    "scope_decision",
    "task",
    "submission",
    "task_evidence",
)
BESIDE_THE_MODELS = {
    "sqlite": (
        "CREATE TRIGGER audit_event_no_update BEFORE UPDATE ON audit_event BEGIN SELECT RAISE(ABORT, 'audit_event is append-only'); END",
        "CREATE TRIGGER audit_event_no_delete BEFORE DELETE ON audit_event BEGIN SELECT RAISE(ABORT, 'audit_event is append-only'); END",
        "CREATE TRIGGER audit_checkpoint_no_update BEFORE UPDATE ON audit_checkpoint BEGIN SELECT RAISE(ABORT, 'audit_checkpoint is append-only'); END",
        "CREATE TRIGGER audit_checkpoint_no_delete BEFORE DELETE ON audit_checkpoint BEGIN SELECT RAISE(ABORT, 'audit_checkpoint is append-only'); END",
        "CREATE TRIGGER audit_disclosure_no_update BEFORE UPDATE ON audit_disclosure BEGIN SELECT RAISE(ABORT, 'audit_disclosure is append-only'); END",
        "CREATE TRIGGER audit_disclosure_no_delete BEFORE DELETE ON audit_disclosure BEGIN SELECT RAISE(ABORT, 'audit_disclosure is append-only'); END",
        "CREATE TRIGGER audit_chain_no_delete BEFORE DELETE ON audit_chain BEGIN SELECT RAISE(ABORT, 'audit_chain is append-only'); END",
        "CREATE TRIGGER audit_chain_grows BEFORE UPDATE ON audit_chain WHEN NEW.size <= OLD.size OR NEW.chain_id IS NOT OLD.chain_id OR NEW.kind IS NOT OLD.kind OR NEW.alg IS NOT OLD.alg OR NEW.created_at IS NOT OLD.created_at BEGIN SELECT RAISE(ABORT, 'audit_chain only grows'); END",
        "CREATE VIRTUAL TABLE obligation_search USING fts5(obligation_id UNINDEXED, words, tokenize='unicode61')",
    ),
    "postgresql": (
        "CREATE FUNCTION audit_refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME; END $$",
        "CREATE FUNCTION audit_grows() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF NEW.size <= OLD.size OR NEW.chain_id <> OLD.chain_id OR NEW.kind <> OLD.kind OR NEW.alg <> OLD.alg OR NEW.created_at <> OLD.created_at THEN RAISE EXCEPTION 'audit_chain only grows'; END IF; RETURN NEW; END $$",
        "CREATE TRIGGER audit_event_frozen BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_event FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse()",
        "CREATE TRIGGER audit_checkpoint_frozen BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_checkpoint FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse()",
        "CREATE TRIGGER audit_disclosure_frozen BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_disclosure FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse()",
        "CREATE TRIGGER audit_chain_no_delete BEFORE DELETE OR TRUNCATE ON audit_chain FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse()",
        "CREATE TRIGGER audit_chain_grows BEFORE UPDATE ON audit_chain FOR EACH ROW EXECUTE FUNCTION audit_grows()",
        "CREATE TABLE obligation_search (obligation_id VARCHAR(64) PRIMARY KEY, words TEXT NOT NULL, vector TSVECTOR GENERATED ALWAYS AS (to_tsvector('simple', words)) STORED)",
        "CREATE INDEX ix_obligation_search_vector ON obligation_search USING GIN (vector)",
    ),
}
UNDONE = {
    "sqlite": (
        "DROP TABLE obligation_search",
        "DROP TRIGGER audit_event_no_update",
        "DROP TRIGGER audit_event_no_delete",
        "DROP TRIGGER audit_checkpoint_no_update",
        "DROP TRIGGER audit_checkpoint_no_delete",
        "DROP TRIGGER audit_disclosure_no_update",
        "DROP TRIGGER audit_disclosure_no_delete",
        "DROP TRIGGER audit_chain_no_delete",
        "DROP TRIGGER audit_chain_grows",
    ),
    "postgresql": (
        "DROP TABLE obligation_search",
        "DROP FUNCTION audit_refuse() CASCADE",
        "DROP FUNCTION audit_grows() CASCADE",
    ),
}


def upgrade() -> None:
    """Make the tables, then what stands beside them."""
    op.create_table("audit_chain",
        sa.Column("chain_id", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("head", sa.String(length=64), nullable=False),
        sa.Column("alg", sa.String(length=16), nullable=False),
        sa.Column("created_at", sa.String(length=32), nullable=False),
        sa.PrimaryKeyConstraint("chain_id", name="pk_audit_chain")
    )

    op.create_table("deployment",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("created_at", sa.String(length=32), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_deployment")
    )

    op.create_table("document",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("title", sa.String(length=120), nullable=False),
        sa.Column("title_en", sa.String(length=300), nullable=False),
        sa.Column("number", sa.String(length=60), nullable=False),
        sa.Column("issuers", sa.JSON(), nullable=False),
        sa.Column("issued", sa.Date(), nullable=False),
        sa.Column("nature", sa.String(length=200), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_document")
    )

    op.create_table("domain",
        sa.Column("code", sa.String(length=64), nullable=False),
        sa.Column("label", sa.String(length=40), nullable=False),
        sa.Column("en", sa.String(length=300), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("code", name="pk_domain")
    )

    op.create_table("edition",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("edition", sa.String(length=32), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("source", sa.LargeBinary(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("obligations", sa.Integer(), nullable=False),
        sa.Column("loaded_at", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_edition")
    )

    op.create_table("entity",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("short_name", sa.String(length=40), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("parent_id", sa.Integer(), nullable=True),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["parent_id"], ["entity.id"], name="fk_entity_parent_id_entity", ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("id", name="pk_entity"),
        sa.UniqueConstraint("name", name="uq_entity_name")
    )

    op.create_table("person",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("login", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("pinyin", sa.String(length=200), nullable=False),
        sa.Column("department", sa.String(length=100), nullable=False),
        sa.Column("post", sa.String(length=100), nullable=False),
        sa.Column("email", sa.String(length=200), nullable=False),
        sa.Column("is_admin", sa.Boolean(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("left_on", sa.Date(), nullable=True),
        sa.Column("password_hash", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_person"),
        sa.UniqueConstraint("login", name="uq_person_login")
    )

    op.create_table("sign_in_attempt",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=160), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_sign_in_attempt")
    )
    op.create_index("ix_sign_in_attempt_key_at", "sign_in_attempt", ["key", "at"])

    op.create_table("subject",
        sa.Column("code", sa.String(length=64), nullable=False),
        sa.Column("label", sa.String(length=40), nullable=False),
        sa.Column("en", sa.String(length=300), nullable=False),
        sa.Column("held_by", sa.JSON(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("code", name="pk_subject")
    )

    op.create_table("audit_checkpoint",
        sa.Column("chain_id", sa.String(length=64), nullable=False),
        sa.Column("size", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("head", sa.String(length=64), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["chain_id"], ["audit_chain.chain_id"], name="fk_audit_checkpoint_chain_id_audit_chain", ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("chain_id", "size", name="pk_audit_checkpoint")
    )

    op.create_table("audit_event",
        sa.Column("chain_id", sa.String(length=64), nullable=False),
        sa.Column("seq", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("record", sa.Text(), nullable=False),
        sa.Column("body", sa.String(length=64), nullable=False),
        sa.Column("prev", sa.String(length=64), nullable=False),
        sa.Column("entry", sa.String(length=64), nullable=False),
        sa.Column("at", sa.String(length=32), nullable=False),
        sa.Column("actor", sa.String(length=64), nullable=False),
        sa.Column("action", sa.String(length=64), nullable=False),
        sa.Column("object", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["chain_id"], ["audit_chain.chain_id"], name="fk_audit_event_chain_id_audit_chain", ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("chain_id", "seq", name="pk_audit_event")
    )
    op.create_index("ix_audit_event_chain_id_action", "audit_event", ["chain_id", "action"])
    op.create_index("ix_audit_event_chain_id_actor", "audit_event", ["chain_id", "actor"])
    op.create_index("ix_audit_event_object", "audit_event", ["object"])

    op.create_table("clause",
        sa.Column("document_id", sa.String(length=64), nullable=False),
        sa.Column("no", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("title", sa.String(length=60), nullable=False),
        sa.ForeignKeyConstraint(["document_id"], ["document.id"], name="fk_clause_document_id_document", ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("document_id", "no", name="pk_clause")
    )

    op.create_table("entity_kind",
        sa.Column("entity_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["entity_id"], ["entity.id"], name="fk_entity_kind_entity_id_entity", ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("entity_id", "kind", name="pk_entity_kind")
    )

    op.create_table("evidence",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("series_id", sa.String(length=32), nullable=False),
        sa.Column("version_no", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Enum("pdf", "png", "jpg", "gif", "webp", "tif", "bmp", "docx", "xlsx", "pptx", "doc", "xls", "ppt", "ofd", "txt", "csv", "md", "eml", "msg", "zip", "mp3", "wav", "mp4", name="kind", native_enum=False, create_constraint=True, length=32), nullable=False),
        sa.Column("period_from", sa.Date(), nullable=True),
        sa.Column("period_to", sa.Date(), nullable=True),
        sa.Column("obtained_on", sa.Date(), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("uploaded_at", sa.DateTime(), nullable=False),
        sa.Column("uploaded_by", sa.Integer(), nullable=True),
        sa.Column("superseded_by_id", sa.Integer(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("entity_id", sa.Integer(), nullable=False),
        sa.CheckConstraint("period_from <= period_to", name=op.f("ck_evidence_period")),
        sa.CheckConstraint("size > 0", name=op.f("ck_evidence_size")),
        sa.CheckConstraint("version_no > 0", name=op.f("ck_evidence_version_no")),
        sa.ForeignKeyConstraint(["entity_id"], ["entity.id"], name="fk_evidence_entity_id_entity", ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(["superseded_by_id"], ["evidence.id"], name="fk_evidence_superseded_by_id_evidence", ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(["uploaded_by"], ["person.id"], name="fk_evidence_uploaded_by_person", ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("id", name="pk_evidence"),
        sa.UniqueConstraint("series_id", "version_no", name="uq_evidence_series_id_version_no"),
        sa.UniqueConstraint("superseded_by_id", name="uq_evidence_superseded_by_id")
    )
    op.create_index("ix_evidence_entity_id", "evidence", ["entity_id"])
    op.create_index("ix_evidence_entity_id_sha256", "evidence", ["entity_id", "sha256"])
    op.create_index("ix_evidence_entity_id_uploaded_at", "evidence", ["entity_id", "uploaded_at"])

    op.create_table("export",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("file_name", sa.String(length=200), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("filter_words", sa.Text(), nullable=False),
        sa.Column("edition", sa.String(length=32), nullable=False),
        sa.Column("counts", sa.JSON(), nullable=False),
        sa.Column("as_of", sa.DateTime(), nullable=False),
        sa.Column("made_by", sa.Integer(), nullable=True),
        sa.Column("entity_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["entity_id"], ["entity.id"], name="fk_export_entity_id_entity", ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(["made_by"], ["person.id"], name="fk_export_made_by_person", ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("id", name="pk_export")
    )
    op.create_index("ix_export_entity_id", "export", ["entity_id"])
    op.create_index("ix_export_entity_id_as_of", "export", ["entity_id", "as_of"])

    op.create_table("one_time_link",
        sa.Column("token_digest", sa.String(length=64), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("expires_at", sa.DateTime(), nullable=False),
        sa.Column("used_at", sa.DateTime(), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_one_time_link_person_id_person", ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("token_digest", name="pk_one_time_link")
    )

    op.create_table("role_grant",
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("entity_id", sa.Integer(), nullable=False),
        sa.Column("role", sa.Enum("officer", "owner", "reviewer", "auditor", name="role", native_enum=False, create_constraint=True, length=32), nullable=False),
        sa.ForeignKeyConstraint(["entity_id"], ["entity.id"], name="fk_role_grant_entity_id_entity", ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_role_grant_person_id_person", ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("person_id", "entity_id", "role", name="pk_role_grant")
    )
    op.create_index("ix_role_grant_entity_id", "role_grant", ["entity_id"])

    op.create_table("sign_in",
        sa.Column("token_digest", sa.String(length=64), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("expires_at", sa.DateTime(), nullable=False),
        sa.Column("address", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_sign_in_person_id_person", ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("token_digest", name="pk_sign_in")
    )
    op.create_index("ix_sign_in_person_id", "sign_in", ["person_id"])

    op.create_table("audit_disclosure",
        sa.Column("chain_id", sa.String(length=64), nullable=False),
        sa.Column("seq", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("field", sa.String(length=64), nullable=False),
        sa.Column("salt", sa.String(length=32), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["chain_id", "seq"], ["audit_event.chain_id", "audit_event.seq"], name="fk_audit_disclosure_chain_id_seq_audit_event", ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("chain_id", "seq", "field", name="pk_audit_disclosure")
    )

    op.create_table("obligation",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("document_id", sa.String(length=64), nullable=False),
        sa.Column("clause_no", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("anchor", sa.String(length=40), nullable=False),
        sa.Column("modality", sa.Enum("must", "must_not", "exposure", "right", name="modality", native_enum=False, create_constraint=True, length=32), nullable=False),
        sa.Column("basis", sa.Enum("stated", "implied", name="basis", native_enum=False, create_constraint=True, length=32), nullable=False),
        sa.Column("title", sa.String(length=20), nullable=False),
        sa.Column("statement", sa.Text(), nullable=False),
        sa.Column("en", sa.String(length=300), nullable=False),
        sa.Column("domain", sa.String(length=64), nullable=False),
        sa.Column("severity", sa.Enum("high", "medium", "low", name="severity", native_enum=False, create_constraint=True, length=32), nullable=False),
        sa.Column("consequences", sa.JSON(), nullable=False),
        sa.Column("law", sa.JSON(), nullable=False),
        sa.Column("evidence", sa.JSON(), nullable=False),
        sa.Column("cadence", sa.Enum("once", "event", "continuous", "monthly", "quarterly", "semiannual", "annual", name="cadence", native_enum=False, create_constraint=True, length=32), nullable=False),
        sa.Column("review_every", sa.Enum("once", "event", "continuous", "monthly", "quarterly", "semiannual", "annual", name="review_every", native_enum=False, create_constraint=True, length=32), nullable=True),
        sa.Column("trigger", sa.String(length=60), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("withdrawn", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["document_id", "clause_no"], ["clause.document_id", "clause.no"], name="fk_obligation_document_id_clause_no_clause", ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(["domain"], ["domain.code"], name="fk_obligation_domain_domain", ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("id", name="pk_obligation")
    )
    op.create_index("ix_obligation_document_id_clause_no", "obligation", ["document_id", "clause_no"])
    op.create_index("ix_obligation_domain", "obligation", ["domain"])
    op.create_index("ix_obligation_position", "obligation", ["position"])

    op.create_table("assignment",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("obligation_id", sa.String(length=64), nullable=False),
        sa.Column("owner_id", sa.Integer(), nullable=False),
        sa.Column("reviewer_id", sa.Integer(), nullable=False),
        sa.Column("department", sa.String(length=100), nullable=False),
        sa.Column("cadence", sa.Enum("once", "event", "continuous", "monthly", "quarterly", "semiannual", "annual", name="cadence", native_enum=False, create_constraint=True, length=32), nullable=False),
        sa.Column("review_every", sa.Enum("once", "event", "continuous", "monthly", "quarterly", "semiannual", "annual", name="review_every", native_enum=False, create_constraint=True, length=32), nullable=True),
        sa.Column("first_due", sa.Date(), nullable=True),
        sa.Column("next_n", sa.Integer(), nullable=False),
        sa.Column("planned", sa.Integer(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("ended_at", sa.DateTime(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("entity_id", sa.Integer(), nullable=False),
        sa.CheckConstraint("cadence = 'event' OR first_due IS NOT NULL", name=op.f("ck_assignment_dated")),
        sa.CheckConstraint("owner_id <> reviewer_id", name=op.f("ck_assignment_four_eyes")),
        sa.ForeignKeyConstraint(["entity_id"], ["entity.id"], name="fk_assignment_entity_id_entity", ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(["obligation_id"], ["obligation.id"], name="fk_assignment_obligation_id_obligation", ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(["owner_id"], ["person.id"], name="fk_assignment_owner_id_person", ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(["reviewer_id"], ["person.id"], name="fk_assignment_reviewer_id_person", ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("id", name="pk_assignment")
    )
    op.create_index("ix_assignment_entity_id", "assignment", ["entity_id"])
    op.create_index("ix_assignment_obligation_id", "assignment", ["obligation_id"])
    op.create_index("ix_assignment_owner_id", "assignment", ["owner_id"])
    op.create_index("ix_assignment_reviewer_id", "assignment", ["reviewer_id"])
    op.create_index("uq_assignment_active", "assignment", ["entity_id", "obligation_id"], unique=True, sqlite_where=sa.text("active"), postgresql_where=sa.text("active"))

    op.create_table("obligation_subject",
        sa.Column("obligation_id", sa.String(length=64), nullable=False),
        sa.Column("subject", sa.String(length=64), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["obligation_id"], ["obligation.id"], name="fk_obligation_subject_obligation_id_obligation", ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(["subject"], ["subject.code"], name="fk_obligation_subject_subject_subject", ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("obligation_id", "subject", name="pk_obligation_subject")
    )
    op.create_index("ix_obligation_subject_subject", "obligation_subject", ["subject"])

    op.create_table("obligation_text",
        sa.Column("obligation_id", sa.String(length=64), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("edition_id", sa.Integer(), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["edition_id"], ["edition.id"], name="fk_obligation_text_edition_id_edition", ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(["obligation_id"], ["obligation.id"], name="fk_obligation_text_obligation_id_obligation", ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("obligation_id", "digest", name="pk_obligation_text")
    )

    op.create_table("scope_decision",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("obligation_id", sa.String(length=64), nullable=False),
        sa.Column("obligation_digest", sa.String(length=64), nullable=False),
        sa.Column("state", sa.Enum("applies", "not_applicable", name="scopestate", native_enum=False, create_constraint=True, length=32), nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("decided_by", sa.Integer(), nullable=True),
        sa.Column("decided_at", sa.DateTime(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("entity_id", sa.Integer(), nullable=False),
        sa.CheckConstraint("state <> 'not_applicable' OR reason <> ''", name=op.f("ck_scope_decision_reasoned")),
        sa.ForeignKeyConstraint(["decided_by"], ["person.id"], name="fk_scope_decision_decided_by_person", ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(["entity_id"], ["entity.id"], name="fk_scope_decision_entity_id_entity", ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(["obligation_id"], ["obligation.id"], name="fk_scope_decision_obligation_id_obligation", ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("id", name="pk_scope_decision"),
        sa.UniqueConstraint("entity_id", "obligation_id", name="uq_scope_decision_entity_id_obligation_id")
    )
    op.create_index("ix_scope_decision_entity_id", "scope_decision", ["entity_id"])
    op.create_index("ix_scope_decision_obligation_id", "scope_decision", ["obligation_id"])

    op.create_table("task",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("assignment_id", sa.Integer(), nullable=False),
        sa.Column("obligation_id", sa.String(length=64), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("intended_on", sa.Date(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("owner_id", sa.Integer(), nullable=False),
        sa.Column("reviewer_id", sa.Integer(), nullable=False),
        sa.Column("department", sa.String(length=100), nullable=False),
        sa.Column("state", sa.Enum("not_started", "in_progress", "submitted", "returned", "done", "cancelled", name="taskstate", native_enum=False, create_constraint=True, length=32), nullable=False),
        sa.Column("occasion", sa.String(length=200), nullable=False),
        sa.Column("period_from", sa.Date(), nullable=True),
        sa.Column("period_to", sa.Date(), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("closed_at", sa.DateTime(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("entity_id", sa.Integer(), nullable=False),
        sa.CheckConstraint("owner_id <> reviewer_id", name=op.f("ck_task_four_eyes")),
        sa.CheckConstraint("period_from IS NULL OR period_to IS NULL OR period_from <= period_to", name=op.f("ck_task_period")),
        sa.ForeignKeyConstraint(["assignment_id"], ["assignment.id"], name="fk_task_assignment_id_assignment", ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(["entity_id"], ["entity.id"], name="fk_task_entity_id_entity", ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(["obligation_id"], ["obligation.id"], name="fk_task_obligation_id_obligation", ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(["owner_id"], ["person.id"], name="fk_task_owner_id_person", ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(["reviewer_id"], ["person.id"], name="fk_task_reviewer_id_person", ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("id", name="pk_task"),
        sa.UniqueConstraint("assignment_id", "n", name="uq_task_assignment_id_n")
    )
    op.create_index("ix_task_entity_id", "task", ["entity_id"])
    op.create_index("ix_task_entity_id_due_on", "task", ["entity_id", "due_on"])
    op.create_index("ix_task_entity_id_state_due_on_obligation_id", "task", ["entity_id", "state", "due_on", "obligation_id"])
    op.create_index("ix_task_obligation_id", "task", ["obligation_id"])
    op.create_index("ix_task_owner_id_state", "task", ["owner_id", "state", "due_on"])
    op.create_index("ix_task_reviewer_id_state", "task", ["reviewer_id", "state", "due_on"])

    op.create_table("submission",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("task_id", sa.Integer(), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("submitted_by", sa.Integer(), nullable=True),
        sa.Column("submitted_at", sa.DateTime(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("period_from", sa.Date(), nullable=True),
        sa.Column("period_to", sa.Date(), nullable=True),
        sa.Column("pinned", sa.JSON(), nullable=False),
        sa.Column("obligation_digest", sa.String(length=64), nullable=False),
        sa.Column("recalled_at", sa.DateTime(), nullable=True),
        sa.Column("outcome", sa.Enum("accepted", "returned", name="outcome", native_enum=False, create_constraint=True, length=32), nullable=True),
        sa.Column("decided_by", sa.Integer(), nullable=True),
        sa.Column("decided_at", sa.DateTime(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("entity_id", sa.Integer(), nullable=False),
        sa.CheckConstraint("decided_by IS NULL OR submitted_by IS NULL OR decided_by <> submitted_by", name=op.f("ck_submission_four_eyes")),
        sa.ForeignKeyConstraint(["decided_by"], ["person.id"], name="fk_submission_decided_by_person", ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(["entity_id"], ["entity.id"], name="fk_submission_entity_id_entity", ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(["submitted_by"], ["person.id"], name="fk_submission_submitted_by_person", ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(["task_id"], ["task.id"], name="fk_submission_task_id_task", ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("id", name="pk_submission"),
        sa.UniqueConstraint("task_id", "n", name="uq_submission_task_id_n")
    )
    op.create_index("ix_submission_entity_id", "submission", ["entity_id"])
    op.create_index("ix_submission_task_id", "submission", ["task_id"])
    op.create_index("uq_submission_open", "submission", ["task_id"], unique=True, sqlite_where=sa.text("outcome IS NULL AND recalled_at IS NULL"), postgresql_where=sa.text("outcome IS NULL AND recalled_at IS NULL"))

    op.create_table("task_evidence",
        sa.Column("task_id", sa.Integer(), nullable=False),
        sa.Column("evidence_id", sa.Integer(), nullable=False),
        sa.Column("added_by", sa.Integer(), nullable=True),
        sa.Column("added_at", sa.DateTime(), nullable=False),
        sa.Column("entity_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["added_by"], ["person.id"], name="fk_task_evidence_added_by_person", ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(["entity_id"], ["entity.id"], name="fk_task_evidence_entity_id_entity", ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(["evidence_id"], ["evidence.id"], name="fk_task_evidence_evidence_id_evidence", ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(["task_id"], ["task.id"], name="fk_task_evidence_task_id_task", ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("task_id", "evidence_id", name="pk_task_evidence")
    )
    op.create_index("ix_task_evidence_entity_id", "task_evidence", ["entity_id"])
    op.create_index("ix_task_evidence_evidence_id", "task_evidence", ["evidence_id"])

    # Without parameters the driver takes a % as it stands.
    for statement in BESIDE_THE_MODELS[op.get_bind().dialect.name]:
        op.get_bind().exec_driver_sql(statement, execution_options={"no_parameters": True})


def downgrade() -> None:
    """Take everything away again, the trail included."""
    for statement in UNDONE[op.get_bind().dialect.name]:
        op.get_bind().exec_driver_sql(statement, execution_options={"no_parameters": True})
    for table in reversed(TABLES):
        op.drop_table(table)
