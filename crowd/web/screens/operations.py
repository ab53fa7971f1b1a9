"""Operations, for admins: jobs, the queue, RQ workers, the database."""

from __future__ import annotations

import re

from flask import Blueprint, abort, flash, render_template, request, url_for
from werkzeug.wrappers import Response

from crowd.domain.states import JobState, Role
from crowd.services.jobs import retry_failed
from crowd.storage.health import durability, queue_health
from crowd.storage.jobs import MAX_ATTEMPTS, job_by_public_id, job_counts, jobs_page
from crowd.web.gates import for_roles
from crowd.web.i18n import gettext as _
from crowd.web.per_request import db, house, now
from crowd.web.redirects import see_other
from crowd.web.signed_in import viewer

screen = Blueprint("operations", __name__)

PAGE = 50


@screen.get("/admin/jobs")
@for_roles(Role.ADMIN)
def jobs() -> str:
    """Every job, and how the engines are."""
    return render_template(
        "operations/jobs.html",
        queue=queue_health(house().queue),
        database=durability(db()),
        **_listed(),
    )


@screen.get("/admin/jobs/rows")
@for_roles(Role.ADMIN)
def rows() -> str:
    """The table alone; it replaces itself while anything waits or runs."""
    return render_template("operations/_rows.html", **_listed())


@screen.post("/admin/jobs/<job_id>/retry")
@for_roles(Role.ADMIN)
def retry(job_id: str) -> Response:
    """Put a failed job back on the list."""
    job = job_by_public_id(db(), job_id)
    if job is None:
        abort(404)
    if retry_failed(db(), job, by=viewer().id, now=now()):
        flash(_("The job is on the list again."), "good")
    else:
        flash(_("Nothing was changed: the job has not failed, or the same work waits already."), "warn")
    return see_other(url_for("operations.jobs", state=JobState.FAILED.value))


def _listed() -> dict[str, object]:
    state, before = request.args.get("state", ""), request.args.get("before", "")
    if (state and state not in list(JobState)) or (
        before and not re.fullmatch("[0-9]{1,18}", before, re.ASCII)
    ):
        abort(404)
    found = jobs_page(db(), state=state, before=int(before) if before else None, limit=PAGE + 1)
    return {
        "state": state,
        "before": before,
        "counts": job_counts(db()),
        "jobs": found[:PAGE],
        "next_before": found[PAGE - 1].id if len(found) > PAGE else None,
        "most_attempts": MAX_ATTEMPTS,
    }
