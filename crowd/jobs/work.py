"""What a job is given: its arguments, the store, the settings, and a way to say how far it is."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import Session

from crowd.jobs.lease import Lease
from crowd.settings import Settings
from crowd.storage.columns import now_utc
from crowd.storage.database import Store
from crowd.storage.queue import JobQueue


class JobFailed(Exception):
    """The job cannot be done, however often it is tried; the message tells its owner why."""


@dataclass(frozen=True)
class TellingStore(Store):
    """A store whose writing sessions tell the queue of the jobs that they added."""

    queue: JobQueue

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """A session that may write; jobs that it added and committed are pushed at its end."""
        with super().writing() as session:
            yield session
        self.queue.push_added(session)


@dataclass(frozen=True)
class Work:
    """One attempt at one job."""

    public_id: str
    arguments: dict[str, Any]
    store: Store
    settings: Settings
    lease: Lease

    def now(self) -> datetime:
        """The present moment."""
        return now_utc()

    def progress(self, done: int, total: int, message: str = "") -> None:
        """Say how far the work is. Costs nothing: the row is written about once a second.

        Raises LeaseLost when another runner has taken the job over.
        """
        self.lease.report(done, total, message)
