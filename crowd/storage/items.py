"""Items: the rows of a dataset, with their media."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import UniqueConstraint
from sqlmodel import Field, Session, SQLModel, col, func, select

from crowd.storage.columns import STRICT, id_column, json_column, public_id_column, reference


class Item(SQLModel, table=True):
    """One row. `media` tells the blobs that it shows and what was measured of them.

    media: {"kind": "image", "blob": sha256, "width": int, "height": int, "thumbnail": sha256} or
    {"kind": "audio", "blob": sha256, "duration_seconds": float, "peaks": [int, ...]}.
    """

    __tablename__ = "items"
    __table_args__ = (
        UniqueConstraint("dataset_id", "position"),
        UniqueConstraint("dataset_id", "content_hash"),
        STRICT,
    )

    id: int = id_column()
    public_id: str = public_id_column()
    dataset_id: int = reference("datasets.id")
    position: int
    content_hash: str
    input: dict[str, Any] = json_column()
    media: dict[str, Any] | None = json_column(default=None)
    blob_sha256: str | None = Field(default=None, foreign_key="blobs.sha256")


def items_page(session: Session, dataset_id: int, after: int = -1, limit: int = 50) -> Sequence[Item]:
    """Items in file order, from behind a position."""
    query = select(Item).where(Item.dataset_id == dataset_id, Item.position > after)
    return session.exec(query.order_by(col(Item.position)).limit(limit)).all()


def item_count(session: Session, dataset_id: int) -> int:
    """How many items a dataset has."""
    return session.exec(select(func.count()).select_from(Item).where(Item.dataset_id == dataset_id)).one()


def item_by_public_id(session: Session, public_id: str) -> Item | None:
    """The item with this public id."""
    return session.exec(select(Item).where(Item.public_id == public_id)).one_or_none()
