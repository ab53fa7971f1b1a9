"""The queue in Redis: it carries the names of jobs, nothing else."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from redis import Redis
from redis.exceptions import RedisError
from rq import Queue
from rq.serializers import JSONSerializer
from sqlmodel import Session

from crowd.storage.jobs import PUSH

# The only function that an RQ worker will run; what it does is decided by the job's row.
RUN_JOB = "crowd.jobs.run_job"
SHORT, SLOW = "short", "slow"


@dataclass
class JobQueue:
    """A connection that is opened at the first push."""

    address: str
    _redis: Redis | None = field(default=None, repr=False)

    @property
    def redis(self) -> Redis:
        """The connection."""
        if self._redis is None:
            self._redis = Redis.from_url(
                self.address, socket_timeout=5, socket_connect_timeout=2, health_check_interval=30
            )
        return self._redis

    def push(self, public_id: str, *, is_slow: bool) -> bool:
        """Tell an RQ worker of a job. False when Redis cannot be reached: the sweep will tell it later."""
        queue = Queue(SLOW if is_slow else SHORT, connection=self.redis, serializer=JSONSerializer)
        try:
            queue.enqueue(RUN_JOB, public_id, job_timeout=-1, result_ttl=0, failure_ttl=0)
        except RedisError:
            return False
        return True

    def push_all(self, jobs: Iterable[tuple[str, bool]]) -> None:
        """Tell of several."""
        for public_id, is_slow in jobs:
            self.push(public_id, is_slow=is_slow)

    def push_added(self, session: Session) -> None:
        """Tell of every job that a committed session has added."""
        self.push_all(session.info.pop(PUSH, []))
