"""The audit trail: who did what to which thing, before and after, chained by hash."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlmodel import Field, Session, SQLModel, col, func, select

from crowd.storage.columns import STRICT, big, id_column, json_column, moment, now_utc, reference


class AuditEvent(SQLModel, table=True):
    """One consequential act. A job seals it later: its place in the chain and its hash."""

    __tablename__ = "audit_events"
    __table_args__ = (STRICT,)

    id: int = id_column()
    at: datetime = moment(default_factory=now_utc)
    actor_id: int | None = reference("users.id", default=None)  # empty: the software itself
    act: str  # subject.verb, for example project.launched
    subject: str  # kind:public_id
    before: dict[str, Any] | None = json_column(default=None)
    after: dict[str, Any] | None = json_column(default=None)
    reason: str = ""
    guidelines_version: int | None = None
    place: int | None = big(default=None, unique=True)
    hash: str | None = Field(default=None)


def record(
    session: Session,
    act: str,
    subject: str,
    *,
    actor_id: int | None,
    at: datetime,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
    reason: str = "",
    guidelines_version: int | None = None,
) -> None:
    """Write one event in the caller's transaction."""
    session.add(
        AuditEvent(
            at=at,
            actor_id=actor_id,
            act=act,
            subject=subject,
            before=before,
            after=after,
            reason=reason,
            guidelines_version=guidelines_version,
        )
    )


def unsealed_events(session: Session, limit: int) -> Sequence[AuditEvent]:
    """Events that have no place in the chain yet, oldest first."""
    query = select(AuditEvent).where(col(AuditEvent.place).is_(None))
    return session.exec(query.order_by(col(AuditEvent.id)).limit(limit)).all()


def last_sealed(session: Session) -> AuditEvent | None:
    """The end of the chain."""
    place = session.exec(select(func.max(AuditEvent.place))).one()
    return None if place is None else session.exec(select(AuditEvent).where(AuditEvent.place == place)).one()


def sealed_events(session: Session, after: int, limit: int) -> Sequence[AuditEvent]:
    """The chain from behind a place."""
    query = select(AuditEvent).where(col(AuditEvent.place) > after)
    return session.exec(query.order_by(col(AuditEvent.place)).limit(limit)).all()


def recent_events(
    session: Session, *, act: str = "", subject: str = "", before: int | None = None, limit: int = 100
) -> Sequence[AuditEvent]:
    """The newest events; of one act or about one subject where these are given."""
    query = select(AuditEvent)
    if act:
        query = query.where(AuditEvent.act == act)
    if subject:
        query = query.where(AuditEvent.subject == subject)
    if before is not None:
        query = query.where(col(AuditEvent.id) < before)
    return session.exec(query.order_by(col(AuditEvent.id).desc()).limit(limit)).all()


def known_acts(session: Session) -> Sequence[str]:
    """Every act that the trail holds, by name."""
    return session.exec(select(AuditEvent.act).distinct().order_by(AuditEvent.act)).all()


def event_counts(session: Session) -> tuple[int, int]:
    """How many events are sealed, and how many wait for it."""
    sealed, total = session.exec(select(func.count(col(AuditEvent.place)), func.count())).one()
    return sealed, total - sealed
