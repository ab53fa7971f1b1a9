"""The audit chain: sealed in order, and every change shows."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DatabaseError
from sqlmodel import Session

from crowd.services import audit
from crowd.storage.audit import event_counts, record, sealed_events
from crowd.storage.users import User

NOW = datetime(2026, 3, 1, 12, 0, 0, 123456, tzinfo=UTC)


def write(session: Session, count: int, actor: User) -> None:
    for place in range(count):
        record(
            session,
            "user.renamed",
            f"user:{place}",
            actor_id=actor.id if place % 2 else None,
            at=NOW,
            after={"share": place / 7, "name": "Zoë"},
        )
    session.commit()


def tamper(session: Session, statement: str, trigger: str) -> None:
    """Change a row as somebody with the database's own tools can."""
    if session.get_bind().dialect.name == "sqlite":
        session.execute(text(f"DROP TRIGGER IF EXISTS {trigger}"))
    else:
        session.execute(text("ALTER TABLE audit_events DISABLE TRIGGER USER"))
    session.execute(text(statement))
    session.commit()
    session.expire_all()


def test_events_are_sealed_in_order_piece_by_piece(session: Session, worker: User) -> None:
    write(session, 7, worker)
    assert audit.seal(session, 5) == 5
    assert event_counts(session) == (5, 2)
    assert audit.seal(session, 5) == 2
    assert audit.seal(session, 5) == 0
    assert [event.place for event in sealed_events(session, 0, 10)] == [1, 2, 3, 4, 5, 6, 7]
    assert audit.verify_chain(session) is None


def test_an_empty_chain_holds(session: Session) -> None:
    assert audit.seal(session, 5) == 0
    assert audit.verify_chain(session) is None


def test_a_long_chain_is_verified_in_pieces(
    session: Session, worker: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(audit, "PIECE", 3)
    write(session, 10, worker)
    audit.seal(session, 100)
    assert audit.verify_chain(session) is None
    tamper(session, "UPDATE audit_events SET reason = 'x' WHERE place = 8", "audit_events_sealed")
    assert audit.verify_chain(session) == 8


@pytest.mark.parametrize(
    "change",
    [
        "act = 'user.deactivated'",
        "subject = 'user:other'",
        "actor_id = NULL",
        "before = '{}'",
        'after = \'{"name":"Eve"}\'',
        "reason = 'because'",
        "guidelines_version = 2",
    ],
)
def test_a_changed_event_breaks_the_chain_where_it_stands(
    session: Session, worker: User, change: str
) -> None:
    write(session, 6, worker)
    audit.seal(session, 100)
    tamper(session, f"UPDATE audit_events SET {change} WHERE place = 4", "audit_events_sealed")
    assert audit.verify_chain(session) == 4


@pytest.mark.parametrize("place", [1, 4])
def test_a_missing_event_breaks_the_chain_where_it_stood(session: Session, worker: User, place: int) -> None:
    write(session, 6, worker)
    audit.seal(session, 100)
    tamper(session, f"DELETE FROM audit_events WHERE place = {place}", "audit_events_no_delete")
    assert audit.verify_chain(session) == place


def test_the_database_itself_refuses_to_change_or_delete_events(session: Session, worker: User) -> None:
    write(session, 2, worker)
    audit.seal(session, 1)
    for statement in (
        "UPDATE audit_events SET reason = 'x' WHERE place = 1",
        "UPDATE audit_events SET subject = 'x' WHERE place IS NULL",
        "DELETE FROM audit_events",
    ):
        with pytest.raises(DatabaseError, match="append-only"):
            session.execute(text(statement))
        session.rollback()
