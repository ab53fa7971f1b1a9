"""Blobs: media and export files, named by their SHA-256."""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

from sqlalchemy.exc import IntegrityError
from sqlmodel import Field, Session, SQLModel

from crowd.storage.columns import STRICT, big, holds, moment, now_utc

CHUNK = 1 << 20


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
        handle, name = tempfile.mkstemp(dir=self.root, prefix=".new-")
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

    def put_file(self, path: Path) -> tuple[str, int]:
        """Store a copy of a file."""
        with path.open("rb") as file:
            return self.put(iter(lambda: file.read(CHUNK), b""))

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
