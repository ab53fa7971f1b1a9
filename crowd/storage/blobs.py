"""Blobs: media and export files, named by their SHA-256."""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import BinaryIO, NamedTuple

from sqlalchemy import bindparam, text
from sqlalchemy.exc import IntegrityError
from sqlmodel import Field, Session, SQLModel

from crowd.storage.columns import STRICT, UtcMoment, big, holds, moment, now_utc

CHUNK = 1 << 20
# How the name of a file begins while its bytes are still arriving.
UNFINISHED = ".new-"


class Blob(SQLModel, table=True):
    """What is known of a stored file; its bytes lie in the blob directory."""

    __tablename__ = "blobs"
    __table_args__ = (holds("size", "byte_count >= 0"), STRICT)

    sha256: str = Field(primary_key=True)
    byte_count: int = big()
    media_type: str
    created_at: datetime = moment(default_factory=now_utc)


@dataclass(frozen=True)
class BlobStore:
    """A directory of files named by their SHA-256, two characters deep."""

    root: Path

    def path(self, sha256: str) -> Path:
        """Where a blob's bytes lie."""
        return self.root / sha256[:2] / sha256

    def put(self, chunks: Iterable[bytes]) -> tuple[str, int]:
        """Store bytes durably; return their SHA-256 and length. Storing twice is harmless."""
        self.root.mkdir(parents=True, exist_ok=True)
        digest, size = hashlib.sha256(), 0
        handle, name = tempfile.mkstemp(dir=self.root, prefix=UNFINISHED)
        try:
            with os.fdopen(handle, "wb") as file:
                for chunk in chunks:
                    digest.update(chunk)
                    size += len(chunk)
                    file.write(chunk)
                file.flush()
                os.fsync(file.fileno())
            target = self.path(digest.hexdigest())
            target.parent.mkdir(exist_ok=True)
            Path(name).replace(target)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
        return digest.hexdigest(), size

    def forget_unfinished(self, older_than: float) -> int:
        """Throw away what killed processes left half-written; `older_than` is in seconds since 1970."""
        gone = 0
        for path in self.root.glob(f"{UNFINISHED}*"):
            if path.lstat().st_mtime < older_than:
                path.unlink(missing_ok=True)
                gone += 1
        return gone

    def put_file(self, path: Path) -> tuple[str, int]:
        """Store a copy of a file."""
        with path.open("rb") as file:
            return self.put(iter(lambda: file.read(CHUNK), b""))

    def remove(self, sha256: str) -> None:
        """Throw a blob's bytes away."""
        self.path(sha256).unlink(missing_ok=True)

    def open(self, sha256: str) -> BinaryIO:
        """Open a blob for reading; FileNotFoundError when its bytes are gone."""
        return self.path(sha256).open("rb")


def add_blob(session: Session, blobs: BlobStore, chunks: Iterable[bytes], media_type: str) -> Blob:
    """Store bytes and their row."""
    sha256, size = blobs.put(chunks)
    return add_blob_row(session, Blob(sha256=sha256, byte_count=size, media_type=media_type))


def add_blob_row(session: Session, blob: Blob) -> Blob:
    """Store what is known of bytes that are stored already, unless it is known."""
    existing = session.get(Blob, blob.sha256)
    if existing is not None:
        return existing
    try:
        with session.begin_nested():
            session.add(blob)
    except IntegrityError:  # the same bytes came in at the same time
        return session.get_one(Blob, blob.sha256)
    return blob


class NewBlob(NamedTuple):
    """The row of a file that has been put into the store."""

    sha256: str
    byte_count: int
    media_type: str


class BlobsGone(Exception):
    """Files that were just stored are away again: somebody deleted the last thing that showed them."""


_ADD = text(
    "INSERT INTO blobs (sha256, byte_count, media_type, created_at)"
    " VALUES (:sha256, :byte_count, :media_type, :now) ON CONFLICT (sha256) DO NOTHING"
).bindparams(bindparam("now", type_=UtcMoment()))
_REMOVE = text(
    "DELETE FROM blobs WHERE sha256 = :sha256"
    " AND NOT EXISTS (SELECT 1 FROM items WHERE blob_sha256 = :sha256)"
    " AND NOT EXISTS (SELECT 1 FROM releases WHERE blob_sha256 = :sha256)"
)


def add_blob_rows(session: Session, blobs: BlobStore, new: Iterable[NewBlob], now: datetime) -> None:
    """Store the rows of files that lie in the store; raises BlobsGone when one does not."""
    rows = {one.sha256: {**one._asdict(), "now": now} for one in new}
    if not rows:
        return
    session.execute(_ADD, [rows[sha256] for sha256 in sorted(rows)])
    if not all(blobs.path(sha256).is_file() for sha256 in rows):
        raise BlobsGone


def remove_unused(session: Session, blobs: BlobStore, sha256s: Iterable[str]) -> None:
    """Delete those of these blobs that no item or release points at. Who calls it looks after thumbnails.

    The bytes go before the transaction ends: whoever stores the same file meanwhile waits for the row, and
    then sees that the bytes are away.
    """
    for sha256 in sorted(sha256s):
        session.execute(_REMOVE, {"sha256": sha256})
        if session.get(Blob, sha256, populate_existing=True) is None:
            blobs.remove(sha256)
