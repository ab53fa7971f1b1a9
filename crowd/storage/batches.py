"""Batches: the tasks of one launch; a pilot is a small first batch."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import UniqueConstraint
from sqlmodel import Session, SQLModel, col, select

from crowd.domain.states import BatchState
from crowd.storage.columns import (
    STRICT,
    big,
    holds,
    id_column,
    moment,
    now_utc,
    one_of,
    public_id_column,
    reference,
)


class Batch(SQLModel, table=True):
    """One launch: how many tasks, and what was reserved for them."""

    __tablename__ = "batches"
    __table_args__ = (
        one_of("state", BatchState),
        holds("counts", "task_count >= 0 AND reserved_micros >= 0"),
        UniqueConstraint("project_id", "number"),
        STRICT,
    )

    id: int = id_column()
    public_id: str = public_id_column()
    project_id: int = reference("projects.id")
    number: int
    is_pilot: bool = False
    state: str = BatchState.LAUNCHING
    task_count: int = 0
    reserved_micros: int = big(default=0)
    launched_by: int = reference("users.id")
    launched_at: datetime = moment(default_factory=now_utc)


def batches_of(session: Session, project_id: int) -> Sequence[Batch]:
    """A project's launches, first to last."""
    query = select(Batch).where(Batch.project_id == project_id)
    return session.exec(query.order_by(col(Batch.number))).all()
