"""Items: the rows of a dataset, with their media."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import Any, NamedTuple

from sqlalchemy import Index, UniqueConstraint, bindparam, delete, text
from sqlmodel import Field, Session, SQLModel, col, func, select

from crowd.storage.columns import STRICT, id_column, json_column, new_public_ids, public_id_column, reference

_HAS_MEDIA = text("blob_sha256 IS NOT NULL")


class Item(SQLModel, table=True):
    """One row. `media` tells the blobs that it shows and what was measured of them.

    media: {"kind": "image", "blob": sha256, "width": int, "height": int, "thumbnail": sha256} or
    {"kind": "audio", "blob": sha256, "duration_seconds": float, "peaks": [int, ...]}.
    """

    __tablename__ = "items"
    __table_args__ = (
        UniqueConstraint("dataset_id", "position"),
        UniqueConstraint("dataset_id", "content_hash"),
        Index("ix_items_blob_sha256", "blob_sha256", sqlite_where=_HAS_MEDIA, postgresql_where=_HAS_MEDIA),
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


class NewItem(NamedTuple):
    """A row to be stored in bulk; `input` and `media` are canonical JSON already."""

    content_hash: str
    input: str
    media: str | None = None
    blob_sha256: str | None = None


_COLUMNS = ("public_id", "dataset_id", "position", "content_hash", "input", "media", "blob_sha256")
_KNOWN = text(
    "SELECT content_hash FROM items WHERE dataset_id = :dataset_id AND content_hash IN :hashes"
).bindparams(bindparam("hashes", expanding=True))


def add_items(session: Session, dataset_id: int, first_position: int, items: Iterable[NewItem]) -> None:
    """Store many rows of one dataset at once, at this position and the following."""
    new = list(items)
    rows = [
        (public_id, dataset_id, position, item.content_hash, item.input, item.media, item.blob_sha256)
        for position, (public_id, item) in enumerate(
            zip(new_public_ids(len(new)), new, strict=True), start=first_position
        )
    ]
    if rows:
        # The driver's own statement: the ORM would encode every row once more, at half the speed.
        connection = session.connection()
        mark = "?" if connection.dialect.name == "sqlite" else "%s"
        marks = ", ".join(mark for _ in _COLUMNS)
        statement = f"INSERT INTO items ({', '.join(_COLUMNS)}) VALUES ({marks})"  # noqa: S608
        connection.exec_driver_sql(statement, rows)


def known_hashes(session: Session, dataset_id: int, hashes: Collection[str]) -> set[str]:
    """Which of these contents the dataset has already."""
    return set(session.execute(_KNOWN, {"dataset_id": dataset_id, "hashes": list(hashes)}).scalars())


def delete_items(session: Session, dataset_id: int, limit: int) -> tuple[int, set[str]]:
    """Delete some of a dataset's items; returns how many, and the blobs that they showed."""
    some = select(Item.id).where(Item.dataset_id == dataset_id).order_by(col(Item.position)).limit(limit)
    gone = session.execute(
        delete(Item)
        .where(col(Item.id).in_(some))
        .returning(col(Item.media))
        .execution_options(synchronize_session=False)
    ).scalars()
    count, blobs = 0, set[str]()
    for media in gone:
        count += 1
        blobs.update(str(media[key]) for key in ("blob", "thumbnail") if media and media.get(key))
    return count, blobs


def thumbnails_in_use(session: Session, sha256s: set[str]) -> set[str]:
    """Which of these blobs are some item's thumbnail. Looks at every picture's row."""
    query = select(Item.media).where(col(Item.blob_sha256).is_not(None)).execution_options(yield_per=1000)
    return {str(media.get("thumbnail")) for media in session.exec(query) if media} & sha256s
