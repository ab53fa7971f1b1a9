"""Counters of attempts per key and window."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete, text, update
from sqlmodel import Field, Session, SQLModel, col

from crowd.storage.columns import EPOCH, STRICT, big, holds


class RateLimit(SQLModel, table=True):
    """How many attempts a key has made in one window of time."""

    __tablename__ = "rate_limits"
    __table_args__ = (holds("attempts", "attempt_count >= 0"), STRICT)

    key: str = Field(primary_key=True)
    window: int = big(primary_key=True)
    attempt_count: int = 0


_COUNT = text(
    'INSERT INTO rate_limits (key, "window", attempt_count) VALUES (:key, :window, 1) '
    'ON CONFLICT (key, "window") DO UPDATE SET attempt_count = rate_limits.attempt_count + 1 '
    "RETURNING attempt_count"
)


def count_attempt(session: Session, key: str, now: datetime, window_seconds: int) -> int:
    """Add one attempt and return how many this window has seen."""
    window = int((now - EPOCH).total_seconds()) // window_seconds
    return int(session.execute(_COUNT, {"key": key, "window": window}).scalar_one())


def take_back_attempt(session: Session, key: str, now: datetime, window_seconds: int) -> None:
    """Subtract one attempt of this window, never below none."""
    window = int((now - EPOCH).total_seconds()) // window_seconds
    counted = (col(RateLimit.key) == key, col(RateLimit.window) == window, col(RateLimit.attempt_count) > 0)
    session.execute(update(RateLimit).where(*counted).values(attempt_count=RateLimit.attempt_count - 1))


def attempts(session: Session, key: str, now: datetime, window_seconds: int) -> int:
    """How many attempts this window has seen."""
    window = int((now - EPOCH).total_seconds()) // window_seconds
    row = session.get(RateLimit, (key, window))
    return row.attempt_count if row else 0


def forget_old_windows(session: Session, now: datetime, window_seconds: int) -> None:
    """Delete the counters of windows that are over."""
    window = int((now - EPOCH).total_seconds()) // window_seconds
    session.execute(delete(RateLimit).where(col(RateLimit.window) < window - 1))
