"""Checks of an installation: each returns a sentence when all is well and raises one when it is not."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import AuthenticationError, RedisError, ResponseError
from redis.retry import Retry
from sqlalchemy.engine import Engine, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError

from crowd.cli.errors import CommandError
from crowd.services.secrets import secret_key
from crowd.settings import Settings
from crowd.storage.database import open_engine

OLDEST_REDIS = (6, 2)
LARGEST_SKEW = 5.0
REDIS_WITHIN = 5.0


def check_secret(settings: Settings) -> str:
    """The key exists, is long enough and private."""
    if not settings.secret_key and not (settings.data_path / "secret.key").exists():
        return "the first start makes one"
    secret_key(settings)
    return "long enough and private"


def check_data_dir(settings: Settings) -> str:
    """Nobody else on this machine can look into the data directory."""
    path = settings.data_path
    if not path.exists():
        return f"{path} is made by the first start"
    if path.stat().st_mode & 0o007:
        raise CommandError(f"{path} can be entered by every user of this machine. Run: chmod 700 {path}")
    if not os.access(path, os.W_OK):
        raise CommandError(
            f"{path} cannot be written. Set CROWD_DATA_DIR to a directory that you may write in."
        )
    return str(path)


def check_redis(settings: Settings) -> str:
    """Redis answers, is new enough, and does not serve just anybody."""
    if not settings.redis_url and not settings.redis_socket.exists():
        return "the private redis-server starts with the rest"
    return await_redis(settings, within=0)


def await_redis(settings: Settings, *, within: float = REDIS_WITHIN) -> str:
    """Wait for Redis to answer, and look at its version and its door."""
    where = _without_password(settings.redis_address)
    until = time.monotonic() + within
    while True:
        try:
            with _redis(settings.redis_address) as redis:
                version = str(redis.info("server")["redis_version"])
            break
        except AuthenticationError as error:
            raise CommandError(
                f"Redis at {where} refuses the password of CROWD_REDIS_URL: {error}."
            ) from error
        except (RedisError, ValueError) as error:
            if time.monotonic() >= until:
                reason = str(error).rstrip(".")
                raise CommandError(
                    f"Redis at {where} does not answer: {reason}. Check CROWD_REDIS_URL, or leave it empty "
                    "to have a private redis-server started."
                ) from error
            time.sleep(0.05)
    if tuple(int(part) for part in version.split(".")[:2]) < OLDEST_REDIS:
        raise CommandError(
            f"Redis at {where} is of version {version}; 6.2 or newer is needed. Update it, or leave "
            "CROWD_REDIS_URL empty to have a private redis-server started."
        )
    if urlsplit(settings.redis_address).scheme != "unix" and _is_open(settings.redis_address):
        raise CommandError(
            f"Redis at {where} lets everybody in. Give it a password ('requirepass' in redis.conf) and put "
            "it into CROWD_REDIS_URL: redis://:PASSWORD@host:port"
        )
    return f"version {version} at {where}"


def _redis(address: str) -> Redis:
    """A connection by the old protocol: one too old for the new can still tell its version."""
    return Redis.from_url(
        address, protocol=2, socket_timeout=5, socket_connect_timeout=5, retry=Retry(NoBackoff(), retries=0)
    )


def _is_open(address: str) -> bool:
    """Whether Redis answers somebody who brings no password."""
    parts = urlsplit(address)
    bare = parts._replace(netloc=parts.netloc.rsplit("@", 1)[-1]).geturl()
    try:
        with _redis(bare) as redis:
            return bool(redis.ping())
    except (AuthenticationError, ResponseError):
        return False


def _without_password(address: str) -> str:
    parts = urlsplit(address)
    return parts._replace(netloc=parts.netloc.rsplit("@", 1)[-1]).geturl()


@contextmanager
def opened_database(settings: Settings) -> Iterator[Engine]:
    """The database; whatever keeps it from opening becomes a sentence."""
    where = settings.database_address
    try:
        where = make_url(settings.database_address).render_as_string(hide_password=True)
        engine = open_engine(settings.database_address)
        try:
            with engine.connect():
                pass
            yield engine
        finally:
            engine.dispose()
    except (ArgumentError, NoSuchModuleError, DBAPIError, ValueError) as error:
        reason = str(getattr(error, "orig", None) or error).strip().splitlines()[0]
        raise CommandError(
            f"Cannot use the database at {where}: {reason}. Check CROWD_DATABASE_URL."
        ) from error


def check_database(settings: Settings) -> str:
    """The database opens, loses nothing that it has acknowledged, and has the right time."""
    url = make_url(settings.database_address)
    if url.get_backend_name() == "sqlite" and not Path(url.database or "").exists():
        return "the first start makes it"
    with opened_database(settings) as engine:
        return _durability(engine)


def _durability(engine: Engine) -> str:
    with engine.connect() as connection:
        if engine.dialect.name == "sqlite":
            synchronous = connection.exec_driver_sql("PRAGMA synchronous").scalar_one()
            if int(synchronous) < 2:
                raise CommandError(
                    "SQLite does not write through to the disk (PRAGMA synchronous must be FULL)."
                )
            return "SQLite, synchronous=FULL"
        commit = str(connection.exec_driver_sql("SHOW synchronous_commit").scalar_one())
        if commit not in {"on", "remote_apply"}:
            raise CommandError(
                f"PostgreSQL runs with synchronous_commit={commit} and would lose answers in a power cut. "
                "Set synchronous_commit = on."
            )
        moment = connection.exec_driver_sql("SELECT clock_timestamp()").scalar_one()
    skew = abs((datetime.now(UTC) - moment).total_seconds())
    if skew > LARGEST_SKEW:
        raise CommandError(
            f"The database's clock and this machine's are {skew:.0f} seconds apart. Set both by NTP."
        )
    return f"PostgreSQL, synchronous_commit={commit}, clocks {skew:.1f} s apart"


def check_ffmpeg(_settings: Settings) -> str:
    """There is an ffmpeg for recordings."""
    import imageio_ffmpeg

    try:
        return str(imageio_ffmpeg.get_ffmpeg_exe())
    except RuntimeError as error:
        raise CommandError(
            "There is no ffmpeg. Install it (Debian, Ubuntu: sudo apt install ffmpeg)."
        ) from error


CHECKS: dict[str, Callable[[Settings], str]] = {
    "secret key": check_secret,
    "data directory": check_data_dir,
    "Redis": check_redis,
    "database": check_database,
    "ffmpeg": check_ffmpeg,
}
