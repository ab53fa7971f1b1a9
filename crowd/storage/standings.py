"""Standings: how a worker stands in a project — trust, counts, paused or blocked."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Field, Session, SQLModel, col, func, select

from crowd.domain.states import StandingState
from crowd.storage.columns import (
    STRICT,
    holds,
    moment,
    new_public_id,
    now_utc,
    one_of,
    reference,
)
from crowd.storage.users import User


class Standing(SQLModel, table=True):
    """One worker in one project. Trust is the posterior mean with its 95 % interval."""

    __tablename__ = "standings"
    __table_args__ = (
        one_of("state", StandingState),
        holds("counts", "gold_count >= 0 AND score_sum >= 0 AND score_sum <= gold_count + 0.000001"),
        holds("trust", "trust_low >= 0 AND trust_low <= trust AND trust <= trust_high AND trust_high <= 1"),
        STRICT,
    )

    project_id: int = reference("projects.id", primary_key=True)
    worker_id: int = reference("users.id", primary_key=True, index=True)
    pseudonym: str = Field(default_factory=lambda: "w-" + new_public_id()[:8])
    state: str = StandingState.ACTIVE
    reason: str = ""
    decided_by: int | None = reference("users.id", default=None)  # empty: the software paused
    changed_at: datetime = moment(default_factory=now_utc)
    assigned_count: int = 0
    answer_count: int = 0
    gold_shown_count: int = 0
    gold_count: int = 0  # gold answers scored
    score_sum: float = 0.0
    forgiven_count: int = 0  # gold answers scored when she was last let back in
    forgiven_sum: float = 0.0  # and their scores: pausing looks only at what came after
    plea: str = ""  # what she wrote to be let back in
    plea_at: datetime | None = moment(default=None)
    trust: float
    trust_low: float
    trust_high: float
    joined_at: datetime = moment(default_factory=now_utc)


def standing(session: Session, project_id: int, worker_id: int) -> Standing | None:
    """How one worker stands in one project."""
    return session.get(Standing, (project_id, worker_id))


def standing_locked(session: Session, project_id: int, worker_id: int) -> Standing | None:
    """The same as it is in the database now, kept from others until this transaction ends."""
    return session.get(Standing, (project_id, worker_id), with_for_update=True, populate_existing=True)


def standings_of_project(session: Session, project_id: int) -> Sequence[tuple[Standing, User]]:
    """Every worker of a project, lowest trust first."""
    query = (
        select(Standing, User)
        .join(User, col(User.id) == Standing.worker_id)
        .where(Standing.project_id == project_id)
        .order_by(col(Standing.trust), col(User.id))
    )
    return session.exec(query).all()


def standings_of_worker(session: Session, worker_id: int) -> Sequence[Standing]:
    """Every project that a worker has worked in, newest first."""
    query = select(Standing).where(Standing.worker_id == worker_id)
    return session.exec(query.order_by(col(Standing.joined_at).desc())).all()


def standings_in(session: Session, project_id: int) -> Sequence[Standing]:
    """Every standing of a project by pseudonym, without the people behind them."""
    query = select(Standing).where(Standing.project_id == project_id)
    return session.exec(query.order_by(col(Standing.pseudonym), col(Standing.worker_id))).all()


def standing_by_pseudonym(session: Session, project_id: int, pseudonym: str) -> Standing | None:
    """The standing behind a project's pseudonym."""
    query = select(Standing).where(Standing.project_id == project_id, Standing.pseudonym == pseudonym)
    return session.exec(query.order_by(col(Standing.worker_id)).limit(1)).first()


def waiting_counts(session: Session, project_ids: Sequence[int]) -> dict[int, tuple[int, int, int]]:
    """Per project: workers, workers that the software has paused, pleas that wait for an answer."""
    query = (
        select(
            Standing.project_id,
            func.count(),
            func.count().filter(
                (col(Standing.state) == StandingState.PAUSED) & col(Standing.decided_by).is_(None)
            ),
            func.count(col(Standing.plea_at)),
        )
        .where(col(Standing.project_id).in_(project_ids))
        .group_by(col(Standing.project_id))
    )
    return {
        project_id: (workers, paused, pleas) for project_id, workers, paused, pleas in session.exec(query)
    }


def standings_of_workers(session: Session, project_id: int, worker_ids: Sequence[int]) -> dict[int, Standing]:
    """The standings of several workers in a project, by worker."""
    query = select(Standing).where(Standing.project_id == project_id, col(Standing.worker_id).in_(worker_ids))
    return {stands.worker_id: stands for stands in session.exec(query)}
