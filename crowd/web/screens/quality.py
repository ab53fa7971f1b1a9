"""The quality manager's desk: every launched project with what waits for a decision."""

from __future__ import annotations

from flask import Blueprint, flash, render_template, url_for
from werkzeug.wrappers import Response

from crowd.domain.states import ProjectState, Role
from crowd.services import thresholds
from crowd.storage.projects import Project, launched_projects, projects_of
from crowd.storage.standings import standings_in
from crowd.storage.tasks import stale_count, task_counts
from crowd.web.charts.distribution import TRUST_EDGES, distribution, trust_spans
from crowd.web.desk import past_of, tabs, waiting_in
from crowd.web.gates import for_roles, managed_project_or_404
from crowd.web.i18n import gettext as _
from crowd.web.per_request import db, now
from crowd.web.redirects import see_other
from crowd.web.signed_in import viewer

screen = Blueprint("quality", __name__)


@screen.get("/quality")
@for_roles(Role.QUALITY_MANAGER, Role.REQUESTER)
def desk() -> str:
    """Every project that this person looks after; where most waits comes first."""
    rows = [(project, waiting_in(project)) for project in _projects()]
    rows.sort(key=lambda row: -row[1].total)
    return render_template("quality/desk.html", rows=rows, total=sum(waiting.total for _p, waiting in rows))


@screen.get("/quality/<project_id>")
@for_roles(Role.QUALITY_MANAGER, Role.REQUESTER)
def project(project_id: str) -> str:
    """How one project's quality stands."""
    found = managed_project_or_404(project_id)
    waiting = waiting_in(found)
    trusts = [stands.trust for stands in standings_in(db(), found.id)]
    return render_template(
        "quality/project.html",
        project=found,
        waiting=waiting,
        tabs=tabs(found, waiting),
        tasks=task_counts(db(), found.id),
        stale=stale_count(db(), found.id),
        trust_chart=distribution(
            _("Trust of the workers"),
            trust_spans(trusts, found.minimum_trust),
            unit=_("Trust in %"),
            counted=_("workers"),
            edges=TRUST_EDGES,
        ),
        past=past_of(f"project:{found.public_id}", limit=10),
    )


@screen.get("/quality/<project_id>/stale")
@for_roles(Role.QUALITY_MANAGER, Role.REQUESTER)
def stale(project_id: str) -> str:
    """How many tasks wait for their consensus: a fragment that asks again until none does."""
    found = managed_project_or_404(project_id)
    return render_template("quality/_stale.html", project=found, stale=stale_count(db(), found.id))


@screen.post("/quality/<project_id>/recompute")
@for_roles(Role.QUALITY_MANAGER, Role.REQUESTER)
def recompute(project_id: str) -> Response:
    """Compute every consensus of the project anew."""
    found = managed_project_or_404(project_id)
    thresholds.ask_recompute(db(), found, by=viewer().id, now=now())
    flash(_("Every consensus is being recomputed. Nothing is lost meanwhile."), "good")
    return see_other(url_for("quality.project", project_id=project_id))


def _projects() -> list[Project]:
    if viewer().has(Role.QUALITY_MANAGER):
        return list(launched_projects(db()))
    return [one for one in projects_of(db(), viewer().id) if one.state != ProjectState.DRAFT]
