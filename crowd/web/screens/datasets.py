"""Datasets, for their requester: upload, watch the import, read its report, look at the items."""

from __future__ import annotations

import csv
from io import StringIO
from typing import Any

from flask import Blueprint, current_app, flash, jsonify, render_template, request, url_for
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.wrappers import Response

from crowd.domain.states import DatasetState, Role
from crowd.exports.csv import safe_text
from crowd.services import datasets as service
from crowd.services.sample_files import templates_with_samples
from crowd.services.uploads import (
    DiskFull,
    Incomplete,
    TooLarge,
    UploadRefused,
    disk_full,
    in_units,
    is_disk_full,
    too_large,
)
from crowd.storage.datasets import Dataset, datasets_of, refusals_of
from crowd.storage.items import items_page
from crowd.storage.jobs import latest_job
from crowd.web import errors
from crowd.web.forms import Fields
from crowd.web.gates import for_roles, own_dataset_or_404
from crowd.web.i18n import gettext as _
from crowd.web.media import media_url
from crowd.web.per_request import blobs, db, now, settings
from crowd.web.redirects import see_other
from crowd.web.signed_in import viewer, viewer_or_none
from crowd.web.uploading import allow_large_body

screen = Blueprint("datasets", __name__)

Answer = tuple[str | Response, int] | Response

ROWS, PLAYERS = 50, 12  # items on a page; a page of recordings is shorter, for each is a player
SHOWN_CHARACTERS = 400
LARGE = frozenset({"datasets.receive", "datasets.receive_raw"})
RAW = "datasets.receive_raw"


@screen.url_value_preprocessor
def before_the_body_is_read(endpoint: str | None, _values: dict[str, Any] | None) -> None:
    """Raise the limit for uploads, and for nothing else."""
    if endpoint in LARGE:
        allow_large_body()


@screen.get("/datasets")
@for_roles(Role.REQUESTER)
def mine() -> str:
    """All datasets of the requester."""
    return render_template(
        "datasets/mine.html", datasets=datasets_of(db(), viewer().id), samples=templates_with_samples()
    )


@screen.get("/datasets/new")
@for_roles(Role.REQUESTER)
def upload() -> str:
    """The form for a file."""
    return _upload_page()


@screen.post("/datasets/new")
@for_roles(Role.REQUESTER)
def receive() -> Answer:
    """Take a file from the plain form."""
    fields = Fields(request.form)
    name = fields.text("name", longest=service.LONGEST_NAME, required=False)
    file = request.files.get("file")
    if file is None or not file.filename:
        fields.complain("file", _("Choose a file."))
    if file is None or not fields.is_valid:
        return _upload_page(fields.errors), 422
    try:
        dataset = service.receive_upload(
            db(), viewer().id, name, file.filename or "", file.stream, settings(), now()
        )
    except UploadRefused as error:
        return _refused(error)
    return see_other(url_for("datasets.dataset", public_id=dataset.public_id))


@screen.post("/datasets/new/raw")
@for_roles(Role.REQUESTER)
def receive_raw() -> tuple[Response, int]:
    """Take a file as the body of the request, from the script that shows the progress."""
    fields = Fields(request.args)
    name = fields.text("name", longest=service.LONGEST_NAME, required=False)
    if not fields.is_valid:
        return jsonify(error=fields.errors["name"]), 422
    try:
        dataset = service.receive_upload(
            db(),
            viewer().id,
            name,
            request.args.get("file", ""),
            request.stream,
            settings(),
            now(),
            expected_bytes=request.content_length,
        )
    except UploadRefused as error:
        return jsonify(error=str(error)), _status(error)
    return jsonify(url=url_for("datasets.dataset", public_id=dataset.public_id)), 201


@screen.post("/datasets/samples")
@for_roles(Role.REQUESTER)
def try_sample() -> tuple[str, int] | Response:
    """Import the sample data of a task template."""
    fields = Fields(request.form)
    template_name = fields.choice("template", templates_with_samples())
    if not fields.is_valid:
        return _upload_page(fields.errors), 422
    db().rollback()
    dataset = service.receive_sample(db(), viewer().id, template_name, settings(), now())
    return see_other(url_for("datasets.dataset", public_id=dataset.public_id))


@screen.get("/datasets/<public_id>")
@for_roles(Role.REQUESTER)
def dataset(public_id: str) -> str:
    """How a dataset stands, and its items."""
    return _shown("datasets/dataset.html", own_dataset_or_404(public_id))


@screen.get("/datasets/<public_id>/progress")
@for_roles(Role.REQUESTER)
def progress(public_id: str) -> str:
    """The part of the page that changes while the import runs."""
    return _shown("datasets/_state.html", own_dataset_or_404(public_id))


@screen.get("/datasets/<public_id>/report")
@for_roles(Role.REQUESTER)
def report(public_id: str) -> str:
    """Which rows were refused, where and why."""
    found = own_dataset_or_404(public_id)
    return render_template("datasets/report.html", dataset=found, refusals=refusals_of(db(), found.id))


@screen.get("/datasets/<public_id>/refusals.csv")
@for_roles(Role.REQUESTER)
def refusals_csv(public_id: str) -> Response:
    """The refused rows as a file that a spreadsheet opens without running anything in it."""
    found = own_dataset_or_404(public_id)
    text = StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["line", "column", "reason"])
    for refusal in refusals_of(db(), found.id):
        writer.writerow([refusal.line, safe_text(refusal.column), safe_text(refusal.reason)])
    response = Response(text.getvalue(), mimetype="text/csv")
    response.headers["Content-Disposition"] = f'attachment; filename="refused-{found.public_id}.csv"'
    return response


@screen.post("/datasets/<public_id>/delete")
@for_roles(Role.REQUESTER)
def delete(public_id: str) -> Response:
    """Delete a dataset that no project uses."""
    found = own_dataset_or_404(public_id)
    name = found.name
    try:
        service.delete_dataset(db(), blobs(), found, settings(), by=viewer().id, now=now())
    except service.InUse:
        flash(_("A project uses this dataset, so it stays. Nothing was changed."), "bad")
        return see_other(url_for("datasets.dataset", public_id=public_id))
    flash(_("The dataset %(name)s is deleted.") % {"name": name}, "good")
    return see_other(url_for("datasets.mine"))


@screen.errorhandler(RequestEntityTooLarge)
def too_large_to_read(_error: RequestEntityTooLarge) -> Answer:
    """The server stopped reading at the limit."""
    who = viewer_or_none()
    if request.endpoint in LARGE and who is not None and who.has(Role.REQUESTER):
        return _refused(too_large(settings()))
    return errors.show(413)


@screen.errorhandler(OSError)
def disk_is_full(error: OSError) -> Answer:
    """The disk filled up while the plain form's file arrived."""
    if not is_disk_full(error):
        raise error
    return _refused(disk_full())


def _refused(error: UploadRefused) -> Answer:
    if request.endpoint == RAW:
        return jsonify(error=str(error)), _status(error)
    return _upload_page({"file": str(error)}), _status(error)


def _status(error: UploadRefused) -> int:
    return {TooLarge: 413, DiskFull: 507, Incomplete: 400}.get(type(error), 422)


def _upload_page(complaints: dict[str, str] | None = None) -> str:
    return render_template(
        "datasets/upload.html",
        errors=complaints or {},
        samples=templates_with_samples(),
        most_bytes=settings().max_upload_bytes,
        most=in_units(settings().max_upload_bytes),
    )


def _shown(page: str, shown: Dataset) -> str:
    is_ready = shown.state == DatasetState.READY
    limit = PLAYERS if shown.modality == "audio" else ROWS
    after = _after()
    found = items_page(db(), shown.id, after, limit + 1) if is_ready else []
    importing = shown.state == DatasetState.IMPORTING
    return render_template(
        page,
        dataset=shown,
        job=latest_job(db(), service.KIND, str(shown.id)) if importing else None,
        items=found[:limit],
        next_after=found[limit - 1].position if len(found) > limit else None,
        is_first=after < 0,
        is_in_use=service.is_in_use(db(), shown.id),
        next_step=_next_step(),
        in_units=in_units,
        media_url=media_url,
        cell=_cell,
    )


def _next_step() -> str | None:
    """Where a project is begun."""
    return url_for("wizard.new") if "wizard.new" in current_app.view_functions else None


def _after() -> int:
    sent = request.args.get("after", "")
    return int(sent) if sent.isascii() and sent.isdigit() and len(sent) < 10 else -1


def _cell(value: object) -> str:
    """One value of an item as a table shows it."""
    text = value if isinstance(value, str) else "" if value is None else str(value)
    return text if len(text) <= SHOWN_CHARACTERS else text[:SHOWN_CHARACTERS].rstrip() + "…"
