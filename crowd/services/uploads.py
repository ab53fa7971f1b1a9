"""Uploaded files on their way in: streamed to the data directory, never held in memory, never left behind."""

from __future__ import annotations

import errno
import os
import shutil
import time
from pathlib import Path
from typing import NamedTuple, Protocol

from crowd.settings import Settings
from crowd.storage.columns import new_public_id

CHUNK_BYTES = 1 << 20
FREE_BYTES = 64 << 20  # what must stay free for the database to go on
STRAY_SECONDS = 2 * 24 * 60 * 60


class UploadRefused(Exception):
    """A file that cannot be taken; the message says what to do. Nothing of it is kept."""


class EmptyUpload(UploadRefused):
    """There was nothing in it."""


class TooLarge(UploadRefused):
    """It is larger than the setting allows."""


class DiskFull(UploadRefused):
    """There is no room for it."""


class Readable(Protocol):
    """Whatever the bytes come from."""

    def read(self, size: int, /) -> bytes:
        """Up to `size` bytes; none at the end."""


class Spooled(NamedTuple):
    """A file under data_dir/uploads."""

    upload_name: str
    byte_count: int


def uploads_place(settings: Settings) -> Path:
    """The directory of uploads, made where it is missing."""
    place = settings.data_path / "uploads"
    place.mkdir(mode=0o700, parents=True, exist_ok=True)
    return place


def upload_path(settings: Settings, upload_name: str) -> Path:
    """Where an upload lies."""
    return settings.data_path / "uploads" / upload_name


def spool(stream: Readable, settings: Settings, *, expected_bytes: int | None = None) -> Spooled:
    """Write a stream to a file of its own, durably; raises UploadRefused and leaves nothing."""
    place = uploads_place(settings)
    if expected_bytes is not None:
        _check_room(place, expected_bytes, settings)
    name = new_public_id()
    path = place / name
    try:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            size = 0
            while chunk := stream.read(CHUNK_BYTES):
                size += len(chunk)
                if size > settings.max_upload_bytes:
                    raise too_large(settings)
                file.write(chunk)
            file.flush()
            os.fsync(file.fileno())
        if not size:
            raise EmptyUpload("The file is empty. Choose one with at least one row.")
    except BaseException as error:
        path.unlink(missing_ok=True)
        if is_disk_full(error):
            raise disk_full() from error
        raise
    return Spooled(name, size)


def forget_upload(settings: Settings, upload_name: str) -> None:
    """Throw an uploaded file away."""
    if upload_name:
        upload_path(settings, upload_name).unlink(missing_ok=True)


def forget_strays(settings: Settings, awaited: set[str]) -> int:
    """Throw away what interrupted uploads and imports left two days ago; `awaited` are still to be read."""
    gone = 0
    for path in uploads_place(settings).iterdir():
        if path.name not in awaited and path.lstat().st_mtime < time.time() - STRAY_SECONDS:
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path, ignore_errors=True)
            else:
                path.unlink(missing_ok=True)
            gone += 1
    return gone


def is_disk_full(error: BaseException) -> bool:
    """Whether this error means that the disk, or this user's share of it, is full."""
    return isinstance(error, OSError) and error.errno in {errno.ENOSPC, errno.EDQUOT}


def too_large(settings: Settings) -> TooLarge:
    """The sentence for a file beyond the limit."""
    return TooLarge(
        f"The file is larger than {in_units(settings.max_upload_bytes)}, the most that is taken at once. "
        "Nothing was stored. Split it into several datasets."
    )


def disk_full() -> DiskFull:
    """The sentence for a full disk."""
    return DiskFull("The server's disk is full. Nothing was stored. Tell the operator, then upload it again.")


def in_units(byte_count: int) -> str:
    """A size as people say it."""
    size = float(byte_count)
    for unit in ("bytes", "KiB", "MiB"):
        if size < 1024:
            return f"{size:.0f} {unit}" if unit == "bytes" else f"{size:.1f} {unit}".replace(".0 ", " ")
        size /= 1024
    return f"{size:.1f} GiB".replace(".0 ", " ")


def _check_room(place: Path, expected_bytes: int, settings: Settings) -> None:
    if expected_bytes > settings.max_upload_bytes:
        raise too_large(settings)
    if expected_bytes + FREE_BYTES > shutil.disk_usage(place).free:
        raise disk_full()
