"""Results: the consensus of each task, its confidence, and whether it is disputed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Session, SQLModel, col, select

from crowd.storage.columns import STRICT, holds, json_column, moment, now_utc, reference


class Result(SQLModel, table=True):
    """What the crowd says about one task, or what a quality manager decided."""

    __tablename__ = "results"
    __table_args__ = (
        holds("confidence", "confidence >= 0 AND confidence <= 1"),
        holds("answer_count", "answer_count >= 0"),
        STRICT,
    )

    task_id: int = reference("tasks.id", primary_key=True)
    project_id: int = reference("projects.id", index=True)
    label: str
    confidence: float
    answer_count: int
    posterior: dict[str, float] = json_column(default_factory=dict)
    method: str
    is_disputed: bool = False
    is_decided: bool = False  # by a person; the software leaves it alone
    computed_at: datetime = moment(default_factory=now_utc)
    settled_at: datetime | None = moment(default=None)


def disputed_results(session: Session, project_id: int, limit: int = 200) -> Sequence[Result]:
    """Disputed tasks that nobody has decided, least sure first."""
    query = select(Result).where(
        Result.project_id == project_id, col(Result.is_disputed).is_(True), col(Result.is_decided).is_(False)
    )
    return session.exec(query.order_by(col(Result.confidence), col(Result.task_id)).limit(limit)).all()
