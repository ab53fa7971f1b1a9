"""Datasets: received, made of a task template's sample, deleted."""

from __future__ import annotations

import time
from datetime import datetime
from io import BytesIO
from pathlib import PurePosixPath

from sqlmodel import Session, col, select

from crowd.domain.states import DatasetState
from crowd.services.import_dataset import run_import
from crowd.services.removal import remove_items
from crowd.services.sample_files import packed_sample
from crowd.services.uploads import STRAY_SECONDS, Readable, Spooled, forget_strays, forget_upload, spool
from crowd.settings import Settings
from crowd.storage import audit
from crowd.storage.blobs import BlobStore
from crowd.storage.database import Store
from crowd.storage.datasets import Dataset, delete_dataset_row, next_version
from crowd.storage.gold import Gold
from crowd.storage.items import Item
from crowd.storage.jobs import add_job
from crowd.storage.projects import Project
from crowd.storage.tasks import Task
from crowd.storage.users import User

KIND = "import"
LONGEST_NAME = 120
INTERRUPTED = "It was being deleted and that was interrupted. Delete it again."


class InUse(Exception):
    """A project needs the dataset."""


def receive_upload(
    session: Session,
    owner_id: int,
    name: str,
    file_name: str,
    stream: Readable,
    settings: Settings,
    now: datetime,
    *,
    expected_bytes: int | None = None,
    is_queued: bool = True,
) -> Dataset:
    """Store an uploaded file and the dataset that it will become; a job imports it. Commits.

    The session must not be in a transaction: the file may take an hour to arrive. Without a queue
    (`is_queued=False`) the caller runs the import. Raises UploadRefused with a sentence.
    """
    spooled = spool(stream, settings, expected_bytes=expected_bytes)
    try:
        return _add(session, owner_id, name, file_name, spooled, now, is_queued=is_queued)
    except BaseException:
        forget_upload(settings, spooled.upload_name)
        raise


def receive_sample(
    session: Session,
    owner_id: int,
    template_name: str,
    settings: Settings,
    now: datetime,
    *,
    is_queued: bool = True,
) -> Dataset:
    """Upload a task template's sample data in its requester's name. Commits. Raises NoSample."""
    file_name, content = packed_sample(template_name)
    name = f"Sample for {template_name.replace('-', ' ')}"
    return receive_upload(
        session, owner_id, name, file_name, BytesIO(content), settings, now, is_queued=is_queued
    )


def import_sample(
    store: Store, settings: Settings, owner_id: int, template_name: str, now: datetime
) -> Dataset:
    """Import a task template's sample data at once, without a queue."""
    with store.writing() as session:
        dataset = receive_sample(session, owner_id, template_name, settings, now, is_queued=False)
    run_import(store, settings, dataset.id, lambda _done, _total, _message: None, now)
    with store.reading() as session:
        return session.get_one(Dataset, dataset.id)


def delete_dataset(
    session: Session, blobs: BlobStore, dataset: Dataset, settings: Settings, *, by: int, now: datetime
) -> None:
    """Delete a dataset with its items, their media and its report, finished or not.

    Raises InUse when a project needs it. Commits piece by piece; interrupted, it can be done again.
    """
    found = session.exec(
        select(Dataset)
        .where(Dataset.id == dataset.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one_or_none()
    if found is None:
        return
    if is_in_use(session, dataset.id):
        raise InUse
    _record(session, "dataset.deleted", found, by, now)
    found.state, found.error = DatasetState.FAILED, INTERRUPTED
    session.commit()
    forget_upload(settings, found.upload_name)
    remove_items(session, blobs, found.id)
    delete_dataset_row(session, found.id)
    session.commit()


def is_in_use(session: Session, dataset_id: int) -> bool:
    """Whether a project shows this dataset, or holds tasks or gold answers of its items."""
    item_ids = select(Item.id).where(Item.dataset_id == dataset_id)
    uses = (
        select(Project.id).where(Project.dataset_id == dataset_id),
        select(Task.id).where(col(Task.item_id).in_(item_ids)),
        select(Gold.id).where(col(Gold.item_id).in_(item_ids)),
    )
    return any(session.exec(query.limit(1)).first() is not None for query in uses)


def forget_stray_uploads(session: Session, _now: datetime, settings: Settings) -> int:
    """A chore: throw away files whose upload or import was interrupted days ago and that nobody awaits."""
    awaited = session.exec(select(Dataset.upload_name).where(Dataset.state == DatasetState.IMPORTING))
    half_written = BlobStore(settings.data_path / "blobs").forget_unfinished(time.time() - STRAY_SECONDS)
    return half_written + forget_strays(settings, set(awaited))


def _add(
    session: Session,
    owner_id: int,
    name: str,
    file_name: str,
    spooled: Spooled,
    now: datetime,
    *,
    is_queued: bool,
) -> Dataset:
    # Locked, so that two uploads of one name at the same time get two versions.
    session.exec(select(User.id).where(User.id == owner_id).with_for_update()).one()
    shown_name = plain_file_name(file_name)
    title = plain_name(name) or plain_name(PurePosixPath(shown_name).stem) or "Dataset"
    dataset = Dataset(
        owner_id=owner_id,
        name=title,
        version=next_version(session, owner_id, title),
        file_name=shown_name,
        upload_name=spooled.upload_name,
        byte_count=spooled.byte_count,
        created_at=now,
    )
    session.add(dataset)
    session.flush()
    _record(session, "dataset.uploaded", dataset, owner_id, now)
    if is_queued:
        add_job(session, KIND, {"dataset_id": dataset.id}, key=str(dataset.id), now=now, is_slow=True)
    session.commit()
    return dataset


def plain_name(name: str) -> str:
    """A dataset's name as it is kept: one line, without invisible letters, not too long."""
    letters = "".join(letter if letter.isprintable() else " " for letter in name)
    return " ".join(letters.split())[:LONGEST_NAME].strip()


def plain_file_name(file_name: str) -> str:
    """What a browser says the file is called, without folders; it is shown and never opened."""
    return plain_name(file_name.replace("\\", "/").rpartition("/")[2]) or "upload"


def _record(session: Session, act: str, dataset: Dataset, by: int, now: datetime) -> None:
    facts = {"name": dataset.name, "version": dataset.version, "file": dataset.file_name}
    audit.record(session, act, f"dataset:{dataset.public_id}", actor_id=by, at=now, after=facts)
