"""Writes the file of a release."""

from __future__ import annotations

from crowd.exports import FORMATS
from crowd.jobs.work import JobFailed, Work
from crowd.services.export import CONTENTS, give_up, write_release
from crowd.storage.releases import Release

KIND = "export"


def run(work: Work) -> None:
    """Stream the project's rows into the blob store and close the release."""
    release_id = int(work.arguments["release_id"])
    with work.store.reading() as session:
        release = session.get(Release, release_id)
    if release is None:
        raise JobFailed("There is no such release.")
    if release.format not in FORMATS or release.content not in CONTENTS:
        reason = f"This version writes no {release.content} as {release.format}."
        give_up(work.store, release_id, reason)
        raise JobFailed(reason)
    write_release(work.store, release_id, work.now, work.progress)
