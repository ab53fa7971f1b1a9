"""The database: how it is opened, how a transaction begins, and what every session carries."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import MetaData, create_engine, event
from sqlalchemy.engine import Connection, Engine, make_url
from sqlmodel import Session, SQLModel

from crowd.storage.blobs import BlobStore


def metadata() -> MetaData:
    """All tables. Importing them here, not at the top, keeps this module free of circles."""
    from crowd.storage import tables  # noqa: F401

    return SQLModel.metadata


@dataclass(frozen=True)
class Store:
    """Where everything is kept: the database and the blobs."""

    engine: Engine
    blobs: BlobStore = field(repr=False)

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A session for looking only."""
        with Session(self.engine) as session:
            yield session

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """A session whose transaction holds the right to write from its first statement."""
        with Session(self.engine, expire_on_commit=False) as session:
            claim_write(session)
            yield session


def open_store(address: str, data_path: Path) -> Store:
    """Open the database at a SQLAlchemy address, with blobs under the data directory."""
    return Store(open_engine(address), BlobStore(data_path / "blobs"))


def open_engine(address: str) -> Engine:
    """An engine whose SQLite connections are durable, checked and explicit about transactions."""
    url = make_url(address)
    if url.get_backend_name() == "sqlite":
        engine = create_engine(url, connect_args={"timeout": 30}, pool_size=16, max_overflow=64)
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
        return engine
    return create_engine(url, pool_size=16, max_overflow=32, pool_pre_ping=True)


def claim_write(session: Session) -> None:
    """Make this session's next transactions take SQLite's write lock when they begin.

    A transaction that reads first and writes later can fail at once when another has written in
    between; one that begins IMMEDIATE waits its turn.
    """
    bind = session.get_bind()
    session.bind = bind.execution_options(crowd_write=True)


def enlarge_cache(session: Session) -> None:
    """Give this SQLite connection 64 MiB for pages: rows in bulk touch every leaf of an index."""
    connection = session.connection()
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("PRAGMA cache_size=-65536")


def _prepare_sqlite(connection: Any, _record: object) -> None:
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
        "busy_timeout=30000",
        "temp_store=MEMORY",
        "cache_size=-16000",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    is_write = connection.get_execution_options().get("crowd_write", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if is_write else "BEGIN")
