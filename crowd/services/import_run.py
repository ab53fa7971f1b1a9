"""One run of an import: rows are gathered, folded and stored, a chunk per transaction."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Collection, Iterable
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from typing import Any

from sqlalchemy import insert
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session

from crowd.domain.states import DatasetState
from crowd.imports import Detected, Refused, Row
from crowd.services.item_media import KeptMedia
from crowd.services.removal import remove_items
from crowd.storage.blobs import NewBlob, add_blob_rows, remove_unused
from crowd.storage.database import Store, enlarge_cache
from crowd.storage.datasets import Dataset, Refusal, change_importing
from crowd.storage.items import NewItem, add_items, known_hashes

CHUNK_ROWS = 10_000
CHUNK_CHARACTERS = 8 << 20
CHUNK_SECONDS = 2.0
LOOK_EVERY = 500  # rows without media between two looks at the clock
MAX_REFUSALS = 1000

# One encoder for all rows: json.dumps with these options would make one for each.
canonical = json.JSONEncoder(
    ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False
).encode


class TakenOver(Exception):
    """Another runner imports the dataset, or it was deleted meanwhile."""


@dataclass(frozen=True)
class Counts:
    """How far an import has come, in rows."""

    read_count: int = 0
    kept_count: int = 0
    refused_count: int = 0
    duplicate_count: int = 0


@dataclass
class Chunk:
    """What has been read and is not stored yet."""

    items: list[NewItem] = field(default_factory=list)
    blobs: list[NewBlob] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)
    row_count: int = 0
    character_count: int = 0
    begun: float = field(default_factory=time.monotonic)

    def is_full(self) -> bool:
        """Whether it is time to store it."""
        if self.row_count >= CHUNK_ROWS or self.character_count >= CHUNK_CHARACTERS:
            return True
        may_look = bool(self.blobs) or self.row_count % LOOK_EVERY == 0
        return may_look and time.monotonic() - self.begun > CHUNK_SECONDS


class ImportRun:
    """Carries rows into a dataset, from where an earlier run was interrupted."""

    def __init__(self, store: Store, dataset: Dataset, now: datetime) -> None:
        self._store = store
        self._dataset_id = dataset.id
        self._now = now
        self._chunk = Chunk()
        self.stored = Counts(
            dataset.read_count, dataset.kept_count, dataset.refused_count, dataset.duplicate_count
        )
        self.modality = dataset.modality if dataset.kept_count else ""

    def start(self, detected: Detected) -> None:
        """Write down what the file was taken for."""
        values = {
            "format": detected.format,
            "encoding": detected.encoding or "",
            "delimiter": detected.delimiter or "",
            "columns": list(detected.columns),
        }
        with self._store.writing() as session:
            self._change(session, values)
            session.commit()

    def keep(self, row: Row, media: KeptMedia | None) -> None:
        """Take a row."""
        text = canonical(row.input)
        digest = hashlib.sha256(text.encode())
        chunk = self._chunk
        if media is None:
            chunk.items.append(NewItem(digest.hexdigest(), text))
        else:
            digest.update(f"\n{media.source_sha256}".encode())
            shown = canonical(media.media)
            chunk.items.append(NewItem(digest.hexdigest(), text, shown, media.media["blob"]))
            chunk.blobs.extend(media.blobs)
            chunk.character_count += len(shown)
        chunk.row_count += 1
        chunk.character_count += len(text)
        self._store_if_full()

    def refuse(self, refused: Refused) -> None:
        """Count a row that cannot be taken."""
        self._chunk.refused.append(refused)
        self._chunk.row_count += 1
        self._store_if_full()

    def finish(self) -> Counts:
        """Store the rest; the dataset is not ready yet."""
        self._store_chunk()
        return self.stored

    def make_ready(self) -> None:
        """Let everybody see the items."""
        with self._store.writing() as session:
            self._change(session, {"state": DatasetState.READY, "imported_at": self._now})
            session.commit()

    def fail(self, reason: str) -> None:
        """Say why nothing came of it, and keep nothing but the report."""
        values = {
            "state": DatasetState.FAILED,
            "error": reason[:1000],
            "kept_count": 0,
            "duplicate_count": 0,
            "imported_at": self._now,
        }
        waiting = {blob.sha256 for blob in self._chunk.blobs}
        with self._store.writing() as session:
            self._change(session, values)
            remove_unused(session, self._store.blobs, waiting)
            session.commit()
            remove_items(session, self._store.blobs, self._dataset_id)

    def _store_if_full(self) -> None:
        if self._chunk.is_full():
            self._store_chunk()

    def _store_chunk(self) -> None:
        chunk, before = self._chunk, self.stored
        with self._store.writing() as session:
            enlarge_cache(session)
            # First of all the conditional write: it makes a second runner of the same import wait, and fail.
            values: dict[str, Any] = {"read_count": before.read_count + chunk.row_count}
            self._change(session, values)
            add_blob_rows(session, self._store.blobs, chunk.blobs, self._now)
            kept_count = self._add_new(session, chunk.items, before.kept_count)
            after = replace(
                before,
                read_count=values["read_count"],
                kept_count=before.kept_count + kept_count,
                refused_count=before.refused_count + len(chunk.refused),
                duplicate_count=before.duplicate_count + len(chunk.items) - kept_count,
            )
            self._store_refusals(session, chunk.refused, before.refused_count)
            values = asdict(after) | {"modality": self.modality or "text"}
            change_importing(session, self._dataset_id, after.read_count, values)
            session.commit()
        self.stored, self._chunk = after, Chunk()

    def _add_new(self, session: Session, items: Iterable[NewItem], first_position: int) -> int:
        """Store the items whose content is new, of equal ones the first; returns how many those are."""
        first: dict[str, NewItem] = {}
        for item in items:
            first.setdefault(item.content_hash, item)
        try:
            with session.begin_nested():
                return self._add(session, first.values(), first_position)
        except IntegrityError:  # some are in the dataset already; asking first would cost as much as storing
            known = known_hashes(session, self._dataset_id, first)
            new = [item for item in first.values() if item.content_hash not in known]
            return self._add(session, new, first_position)

    def _add(self, session: Session, items: Collection[NewItem], first_position: int) -> int:
        add_items(session, self._dataset_id, first_position, items)
        return len(items)

    def _store_refusals(self, session: Session, refused: list[Refused], earlier_count: int) -> None:
        rows = [
            {
                "dataset_id": self._dataset_id,
                "number": number,
                "line": one.line,
                "column": _storable(one.column or ""),
                "reason": _storable(one.reason),
            }
            for number, one in enumerate(refused[: max(0, MAX_REFUSALS - earlier_count)], earlier_count + 1)
        ]
        if rows:
            session.execute(insert(Refusal), rows)

    def _change(self, session: Session, values: dict[str, Any]) -> None:
        if not change_importing(session, self._dataset_id, self.stored.read_count, values):
            raise TakenOver("Somebody else is importing this dataset, or has deleted it.")


def _storable(text: str) -> str:
    """A file's own words, without what no database stores or no page shows."""
    return "".join(letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in text)
