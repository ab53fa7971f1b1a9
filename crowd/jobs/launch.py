"""The job that makes a launched batch's tasks."""

from __future__ import annotations

from crowd.jobs.work import Work
from crowd.services.launch import make_tasks

KIND = "launch"


def run(work: Work) -> None:
    """Make the tasks that are still missing."""
    with work.store.writing() as session:
        make_tasks(session, int(work.arguments["batch_id"]), work.now(), work.progress)
