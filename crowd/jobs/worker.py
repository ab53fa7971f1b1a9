"""The RQ worker: runs one function and no other, on JSON and nothing else."""

from __future__ import annotations

import logging
import signal
import threading
import time
from types import FrameType
from typing import Any

from redis import Redis
from redis.exceptions import RedisError
from rq import Queue, Worker
from rq.exceptions import DeserializationError
from rq.job import Job
from rq.serializers import JSONSerializer

from crowd.jobs.registry import kinds
from crowd.jobs.runner import Interrupted
from crowd.process import end_with_parent
from crowd.services import jobs
from crowd.settings import Settings
from crowd.storage.columns import now_utc
from crowd.storage.database import open_store
from crowd.storage.queue import RUN_JOB, SHORT, SLOW, JobQueue

log = logging.getLogger(__name__)


class RefusedJob(Exception):
    """An entry of the queue that is not one of our jobs."""


class NamedJob(Job):
    """A queue entry as we allow it: one function, one name, and nothing to call or to notify afterwards."""

    def restore(self, raw_data: Any) -> Any:
        """Read the entry; drop everything that could make a worker call or fetch something else."""
        super().restore(raw_data)
        self._success_callback_name = self._failure_callback_name = self._stopped_callback_name = None
        self.webhooks = []
        self._dependency_ids = []
        self.retries_left = self.repeats_left = None

    @property
    def func(self) -> Any:
        """The function to call."""
        reason = refusal(self)
        if reason is not None:
            raise RefusedJob(reason)
        return super().func


def refusal(job: Job) -> str | None:
    """Why an entry of the queue must not be run; None when it may."""
    try:
        name, instance, arguments, named = job.func_name, job.instance, job.args, job.kwargs
    except DeserializationError:
        return "its content is not JSON"
    if name != RUN_JOB or instance is not None:
        return f"it names {name!r}"
    if named or not isinstance(arguments, list) or [type(one) for one in arguments] != [str]:
        return "its arguments are not the name of one job"
    return None


class CrowdWorker(Worker):
    """Serves one queue. Forks a work-horse per job; the horse dies with its worker."""

    max_connection_wait_time = 2.0

    def __init__(self, settings: Settings, name: str, connection: Redis) -> None:
        self._settings = settings
        queue = Queue(name, connection=connection, serializer=JSONSerializer, job_class=NamedJob)
        super().__init__([queue], connection=connection, serializer=JSONSerializer, job_class=NamedJob)

    def execute_job(self, job: Job, queue: Queue) -> None:
        """Run an entry of the queue, or refuse it."""
        reason = refusal(job)
        if reason is None:
            super().execute_job(job, queue)
            return
        log.error("an entry of the queue '%s' was refused: %s", queue.name, reason)
        self.connection.lrem(queue.intermediate_queue_key, 1, job.id)
        self.connection.delete(job.key)
        store = open_store(self._settings.database_address, self._settings.data_path)
        with store.writing() as session:
            jobs.record_refusal(session, queue.name, reason, now_utc())
        store.engine.dispose()  # no connection may be carried into a work-horse

    def main_work_horse(self, job: Job, queue: Queue) -> None:
        """The work-horse begins."""
        end_with_parent(self.pid)
        super().main_work_horse(job, queue)

    def setup_work_horse_signals(self) -> None:
        """SIGTERM interrupts the work, so that the job is given back and not lost until its lease ends."""
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.signal(signal.SIGTERM, _interrupt)

    def handle_warm_shutdown_request(self) -> None:
        """Asked to stop: interrupt the work-horse instead of waiting for it."""
        if self.horse_pid:
            self.kill_horse(signal.SIGTERM)


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    raise Interrupted


def serve(settings: Settings, name: str) -> None:
    """Serve one queue until told to stop."""
    if name not in {SHORT, SLOW}:
        raise SystemExit(f"There is no queue '{name}'; there are '{SHORT}' and '{SLOW}'.")
    kinds()  # imported before the first fork, so that no work-horse has to
    connection = _connected(settings.redis_address)
    if name == SHORT:
        threading.Thread(target=_ask_for_sweeps, args=(settings,), name="clock", daemon=True).start()
    CrowdWorker(settings, name, connection).work(logging_level="WARNING")


def _connected(address: str) -> Redis:
    """Wait for Redis as long as it takes."""
    connection = Redis.from_url(address)
    while True:
        try:
            connection.ping()
        except RedisError as error:
            log.warning("Redis does not answer: %s", error)
            time.sleep(2)
        else:
            return connection


def _ask_for_sweeps(settings: Settings) -> None:
    """The clock: a sweep every few seconds, asked for whatever Redis may have forgotten."""
    queue = JobQueue(settings.redis_address)
    while True:
        queue.push_sweep()
        time.sleep(settings.sweep_seconds)
