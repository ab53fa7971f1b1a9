"""The data directory: private, writable, and used by one group of processes at a time."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from crowd.cli.errors import CommandError
from crowd.settings import Settings


def open_data_dir(settings: Settings) -> None:
    """Make the directory and what lies in it.

    Raises CommandError when that is impossible.
    """
    path = settings.data_path
    try:
        for directory in (path, path / "logs", path / "redis"):
            directory.mkdir(mode=0o700, parents=True, exist_ok=True)
            probe = directory / f".probe-{os.getpid()}"
            probe.touch()
            probe.unlink()
    except OSError as error:
        raise CommandError(
            f"Cannot write in the data directory {path}: {error.strerror}. "
            "Set CROWD_DATA_DIR to a directory that you may write in."
        ) from error


@contextmanager
def only_instance(path: Path) -> Iterator[None]:
    """Hold the data directory; the kernel lets go of it whichever way this process ends."""
    with (path / "crowd.pid").open("a+", encoding="ascii") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            file.seek(0)
            holder = file.read().strip() or "unknown"
            raise CommandError(
                f"The data directory {path} is in use already, by process {holder}. "
                "End that one, or set CROWD_DATA_DIR to another directory."
            ) from None
        file.truncate(0)
        file.write(f"{os.getpid()}\n")
        file.flush()
        yield


@contextmanager
def preparing(path: Path) -> Iterator[None]:
    """Keep the web server's processes waiting while the database is being prepared."""
    with (path / "prepare.lock").open("a", encoding="ascii") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def await_preparation(path: Path) -> None:
    """Wait until nobody prepares the data directory (any more)."""
    lock = path / "prepare.lock"
    if lock.exists():
        with lock.open("r", encoding="ascii") as file:
            fcntl.flock(file, fcntl.LOCK_SH)
