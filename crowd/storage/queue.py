"""The queue in Redis: it carries the names of jobs, nothing else."""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass, field

from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError as ConnectionLost
from redis.exceptions import RedisError
from redis.retry import Retry
from rq import Queue
from rq.serializers import JSONSerializer
from sqlmodel import Session

from crowd.storage.jobs import PUSH

# The only function that an RQ worker will run; what it does is decided by the job's row.
RUN_JOB = "crowd.jobs.run_job"
SHORT, SLOW = "short", "slow"
# What run_job is told instead of a job's public id when it is time to sweep.
SWEEP = "sweep"

_TIME_LIMITS = {SHORT: 10 * 60, SLOW: 24 * 60 * 60}
# After a failure Redis is left alone for so many seconds: a request must not wait for it again and again.
_REST = 3.0


@dataclass
class JobQueue:
    """A connection that is opened at the first push."""

    address: str
    _redis: Redis | None = field(default=None, repr=False)
    _resting_until: float = field(default=0.0, repr=False)

    @property
    def redis(self) -> Redis:
        """The connection."""
        if self._redis is None:
            self._redis = Redis.from_url(
                self.address,
                socket_timeout=2,
                socket_connect_timeout=2,
                health_check_interval=30,
                # A connection that was cut is opened anew, but nobody waits twice for a Redis that is silent.
                retry=Retry(NoBackoff(), 1, supported_errors=(ConnectionLost,)),
            )
        return self._redis

    def push(self, public_id: str, *, is_slow: bool) -> bool:
        """Tell an RQ worker of a job. False when Redis cannot be reached: the sweep will tell it later."""
        return self._push(SLOW if is_slow else SHORT, public_id)

    def push_sweep(self) -> bool:
        """Ask for a sweep before all other short jobs, unless one waits already."""
        return self._push(SHORT, SWEEP, at_front=True)

    def push_all(self, jobs: Iterable[tuple[str, bool]]) -> None:
        """Tell of several."""
        for public_id, is_slow in jobs:
            self.push(public_id, is_slow=is_slow)

    def push_added(self, session: Session) -> None:
        """Tell of every job that a committed session has added."""
        self.push_all(session.info.pop(PUSH, []))

    def _push(self, name: str, public_id: str, *, at_front: bool = False) -> bool:
        if time.monotonic() < self._resting_until:
            return False
        queue = Queue(name, connection=self.redis, serializer=JSONSerializer)
        try:
            if queue.get_job_position(public_id) is None:
                queue.enqueue(
                    RUN_JOB,
                    public_id,
                    job_id=public_id,
                    at_front=at_front,
                    job_timeout=_TIME_LIMITS[name],
                    result_ttl=0,
                    failure_ttl=0,
                )
        except RedisError:
            self._resting_until = time.monotonic() + _REST
            return False
        return True
