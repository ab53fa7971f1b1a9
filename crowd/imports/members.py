"""The pictures and recordings of an archive, handed out one by one and counted as they come."""

from __future__ import annotations

import hashlib
import os
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from crowd.imports.magic import HEAD_BYTES, MediaKind, sniff_media
from crowd.imports.rows import BadMedia, ImportLimits, Unreadable
from crowd.imports.zip_directory import STORED, Entry

CHUNK_BYTES = 1 << 16


class Archive:
    """An open ZIP file whose directory has been checked; reads members by their place, never by name."""

    def __init__(self, file: BinaryIO, limits: ImportLimits) -> None:
        self._file = file
        self._limits = limits
        self._produced = 0

    def close(self) -> None:
        self._file.close()

    def chunks(self, entry: Entry) -> Iterator[bytes]:
        """The member's content; raises BadMedia where it is damaged, Unreadable where it is a bomb."""
        produced, checksum = 0, 0
        for chunk in self._stored(entry) if entry.method == STORED else self._inflated(entry):
            produced += len(chunk)
            self._produced += len(chunk)
            if produced > entry.size or self._produced > self._limits.max_archive_bytes:
                raise Unreadable("The ZIP unpacks to more than it says. It was not imported.")
            checksum = zlib.crc32(chunk, checksum)
            yield chunk
        if produced != entry.size or checksum != entry.crc:
            raise BadMedia("The file is damaged inside the ZIP: its checksum is wrong.")

    def head(self, entry: Entry, length: int = HEAD_BYTES) -> bytes:
        """The first bytes of the member, or none where it cannot be unpacked."""
        packed = os.pread(self._file.fileno(), min(entry.packed_size, 2 * length + 64), entry.data_offset)
        if entry.method == STORED:
            return packed[:length]
        try:
            return zlib.decompressobj(-zlib.MAX_WBITS).decompress(packed, length)
        except zlib.error:
            return b""

    def _stored(self, entry: Entry) -> Iterator[bytes]:
        at, end = entry.data_offset, entry.data_offset + entry.packed_size
        while at < end:
            chunk = os.pread(self._file.fileno(), min(CHUNK_BYTES, end - at), at)
            if not chunk:
                return
            at += len(chunk)
            yield chunk

    def _inflated(self, entry: Entry) -> Iterator[bytes]:
        inflater = zlib.decompressobj(-zlib.MAX_WBITS)
        try:
            for packed in self._stored(entry):
                if inflater.eof:
                    raise BadMedia("The file is damaged inside the ZIP: bytes follow its end.")
                pending = packed
                while pending and not inflater.eof:
                    yield inflater.decompress(pending, CHUNK_BYTES)
                    pending = inflater.unconsumed_tail
            while not inflater.eof and (rest := inflater.decompress(b"", CHUNK_BYTES)):
                yield rest
        except zlib.error:
            raise BadMedia("The file is damaged inside the ZIP: it cannot be unpacked.") from None
        if not inflater.eof or inflater.unused_data:
            raise BadMedia("The file is damaged inside the ZIP: it does not end where it should.")


@dataclass(frozen=True, slots=True, eq=False)
class MediaMember:
    """A picture or recording in an archive: what it calls itself, what its first bytes are, its size."""

    name: str
    kind: MediaKind
    container: str
    size: int
    _archive: Archive
    _entry: Entry

    def chunks(self) -> Iterator[bytes]:
        """Its content in pieces; raises BadMedia where it is damaged, Unreadable where it is a bomb."""
        return self._archive.chunks(self._entry)

    def save(self, target: Path) -> str:
        """Write its content to `target`, a path of the caller's choosing; returns the SHA-256 in hex."""
        digest = hashlib.sha256()
        with target.open("wb") as file:
            for chunk in self.chunks():
                digest.update(chunk)
                file.write(chunk)
        return digest.hexdigest()


def media_member(archive: Archive, entry: Entry) -> MediaMember:
    """The member if it is a picture or recording that we take; raises BadMedia saying what else it is."""
    head = archive.head(entry)
    magic = sniff_media(head)
    if magic is None:
        raise BadMedia(_what_else(head, entry))
    return MediaMember(entry.name, magic.kind, magic.container, entry.size, archive, entry)


def _what_else(head: bytes, entry: Entry) -> str:
    if not entry.size:
        return "The file is empty."
    if head.startswith(b"PK\x03\x04"):
        return "The file is a ZIP inside the ZIP, which is not opened. Put the files themselves into it."
    if b"<svg" in head[:1024].lower():
        return "SVG is a program as much as a picture. Save the picture as PNG."
    return "The file is no picture (PNG, JPEG, WebP, GIF) and no recording (WAV, MP3, FLAC, Ogg, M4A, WebM)."
