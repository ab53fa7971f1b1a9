"""Triggers that keep the ledger and the audit trail append-only, whatever code runs."""

from __future__ import annotations

# A sealed audit event gets its place and hash once; nothing else of these tables ever changes.
FROZEN = ("ledger_entries", "transfers")


def statements(dialect: str) -> list[str]:
    """The SQL that installs the triggers on one kind of database."""
    return _postgresql() if dialect == "postgresql" else _sqlite()


def _sqlite() -> list[str]:
    made = []
    for table in FROZEN:
        made += [
            f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} "
            f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
            for verb in ("UPDATE", "DELETE")
        ]
    made.append(
        "CREATE TRIGGER audit_events_no_delete BEFORE DELETE ON audit_events "
        "BEGIN SELECT RAISE(ABORT, 'audit_events is append-only'); END"
    )
    made.append(
        "CREATE TRIGGER audit_events_sealed BEFORE UPDATE ON audit_events "
        "WHEN OLD.hash IS NOT NULL OR OLD.act <> NEW.act OR OLD.subject <> NEW.subject OR OLD.at <> NEW.at "
        "OR OLD.actor_id IS NOT NEW.actor_id OR OLD.before IS NOT NEW.before OR OLD.after IS NOT NEW.after "
        "OR OLD.reason <> NEW.reason "
        "BEGIN SELECT RAISE(ABORT, 'audit_events is append-only'); END"
    )
    return made


def _postgresql() -> list[str]:
    made = [
        "CREATE FUNCTION crowd_append_only() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME; END $$",
        "CREATE FUNCTION crowd_sealed() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        "IF OLD.hash IS NOT NULL OR "
        "ROW(OLD.act, OLD.subject, OLD.at, OLD.actor_id, OLD.before, OLD.after, OLD.reason) IS DISTINCT FROM "
        "ROW(NEW.act, NEW.subject, NEW.at, NEW.actor_id, NEW.before, NEW.after, NEW.reason) "
        "THEN RAISE EXCEPTION 'audit_events is append-only'; END IF; RETURN NEW; END $$",
    ]
    made += [
        f"CREATE TRIGGER {table}_frozen BEFORE UPDATE OR DELETE ON {table} "
        "FOR EACH ROW EXECUTE FUNCTION crowd_append_only()"
        for table in FROZEN
    ]
    made.append(
        "CREATE TRIGGER audit_events_no_delete BEFORE DELETE ON audit_events "
        "FOR EACH ROW EXECUTE FUNCTION crowd_append_only()"
    )
    made.append(
        "CREATE TRIGGER audit_events_sealed BEFORE UPDATE ON audit_events "
        "FOR EACH ROW EXECUTE FUNCTION crowd_sealed()"
    )
    return made
