"""The job that imports: what it says of its end, and that it can be taken up again."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlmodel import select

from crowd.domain.states import DatasetState, JobState
from crowd.jobs.runner import Interrupted, run
from crowd.services import import_run
from crowd.settings import Settings
from crowd.storage.database import Store
from crowd.storage.jobs import Job
from crowd.storage.queue import JobQueue
from crowd.storage.users import User
from tests.services.importing import counts, dataset_now, received


@pytest.fixture
def nowhere(tmp_path: Path) -> JobQueue:
    """A queue whose Redis does not answer: the rows carry everything."""
    return JobQueue(f"unix://{tmp_path}/no-redis")


def only_job(store: Store) -> Job:
    with store.reading() as session:
        return session.exec(select(Job)).one()


@pytest.mark.parametrize(
    ("content", "dataset_state", "job_state"),
    [("a\n1\n", DatasetState.READY, JobState.DONE), ("a,a\n1,2\n", DatasetState.FAILED, JobState.FAILED)],
)
def test_the_job_ends_as_its_dataset_does(
    store: Store,
    settings: Settings,
    nowhere: JobQueue,
    requester: User,
    content: str,
    dataset_state: DatasetState,
    job_state: JobState,
) -> None:
    dataset = received(store, settings, requester.id, content, is_queued=True)
    run(only_job(store).public_id, store, settings, nowhere)
    dataset, job = dataset_now(store, dataset.id), only_job(store)
    assert (dataset.state, job.state) == (dataset_state, job_state)
    assert job.error == dataset.error


def test_a_stopped_job_is_given_back_and_the_next_runner_goes_on(
    store: Store, settings: Settings, nowhere: JobQueue, requester: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(import_run, "CHUNK_ROWS", 2)
    dataset = received(store, settings, requester.id, "a\n1\n2\n3\n4\n5\n", is_queued=True)
    store_chunk = import_run.ImportRun._store_chunk

    def stop_at_the_second(self: import_run.ImportRun) -> None:
        if self.stored.read_count:
            raise Interrupted
        store_chunk(self)

    with monkeypatch.context() as patch:
        patch.setattr(import_run.ImportRun, "_store_chunk", stop_at_the_second)
        run(only_job(store).public_id, store, settings, nowhere)
    assert only_job(store).state == JobState.QUEUED
    assert dataset_now(store, dataset.id).read_count == 2
    run(only_job(store).public_id, store, settings, nowhere)
    assert only_job(store).state == JobState.DONE
    assert counts(dataset_now(store, dataset.id)) == (5, 5, 0, 0)
