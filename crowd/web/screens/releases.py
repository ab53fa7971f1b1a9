"""Releases: numbered exports of a project that never change, made by a job, downloaded with their hash."""

from __future__ import annotations

import base64
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from flask import Blueprint, abort, flash, render_template, request, send_file, url_for
from werkzeug.wrappers import Response

from crowd.domain.states import JobState, Role
from crowd.services.export import CONTENTS, FORMATS, JOB, NothingToExport, request_release
from crowd.storage.blobs import Blob
from crowd.storage.jobs import Job, latest_job
from crowd.storage.projects import Project
from crowd.storage.releases import Release, release_by_public_id, releases_of
from crowd.web.forms import Fields
from crowd.web.gates import for_roles, managed_project_or_404
from crowd.web.i18n import gettext as _
from crowd.web.per_request import blobs, db, now
from crowd.web.redirects import see_other
from crowd.web.signed_in import viewer

screen = Blueprint("releases", __name__)

LONGEST_NAME = 60


@dataclass(frozen=True)
class Row:
    """A release with the job that writes it and the file that it has."""

    release: Release
    job: Job | None
    blob: Blob | None

    @property
    def is_under_way(self) -> bool:
        """Whether its file is still to come."""
        return (
            self.blob is None
            and self.job is not None
            and self.job.state in {JobState.QUEUED, JobState.RUNNING}
        )


@screen.get("/projects/<project_id>/releases")
@for_roles(Role.REQUESTER, Role.QUALITY_MANAGER)
def of_project(project_id: str) -> str:
    """Every release of a project, and the form that makes one."""
    project = managed_project_or_404(project_id)
    return _page(project)


@screen.get("/projects/<project_id>/releases/rows")
@for_roles(Role.REQUESTER, Role.QUALITY_MANAGER)
def rows(project_id: str) -> str:
    """The list alone; it replaces itself until every file is written."""
    project = managed_project_or_404(project_id)
    return render_template("releases/_rows.html", project=project, rows=_rows(project))


@screen.post("/projects/<project_id>/releases")
@for_roles(Role.REQUESTER, Role.QUALITY_MANAGER)
def create(project_id: str) -> Response | tuple[str, int]:
    """Ask for a release."""
    project = managed_project_or_404(project_id)
    fields = Fields(request.form)
    content, format_name = fields.choice("content", CONTENTS), fields.choice("format", FORMATS)
    if not fields.is_valid:
        return _page(project, fields.errors), 422
    try:
        request_release(db(), project, format_name=format_name, content=content, by=viewer().id, now=now())
    except NothingToExport:
        flash(_("The project has no dataset yet, so there is nothing to export."), "warn")
    return see_other(url_for("releases.of_project", project_id=project.public_id))


@screen.get("/releases/<release_id>/file")
@for_roles(Role.REQUESTER, Role.QUALITY_MANAGER)
def download(release_id: str) -> Response:
    """The file, never shown in a page, with its hash in the headers."""
    release = release_by_public_id(db(), release_id)
    project = db().get(Project, release.project_id) if release else None
    if release is None or project is None:
        abort(404)
    managed_project_or_404(project.public_id)
    blob = db().get(Blob, release.blob_sha256) if release.blob_sha256 else None
    if blob is None or not blobs().path(blob.sha256).is_file():
        abort(404)
    response = send_file(
        blobs().path(blob.sha256),
        mimetype=blob.media_type,
        as_attachment=True,
        download_name=file_name(project, release),
        conditional=True,
        etag=blob.sha256,
    )
    response.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response.headers["X-Content-SHA256"] = blob.sha256
    digest = base64.b64encode(bytes.fromhex(blob.sha256)).decode()
    response.headers["Repr-Digest"] = f"sha-256=:{digest}:"
    return response


def file_name(project: Project, release: Release) -> str:
    """A name that every file system takes: the title in plain letters, what it holds, its number."""
    plain = unicodedata.normalize("NFKD", project.title).encode("ascii", "ignore").decode().lower()
    title = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:LONGEST_NAME].strip("-") or "project"
    made_as = FORMATS.get(release.format)
    extension = made_as.extension if made_as else "txt"
    return f"{title}-{release.content}-{release.number}.{extension}"


def _rows(project: Project) -> Sequence[Row]:
    return [
        Row(
            release,
            latest_job(db(), JOB, str(release.id)),
            db().get(Blob, release.blob_sha256) if release.blob_sha256 else None,
        )
        for release in releases_of(db(), project.id)
    ]


def _page(project: Project, errors: dict[str, str] | None = None) -> str:
    return render_template(
        "releases/of_project.html",
        project=project,
        is_owner=project.owner_id == viewer().id,
        rows=_rows(project),
        formats=FORMATS.values(),
        errors=errors or {},
    )
