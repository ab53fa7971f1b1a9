"""Projects: one question about many items, with every rule as a column."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlmodel import Session, SQLModel, col, select

from crowd.domain.states import ProjectState
from crowd.storage.columns import (
    STRICT,
    big,
    holds,
    id_column,
    json_column,
    moment,
    now_utc,
    one_of,
    public_id_column,
    reference,
)


class Project(SQLModel, table=True):
    """The question and its rules. Probabilities are 0..1, money is micro-units, times are seconds."""

    __tablename__ = "projects"
    __table_args__ = (
        one_of("state", ProjectState),
        holds("overlap", "overlap BETWEEN 1 AND 100 AND minimum_overlap BETWEEN 1 AND overlap"),
        holds("gold_overlap", "gold_overlap BETWEEN 0 AND 100000"),
        holds("reward", "reward_micros BETWEEN 0 AND 1000000000000"),
        holds("gold_rate", "gold_rate >= 0 AND gold_rate <= 0.5"),
        holds("minimum_trust", "minimum_trust >= 0 AND minimum_trust < 1"),
        holds("confidence_target", "confidence_target > 0 AND confidence_target <= 1"),
        holds("dispute_below", "dispute_below >= 0 AND dispute_below <= 1"),
        holds("prior", "trust_prior_right > 0 AND trust_prior_wrong > 0"),
        holds("put_back_limit", "put_back_limit BETWEEN 1 AND 1000000"),
        holds("times", "time_limit_seconds BETWEEN 10 AND 86400 AND approve_after_seconds >= 0"),
        STRICT,
    )

    id: int = id_column()
    public_id: str = public_id_column()
    owner_id: int = reference("users.id", index=True)
    dataset_id: int | None = reference("datasets.id", default=None, index=True)
    title: str
    summary: str = ""
    state: str = ProjectState.DRAFT
    template_name: str
    template_hash: str = ""
    parameters: dict[str, Any] = json_column(default_factory=dict)
    mapping: dict[str, str] = json_column(default_factory=dict)  # template input -> dataset column
    gold_column: str = ""
    overlap: int = 3
    minimum_overlap: int = 2
    stops_early: bool = False
    gold_overlap: int = 3  # showings of a gold task before it rests
    gold_rate: float = 0.1
    minimum_trust: float = 0.6
    pause_after_gold: int = 4
    trust_prior_right: float = 2.0
    trust_prior_wrong: float = 1.0
    confidence_target: float = 0.9
    dispute_below: float = 0.7
    gold_tolerance: float = 0.0
    method: str = ""  # aggregation; empty: the template's own
    reward_micros: int = big(default=50_000)
    tiers: list[list[float]] = json_column(
        default_factory=list
    )  # [minimum trust 0..1, whole multiplier in permille]
    time_limit_seconds: int = 600
    put_back_limit: int = 30  # loans a worker may put back unanswered within an hour
    estimated_seconds: int = 20
    approve_after_seconds: int = 259_200
    created_at: datetime = moment(default_factory=now_utc)
    launched_at: datetime | None = moment(default=None)
    closed_at: datetime | None = moment(default=None)


def project_by_public_id(session: Session, public_id: str) -> Project | None:
    """The project with this public id."""
    return session.exec(select(Project).where(Project.public_id == public_id)).one_or_none()


def locked_project(session: Session, project_id: int) -> Project:
    """A project whose standings and results nobody else recomputes until this transaction ends."""
    return session.get_one(Project, project_id, with_for_update={"key_share": True})


def projects_of(session: Session, owner_id: int) -> Sequence[Project]:
    """A requester's projects, newest first."""
    query = select(Project).where(Project.owner_id == owner_id)
    return session.exec(query.order_by(col(Project.created_at).desc(), col(Project.id).desc())).all()


def launched_projects(session: Session) -> Sequence[Project]:
    """Every project that has left its draft, newest first."""
    query = select(Project).where(Project.state != ProjectState.DRAFT)
    return session.exec(query.order_by(col(Project.created_at).desc(), col(Project.id).desc())).all()
