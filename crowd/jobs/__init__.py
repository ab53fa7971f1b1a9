"""Jobs: the night shift. An RQ worker is told a name; what to do is looked up in the job's row.

A module of this package that has a `KIND` and a `run(work)` is a kind of job. Its `run` calls one verb,
may run twice, and raises JobFailed with a sentence for its owner when trying again would not help.
"""

from __future__ import annotations

from crowd.jobs.work import JobFailed, Work

__all__ = ["JobFailed", "Work", "run_job"]


def run_job(public_id: str) -> None:
    """Run one job by its public id. The only function that may be named in Redis."""
    from crowd.jobs.runner import run
    from crowd.settings import load_settings
    from crowd.storage.database import open_store
    from crowd.storage.queue import JobQueue

    settings = load_settings()
    store = open_store(settings.database_address, settings.data_path)
    try:
        run(public_id, store, settings, JobQueue(settings.redis_address))
    finally:
        store.engine.dispose()
