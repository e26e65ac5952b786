"""Several registers with their editions, statutory facts, official texts, former ids, and acceptances to confirm again."""

from __future__ import annotations

from typing import NamedTuple

import sqlalchemy as sa
from alembic import op

from tracker.tables import rewrite, stored

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

OLD_KEY = "REFERENCES obligation (id) ON DELETE RESTRICT"
NEW_KEY = "REFERENCES obligation (id) ON DELETE RESTRICT ON UPDATE CASCADE"
# The one register that a database of the first schema can hold.
MAIN = "'main'"
EDITION = sa.table("edition", sa.column("id", sa.Integer()), sa.column("changes", sa.JSON()))
ACCEPTED = (
    "(SELECT s.obligation_digest FROM submission s WHERE s.task_id = task.id AND s.outcome = 'accepted' AND task.state = 'done' "
    "AND s.n = (SELECT max(l.n) FROM submission l WHERE l.task_id = task.id AND l.outcome = 'accepted'))"
)


class Added(NamedTuple):
    """One column to add: its type, what rows that are there get, whether it may stay empty, and the table it refers to."""

    table: str
    name: str
    kind: sa.types.TypeEngine[object]
    value: str
    nullable: bool = False
    refers_to: str = ""

    @property
    def key(self) -> str:
        """Return the name of its foreign key."""
        return f"fk_{self.table}_{self.name}_{self.refers_to.partition('.')[0]}"


def _json() -> sa.types.TypeEngine[object]:
    return sa.JSON()


ADDED = (
    Added("edition", "register_key", sa.String(64), MAIN, refers_to="register.key"),
    Added("edition", "loaded_by", sa.Integer(), "NULL", nullable=True, refers_to="person.id"),
    Added("edition", "restores_id", sa.Integer(), "NULL", nullable=True, refers_to="edition.id"),
    Added("edition", "changes", _json(), "'{}'"),
    Added("domain", "register_key", sa.String(64), MAIN, refers_to="register.key"),
    Added("domain", "withdrawn", sa.Boolean(), "false"),
    Added("subject", "register_key", sa.String(64), MAIN, refers_to="register.key"),
    Added("subject", "withdrawn", sa.Boolean(), "false"),
    Added("document", "register_key", sa.String(64), MAIN, refers_to="register.key"),
    Added("document", "preface", _json(), "'[]'"),
    Added("document", "withdrawn", sa.Boolean(), "false"),
    Added("clause", "sentences", _json(), "'[]'"),
    Added("clause", "withdrawn", sa.Boolean(), "false"),
    Added("obligation", "origin", sa.String(64), "id"),
    Added("obligation", "facts", _json(), "'[]'"),
    Added("obligation", "related", _json(), "'[]'"),
    Added("obligation_subject", "inferred", sa.Boolean(), "false"),
    Added("task", "accepted_digest", sa.String(64), ACCEPTED, nullable=True),
)
REFERRING = ("assignment", "obligation_subject", "obligation_text", "scope_decision", "task")
NEW_TABLES = ("reconfirmation", "edition_draft", "official_text", "former_name", "fact", "register")


def upgrade() -> None:
    """Make the new tables, put what is there into the main register, and let references follow a renamed id."""
    _register_first()
    tables = list(dict.fromkeys([*(one.table for one in ADDED), *REFERRING]))
    for table in tables:
        (_rebuild if _sqlite() else _alter)(table, [one for one in ADDED if one.table == table], table in REFERRING)
    op.create_index("ix_edition_register_key", "edition", ["register_key"])
    # An export names the editions of all registers in force, and there may be many.
    _retype_export("VARCHAR(32)", "TEXT", sa.Text())
    _new_tables()
    _tell_changes()


def downgrade() -> None:
    """Undo it; former names, facts, official texts and confirmations are gone. Refused where a second register is kept."""
    # The first schema takes the newest edition of any register for the one in force: it would withdraw all the others.
    if (op.get_bind().execute(sa.text("SELECT count(*) FROM register")).scalar() or 0) > 1:
        raise RuntimeError("the first schema holds one register, and this database keeps several")
    for table in NEW_TABLES[:-1]:
        op.drop_table(table)
    op.drop_index("ix_edition_register_key", "edition")
    _retype_export("TEXT", "VARCHAR(32)", sa.String(32))
    tables = list(dict.fromkeys([*(one.table for one in ADDED), *REFERRING]))
    for table in reversed(tables):
        (_build_back if _sqlite() else _alter_back)(table, [one for one in ADDED if one.table == table], table in REFERRING)
    op.drop_table("register")


def _sqlite() -> bool:
    return op.get_bind().dialect.name == "sqlite"


def _register_first() -> None:
    op.create_table("register",
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_register"),
    )
    op.execute("INSERT INTO register (key, name, position) SELECT 'main', '主登记册', 0 WHERE EXISTS (SELECT 1 FROM edition) OR EXISTS (SELECT 1 FROM domain) OR EXISTS (SELECT 1 FROM subject) OR EXISTS (SELECT 1 FROM document)")


def _definition(one: Added) -> str:
    return f"{one.name} {one.kind.compile(dialect=op.get_bind().dialect)}{'' if one.nullable else ' NOT NULL'}"


def _key_definition(one: Added) -> str:
    table, column = one.refers_to.split(".")
    return f"CONSTRAINT {one.key} FOREIGN KEY({one.name}) REFERENCES {table} ({column}) ON DELETE RESTRICT"


def _rebuild(table: str, added: list[Added], follows: bool) -> None:
    words, columns, _indexes = stored(op.get_bind(), table)
    lines = [_definition(one) for one in added] + [_key_definition(one) for one in added if one.refers_to]
    # Before the first constraint: columns may not follow one.
    place = words.index("CONSTRAINT")
    own = [line for line in lines if not line.startswith("CONSTRAINT")]
    keys = [line for line in lines if line.startswith("CONSTRAINT")]
    words = words[:place] + "".join(f"{line}, \n\t" for line in own + keys) + words[place:]
    if follows:
        assert words.count(OLD_KEY) == 1, table
        words = words.replace(OLD_KEY, NEW_KEY)
    rewrite(op.get_bind(), table, words, {name: f'"{name}"' for name in columns} | {one.name: one.value for one in added})


def _build_back(table: str, added: list[Added], follows: bool) -> None:
    words, columns, _indexes = stored(op.get_bind(), table)
    for line in [*(_definition(one) for one in added), *(_key_definition(one) for one in added if one.refers_to)]:
        assert words.count(f"{line}, \n\t") == 1, (table, line)
        words = words.replace(f"{line}, \n\t", "")
    gone = {one.name for one in added}
    words = words.replace(NEW_KEY, OLD_KEY) if follows else words
    rewrite(op.get_bind(), table, words, {name: f'"{name}"' for name in columns if name not in gone})


def _alter(table: str, added: list[Added], follows: bool) -> None:
    for one in added:
        op.add_column(table, sa.Column(one.name, one.kind, nullable=True))
        op.execute(f"UPDATE {table} SET {one.name} = {one.value}")
        if not one.nullable:
            op.alter_column(table, one.name, nullable=False)
        if one.refers_to:
            parent, column = one.refers_to.split(".")
            op.create_foreign_key(one.key, table, parent, [one.name], [column], ondelete="RESTRICT")
    if follows:
        _key_of(table, "CASCADE")


def _alter_back(table: str, added: list[Added], follows: bool) -> None:
    for one in reversed(added):
        op.drop_column(table, one.name)
    if follows:
        _key_of(table, None)


def _key_of(table: str, onupdate: str | None) -> None:
    name = f"fk_{table}_obligation_id_obligation"
    op.drop_constraint(name, table, type_="foreignkey")
    op.create_foreign_key(name, table, "obligation", ["obligation_id"], ["id"], ondelete="RESTRICT", onupdate=onupdate)


def _retype_export(old: str, new: str, kind: sa.types.TypeEngine[object]) -> None:
    if not _sqlite():
        op.alter_column("export", "edition", type_=kind, postgresql_using="left(edition, 32)" if new != "TEXT" else None)
        return
    words, columns, _indexes = stored(op.get_bind(), "export")
    assert words.count(f"edition {old} NOT NULL") == 1
    rewrite(op.get_bind(), "export", words.replace(f"edition {old} NOT NULL", f"edition {new} NOT NULL"), {name: f'"{name}"' for name in columns})


def _new_tables() -> None:
    op.create_table("fact",
        sa.Column("code", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.Enum("penalty", "retention", "deadline", "recurring", name="factkind", native_enum=False, create_constraint=True, length=32), nullable=False),
        sa.Column("what", sa.String(length=80), nullable=False),
        sa.Column("says", sa.String(length=200), nullable=False),
        sa.Column("who", sa.String(length=60), nullable=False),
        sa.Column("law", sa.JSON(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("withdrawn", sa.Boolean(), nullable=False),
        sa.Column("register_key", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["register_key"], ["register.key"], name="fk_fact_register_key_register", ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("code", name="pk_fact"),
    )
    op.create_table("former_name",
        sa.Column("old_id", sa.String(length=64), nullable=False),
        sa.Column("obligation_id", sa.String(length=64), nullable=False),
        sa.Column("edition_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["edition_id"], ["edition.id"], name="fk_former_name_edition_id_edition", ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(["obligation_id"], ["obligation.id"], name="fk_former_name_obligation_id_obligation", ondelete="RESTRICT", onupdate="CASCADE"),
        sa.PrimaryKeyConstraint("old_id", name="pk_former_name"),
    )
    op.create_index("ix_former_name_obligation_id", "former_name", ["obligation_id"])
    _texts_and_drafts()
    op.create_table("reconfirmation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("task_id", sa.Integer(), nullable=False),
        sa.Column("old_digest", sa.String(length=64), nullable=False),
        sa.Column("new_digest", sa.String(length=64), nullable=False),
        sa.Column("decided_by", sa.Integer(), nullable=True),
        sa.Column("decided_at", sa.DateTime(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("entity_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["decided_by"], ["person.id"], name="fk_reconfirmation_decided_by_person", ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(["entity_id"], ["entity.id"], name="fk_reconfirmation_entity_id_entity", ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(["task_id"], ["task.id"], name="fk_reconfirmation_task_id_task", ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("id", name="pk_reconfirmation"),
    )
    op.create_index("ix_reconfirmation_entity_id", "reconfirmation", ["entity_id"])
    op.create_index("ix_reconfirmation_task_id", "reconfirmation", ["task_id"])


def _tell_changes() -> None:
    # What an edition did was not kept before; which texts it brought still tells what was new or changed, not what was withdrawn.
    bind, seen = op.get_bind(), set[str]()
    brought = bind.execute(sa.text("SELECT edition_id, obligation_id FROM obligation_text ORDER BY edition_id, obligation_id")).all()
    for edition_id, obligations in bind.execute(sa.text("SELECT id, obligations FROM edition ORDER BY id")).all():
        mine = list(dict.fromkeys(name for edition, name in brought if edition == edition_id))
        told = {"added": [name for name in mine if name not in seen], "changed": [name for name in mine if name in seen], "withdrawn": []}
        told_all = {**told, "unchanged": max(0, obligations - len(mine))}
        bind.execute(sa.update(EDITION).where(EDITION.c.id == edition_id).values(changes=told_all))
        seen.update(mine)


def _texts_and_drafts() -> None:
    op.create_table("official_text",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("document_id", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.Enum("txt", "docx", "pdf", name="textkind", native_enum=False, create_constraint=True, length=32), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("original", sa.LargeBinary(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("text_sha256", sa.String(length=64), nullable=False),
        sa.Column("imported_at", sa.DateTime(), nullable=False),
        sa.Column("imported_by", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["document_id"], ["document.id"], name="fk_official_text_document_id_document", ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(["imported_by"], ["person.id"], name="fk_official_text_imported_by_person", ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("id", name="pk_official_text"),
    )
    op.create_index("ix_official_text_document_id", "official_text", ["document_id"])
    op.create_table("edition_draft",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("register_key", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("source", sa.LargeBinary(), nullable=False),
        sa.Column("based_on", sa.Integer(), nullable=True),
        sa.Column("restores_id", sa.Integer(), nullable=True),
        sa.Column("made_by", sa.Integer(), nullable=True),
        sa.Column("made_at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(["based_on"], ["edition.id"], name="fk_edition_draft_based_on_edition", ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(["made_by"], ["person.id"], name="fk_edition_draft_made_by_person", ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(["restores_id"], ["edition.id"], name="fk_edition_draft_restores_id_edition", ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("id", name="pk_edition_draft"),
    )
