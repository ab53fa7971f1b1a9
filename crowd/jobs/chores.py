"""The chores of a sweep: each calls one verb that does a limited piece of what is due."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Session

from crowd.services import aggregation, assignment, audit, settlement
from crowd.services.datasets import forget_stray_uploads
from crowd.settings import Settings
from crowd.storage.rate_limits import forget_old_windows
from crowd.storage.sessions import end_old_sessions

LIMIT = 1000


def expire(session: Session, now: datetime, _settings: Settings) -> None:
    """Free the places of loans whose deadline is over."""
    assignment.expire_overdue(session, now, LIMIT)


def approve(session: Session, now: datetime, _settings: Settings) -> None:
    """Approve the answers whose clock has run out."""
    settlement.approve_due(session, now, LIMIT)


def ask_for_consensus(session: Session, now: datetime, _settings: Settings) -> None:
    """See that every stale task has a job that will look at it."""
    aggregation.ask_where_stale(session, now)


def seal(session: Session, _now: datetime, _settings: Settings) -> None:
    """Give new audit events their place in the chain."""
    audit.seal(session, LIMIT)


def forget(session: Session, now: datetime, settings: Settings) -> None:
    """Forget sessions and counters whose time is over."""
    end_old_sessions(session, now)
    forget_old_windows(session, now, settings.sign_in_window_seconds)
    session.commit()


CHORES = (expire, approve, ask_for_consensus, seal, forget, forget_stray_uploads)
