"""Releases: request an export of a project, and write it once as a file that never changes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, select

from crowd.domain.states import JobState
from crowd.exports import FORMATS, Format
from crowd.services.export_contents import CONTENTS, Content, UnknownContent
from crowd.storage import audit
from crowd.storage.blobs import Blob, add_blob_row
from crowd.storage.database import Store
from crowd.storage.export_rows import one_snapshot
from crowd.storage.jobs import add_job, latest_job
from crowd.storage.projects import Project
from crowd.storage.releases import (
    Release,
    fail_release,
    finish_release,
    last_number,
    unfinished_release,
)

JOB = "export"
PIECE = 1 << 16

Progress = Callable[[int, int], None]


class UnknownFormat(Exception):
    """There is no export format of this name."""


class NothingToExport(Exception):
    """The project has no dataset yet."""


class Counted:
    """Rows on their way into a file, counted as they pass."""

    def __init__(self, content: Content, session: Session, project: Project, progress: Progress) -> None:
        self.count = 0
        self._total = content.count(session, project)
        self._rows = content.rows(session, project)
        self._progress = progress

    def __iter__(self) -> Iterator[dict[str, object]]:
        for row in self._rows:
            yield row
            self.count += 1
            if self.count % 100 == 0:
                self._progress(self.count, self._total)
        self._progress(self.count, self._total)


@dataclass(frozen=True)
class Export:
    """A file in the making: its bytes, and how many rows have gone into them so far."""

    pieces: Iterator[bytes]
    rows: Counted


def request_release(
    session: Session, project: Project, *, format_name: str, content: str, by: int, now: datetime
) -> Release:
    """Number a new release and put the writing of its file on the list. Commits.

    While one of the same kind is being written, that one is returned: a second click makes no second file.
    Raises UnknownFormat, UnknownContent, NothingToExport.
    """
    _known(format_name, content)
    if project.dataset_id is None:
        raise NothingToExport
    session.exec(select(Project.id).where(Project.id == project.id).with_for_update()).one()
    waiting = unfinished_release(session, project.id, format_name, content)
    if waiting is not None and _is_under_way(session, waiting):
        session.rollback()
        return waiting
    release = Release(
        project_id=project.id,
        number=last_number(session, project.id) + 1,
        format=format_name,
        content=content,
        created_by=by,
        created_at=now,
    )
    session.add(release)
    session.flush()
    add_job(session, JOB, {"release_id": release.id}, key=str(release.id), now=now, is_slow=True)
    audit.record(
        session,
        "release.requested",
        f"release:{release.public_id}",
        actor_id=by,
        at=now,
        after={"number": release.number, "format": format_name, "content": content},
    )
    session.commit()
    return release


def _is_under_way(session: Session, release: Release) -> bool:
    job = latest_job(session, JOB, str(release.id))
    return job is not None and job.state in {JobState.QUEUED, JobState.RUNNING}


def write_release(
    store: Store, release_id: int, now: Callable[[], datetime], progress: Progress
) -> Release | None:
    """Write a release's file and close the release. May run again after any interruption.

    The database is read as it is at one moment. Returns None when there is no such release.
    """
    with store.reading() as session:
        one_snapshot(session)
        release = session.get(Release, release_id)
        if release is None or release.finished_at is not None or release.error:
            return release
        project = session.get_one(Project, release.project_id)
        made_as = FORMATS[release.format]
        export = begin_export(session, project, made_as, CONTENTS[release.content], progress)
        sha256, size = store.blobs.put(export.pieces)
    blob = Blob(sha256=sha256, byte_count=size, media_type=made_as.media_type, created_at=now())
    with store.writing() as session:
        add_blob_row(session, blob)
        if finish_release(session, release_id, sha256, export.rows.count, now()):
            audit.record(
                session,
                "release.written",
                f"release:{release.public_id}",
                actor_id=None,
                at=now(),
                after={"sha256": sha256, "rows": export.rows.count},
            )
        session.commit()
        return session.get_one(Release, release_id, populate_existing=True)


def give_up(store: Store, release_id: int, error: str) -> None:
    """Close a release that can get no file, with the reason."""
    with store.writing() as session:
        fail_release(session, release_id, error)
        session.commit()


def begin_export(
    session: Session, project: Project, made_as: Format, content: Content, progress: Progress
) -> Export:
    """An export as a stream of bytes, read from the session while it is consumed, in constant memory."""
    rows = Counted(content, session, project, progress)
    encoded = made_as.encode(content.columns(session, project), rows)
    return Export(_in_pieces(encoded), rows)


def _in_pieces(lines: Iterable[bytes]) -> Iterator[bytes]:
    """The same bytes in pieces that are worth a write."""
    piece = bytearray()
    for line in lines:
        piece += line
        if len(piece) >= PIECE:
            yield bytes(piece)
            piece.clear()
    if piece:
        yield bytes(piece)


def _known(format_name: str, content: str) -> None:
    if format_name not in FORMATS:
        raise UnknownFormat(format_name)
    if content not in CONTENTS:
        raise UnknownContent(content)


__all__ = [
    "CONTENTS",
    "FORMATS",
    "Export",
    "NothingToExport",
    "UnknownContent",
    "UnknownFormat",
    "begin_export",
    "give_up",
    "request_release",
    "write_release",
]
