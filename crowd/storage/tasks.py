"""Tasks: one item each, to be answered by `overlap` workers."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Index, UniqueConstraint, text
from sqlmodel import Session, SQLModel, col, func, select

from crowd.domain.states import TaskState
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


class Task(SQLModel, table=True):
    """One micro-task. The CHECK makes over-assignment impossible whatever the code does."""

    __tablename__ = "tasks"
    __table_args__ = (
        one_of("state", TaskState),
        holds("overlap", "overlap >= 0 AND live_count >= 0 AND answer_count >= 0"),
        holds("no_over_assignment", "live_count + answer_count <= overlap"),
        UniqueConstraint("project_id", "item_id"),
        Index("ix_tasks_next", "project_id", "is_gold", "state", "position"),
        Index(
            "ix_tasks_stale",
            "project_id",
            sqlite_where=text("is_stale = 1"),
            postgresql_where=text("is_stale"),
        ),
        STRICT,
    )

    id: int = id_column()
    public_id: str = public_id_column()
    project_id: int = reference("projects.id")
    batch_id: int = reference("batches.id", index=True)
    item_id: int = reference("items.id", index=True)
    is_gold: bool = False
    state: str = TaskState.OPEN
    position: int = big()  # the order in which tasks are given out
    overlap: int
    live_count: int = 0  # assignments lent out now
    answer_count: int = 0  # answers that stand: submitted or approved
    is_stale: bool = False  # answers have come since the consensus was computed
    created_at: datetime = moment(default_factory=now_utc)


def task_by_public_id(session: Session, public_id: str) -> Task | None:
    """The task with this public id."""
    return session.exec(select(Task).where(Task.public_id == public_id)).one_or_none()


def task_counts(session: Session, project_id: int) -> dict[str, int]:
    """How many tasks of a project are in each state, and under "all" how many there are."""
    query = select(Task.state, func.count()).where(Task.project_id == project_id).group_by(Task.state)
    counts = {str(state): int(count) for state, count in session.exec(query)}
    return {state.value: counts.get(state, 0) for state in TaskState} | {"all": sum(counts.values())}


def stale_tasks(session: Session, project_id: int, limit: int) -> list[int]:
    """Tasks whose consensus is behind their answers, oldest first."""
    query = select(Task.id).where(Task.project_id == project_id, col(Task.is_stale).is_(True))
    return list(session.exec(query.order_by(col(Task.id)).limit(limit)))


def projects_with_stale_tasks(session: Session) -> list[int]:
    """Every project of which some consensus is behind its answers."""
    query = select(Task.project_id).where(col(Task.is_stale).is_(True)).distinct()
    return list(session.exec(query.order_by(col(Task.project_id))))


def stale_count(session: Session, project_id: int) -> int:
    """How many tasks of a project wait for their consensus."""
    query = select(func.count()).select_from(Task)
    return session.exec(query.where(Task.project_id == project_id, col(Task.is_stale).is_(True))).one()
