"""Gold: the tasks whose right answer is known, and how each answer to one scored."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import UniqueConstraint
from sqlmodel import Session, SQLModel, col, select

from crowd.domain.states import GoldState
from crowd.storage.columns import (
    STRICT,
    holds,
    id_column,
    json_column,
    moment,
    now_utc,
    one_of,
    public_id_column,
    reference,
)


class Gold(SQLModel, table=True):
    """A gold answer: one or several labels that count as right."""

    __tablename__ = "gold"
    __table_args__ = (one_of("state", GoldState), UniqueConstraint("project_id", "item_id"), STRICT)

    id: int = id_column()
    public_id: str = public_id_column()
    project_id: int = reference("projects.id", index=True)
    item_id: int = reference("items.id", index=True)
    task_id: int | None = reference("tasks.id", default=None, unique=True)
    labels: list[str] = json_column()
    explanation: str = ""
    version: int = 1
    state: str = GoldState.ACTIVE
    author_id: int = reference("users.id")
    created_at: datetime = moment(default_factory=now_utc)


class GoldScore(SQLModel, table=True):
    """How right one answer to a gold task was, 0..1, by which version of the gold answer."""

    __tablename__ = "gold_scores"
    __table_args__ = (holds("score", "score >= 0 AND score <= 1"), STRICT)

    assignment_id: int = reference("assignments.id", primary_key=True)
    gold_id: int = reference("gold.id", index=True)
    gold_version: int
    score: float
    scored_at: datetime = moment(default_factory=now_utc)


def gold_by_public_id(session: Session, public_id: str) -> Gold | None:
    """The gold answer with this public id."""
    return session.exec(select(Gold).where(Gold.public_id == public_id)).one_or_none()


def gold_of(session: Session, project_id: int) -> Sequence[Gold]:
    """Every gold answer of a project, in the order they were made."""
    return session.exec(select(Gold).where(Gold.project_id == project_id).order_by(col(Gold.id))).all()


def gold_of_item(session: Session, project_id: int, item_id: int) -> Gold | None:
    """The gold answer of one item in a project."""
    return session.exec(
        select(Gold).where(Gold.project_id == project_id, Gold.item_id == item_id)
    ).one_or_none()
