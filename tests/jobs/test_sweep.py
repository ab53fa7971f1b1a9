from datetime import timedelta

import pytest
from rq import Queue

from crowd.jobs.sweep import CHORES, sweep
from crowd.storage.columns import now_utc
from crowd.storage.jobs import LEASE, add_job, claim_job
from crowd.storage.queue import SHORT, SLOW, SWEEP, JobQueue


@pytest.fixture
def waiting(queue):
    return lambda name: Queue(name, connection=queue.redis).job_ids


def add(session, key, *, is_slow=False, age=timedelta(seconds=5)):
    public_id = add_job(session, "test", {}, key=key, now=now_utc() - age, is_slow=is_slow)
    session.commit()
    return public_id


def test_whatever_redis_has_lost_is_pushed_again(store, settings, queue, waiting, session):
    short, slow = add(session, "a"), add(session, "b", is_slow=True)
    queue.push_added(session)
    queue.redis.flushall()
    sweep(store, settings, queue)
    assert (waiting(SHORT), waiting(SLOW)) == ([short], [slow])


def test_what_waits_in_redis_already_is_not_doubled(store, settings, queue, waiting, session):
    public_id = add(session, "a")
    for _ in range(3):
        sweep(store, settings, queue)
    assert waiting(SHORT) == [public_id]


def test_what_is_not_due_is_not_pushed(store, settings, queue, waiting, session):
    add(session, "later", age=timedelta(seconds=-60))
    running = add(session, "running")
    claim_job(session, running, now_utc())
    session.commit()
    sweep(store, settings, queue)
    assert waiting(SHORT) == []


def test_a_job_whose_runner_died_is_pushed_when_its_lease_is_over(store, settings, queue, waiting, session):
    public_id = add(session, "a")
    claim_job(session, public_id, now_utc() - LEASE - timedelta(seconds=1))
    session.commit()
    sweep(store, settings, queue)
    assert waiting(SHORT) == [public_id]


def test_long_jobs_that_wait_do_not_hide_short_ones(store, settings, queue, waiting, session):
    for number in range(30):
        add(session, f"slow {number}", is_slow=True, age=timedelta(hours=1))
    short = add(session, "short")
    sweep(store, settings, queue)
    assert waiting(SHORT) == [short]
    assert len(waiting(SLOW)) == 30


def test_a_sweep_waits_once_and_before_all_others(queue, waiting):
    queue.push("job", is_slow=False)
    for _ in range(3):
        assert queue.push_sweep()
    assert waiting(SHORT) == [SWEEP, "job"]


def test_a_chore_that_fails_stops_no_other(store, settings, queue):
    done = []

    def breaks(_session, _now, _settings):
        raise RuntimeError("broken")

    def works(_session, _now, _settings):
        done.append(1)

    sweep(store, settings, queue, chores=(breaks, works, *CHORES))
    assert done == [1]


def test_a_sweep_without_redis_still_does_its_chores(store, settings, session):
    add(session, "a")
    done = []
    dead = JobQueue("unix:///nowhere/redis.sock")
    sweep(store, settings, dead, chores=(lambda *_: done.append(1),))
    assert done == [1]


def test_a_queue_that_cannot_be_reached_is_left_alone_for_a_while():
    dead = JobQueue("unix:///nowhere/redis.sock")
    assert not dead.push("job", is_slow=False)
    dead.address = "also nowhere"
    assert not dead.push("job", is_slow=False)
