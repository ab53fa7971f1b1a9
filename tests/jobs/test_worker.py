"""Real RQ workers, a real Redis, real kills."""

import os
import pickle
import signal
import zlib
from datetime import timedelta
from pathlib import Path

import pytest
from rq import Callback, Queue
from rq.job import Job as Entry
from rq.serializers import JSONSerializer
from sqlalchemy import update
from sqlmodel import select

from crowd.domain.states import JobState
from crowd.jobs.worker import NamedJob, refusal
from crowd.storage.audit import AuditEvent
from crowd.storage.columns import now_utc
from crowd.storage.jobs import Job, add_job, job_by_public_id
from crowd.storage.queue import RUN_JOB, SHORT, SLOW
from tests.waiting import await_until


class Poison:
    """Unpickling it would make a file."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return (os.system, (f"touch {self.path}",))


@pytest.fixture
def job(store):
    def look(public_id):
        with store.reading() as session:
            return job_by_public_id(session, public_id)

    return look


@pytest.fixture
def wait_job(store, queue, tmp_path):
    """Add a job that says where it runs and waits for leave."""

    def add(name, *, is_slow=False):
        with store.writing() as session:
            public_id = add_job(
                session, "test.wait", {"name": name}, key=name, now=now_utc(), is_slow=is_slow
            )
            session.commit()
            queue.push_added(session)
        return public_id

    return add


@pytest.fixture
def at_work(tmp_path):
    """The process that works on a job, once it does."""

    def look(name):
        path = tmp_path / f"{name}.at-work"
        await_until(path.exists)
        pid = int(path.read_text())
        path.unlink()
        return pid

    return look


def let_lease_end(store, public_id):
    """What the clock would do in two minutes."""
    with store.writing() as session:
        past = now_utc() - timedelta(seconds=1)
        session.execute(update(Job).where(Job.public_id == public_id).values(due_at=past))
        session.commit()


def is_alive(pid):
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8")
    except FileNotFoundError:
        return False
    return stat.rsplit(")", 1)[1].split()[0] != "Z"


def entry(queue, function, *args, **options):
    return Queue(SHORT, connection=queue.redis, serializer=JSONSerializer).enqueue(function, *args, **options)


def test_nothing_but_our_own_job_is_run_and_every_refusal_is_audited(store, queue, tmp_path, start_worker):
    made = tmp_path / "made"
    poison = Entry.create("crowd.jobs.run_job", ["x"], connection=queue.redis, serializer=JSONSerializer)
    poison.origin = SHORT
    poison.save()
    queue.redis.hset(poison.key, "data", zlib.compress(pickle.dumps((Poison(made), None, (), {}))))
    queue.redis.rpush(f"rq:queue:{SHORT}", poison.id)
    entry(queue, "os.system", f"touch {made}")
    entry(queue, "subprocess.run", ["touch", str(made)])
    entry(queue, "builtins.eval", f"open({str(made)!r}, 'w')")
    entry(queue, RUN_JOB, "one", "two")
    entry(queue, RUN_JOB, "one", on_success=Callback("os.system"), on_failure=Callback("os.system"))
    start_worker(SHORT)

    def refusals():
        with store.reading() as session:
            events = session.exec(select(AuditEvent).where(AuditEvent.act == "job.refused")).all()
        return sorted(event.reason for event in events) if len(events) >= 5 else None

    assert await_until(refusals) == [
        "it names 'builtins.eval'",
        "it names 'os.system'",
        "it names 'subprocess.run'",
        "its arguments are not the name of one job",
        "its content is not JSON",
    ]
    await_until(lambda: not Queue(SHORT, connection=queue.redis).job_ids)
    assert not made.exists()


def test_an_entry_of_the_queue_cannot_bring_callbacks_webhooks_or_retries(queue):
    made = entry(queue, RUN_JOB, "one", on_success=Callback("os.system"), on_failure=Callback("os.system"))
    queue.redis.hset(made.key, "webhooks", b'[{"url": "http://127.0.0.1:1/"}]')
    queue.redis.hset(made.key, "retries_left", b"3")
    read = NamedJob.fetch(made.id, connection=queue.redis, serializer=JSONSerializer)
    assert refusal(read) is None
    assert (read.success_callback, read.failure_callback, read.stopped_callback) == (None, None, None)
    assert (read.webhooks, read.retries_left) == ([], None)


def test_a_short_job_does_not_wait_behind_a_long_one(job, wait_job, at_work, tmp_path, start_worker):
    start_worker(SLOW)
    start_worker(SHORT)
    wait_job("long", is_slow=True)
    at_work("long")
    short = wait_job("short")
    at_work("short")
    (tmp_path / "short.leave").touch()
    await_until(lambda: job(short).state == JobState.DONE)
    (tmp_path / "long.leave").touch()


def test_a_job_runs_again_after_its_work_horse_was_killed(
    store, job, wait_job, at_work, tmp_path, start_worker
):
    start_worker(SHORT)
    public_id = wait_job("a")
    os.kill(at_work("a"), signal.SIGKILL)
    let_lease_end(store, public_id)
    at_work("a")
    (tmp_path / "a.leave").touch()
    await_until(lambda: job(public_id).state == JobState.DONE)
    assert job(public_id).attempt_count == 2


def test_a_killed_worker_takes_its_work_horse_along_and_the_job_runs_again(
    store, job, wait_job, at_work, tmp_path, start_worker
):
    killed = start_worker(SHORT)
    public_id = wait_job("a")
    horse = at_work("a")
    killed.kill()
    killed.wait()
    await_until(lambda: not is_alive(horse))
    let_lease_end(store, public_id)
    start_worker(SHORT)
    at_work("a")
    (tmp_path / "a.leave").touch()
    await_until(lambda: job(public_id).state == JobState.DONE)


def test_a_worker_that_is_asked_to_stop_gives_its_job_back_uncounted(job, wait_job, at_work, start_worker):
    asked = start_worker(SHORT)
    public_id = wait_job("a")
    horse = at_work("a")
    asked.terminate()
    asked.wait(60)
    assert not is_alive(horse)
    assert (job(public_id).state, job(public_id).attempt_count) == (JobState.QUEUED, 0)


def test_an_emptied_redis_loses_no_job(store, queue, job, wait_job, at_work, tmp_path, start_worker):
    public_id = wait_job("a")
    queue.redis.flushall()
    (tmp_path / "a.leave").touch()
    start_worker(SHORT)
    await_until(lambda: job(public_id).state == JobState.DONE)
