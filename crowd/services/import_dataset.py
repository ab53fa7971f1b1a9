"""Import: an uploaded file becomes a dataset's items, a chunk at a time, all of them or none.

Every chunk is one transaction that stores items, refusals and how far the reading has come. A run that is
killed leaves its last whole chunk; the next reads the file again up to there and goes on, so the result is
the same. Nobody sees the items before the dataset is ready.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from crowd.domain.states import DatasetState
from crowd.imports import BadMedia, ImportLimits, Reader, Refused, Row, Unreadable, open_reader
from crowd.services.import_run import Counts, ImportRun, TakenOver
from crowd.services.item_media import KeptMedia, MediaKeeper
from crowd.services.removal import remove_items
from crowd.services.uploads import disk_full, forget_upload, is_disk_full, upload_path
from crowd.settings import Settings
from crowd.storage.database import Store
from crowd.storage.datasets import Dataset, refusals_of

Progress = Callable[[int, int, str], None]

STEPS = 1000  # of the progress bar
TELL_EVERY = 500  # rows without media
KINDS = {"image": "a picture", "audio": "a recording"}


class ImportFailed(Exception):
    """The file cannot be imported, however often it is tried; the message tells its owner why."""


def run_import(store: Store, settings: Settings, dataset_id: int, progress: Progress, now: datetime) -> None:
    """Import a dataset's upload. Run again, also after it was killed, it does what is left.

    Raises ImportFailed with a sentence; the dataset says it too and has no items then. Raises TakenOver
    when somebody else does it. `progress` may raise to stop.
    """
    with store.reading() as session:
        dataset = session.get(Dataset, dataset_id)
    if dataset is None:
        raise ImportFailed("The dataset was deleted before it was imported.")
    if dataset.state == DatasetState.IMPORTING:
        _import(store, settings, dataset, progress, now)
    forget_upload(settings, dataset.upload_name)
    if dataset.state == DatasetState.FAILED:
        with store.writing() as session:
            remove_items(session, store.blobs, dataset_id)  # in case the run that failed was killed at it
        raise ImportFailed(dataset.error)


def _import(store: Store, settings: Settings, dataset: Dataset, progress: Progress, now: datetime) -> None:
    run = ImportRun(store, dataset, now)
    try:
        _read(run, store, settings, dataset, progress)
        _check_something_kept(store, dataset.id, run.finish())
    except (Unreadable, ImportFailed) as error:
        reason = str(error)
    except OSError as error:
        if not is_disk_full(error):
            raise
        reason = str(disk_full())
    else:
        run.make_ready()
        return
    run.fail(reason)
    forget_upload(settings, dataset.upload_name)
    raise ImportFailed(reason)


def _read(run: ImportRun, store: Store, settings: Settings, dataset: Dataset, progress: Progress) -> None:
    done_already = run.stored.read_count
    with _opened(settings, dataset) as reader, MediaKeeper(store.blobs, settings) as keeper:
        run.start(reader.detected)
        for number, found in enumerate(reader, start=1):
            if number > done_already:
                _take(run, keeper, found)
            if number % TELL_EVERY == 0 or reader.detected.media_column is not None:
                progress(int(reader.progress * STEPS), STEPS, f"{number:,} rows read")


def _opened(settings: Settings, dataset: Dataset) -> Reader:
    path = upload_path(settings, dataset.upload_name)
    if not path.is_file():
        raise ImportFailed("The uploaded file is not there any more. Upload it again.")
    return open_reader(path, dataset.file_name, ImportLimits(max_rows=settings.max_items))


def _take(run: ImportRun, keeper: MediaKeeper, found: Row | Refused) -> None:
    if isinstance(found, Refused):
        run.refuse(found)
        return
    if found.media is None:
        run.keep(found, None)
        return
    try:
        media = _kept_media(run, keeper, found)
    except BadMedia as error:
        run.refuse(Refused(found.line, None, f'"{found.media.name[:200]}": {error}'))
        return
    run.keep(found, media)


def _kept_media(run: ImportRun, keeper: MediaKeeper, row: Row) -> KeptMedia:
    assert row.media is not None
    kind = row.media.kind.value
    if run.modality and run.modality != kind:
        raise BadMedia(
            f"This is {KINDS[kind]}, but the first file that was kept is {KINDS[run.modality]}. "
            "Make one dataset of each kind."
        )
    media = keeper.keep(row.media)
    run.modality = kind
    return media


def _check_something_kept(store: Store, dataset_id: int, counts: Counts) -> None:
    if counts.kept_count:
        return
    if not counts.read_count:
        raise ImportFailed("The file names its columns, but has no rows below them.")
    with store.reading() as session:
        first = refusals_of(session, dataset_id, 1)[0]
    raise ImportFailed(
        f"None of the {counts.read_count:,} rows could be kept. "
        f"The first, in line {first.line:,}: {first.reason}"
    )


__all__ = ["ImportFailed", "Progress", "TakenOver", "run_import"]
