"""The runner: claims a job, does it, and writes down what became of it."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from functools import partial

from crowd.jobs.lease import Lease, LeaseLost
from crowd.jobs.registry import Run, kinds
from crowd.jobs.sweep import sweep
from crowd.jobs.work import JobFailed, TellingStore, Work
from crowd.services import jobs
from crowd.settings import Settings
from crowd.storage.columns import now_utc
from crowd.storage.database import Store
from crowd.storage.jobs import Job
from crowd.storage.queue import SWEEP, JobQueue

log = logging.getLogger(__name__)


class Interrupted(BaseException):
    """The runner was asked to stop; raised by a signal, wherever the work is."""


def run(
    public_id: str,
    store: Store,
    settings: Settings,
    queue: JobQueue,
    *,
    known: Mapping[str, Run] | None = None,
) -> None:
    """Do one job of a known kind, or sweep. The known kinds are the modules of this package."""
    telling = TellingStore(store.engine, store.blobs, queue)
    if public_id == SWEEP:
        sweep(telling, settings, queue)
        return
    with telling.writing() as session:
        job = jobs.take(session, public_id, now_utc())
    if job is None:
        log.info("job %s is in other hands or over", public_id)
        return
    _attempt(job, telling, settings, kinds() if known is None else known)


def _attempt(job: Job, store: Store, settings: Settings, known: Mapping[str, Run]) -> None:
    outcome: Callable[..., None]
    try:
        _do(job, store, settings, known.get(job.kind))
    except LeaseLost:
        log.warning("job %s (%s) was taken over by another runner", job.public_id, job.kind)
        return
    except Interrupted:
        outcome, word = jobs.give_back, "was interrupted"
    except JobFailed as error:
        outcome, word = partial(jobs.fail, reason=str(error)), "failed"
    except Exception as error:
        log.exception("job %s (%s): attempt %d failed", job.public_id, job.kind, job.attempt_count)
        outcome, word = partial(jobs.try_again, reason=_in_one_line(error)), "failed"
    else:
        outcome, word = jobs.complete, "is done"
    with store.writing() as session:
        outcome(session, job, now=now_utc())
    log.info("job %s (%s) %s", job.public_id, job.kind, word)


def _do(job: Job, store: Store, settings: Settings, kind: Run | None) -> None:
    if kind is None:
        raise JobFailed(f"This version knows no job of the kind '{job.kind}'.")
    with Lease(store, job) as lease:
        kind(Work(job.public_id, job.arguments, store, settings, lease))


def _in_one_line(error: Exception) -> str:
    lines = str(error).strip().splitlines() or [""]
    return f"{type(error).__name__}: {lines[0]}"[:500]
