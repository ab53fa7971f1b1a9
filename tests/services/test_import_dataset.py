"""Imports: what is kept, what is refused, what is folded; all of it or nothing, whatever interrupts."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
import tracemalloc
import zipfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from io import BytesIO
from itertools import count as count_from
from pathlib import Path

import pytest
from sqlmodel import Session, select

from crowd.domain.states import DatasetState
from crowd.services import import_run
from crowd.services.datasets import (
    InUse,
    delete_dataset,
    forget_stray_uploads,
    import_sample,
    receive_upload,
)
from crowd.services.import_dataset import ImportFailed, TakenOver, run_import
from crowd.services.uploads import DiskFull, EmptyUpload, TooLarge
from crowd.settings import ROOT, Settings
from crowd.storage.blobs import UNFINISHED, Blob
from crowd.storage.columns import now_utc
from crowd.storage.database import Store
from crowd.storage.datasets import Dataset, refusals_of
from crowd.storage.jobs import Job
from crowd.storage.users import User
from tests.factories import make_project
from tests.services.importing import (
    counts,
    dataset_now,
    imported,
    items_of,
    packed,
    picture,
    received,
    recording,
    silent,
)

Import = Callable[..., Dataset]


@pytest.fixture
def owner_id(requester: User, session: Session) -> int:
    session.rollback()
    return requester.id


@pytest.fixture
def importing(store: Store, settings: Settings, owner_id: int) -> Import:
    """Upload and import a file of this content."""

    def run(content: bytes | str, file_name: str = "rows.csv") -> Dataset:
        return imported(store, settings, owner_id, content, file_name)

    return run


def uploads(settings: Settings) -> list[str]:
    place = settings.data_path / "uploads"
    return sorted(path.name for path in place.iterdir()) if place.exists() else []


def blob_files(settings: Settings) -> list[str]:
    return sorted(path.name for path in (settings.data_path / "blobs").rglob("*") if path.is_file())


@pytest.mark.parametrize(
    ("content", "file_name", "format_", "delimiter"),
    [
        ("text,gold\nÄpfel,ja\nBirnen,\n", "a.csv", "delimited", ","),
        ("text\tgold\nÄpfel\tja\nBirnen\t\n", "a.tsv", "delimited", "\t"),
        ("text;gold\nÄpfel;ja\nBirnen;\n", "a.csv", "delimited", ";"),
        ('{"text": "Äpfel", "gold": "ja"}\n{"text": "Birnen", "gold": ""}\n', "a.jsonl", "jsonl", ""),
    ],
)
def test_every_row_of_a_table_becomes_an_item_in_the_files_order(
    importing: Import, session: Session, content: str, file_name: str, format_: str, delimiter: str
) -> None:
    dataset = importing(content, file_name)
    assert (dataset.state, dataset.format, dataset.delimiter) == (DatasetState.READY, format_, delimiter)
    assert dataset.encoding == "utf-8"
    assert dataset.columns == ["text", "gold"]
    assert counts(dataset) == (2, 2, 0, 0)
    items = items_of(session, dataset.id)
    assert [item.position for item in items] == [0, 1]
    assert [item.input for item in items] == [
        {"text": "Äpfel", "gold": "ja"},
        {"text": "Birnen", "gold": ""},
    ]


def test_refused_rows_are_reported_with_line_and_reason_and_the_rest_is_kept(
    importing: Import, session: Session
) -> None:
    dataset = importing("text,gold\na,1\nb\nc,3\n" + "x" * 10 + ",1,2\n")
    assert counts(dataset) == (4, 2, 2, 0)
    found = refusals_of(session, dataset.id)
    assert [(one.number, one.line) for one in found] == [(1, 3), (2, 5)]
    assert found[0].reason == "The row has 1 fields, the header has 2."


def test_only_the_first_thousand_refusals_are_kept_but_all_are_counted(
    importing: Import, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(import_run, "CHUNK_ROWS", 300)
    dataset = importing("a,b\n" + "".join(f"{n},2\n" for n in range(250)) + "only one\n" * 1500)
    assert counts(dataset) == (1750, 250, 1500, 0)
    found = refusals_of(session, dataset.id, 5000)
    assert [one.number for one in found] == list(range(1, 1001))


@pytest.mark.parametrize("chunk_rows", [1, 2, 3, 7, 100])
def test_exact_duplicates_are_folded_and_the_first_is_kept(
    importing: Import, session: Session, monkeypatch: pytest.MonkeyPatch, chunk_rows: int
) -> None:
    monkeypatch.setattr(import_run, "CHUNK_ROWS", chunk_rows)
    rng = random.Random(chunk_rows)
    rows = [str(rng.randrange(40)) for _ in range(100)]
    dataset = importing("number\n" + "\n".join(rows) + "\n")
    first = list(dict.fromkeys(rows))
    assert counts(dataset) == (100, len(first), 0, 100 - len(first))
    items = items_of(session, dataset.id)
    assert [item.input["number"] for item in items] == first
    assert [item.position for item in items] == list(range(len(first)))


def test_a_row_is_no_duplicate_of_one_in_another_dataset(importing: Import) -> None:
    assert counts(importing("a\n1\n")) == counts(importing("a\n1\n")) == (1, 1, 0, 0)


def test_the_same_name_again_is_the_next_version(importing: Import) -> None:
    versions = [
        (one.name, one.version)
        for one in (importing("a\n1\n", "x.csv"), importing("a\n2\n", "x.csv"), importing("a\n3\n", "y.csv"))
    ]
    assert versions == [("x", 1), ("x", 2), ("y", 1)]


def test_pictures_are_stored_clean_measured_and_with_a_thumbnail(
    importing: Import, session: Session, settings: Settings
) -> None:
    dataset = importing(packed({"a.png": picture(1), "b/c.jpg": picture(2, kind="JPEG")}), "p.zip")
    assert (dataset.modality, counts(dataset)) == ("image", (2, 2, 0, 0))
    items = items_of(session, dataset.id)
    assert [item.input for item in items] == [
        {"file": "a.png", "folder": ""},
        {"file": "b/c.jpg", "folder": "b"},
    ]
    media = items[0].media or {}
    assert (media["kind"], media["width"], media["height"]) == ("image", 40, 30)
    kinds = [session.get_one(Blob, media[key]).media_type for key in ("blob", "thumbnail")]
    assert kinds == ["image/png", "image/webp"]
    shown = [(item.media or {})[key] for item in items for key in ("blob", "thumbnail")]
    assert blob_files(settings) == sorted(set(shown))


def test_recordings_are_stored_with_their_duration_and_waveform(importing: Import, session: Session) -> None:
    manifest = "file,gold\none.wav,ja\n"
    dataset = importing(packed({"manifest.csv": manifest, "one.wav": recording()}), "r.zip")
    assert (dataset.modality, counts(dataset)) == ("audio", (1, 1, 0, 0))
    item = items_of(session, dataset.id)[0]
    media = item.media or {}
    assert item.input == {"file": "one.wav", "gold": "ja"}
    assert media["duration_seconds"] == pytest.approx(0.3, abs=0.02)
    assert media["peaks"] and all(type(peak) is int and -128 <= peak <= 127 for peak in media["peaks"])
    assert session.get_one(Blob, media["blob"]).media_type == "audio/wav"


def test_bad_media_are_refused_one_by_one_and_one_dataset_holds_one_kind(
    importing: Import, session: Session
) -> None:
    files = {
        "a.png": picture(),
        "b.png": picture()[:60],
        "c.wav": recording(),
        "d.svg": "<svg xmlns='http://www.w3.org/2000/svg'/>",
        "e.png": b"SIMPLE  =                    T",
    }
    dataset = importing(packed(files), "mixed.zip")
    assert (dataset.modality, counts(dataset)) == ("image", (5, 1, 4, 0))
    reasons = {one.line: one.reason for one in refusals_of(session, dataset.id)}
    assert "Make one dataset of each kind" in reasons[3]
    assert "SVG" in reasons[4]


def test_a_recording_longer_than_the_setting_is_refused_not_cut_short(
    store: Store, settings: Settings, owner_id: int
) -> None:
    short = replace(settings, max_audio_seconds=1)
    files = packed({"a.wav": recording(seconds=0.5), "b.wav": recording(seconds=2)})
    assert counts(imported(store, short, owner_id, files, "a.zip")) == (2, 1, 1, 0)


@pytest.mark.parametrize(
    ("content", "file_name", "reason"),
    [
        ("a,a\n1,2\n", "x.csv", 'both named "a"'),
        ("a,b\n", "x.csv", "no rows below"),
        (packed({"a.exe": "MZ", "b": "?"}), "x.zip", "None of the 2 rows could be kept"),
        ('[\n{"a": 1}\n]', "x.json", "one JSON document"),
        (packed({"../a.png": picture()}), "x.zip", "a.png"),
        (packed({"a.exe": "MZ"}), "x.zip", "no picture"),
        (b"PK\x03\x04 not really", "x.zip", "ZIP"),
    ],
)
def test_a_file_of_which_nothing_can_be_kept_says_why_and_leaves_nothing(
    store: Store, settings: Settings, owner_id: int, content: bytes | str, file_name: str, reason: str
) -> None:
    dataset = received(store, settings, owner_id, content, file_name)
    with pytest.raises(ImportFailed, match=reason) as raised:
        run_import(store, settings, dataset.id, silent, now_utc())
    dataset = dataset_now(store, dataset.id)
    assert (dataset.state, dataset.error) == (DatasetState.FAILED, str(raised.value))
    assert dataset.kept_count == 0
    assert uploads(settings) == blob_files(settings) == []
    with store.reading() as session:
        assert items_of(session, dataset.id) == []
    with pytest.raises(ImportFailed, match=reason):
        run_import(store, settings, dataset.id, silent, now_utc())


def test_a_failure_late_in_the_file_takes_back_what_was_stored_but_nobody_elses_media(
    store: Store, settings: Settings, owner_id: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(import_run, "CHUNK_ROWS", 1)
    imported(store, settings, owner_id, packed({"x.png": picture(1)}), "mine.zip")
    kept = blob_files(settings)
    few = replace(settings, max_items=2)
    rows = "file,n\na.png,1\nb.png,2\nb.png,3\n"
    files = packed({"manifest.csv": rows, "a.png": picture(1), "b.png": picture(2)})
    dataset = received(store, few, owner_id, files, "late.zip")
    with pytest.raises(ImportFailed, match="more than 2 rows"):
        run_import(store, few, dataset.id, silent, now_utc())
    assert blob_files(settings) == kept
    with store.reading() as session:
        assert items_of(session, dataset.id) == []
        assert len(session.exec(select(Blob)).all()) == 2


def test_an_upload_and_its_job_are_one_transaction(store: Store, settings: Settings, owner_id: int) -> None:
    dataset = received(store, settings, owner_id, "a\n1\n", is_queued=True)
    with store.reading() as session:
        job = session.exec(select(Job)).one()
    assert (job.kind, job.key, job.is_slow) == ("import", str(dataset.id), True)
    assert job.arguments == {"dataset_id": dataset.id}


class Broken:
    """A body whose connection breaks, or whose disk is full."""

    def __init__(self, error: Exception) -> None:
        self.pieces: Iterator[bytes] = iter([b"a\n", b"1\n"])
        self.error = error

    def read(self, _size: int, /) -> bytes:
        piece = next(self.pieces, None)
        if piece is None:
            raise self.error
        return piece


@pytest.mark.parametrize(
    ("stream", "limit", "error"),
    [
        (BytesIO(b""), 100, EmptyUpload),
        (BytesIO(b"x" * 101), 100, TooLarge),
        (Broken(OSError(28, "No space left on device")), 100, DiskFull),
        (Broken(ConnectionError()), 100, ConnectionError),
    ],
)
def test_an_upload_that_ends_badly_leaves_nothing_behind(
    store: Store, settings: Settings, owner_id: int, stream: BytesIO, limit: int, error: type[Exception]
) -> None:
    small = replace(settings, max_upload_bytes=limit)
    with store.writing() as session, pytest.raises(error):
        receive_upload(session, owner_id, "x", "x.csv", stream, small, now_utc())
    assert uploads(settings) == []
    with store.reading() as session:
        assert session.exec(select(Dataset)).all() == []


def test_nobody_sees_items_of_a_dataset_that_is_not_ready(
    store: Store, settings: Settings, owner_id: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(import_run, "CHUNK_ROWS", 2)
    states = []
    monkeypatch.setattr("crowd.services.import_dataset.TELL_EVERY", 1)
    dataset = received(store, settings, owner_id, "a\n1\n2\n3\n4\n5\n")

    def watch(_done: int, _total: int, _message: str) -> None:
        states.append(dataset_now(store, dataset.id).state)

    run_import(store, settings, dataset.id, watch, now_utc())
    assert set(states) == {DatasetState.IMPORTING}
    assert dataset_now(store, dataset.id).state == DatasetState.READY


def result_of(store: Store, dataset: Dataset) -> tuple[object, ...]:
    """Everything about an import but its random names and its moment."""
    now = dataset_now(store, dataset.id)
    with store.reading() as session:
        items = [
            (one.position, one.content_hash, one.input, one.media) for one in items_of(session, dataset.id)
        ]
        refusals = [
            (one.number, one.line, one.column, one.reason) for one in refusals_of(session, dataset.id)
        ]
    return now.state, counts(now), now.modality, now.columns, items, refusals


class Stop(Exception):
    """The run ends here."""


def test_an_import_stopped_after_any_row_goes_on_to_the_same_result(
    store: Store, settings: Settings, owner_id: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(import_run, "CHUNK_ROWS", 3)
    monkeypatch.setattr("crowd.services.import_dataset.TELL_EVERY", 1)
    rng = random.Random(5)
    text = "a,b\n" + "".join(
        f"{rng.randrange(9)},{rng.randrange(2)}{',' * (rng.random() < 0.2)}\n" for _ in range(40)
    )
    expected = result_of(store, imported(store, settings, owner_id, text))
    for stop_at in range(1, 40, 4):
        dataset = received(store, settings, owner_id, text)
        for attempt in count_from(1):
            left = stop_at * attempt

            def count_down(_done: int, _total: int, _message: str) -> None:
                nonlocal left
                left -= 1
                if left == 0:
                    raise Stop

            with suppress(Stop):
                run_import(store, settings, dataset.id, count_down, now_utc())
                break
        assert result_of(store, dataset) == expected


def test_a_second_runner_of_one_import_stops_and_nothing_is_doubled(
    store: Store, settings: Settings, owner_id: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(import_run, "CHUNK_ROWS", 2)
    monkeypatch.setattr("crowd.services.import_dataset.TELL_EVERY", 3)
    dataset = received(store, settings, owner_id, "a\n" + "".join(f"{n}\n" for n in range(20)))
    is_first = True

    def overtake(_done: int, _total: int, _message: str) -> None:
        nonlocal is_first
        if is_first:
            is_first = False
            run_import(store, settings, dataset.id, silent, now_utc())

    with pytest.raises(TakenOver):
        run_import(store, settings, dataset.id, overtake, now_utc())
    assert counts(dataset_now(store, dataset.id)) == (20, 20, 0, 0)


CHILD = """
import sys
from crowd.services import import_run
from crowd.services.import_dataset import run_import
from crowd.settings import load_settings
from crowd.storage.columns import now_utc
from crowd.storage.database import open_store
import_run.CHUNK_ROWS = int(sys.argv[2])
settings = load_settings()
store = open_store(settings.database_address, settings.data_path)
print("begun", flush=True)
run_import(store, settings, int(sys.argv[1]), lambda *_: None, now_utc())
"""


def mixed_rows(row_count: int) -> str:
    """Rows with duplicates and faults."""
    rng = random.Random(11)
    return "a,b\n" + "".join(
        "fault\n" if rng.random() < 0.01 else f"{rng.randrange(row_count)},{'x' * 50}\n"
        for _ in range(row_count)
    )


@pytest.mark.parametrize("kind", ["table", "pictures"])
def test_an_import_killed_at_random_moments_ends_like_one_that_was_not(
    store: Store, settings: Settings, owner_id: int, kind: str
) -> None:
    if kind == "table":
        content, name, chunk_rows = mixed_rows(15_000).encode(), "t.csv", 100
    else:
        files = {f"{shade}.png": picture(shade % 30) for shade in range(40)}
        content, name, chunk_rows = packed(files | {"bad.png": b"\x89PNG\r\n\x1a\nno"}), "t.zip", 3
    expected = result_of(store, imported(store, settings, owner_id, content, name))
    files_before = blob_files(settings)
    dataset = received(store, settings, owner_id, content, name)
    environment = {key: value for key, value in os.environ.items() if not key.startswith("CROWD_")}
    environment |= settings.as_environment()
    rng, kills, done_counts = random.Random(3), 0, []
    while dataset_now(store, dataset.id).state == DatasetState.IMPORTING:
        child = subprocess.Popen(
            [sys.executable, "-c", CHILD, str(dataset.id), str(chunk_rows)],
            cwd=ROOT,
            env=environment,
            stdout=subprocess.PIPE,
        )
        assert child.stdout is not None
        child.stdout.readline()
        if kills < 4:
            time.sleep(rng.uniform(0.05, 0.5))
            child.kill()
        kills += child.wait() == -9
        child.stdout.close()
        done_counts.append(dataset_now(store, dataset.id).read_count)
    assert kills > 0
    assert done_counts == sorted(done_counts)
    assert result_of(store, dataset) == expected
    store.blobs.forget_unfinished(time.time() + 1)  # a kill in the middle of a file leaves its beginning
    assert blob_files(settings) == files_before


def test_what_a_killed_process_left_half_written_goes_when_it_is_old(store: Store) -> None:
    sha256, _ = store.blobs.put([b"whole"])
    half = store.blobs.root / f"{UNFINISHED}half"
    half.write_bytes(b"ha")
    assert store.blobs.forget_unfinished(time.time() - 60) == 0
    assert store.blobs.forget_unfinished(time.time() + 60) == 1
    assert not half.exists() and store.blobs.path(sha256).is_file()


def test_memory_does_not_grow_with_the_rows(
    store: Store, settings: Settings, owner_id: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(import_run, "CHUNK_ROWS", 500)

    def peak(row_count: int) -> int:
        dataset = received(
            store, settings, owner_id, "a,b\n" + "".join(f"{n},{'y' * 100}\n" for n in range(row_count))
        )
        tracemalloc.start()
        run_import(store, settings, dataset.id, silent, now_utc())
        found = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return found

    peak(1000)
    few, many = peak(2000), peak(20_000)
    assert many < few + (1 << 20)


@pytest.mark.parametrize(
    ("template_name", "modality", "item_count"),
    [
        ("text-classification", "text", 48),
        ("image-classification", "image", 40),
        ("audio-transcription", "audio", 36),
    ],
)
def test_the_sample_of_every_task_template_imports_whole_and_without_its_truth(
    store: Store, settings: Settings, owner_id: int, template_name: str, modality: str, item_count: int
) -> None:
    dataset = import_sample(store, settings, owner_id, template_name, now_utc())
    assert (dataset.state, dataset.modality) == (DatasetState.READY, modality)
    assert counts(dataset) == (item_count, item_count, 0, 0)
    assert "gold" in dataset.columns
    assert "label" not in dataset.columns


@pytest.mark.slow
@pytest.mark.parametrize(("folder", "pattern", "count"), [("fsdd", "*.wav", 120), ("bccd", "*.jpg", 60)])
def test_real_recordings_and_pictures_import_without_an_error(
    store: Store, settings: Settings, owner_id: int, shared_data: Path, folder: str, pattern: str, count: int
) -> None:
    found = sorted((shared_data / folder).rglob(pattern))
    assert len(found) == count
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in found:
            archive.write(path, path.name)
    dataset = imported(store, settings, owner_id, out.getvalue(), f"{folder}.zip")
    assert counts(dataset) == (count, count, 0, 0)


def test_deleting_a_dataset_leaves_nothing_but_what_others_share(
    store: Store, settings: Settings, owner_id: int, importing: Import
) -> None:
    kept = importing(packed({"a.png": picture(1)}), "kept.zip")
    files = blob_files(settings)
    gone = importing(packed({"a.png": picture(1), "b.png": picture(2), "bad": "?"}), "gone.zip")
    with store.writing() as session:
        delete_dataset(session, store.blobs, gone, settings, by=owner_id, now=now_utc())
    assert blob_files(settings) == files
    with store.reading() as session:
        assert session.get(Dataset, gone.id) is None
        assert len(items_of(session, kept.id)) == 1


def test_a_dataset_that_a_project_uses_cannot_be_deleted(
    store: Store, settings: Settings, requester: User, session: Session
) -> None:
    session.rollback()
    dataset = imported(store, settings, requester.id, "text,gold\na,\n")
    make_project(session, requester, dataset)
    with store.writing() as other, pytest.raises(InUse):
        delete_dataset(other, store.blobs, dataset, settings, by=requester.id, now=now_utc())
    assert len(items_of(session, dataset.id)) == 1


def test_an_import_that_is_deleted_meanwhile_stops(
    store: Store, settings: Settings, owner_id: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("crowd.services.import_dataset.TELL_EVERY", 5)
    monkeypatch.setattr(import_run, "CHUNK_ROWS", 2)
    dataset = received(store, settings, owner_id, "a\n" + "".join(f"{n}\n" for n in range(20)))

    def delete(_done: int, _total: int, _message: str) -> None:
        with store.writing() as session:
            delete_dataset(session, store.blobs, dataset, settings, by=owner_id, now=now_utc())

    with pytest.raises(TakenOver):
        run_import(store, settings, dataset.id, delete, now_utc())
    assert uploads(settings) == []
    with store.reading() as session:
        assert items_of(session, dataset.id) == []


def test_strays_of_interrupted_uploads_are_thrown_away_after_two_days(
    store: Store, settings: Settings, owner_id: int
) -> None:
    waiting = received(store, settings, owner_id, "a\n1\n")
    place = settings.data_path / "uploads"
    (place / "new").write_text("still arriving")
    (place / "stray").write_text("left behind")
    (place / "import-stray").mkdir()
    for name in (waiting.upload_name, "stray", "import-stray"):
        os.utime(place / name, (0, 0))
    with store.writing() as session:
        assert forget_stray_uploads(session, now_utc(), settings) == 2
    assert uploads(settings) == sorted([waiting.upload_name, "new"])
