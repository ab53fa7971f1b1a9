"""What the tests of imports share: uploads, pictures, recordings and archives made on the spot."""

from __future__ import annotations

import io
import struct
import wave
import zipfile
from collections.abc import Mapping

from PIL import Image
from sqlmodel import Session, col, select

from crowd.services.datasets import receive_upload
from crowd.services.import_dataset import run_import
from crowd.settings import Settings
from crowd.storage.columns import now_utc
from crowd.storage.database import Store
from crowd.storage.datasets import Dataset
from crowd.storage.items import Item


def silent(_done: int, _total: int, _message: str) -> None:
    """Progress that nobody watches."""


def received(
    store: Store,
    settings: Settings,
    owner_id: int,
    content: bytes | str,
    file_name: str = "rows.csv",
    *,
    is_queued: bool = False,
) -> Dataset:
    """An uploaded dataset that waits for its import."""
    stream = io.BytesIO(content.encode() if isinstance(content, str) else content)
    with store.writing() as session:
        return receive_upload(
            session, owner_id, "", file_name, stream, settings, now_utc(), is_queued=is_queued
        )


def imported(
    store: Store, settings: Settings, owner_id: int, content: bytes | str, file_name: str = "rows.csv"
) -> Dataset:
    """A dataset whose import has ended."""
    dataset = received(store, settings, owner_id, content, file_name)
    run_import(store, settings, dataset.id, silent, now_utc())
    return dataset_now(store, dataset.id)


def dataset_now(store: Store, dataset_id: int) -> Dataset:
    """The dataset as it stands."""
    with store.reading() as session:
        return session.get_one(Dataset, dataset_id)


def items_of(session: Session, dataset_id: int) -> list[Item]:
    """All items in order."""
    return list(session.exec(select(Item).where(Item.dataset_id == dataset_id).order_by(col(Item.position))))


def counts(dataset: Dataset) -> tuple[int, int, int, int]:
    """Read, kept, refused, duplicates."""
    return dataset.read_count, dataset.kept_count, dataset.refused_count, dataset.duplicate_count


def picture(shade: int = 90, size: tuple[int, int] = (40, 30), kind: str = "PNG") -> bytes:
    """A picture of one colour."""
    out = io.BytesIO()
    Image.new("RGB", size, (shade, 120, 200)).save(out, kind)
    return out.getvalue()


def recording(tone: int = 50, seconds: float = 0.3, rate: int = 8000) -> bytes:
    """A square wave."""
    out = io.BytesIO()
    with wave.open(out, "wb") as sound:
        sound.setparams((1, 2, rate, 0, "NONE", "not compressed"))
        count = int(rate * seconds)
        sound.writeframes(
            b"".join(struct.pack("<h", 9000 if at // tone % 2 else -9000) for at in range(count))
        )
    return out.getvalue()


def packed(files: Mapping[str, bytes | str]) -> bytes:
    """A ZIP of these files."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return out.getvalue()
