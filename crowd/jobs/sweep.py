"""The sweep: every few seconds, whatever is due and whatever fell out of the queue."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime

from sqlmodel import Session

from crowd.jobs.chores import CHORES
from crowd.settings import Settings
from crowd.storage.columns import now_utc
from crowd.storage.database import Store
from crowd.storage.jobs import due_jobs
from crowd.storage.queue import JobQueue

log = logging.getLogger(__name__)

Chore = Callable[[Session, datetime, Settings], object]


def sweep(store: Store, settings: Settings, queue: JobQueue, *, chores: tuple[Chore, ...] = CHORES) -> None:
    """Do every chore once. A chore that fails stops no other."""
    push_due(store, queue)
    for chore in chores:
        try:
            with store.writing() as session:
                chore(session, now_utc(), settings)
        except Exception:
            log.exception("the chore %s failed; the next sweep tries again", chore.__name__)


def push_due(store: Store, queue: JobQueue) -> None:
    """Tell the queue of every job that is due; those that wait there already are not doubled."""
    with store.reading() as session:
        for is_slow in (False, True):
            for job in due_jobs(session, now_utc(), is_slow=is_slow):
                if not queue.push(job.public_id, is_slow=is_slow):
                    return
