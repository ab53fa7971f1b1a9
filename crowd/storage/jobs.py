"""Jobs: background work as rows. Redis only carries their names; losing it loses none."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Boolean, Index, bindparam, text, update
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, SQLModel, col, func, select

from crowd.domain.states import JobState
from crowd.storage.columns import (
    STRICT,
    JsonText,
    UtcMoment,
    big,
    id_column,
    json_column,
    moment,
    new_public_id,
    now_utc,
    one_of,
    public_id_column,
)

PUSH = "jobs_to_push"
LEASE = timedelta(minutes=2)
MAX_ATTEMPTS = 5
_QUEUED = text("state = 'queued'")
_OPEN = text("state IN ('queued', 'running')")


class Job(SQLModel, table=True):
    """One piece of work. `key` keeps the same work from queueing twice."""

    __tablename__ = "jobs"
    __table_args__ = (
        one_of("state", JobState),
        Index("ix_jobs_key", "kind", "key", unique=True, sqlite_where=_QUEUED, postgresql_where=_QUEUED),
        Index("ix_jobs_open", "state", "due_at", sqlite_where=_OPEN, postgresql_where=_OPEN),
        STRICT,
    )

    id: int = id_column()
    public_id: str = public_id_column()
    kind: str
    key: str
    arguments: dict[str, Any] = json_column(default_factory=dict)
    is_slow: bool = False
    state: str = JobState.QUEUED
    done_count: int = big(default=0)
    total_count: int = big(default=0)
    message: str = ""
    error: str = ""
    attempt_count: int = 0
    created_at: datetime = moment(default_factory=now_utc)
    due_at: datetime = moment(default_factory=now_utc)  # queued: push from then on; running: the lease ends
    started_at: datetime | None = moment(default=None)
    finished_at: datetime | None = moment(default=None)


_ADD = text(
    "INSERT INTO jobs (public_id, kind, key, arguments, is_slow, state, done_count, total_count, message,"
    " error, attempt_count, created_at, due_at) VALUES (:public_id, :kind, :key, :arguments, :is_slow,"
    " 'queued', 0, 0, '', '', 0, :now, :now)"
    " ON CONFLICT (kind, key) WHERE state = 'queued' DO NOTHING RETURNING public_id"
).bindparams(
    bindparam("arguments", type_=JsonText()),
    bindparam("is_slow", type_=Boolean()),
    bindparam("now", type_=UtcMoment()),
)


def add_job(
    session: Session, kind: str, arguments: dict[str, Any], *, key: str, now: datetime, is_slow: bool = False
) -> str | None:
    """Put work on the list, in the caller's transaction; return its public id.

    None when the same work already waits. The door pushes what was added once the transaction has
    been committed.
    """
    values = {"kind": kind, "key": key, "arguments": arguments, "is_slow": is_slow, "now": now}
    public_id = session.execute(_ADD, values | {"public_id": new_public_id()}).scalar_one_or_none()
    if public_id is None:
        return None
    session.info.setdefault(PUSH, []).append((str(public_id), is_slow))
    return str(public_id)


def job_by_public_id(session: Session, public_id: str) -> Job | None:
    """The job with this public id."""
    return session.exec(select(Job).where(Job.public_id == public_id)).one_or_none()


def latest_job(session: Session, kind: str, key: str) -> Job | None:
    """The newest job of a kind for one subject."""
    query = select(Job).where(Job.kind == kind, Job.key == key)
    return session.exec(query.order_by(col(Job.id).desc()).limit(1)).first()


def claim_job(session: Session, public_id: str, now: datetime) -> Job | None:
    """Take a waiting job, or one whose runner died; None when somebody else has it or it is over."""
    rows = session.execute(
        update(Job)
        .where(
            col(Job.public_id) == public_id,
            (col(Job.state) == JobState.QUEUED)
            | ((col(Job.state) == JobState.RUNNING) & (col(Job.due_at) < now)),
        )
        .values(
            state=JobState.RUNNING,
            attempt_count=Job.attempt_count + 1,
            started_at=now,
            due_at=now + LEASE,
            error="",
        )
        .execution_options(synchronize_session=False)
    )
    if rows.rowcount != 1:  # type: ignore[attr-defined]
        return None
    return session.exec(
        select(Job).where(Job.public_id == public_id).execution_options(populate_existing=True)
    ).one()


def report_progress(session: Session, job: Job, done: int, total: int, message: str, now: datetime) -> bool:
    """Say how far a running job is, and renew its lease. False when somebody else has taken it over."""
    values = {"done_count": done, "total_count": total, "message": message, "due_at": now + LEASE}
    return _change_attempt(session, job, values)


def finish_job(session: Session, job: Job, now: datetime, *, error: str = "") -> bool:
    """Close a job, well or with an error. False when somebody else has taken it over."""
    state = JobState.FAILED if error else JobState.DONE
    return _change_attempt(session, job, {"state": state, "error": error, "finished_at": now})


def requeue_job(session: Session, job: Job, due_at: datetime, *, error: str, attempt_count: int) -> bool:
    """Put a job back on the list. When the same work waits there already, that one will do it."""
    values = {"error": error, "due_at": due_at, "attempt_count": attempt_count}
    try:
        with session.begin_nested():
            return _change_attempt(session, job, values | {"state": JobState.QUEUED})
    except IntegrityError:
        message = "The same work was waiting already and carries on there."
        values = {"state": JobState.DONE, "error": "", "message": message, "finished_at": due_at}
        return _change_attempt(session, job, values)


def _change_attempt(session: Session, job: Job, values: dict[str, Any]) -> bool:
    """Change a running job, unless a later attempt has taken it over."""
    rows = session.execute(
        update(Job)
        .where(
            col(Job.id) == job.id,
            col(Job.state) == JobState.RUNNING,
            col(Job.attempt_count) == job.attempt_count,
        )
        .values(values)
        .execution_options(synchronize_session=False)
    )
    return bool(rows.rowcount == 1)  # type: ignore[attr-defined]


def due_jobs(session: Session, now: datetime, *, is_slow: bool, limit: int = 1000) -> Sequence[Job]:
    """Work that should be in a queue: waiting and due, or running with its lease over."""
    query = select(Job).where(
        col(Job.state).in_([JobState.QUEUED, JobState.RUNNING]),
        col(Job.due_at) < now,
        col(Job.is_slow) == is_slow,
    )
    return session.exec(query.order_by(col(Job.due_at)).limit(limit)).all()


def recent_jobs(session: Session, limit: int = 100) -> Sequence[Job]:
    """The newest jobs."""
    return session.exec(select(Job).order_by(col(Job.id).desc()).limit(limit)).all()


def reopen_job(session: Session, job: Job, now: datetime) -> bool:
    """Put a failed job back on the list, as if it were new. False when it has not failed, or not any more."""
    values = {
        "state": JobState.QUEUED,
        "attempt_count": 0,
        "error": "",
        "message": "",
        "done_count": 0,
        "due_at": now,
        "finished_at": None,
    }
    try:
        with session.begin_nested():
            rows = session.execute(
                update(Job)
                .where(col(Job.id) == job.id, col(Job.state) == JobState.FAILED)
                .values(values)
                .execution_options(synchronize_session=False)
            )
    except IntegrityError:  # the same work waits already
        return False
    if rows.rowcount != 1:  # type: ignore[attr-defined]
        return False
    session.info.setdefault(PUSH, []).append((job.public_id, job.is_slow))
    return True


def jobs_page(
    session: Session, *, state: str = "", before: int | None = None, limit: int = 50
) -> Sequence[Job]:
    """Jobs, newest first, of one state where one is given, from in front of an id."""
    query = select(Job)
    if state:
        query = query.where(Job.state == state)
    if before is not None:
        query = query.where(col(Job.id) < before)
    return session.exec(query.order_by(col(Job.id).desc()).limit(limit)).all()


def job_counts(session: Session) -> dict[str, int]:
    """How many jobs are in each state."""
    query = select(Job.state, func.count()).group_by(col(Job.state))
    found = {str(state): int(count) for state, count in session.exec(query)}
    return {state.value: found.get(state.value, 0) for state in JobState}
