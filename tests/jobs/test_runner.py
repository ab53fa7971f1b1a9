from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rq import Queue
from sqlalchemy import update
from sqlmodel import Session

from crowd.domain.states import JobState
from crowd.jobs import JobFailed, Work
from crowd.jobs.lease import LeaseLost
from crowd.jobs.registry import Run
from crowd.jobs.runner import Interrupted, run
from crowd.services.jobs import give_back, retry_delay, take
from crowd.settings import Settings
from crowd.storage.columns import now_utc
from crowd.storage.database import Store
from crowd.storage.jobs import LEASE, MAX_ATTEMPTS, Job, add_job, finish_job, job_by_public_id
from crowd.storage.queue import SHORT, JobQueue


def added(store: Store, *, key: str = "one", **arguments: Any) -> str:
    with store.writing() as session:
        public_id = add_job(session, "test", arguments, key=key, now=now_utc() - timedelta(seconds=1))
        session.commit()
    assert public_id is not None
    return public_id


def job(store: Store, public_id: str) -> Job:
    with store.reading() as session:
        found = job_by_public_id(session, public_id)
    assert found is not None
    return found


def change(store: Store, public_id: str, **values: Any) -> None:
    with store.writing() as session:
        session.execute(update(Job).where(Job.public_id == public_id).values(**values))
        session.commit()


@pytest.fixture
def go(store: Store, settings: Settings, queue: JobQueue):
    def run_with(public_id: str, work: Run) -> Job:
        run(public_id, store, settings, queue, known={"test": work})
        return job(store, public_id)

    return run_with


def fails(_work: Work) -> None:
    raise RuntimeError("the disk is full\nand more")


def test_a_job_gets_its_arguments_and_is_done(store, go):
    seen = []
    done = go(added(store, dataset=7), lambda work: seen.append(work.arguments))
    assert seen == [{"dataset": 7}]
    assert (done.state, done.attempt_count, done.error) == (JobState.DONE, 1, "")
    assert done.finished_at is not None


def test_a_job_that_is_done_never_runs_again(store, go):
    public_id, seen = added(store), []
    for _ in range(2):
        go(public_id, lambda _work: seen.append(1))
    assert seen == [1]


def test_a_job_in_other_hands_is_left_alone(store, go):
    public_id, seen = added(store), []
    with store.writing() as session:
        assert take(session, public_id, now_utc()) is not None
    go(public_id, lambda _work: seen.append(1))
    assert seen == []


def test_a_job_whose_lease_is_over_is_run_again(store, go):
    public_id, seen = added(store), []
    with store.writing() as session:
        take(session, public_id, now_utc() - LEASE - timedelta(seconds=1))
    done = go(public_id, lambda _work: seen.append(1))
    assert (seen, done.state, done.attempt_count) == ([1], JobState.DONE, 2)


def test_a_name_that_no_row_has_does_nothing(go, store, settings, queue):
    run("nobody", store, settings, queue, known={})


def test_a_failed_attempt_waits_for_the_next(store, go):
    before = now_utc()
    failed = go(added(store), fails)
    assert failed.state == JobState.QUEUED
    assert failed.error == "RuntimeError: the disk is full"
    assert failed.due_at >= before + retry_delay(1)


def test_the_last_attempt_fails_for_good_with_its_reason(store, go):
    public_id = added(store)
    for _ in range(MAX_ATTEMPTS):
        failed = go(public_id, fails)
    assert failed.state == JobState.FAILED
    assert failed.error == "It was tried 5 times. The last time: RuntimeError: the disk is full"
    go(public_id, lambda _work: pytest.fail("it ran once more"))


def test_job_failed_ends_at_once_with_its_sentence(store, go):
    def refuse(_work: Work) -> None:
        raise JobFailed("The file holds no rows.")

    failed = go(added(store), refuse)
    assert (failed.state, failed.error) == (JobState.FAILED, "The file holds no rows.")


def test_an_unknown_kind_fails_at_once(store, settings, queue):
    public_id = added(store)
    run(public_id, store, settings, queue, known={})
    assert job(store, public_id).error == "This version knows no job of the kind 'test'."


def test_a_job_whose_runner_always_dies_is_given_up(store, go):
    public_id = added(store)
    change(store, public_id, attempt_count=MAX_ATTEMPTS)
    failed = go(public_id, lambda _work: pytest.fail("it ran"))
    assert (failed.state, failed.error) == (JobState.FAILED, "It was started 5 times and died each time.")


def test_a_retry_that_meets_the_same_work_waiting_leaves_it_to_that(store, go):
    public_id, other = added(store), []

    def fail_while_another_waits(_work: Work) -> None:
        other.append(added(store))
        raise RuntimeError

    first = go(public_id, fail_while_another_waits)
    assert (first.state, first.error) == (JobState.DONE, "")
    assert job(store, other[0]).state == JobState.QUEUED


def test_an_interrupted_attempt_does_not_count_and_may_start_at_once(store, go):
    def interrupt(_work: Work) -> None:
        raise Interrupted

    given_back = go(added(store), interrupt)
    assert (given_back.state, given_back.attempt_count) == (JobState.QUEUED, 0)
    assert given_back.due_at <= now_utc()


def test_a_runner_that_lost_its_job_changes_nothing_any_more(store, session):
    public_id = added(store, key="two")
    slow = take(session, public_id, now_utc() - 2 * LEASE)
    with store.writing() as other:
        assert take(other, public_id, now_utc()) is not None
    assert slow is not None
    assert not finish_job(session, slow, now_utc(), error="too late")
    give_back(session, slow, now_utc())
    assert (job(store, public_id).state, job(store, public_id).error) == (JobState.RUNNING, "")


def test_work_is_told_when_another_runner_has_taken_over(store, go):
    def work_on(work: Work) -> None:
        change(store, work.public_id, attempt_count=9)
        with pytest.raises(LeaseLost):
            while True:
                work.progress(1, 2)
        raise LeaseLost

    assert go(added(store), work_on).state == JobState.RUNNING


def test_progress_is_in_the_row_at_the_end(store, go):
    def count(work: Work) -> None:
        for number in range(1, 1001):
            work.progress(number, 1000, "rows read")

    done = go(added(store), count)
    assert (done.done_count, done.total_count, done.message) == (1000, 1000, "rows read")


def test_jobs_that_work_adds_are_pushed_when_they_are_committed(store, go, queue):
    def add_more(work: Work) -> None:
        with work.store.writing() as session:
            add_job(session, "test", {}, key="kept", now=work.now())
            session.commit()

    go(added(store), add_more)
    assert len(Queue(SHORT, connection=queue.redis).job_ids) == 1


@given(st.integers(1, MAX_ATTEMPTS))
def test_each_attempt_waits_twice_as_long_as_the_one_before(attempt):
    assert retry_delay(attempt + 1) == 2 * retry_delay(attempt)


def test_the_same_work_does_not_wait_twice(session: Session):
    now = datetime(2026, 1, 1, tzinfo=UTC)
    assert add_job(session, "test", {}, key="same", now=now) is not None
    assert add_job(session, "test", {}, key="same", now=now) is None
    assert add_job(session, "other", {}, key="same", now=now) is not None
