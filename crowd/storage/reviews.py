"""Reviews: what a quality manager decided about a task, and why."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Session, SQLModel, col, select

from crowd.storage.columns import STRICT, holds, id_column, moment, now_utc, reference


class Review(SQLModel, table=True):
    """One decision; a later one replaces it without erasing it."""

    __tablename__ = "reviews"
    __table_args__ = (holds("reason", "length(reason) > 0"), STRICT)

    id: int = id_column()
    task_id: int = reference("tasks.id", index=True)
    reviewer_id: int = reference("users.id")
    label: str
    reason: str
    created_at: datetime = moment(default_factory=now_utc)


def reviews_of(session: Session, task_id: int) -> Sequence[Review]:
    """Every decision about a task, newest first."""
    query = select(Review).where(Review.task_id == task_id)
    return session.exec(query.order_by(col(Review.id).desc())).all()
