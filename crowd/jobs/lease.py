"""The lease of a running job: renewed by a thread for as long as the work goes on."""

from __future__ import annotations

import logging
import threading
import time

from sqlalchemy.exc import SQLAlchemyError

from crowd.storage.columns import now_utc
from crowd.storage.database import Store
from crowd.storage.jobs import LEASE, Job, report_progress

log = logging.getLogger(__name__)

_WRITE_EVERY = 1.0
_RENEW_EVERY = LEASE.total_seconds() / 6


class LeaseLost(Exception):
    """Another runner has taken the job over, so this one must stop."""


class Lease:
    """Held while a job runs; carries its progress into the row."""

    def __init__(self, store: Store, job: Job) -> None:
        self.is_lost = False
        self._store = store
        self._job = job
        self._latest = self._written = (job.done_count, job.total_count, job.message)
        self._renewed_at = time.monotonic()
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._keep, name="lease", daemon=True)

    def report(self, done: int, total: int, message: str) -> None:
        """Remember how far the work is; the thread writes it down."""
        if self.is_lost:
            raise LeaseLost
        self._latest = (done, total, message)

    def __enter__(self) -> Lease:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()
        if self._latest != self._written:
            self._write()

    def _keep(self) -> None:
        while not self._over.wait(_WRITE_EVERY):
            is_old = time.monotonic() - self._renewed_at >= _RENEW_EVERY
            if not self.is_lost and (is_old or self._latest != self._written):
                self._write()

    def _write(self) -> None:
        latest = self._latest
        try:
            with self._store.writing() as session:
                self.is_lost = not report_progress(session, self._job, *latest, now_utc())
                session.commit()
        except SQLAlchemyError as error:
            log.warning("the lease of job %s could not be renewed: %s", self._job.public_id, error)
            return
        self._written = latest
        self._renewed_at = time.monotonic()
