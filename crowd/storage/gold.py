"""Gold: the tasks whose right answer is known, and how each answer to one scored."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import UniqueConstraint
from sqlmodel import Session, SQLModel, col, func, select

from crowd.domain.states import GoldState
from crowd.storage.assignments import Assignment
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
from crowd.storage.items import Item
from crowd.storage.standings import Standing


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


@dataclass(frozen=True)
class GoldTest:
    """One scored answer to a gold task, beside all that its worker's gold answers sum to."""

    gold_id: int
    score: float
    gold_count: int
    score_sum: float


def gold_tests(session: Session, project_id: int) -> Sequence[GoldTest]:
    """Every scored gold answer of a project."""
    query = (
        select(GoldScore.gold_id, GoldScore.score, Standing.gold_count, Standing.score_sum)
        .join(Assignment, col(Assignment.id) == GoldScore.assignment_id)
        .join(
            Standing,
            (col(Standing.project_id) == Assignment.project_id)
            & (col(Standing.worker_id) == Assignment.worker_id),
        )
        .where(Assignment.project_id == project_id)
        .order_by(col(GoldScore.gold_id), col(GoldScore.assignment_id))
    )
    return [GoldTest(*row) for row in session.exec(query)]


def gold_shown_counts(session: Session, project_id: int) -> dict[int, int]:
    """How often each gold answer's task was lent to somebody."""
    query = (
        select(Gold.id, func.count())
        .join(Assignment, col(Assignment.task_id) == Gold.task_id)
        .where(Gold.project_id == project_id)
        .group_by(col(Gold.id))
    )
    return dict(session.exec(query).all())


def items_of_gold(session: Session, gold_ids: Sequence[int]) -> dict[int, Item]:
    """The item of each gold answer."""
    query = select(Gold.id, Item).join(Item, col(Item.id) == Gold.item_id).where(col(Gold.id).in_(gold_ids))
    return dict(session.exec(query).all())


def answers_to_gold(session: Session, gold: Gold) -> Sequence[tuple[Assignment, GoldScore | None, Standing]]:
    """Every answer to a gold task with its score, if it has one, and its worker's standing; first to last."""
    query = (
        select(Assignment, GoldScore, Standing)
        .join(GoldScore, col(GoldScore.assignment_id) == Assignment.id, isouter=True)
        .join(
            Standing,
            (col(Standing.project_id) == Assignment.project_id)
            & (col(Standing.worker_id) == Assignment.worker_id),
        )
        .where(Assignment.task_id == gold.task_id, col(Assignment.answer).is_not(None))
        .order_by(col(Assignment.submitted_at), col(Assignment.id))
    )
    return session.exec(query).all()


def scores_of_worker(
    session: Session, project_id: int, worker_id: int, limit: int = 1000
) -> Sequence[tuple[Assignment, GoldScore, Gold]]:
    """A worker's gold scores in a project, newest first."""
    query = (
        select(Assignment, GoldScore, Gold)
        .join(GoldScore, col(GoldScore.assignment_id) == Assignment.id)
        .join(Gold, col(Gold.id) == GoldScore.gold_id)
        .where(Assignment.project_id == project_id, Assignment.worker_id == worker_id)
        .order_by(col(Assignment.submitted_at).desc(), col(Assignment.id).desc())
        .limit(limit)
    )
    return session.exec(query).all()


def last_forgiven_at(
    session: Session, project_id: int, worker_id: int, forgiven_count: int
) -> datetime | None:
    """When a worker gave the last of her first so many scored gold answers: those that were forgiven."""
    if forgiven_count < 1:
        return None
    query = (
        select(Assignment.submitted_at)
        .join(GoldScore, col(GoldScore.assignment_id) == Assignment.id)
        .where(Assignment.project_id == project_id, Assignment.worker_id == worker_id)
        .order_by(col(Assignment.submitted_at), col(Assignment.id))
    )
    return session.exec(query.offset(forgiven_count - 1).limit(1)).first()
