"""A job's life: taken, finished, tried again, given back, refused."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlmodel import Session

from crowd.storage import audit
from crowd.storage.jobs import MAX_ATTEMPTS, Job, claim_job, finish_job, reopen_job, requeue_job

FIRST_DELAY = timedelta(seconds=5)


def take(session: Session, public_id: str, now: datetime) -> Job | None:
    """Take a job that waits, or one whose runner died.

    None when somebody else has it, when it is over, or when its runner died once too often.
    """
    job = claim_job(session, public_id, now)
    if job is not None and job.attempt_count > MAX_ATTEMPTS:
        finish_job(session, job, now, error=f"It was started {MAX_ATTEMPTS} times and died each time.")
        job = None
    session.commit()
    return job


def complete(session: Session, job: Job, now: datetime) -> None:
    """The job's work is done."""
    finish_job(session, job, now)
    session.commit()


def fail(session: Session, job: Job, reason: str, now: datetime) -> None:
    """The job cannot be done, however often it is tried."""
    finish_job(session, job, now, error=reason)
    session.commit()


def try_again(session: Session, job: Job, reason: str, now: datetime) -> None:
    """An attempt failed: wait twice as long as the last time, or give up after the last attempt."""
    if job.attempt_count >= MAX_ATTEMPTS:
        finish_job(session, job, now, error=f"It was tried {MAX_ATTEMPTS} times. The last time: {reason}")
    else:
        due_at = now + retry_delay(job.attempt_count)
        requeue_job(session, job, due_at, error=reason, attempt_count=job.attempt_count)
    session.commit()


def give_back(session: Session, job: Job, now: datetime) -> None:
    """The runner has to stop: the attempt does not count, and the next runner may start at once."""
    requeue_job(session, job, now, error="", attempt_count=job.attempt_count - 1)
    session.commit()


def retry_delay(attempt_count: int) -> timedelta:
    """How long to wait after so many attempts: 5, 10, 20, 40 seconds."""
    return FIRST_DELAY * (1 << (attempt_count - 1))


def record_refusal(session: Session, queue: str, reason: str, now: datetime) -> None:
    """Something in the queue was not one of our jobs: keep a trace of it."""
    audit.record(session, "job.refused", f"queue:{queue}", actor_id=None, at=now, reason=reason[:500])
    session.commit()


def retry_failed(session: Session, job: Job, *, by: int, now: datetime) -> bool:
    """Put a failed job back on the list, as an admin wishes. Commits.

    False when it has not failed, or when the same work waits already.
    """
    before = {"attempts": job.attempt_count, "error": job.error}
    if not reopen_job(session, job, now):
        session.rollback()
        return False
    audit.record(session, "job.retried", f"job:{job.public_id}", actor_id=by, at=now, before=before)
    session.commit()
    return True
