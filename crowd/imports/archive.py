"""A ZIP of pictures or recordings, with a manifest beside them or without one."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path, PurePosixPath

from crowd.imports import delimited, jsonl
from crowd.imports.members import Archive, media_member
from crowd.imports.rows import BadMedia, Detected, Format, ImportLimits, Reader, Refused, Row, Unreadable
from crowd.imports.zip_directory import Entry, collision_key, read_directory

MANIFEST_STEMS = ("manifest", "metadata")
MANIFEST_SUFFIXES = (".csv", ".tsv", *jsonl.SUFFIXES)
MEDIA_COLUMNS = ("file", "filename", "file_name", "path", "image", "audio")
OFFICE_MARKS = ("[Content_Types].xml", "mimetype", "META-INF/MANIFEST.MF", "AndroidManifest.xml")
JUNK_NAMES = (".ds_store", "thumbs.db", "desktop.ini")


def open_archive(path: Path, filename: str, limits: ImportLimits) -> Reader:  # noqa: ARG001
    """A reader of the archive's manifest, or of its files where it has none; raises Unreadable."""
    file = path.open("rb")
    try:
        entries = read_directory(file, limits)
        if any(entry.name in OFFICE_MARKS for entry in entries):
            raise Unreadable(
                "This is an Office document or a program, not a ZIP of media. Save a table as CSV."
            )
        wanted = [entry for entry in entries if not is_junk(entry.name)]
        if not wanted:
            raise Unreadable("The ZIP holds no files. Put pictures or recordings into it.")
        archive = Archive(file, limits)
        junk_count = len(entries) - len(wanted)
        manifest = _manifest(wanted)
        if manifest is None:
            return _files_reader(archive, wanted, junk_count)
        media = [entry for entry in wanted if entry is not manifest]
        return _manifest_reader(archive, manifest, media, junk_count, limits)
    except BaseException:
        file.close()
        raise


def is_junk(name: str) -> bool:
    """Whether an operating system put this file there and no person did."""
    parts = PurePosixPath(name).parts
    return "__MACOSX" in parts or parts[-1].lower() in JUNK_NAMES or parts[-1].startswith("._")


def _manifest(entries: list[Entry]) -> Entry | None:
    found = [
        entry
        for entry in entries
        if (path := PurePosixPath(entry.name)).stem.lower() in MANIFEST_STEMS
        and path.suffix.lower() in MANIFEST_SUFFIXES
    ]
    if len(found) > 1:
        raise Unreadable(
            f"The ZIP holds {len(found)} manifests: {', '.join(entry.name for entry in found[:5])}. Keep one."
        )
    return found[0] if found else None


def _files_reader(archive: Archive, entries: list[Entry], junk_count: int) -> Reader:
    detected = Detected(
        "archive", ("file", "folder"), media_column="file", media_count=len(entries), junk_count=junk_count
    )
    done = 0

    def rows() -> Iterator[Row | Refused]:
        nonlocal done
        for line, entry in enumerate(entries, start=1):
            done = line
            folder = str(PurePosixPath(entry.name).parent)
            names: dict[str, object] = {"file": entry.name, "folder": "" if folder == "." else folder}
            yield _with_media(archive, entry, line, "file", names)

    return Reader(detected, rows(), lambda: done / len(entries), archive.close)


def _manifest_reader(
    archive: Archive, manifest: Entry, media: list[Entry], junk_count: int, limits: ImportLimits
) -> Reader:
    place = Path(tempfile.mkdtemp(prefix="manifest-"))
    try:
        inner = _open_manifest(archive, manifest, place / "manifest", limits)
    except BaseException:
        shutil.rmtree(place, ignore_errors=True)
        raise

    def close() -> None:
        inner.close()
        archive.close()
        shutil.rmtree(place, ignore_errors=True)

    try:
        column = _media_column(inner.detected.columns, manifest.name)
    except Unreadable:
        close()
        raise
    detected = Detected(
        "archive",
        inner.detected.columns,
        encoding=inner.detected.encoding,
        delimiter=inner.detected.delimiter,
        quote=inner.detected.quote,
        media_column=column,
        media_count=len(media),
        junk_count=junk_count,
    )
    rows = _manifest_rows(archive, inner, column, _finder(manifest, media), media, manifest.name)
    return Reader(detected, rows, lambda: inner.progress, close)


def _open_manifest(archive: Archive, manifest: Entry, target: Path, limits: ImportLimits) -> Reader:
    if manifest.size > limits.max_manifest_bytes:
        raise Unreadable(
            f"{manifest.name} is {manifest.size:,} bytes; at most {limits.max_manifest_bytes:,} are allowed."
        )
    try:
        with target.open("wb") as file:
            for chunk in archive.chunks(manifest):
                file.write(chunk)
        is_jsonl = manifest.name.lower().endswith(jsonl.SUFFIXES)
        return (jsonl.open_jsonl if is_jsonl else delimited.open_delimited)(target, manifest.name, limits)
    except (BadMedia, Unreadable) as error:
        raise Unreadable(f"{manifest.name} in the ZIP: {error}") from error


def _media_column(columns: tuple[str, ...], manifest_name: str) -> str:
    for name in MEDIA_COLUMNS:
        for column in columns:
            if column.lower() == name:
                return column
    raise Unreadable(
        f'{manifest_name} has no column that names the files. Call it "file". '
        f"It has: {', '.join(columns[:20])}."
    )


def _finder(manifest: Entry, media: list[Entry]) -> Callable[[str], Entry | None]:
    """Finds a member by the name a manifest gives it: beside the manifest, else from the archive's root."""
    known = {collision_key(entry.name): entry for entry in media}
    folder = "/".join(PurePosixPath(manifest.name).parts[:-1])

    def find(name: str) -> Entry | None:
        path = name.strip().replace("\\", "/").removeprefix("./")
        beside = f"{folder}/{path}" if folder else path
        return known.get(collision_key(beside)) or known.get(collision_key(path))

    return find


def _manifest_rows(
    archive: Archive,
    inner: Reader,
    column: str,
    find: Callable[[str], Entry | None],
    media: list[Entry],
    manifest_name: str,
) -> Iterator[Row | Refused]:
    used: set[int] = set()
    for row in inner:
        if isinstance(row, Refused):
            yield row
            continue
        name = row.input.get(column)
        if not isinstance(name, str) or not name.strip():
            yield Refused(row.line, column, "The row names no file.")
            continue
        entry = find(name)
        if entry is None:
            yield Refused(row.line, column, f'The ZIP holds no file "{name[:200]}".')
            continue
        used.add(entry.data_offset)
        yield _with_media(archive, entry, row.line, column, row.input)
    for entry in media:
        if entry.data_offset not in used:
            yield Refused(0, column, f'"{entry.name[:200]}" is in the ZIP, but not in {manifest_name}.')


def _with_media(
    archive: Archive, entry: Entry, line: int, column: str, names: dict[str, object]
) -> Row | Refused:
    try:
        return Row(line, names, media_member(archive, entry))
    except BadMedia as error:
        return Refused(line, column, f'"{entry.name[:200]}": {error}')


FORMAT = Format(
    name="archive",
    title="ZIP of images or audio",
    suffixes=(".zip",),
    rank=2,
    sniff=lambda head, filename: head.startswith((b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")),  # noqa: ARG005
    open=open_archive,
)
