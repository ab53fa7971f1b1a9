"""How the house's engines are: the queue in Redis, its RQ workers, and how the database keeps its word."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from redis.exceptions import RedisError
from rq import Queue, Worker
from rq.serializers import JSONSerializer
from rq.worker import BaseWorker
from sqlalchemy import text
from sqlmodel import Session

from crowd.storage.queue import SHORT, SLOW, JobQueue


@dataclass(frozen=True)
class RqWorker:
    """One RQ worker that has been heard of lately."""

    name: str
    queues: tuple[str, ...]
    state: str
    heard_at: datetime | None


@dataclass(frozen=True)
class QueueHealth:
    """What Redis says; `error` is empty when it answers."""

    error: str
    version: str
    lengths: dict[str, int]
    workers: tuple[RqWorker, ...]

    @property
    def unserved(self) -> tuple[str, ...]:
        """The queues that no RQ worker serves."""
        served = {name for worker in self.workers for name in worker.queues}
        return tuple(name for name in (SHORT, SLOW) if name not in served)


@dataclass(frozen=True)
class Durability:
    """Which database this is, and the setting that decides whether a power cut loses answers."""

    kind: str
    version: str
    setting: str
    is_safe: bool


def queue_health(queue: JobQueue) -> QueueHealth:
    """Ask Redis. Never raises for a Redis that is away."""
    try:
        redis = queue.redis
        version = str(redis.info("server")["redis_version"])
        lengths = {
            name: Queue(name, connection=redis, serializer=JSONSerializer).count for name in (SHORT, SLOW)
        }
        workers = tuple(_worker(one) for one in Worker.all(connection=redis, serializer=JSONSerializer))
    except (RedisError, OSError) as error:
        return QueueHealth(f"{type(error).__name__}: {error}"[:300], "", {}, ())
    return QueueHealth("", version, lengths, tuple(sorted(workers, key=lambda one: one.name)))


def _worker(found: BaseWorker) -> RqWorker:
    heard = found.last_heartbeat
    if heard is not None and heard.tzinfo is None:
        heard = heard.replace(tzinfo=UTC)
    return RqWorker(str(found.name), tuple(found.queue_names()), str(found.get_state()), heard)


def durability(session: Session) -> Durability:
    """Ask the database how it writes."""
    if session.get_bind().dialect.name == "sqlite":
        level = int(session.execute(text("PRAGMA synchronous")).scalar_one())
        journal = str(session.execute(text("PRAGMA journal_mode")).scalar_one())
        version = str(session.execute(text("SELECT sqlite_version()")).scalar_one())
        names = {0: "OFF", 1: "NORMAL", 2: "FULL", 3: "EXTRA"}
        setting = f"journal_mode={journal.upper()}, synchronous={names.get(level, level)}"
        return Durability("SQLite", version, setting, level >= 2)
    commit = str(session.execute(text("SHOW synchronous_commit")).scalar_one())
    fsync = str(session.execute(text("SHOW fsync")).scalar_one())
    version = str(session.execute(text("SHOW server_version")).scalar_one())
    is_safe = commit in {"on", "remote_apply"} and fsync == "on"
    return Durability("PostgreSQL", version, f"synchronous_commit={commit}, fsync={fsync}", is_safe)
