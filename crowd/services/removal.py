"""Removing items: in pieces, each with the media that nothing else shows."""

from __future__ import annotations

from sqlmodel import Session

from crowd.storage.blobs import BlobStore, remove_unused
from crowd.storage.items import delete_items, thumbnails_in_use

PIECE = 5000


def remove_items(session: Session, blobs: BlobStore, dataset_id: int) -> None:
    """Delete all items of a dataset that nobody uses. Commits after every piece, so that others can write."""
    while True:
        count, shown = delete_items(session, dataset_id, PIECE)
        if shown:
            remove_unused(session, blobs, shown - thumbnails_in_use(session, shown))
        session.commit()
        if count < PIECE:
            return
