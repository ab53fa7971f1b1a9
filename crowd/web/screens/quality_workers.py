"""Workers on the desk: how each one works, under her pseudonym; block her, let her in, answer her plea."""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, flash, render_template, request, url_for
from werkzeug.wrappers import Response

from crowd.domain.states import Role
from crowd.services import standings
from crowd.services.impartiality import OwnCase
from crowd.services.questions import question_of
from crowd.services.worker_figures import Sort, Truth, answer_seconds, compared, worker_figures
from crowd.storage.gold import items_of_gold, scores_of_worker
from crowd.storage.projects import Project
from crowd.storage.standings import Standing
from crowd.web.charts.confusion import confusion
from crowd.web.charts.distribution import TRUST_EDGES, Span, distribution, spans_of, trust_spans
from crowd.web.charts.interval import interval
from crowd.web.desk import named, past_of, standing_or_404, tabs, tell_own_case, waiting_in
from crowd.web.forms import Fields
from crowd.web.gates import for_roles, managed_project_or_404
from crowd.web.i18n import gettext as _
from crowd.web.per_request import db, now
from crowd.web.redirects import see_other
from crowd.web.signed_in import viewer

screen = Blueprint("quality_workers", __name__)

SHOWN_SCORES = 50
SECONDS = (0.0, 2.0, 5.0, 10.0, 20.0, 40.0, 80.0, 160.0, float("inf"))
SECONDS_NAMES = ("< 2", "2–5", "5–10", "10–20", "20–40", "40–80", "80–160", "> 160")


@screen.get("/quality/<project_id>/workers")
@for_roles(Role.QUALITY_MANAGER, Role.REQUESTER)
def everybody(project_id: str) -> str:
    """Every worker of the project in the order asked for; the least trusted first where nothing is asked."""
    project = managed_project_or_404(project_id)
    asked = request.args.get("sort", "")
    sort = Sort(asked) if asked in set(Sort) else Sort.TRUST
    descending = request.args.get("down") == "1"
    rows = worker_figures(db(), project, question_of(project).schema, sort, descending=descending)
    waiting = waiting_in(project)
    return render_template(
        "quality/workers.html",
        project=project,
        tabs=tabs(project, waiting),
        rows=[(row, _interval(project, row.stands)) for row in rows],
        sort=sort,
        descending=descending,
        waiting=waiting,
        chart=distribution(
            _("Trust of the workers"),
            trust_spans([row.stands.trust for row in rows], project.minimum_trust),
            unit=_("Trust in %"),
            counted=_("workers"),
            edges=TRUST_EDGES,
        ),
    )


@screen.get("/quality/<project_id>/workers/<pseudonym>")
@for_roles(Role.QUALITY_MANAGER, Role.REQUESTER)
def one_worker(project_id: str, pseudonym: str) -> str:
    """One worker: her trust and what it stands on, her speed, her mistakes, and what was decided."""
    project = managed_project_or_404(project_id)
    return _page(project, standing_or_404(project, pseudonym), {})


@screen.post("/quality/<project_id>/workers/<pseudonym>/block")
@for_roles(Role.QUALITY_MANAGER, Role.REQUESTER)
def block(project_id: str, pseudonym: str) -> Response | tuple[str, int]:
    """Stop a worker in this project."""
    return _decided(project_id, pseudonym, standings.block, _("%(worker)s is blocked in this project."))


@screen.post("/quality/<project_id>/workers/<pseudonym>/readmit")
@for_roles(Role.QUALITY_MANAGER, Role.REQUESTER)
def readmit(project_id: str, pseudonym: str) -> Response | tuple[str, int]:
    """Let a worker back in."""
    return _decided(project_id, pseudonym, standings.readmit, _("%(worker)s may work here again."))


@screen.post("/quality/<project_id>/workers/<pseudonym>/decline")
@for_roles(Role.QUALITY_MANAGER, Role.REQUESTER)
def decline(project_id: str, pseudonym: str) -> Response | tuple[str, int]:
    """Answer a plea with no."""
    return _decided(project_id, pseudonym, standings.decline, _("The plea of %(worker)s is answered."))


def _decided(
    project_id: str, pseudonym: str, verb: Callable[..., None], told: str
) -> Response | tuple[str, int]:
    project = managed_project_or_404(project_id)
    stands = standing_or_404(project, pseudonym)
    fields = Fields(request.form)
    reason = fields.text("reason", longest=standings.LONGEST_REASON)
    if not fields.is_valid:
        return _page(project, stands, fields.errors), 422
    try:
        verb(db(), project, stands, by=viewer().id, reason=reason, now=now())
        flash(told % {"worker": stands.pseudonym}, "good")
    except OwnCase:
        tell_own_case()
    except standings.NoPlea:
        flash(_("There is no plea to answer any more: somebody was faster."), "warn")
    return see_other(url_for("quality_workers.one_worker", project_id=project_id, pseudonym=pseudonym))


def _page(project: Project, stands: Standing, errors: dict[str, str]) -> str:
    question = question_of(project)
    worker_id = stands.worker_id
    scores = scores_of_worker(db(), project.id, worker_id)
    items = items_of_gold(db(), [gold.id for _assignment, _score, gold in scores[:SHOWN_SCORES]])
    against = {truth: compared(db(), project, question.schema, worker_id, truth) for truth in Truth}
    titles = {Truth.GOLD: _("Her answers to gold"), Truth.CONSENSUS: _("Her answers beside the consensus")}
    return render_template(
        "quality/worker.html",
        project=project,
        tabs=tabs(project, waiting_in(project)),
        stands=stands,
        is_self=worker_id == viewer().id,
        is_her_decision=stands.decided_by == viewer().id,
        interval=_interval(project, stands),
        scores=[
            (assignment, score, gold, named(items[gold.id], question))
            for assignment, score, gold in scores[:SHOWN_SCORES]
        ],
        speed=distribution(
            _("Seconds per answer"),
            _speeds(answer_seconds(db(), project, worker_id)),
            unit=_("Seconds"),
            counted=_("answers"),
        ),
        against=against,
        matrices={
            truth: confusion(titles[truth], found.matrix)
            for truth, found in against.items()
            if found.matrix is not None and found.count
        },
        errors=errors,
        reason=request.form.get("reason", ""),
        past=past_of(f"standing:{project.public_id}:{stands.pseudonym}"),
    )


def _speeds(seconds: list[float]) -> list[Span]:
    return spans_of(seconds, SECONDS, SECONDS_NAMES)


def _interval(project: Project, stands: Standing) -> str:
    return interval(stands.trust, stands.trust_low, stands.trust_high, threshold=project.minimum_trust)
