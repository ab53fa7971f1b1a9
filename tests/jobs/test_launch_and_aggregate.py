"""The jobs behind a launch and behind every answer, as the runner runs them."""

from __future__ import annotations

from sqlmodel import Session, select

from crowd.domain.states import BatchState, JobState, TaskState
from crowd.jobs.runner import run
from crowd.services.launch import launch
from crowd.settings import Settings
from crowd.storage.batches import Batch
from crowd.storage.columns import now_utc
from crowd.storage.database import Store
from crowd.storage.jobs import add_job, job_by_public_id, latest_job
from crowd.storage.queue import JobQueue
from crowd.storage.results import Result
from crowd.storage.tasks import Task, stale_tasks, task_counts
from crowd.storage.users import User
from tests.factories import fund, make_dataset, make_project, rows_with_gold
from tests.web.running import answer_some, make_running, make_worker


def test_launched_batch_gets_its_tasks_and_opens(
    session: Session, store: Store, settings: Settings, queue: JobQueue, requester: User
) -> None:
    project = make_project(session, requester, make_dataset(session, requester, rows_with_gold(30)))
    fund(session, requester)
    batch = launch(session, project, by=requester.id, now=now_utc(), pilot_size=12)
    job = latest_job(session, "launch", str(batch.id))
    assert job is not None
    session.commit()
    run(job.public_id, store, settings, queue)
    with store.reading() as looking:
        done = job_by_public_id(looking, job.public_id)
        assert done is not None
        assert (done.state, done.error) == (JobState.DONE, "")
        assert task_counts(looking, project.id)["all"] == 12
        assert looking.get_one(Batch, batch.id).state == BatchState.OPEN


def test_stale_tasks_are_all_brought_up_to_date(
    session: Session, store: Store, settings: Settings, queue: JobQueue, requester: User
) -> None:
    project = make_running(session, requester, overlap=1, gold_rate=0.0)
    answer_some(session, project, make_worker(session, 1), 6)
    for task in session.exec(select(Task).where(Task.answer_count == 1)):
        task.is_stale = True
    for result in session.exec(select(Result)):
        session.delete(result)
    name = add_job(session, "aggregate", {"project_id": project.id}, key="again", now=now_utc())
    session.commit()
    assert name is not None
    run(name, store, settings, queue)
    with store.reading() as looking:
        assert stale_tasks(looking, project.id, 10) == []
        assert task_counts(looking, project.id)[TaskState.SETTLED] == 6
        assert len(looking.exec(select(Result)).all()) == 6


def test_project_whose_template_is_gone_fails_with_a_sentence(
    session: Session, store: Store, settings: Settings, queue: JobQueue, requester: User
) -> None:
    project = make_running(session, requester)
    project = session.merge(project)
    project.template_name = "gone"
    name = add_job(session, "aggregate", {"project_id": project.id}, key="gone", now=now_utc())
    session.commit()
    assert name is not None
    run(name, store, settings, queue)
    with store.reading() as looking:
        job = job_by_public_id(looking, name)
    assert job is not None
    assert job.state == JobState.FAILED
    assert "cannot be used" in job.error
