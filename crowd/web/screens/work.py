"""Work: which tasks there are, what a project asks, and one answer after another."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from math import ceil
from random import SystemRandom

from flask import Blueprint, render_template, request, url_for
from werkzeug.wrappers import Response

from crowd.domain.answers import AnswerRefused
from crowd.domain.pay import Tiers, reward
from crowd.domain.states import AssignmentState, Role, StandingState
from crowd.domain.strict_json import JsonRefused, load_strict
from crowd.services.assignment import GRACE, NothingNow, give_back, next_assignment, outlook
from crowd.services.guidelines import guidelines_html
from crowd.services.own_trust import paid_trust
from crowd.services.pace import Pace, pace_of
from crowd.services.questions import question_of
from crowd.services.submission import NotInHand, WrongToken
from crowd.services.working import answer_and_go_on, skip_and_go_on
from crowd.storage.assignments import Assignment, live_assignment
from crowd.storage.earnings import earned_since, names_of
from crowd.storage.guidelines import latest_guidelines
from crowd.storage.offers import loans_in_hand, offers, shown_to_worker
from crowd.storage.projects import Project
from crowd.storage.standings import Standing, standing
from crowd.web.gates import for_roles, own_assignment_or_404, workable_project_or_404
from crowd.web.i18n import gettext as _
from crowd.web.media import media_url
from crowd.web.per_request import db, now, only_look
from crowd.web.redirects import see_other
from crowd.web.signed_in import viewer
from crowd.web.visits import note_visit, visit_start

screen = Blueprint("work", __name__)
rng = SystemRandom()

MAX_ANSWER_BYTES = 400_000
Page = str | tuple[str, int] | Response


@dataclass(frozen=True)
class Card:
    """One project as a worker chooses it."""

    project: Project
    standing: Standing | None
    reward_micros: int
    pace: Pace

    @property
    def is_stopped(self) -> bool:
        """Whether she may not work here for now."""
        return is_stopped(self.standing)


@screen.get("/tasks")
@for_roles(Role.WORKER)
def tasks() -> str:
    """What this worker can do now, what she has in hand first."""
    in_hand = loans_in_hand(db(), viewer().id, now())
    held = {project.id for _assignment, project in in_hand}
    is_manager = viewer().has(Role.QUALITY_MANAGER)  # who sees gold is lent nothing, and offered nothing
    offered = [] if is_manager else offers(db(), viewer().id)
    found = [offer for offer in offered if offer.project.id not in held]
    cards = [
        _card(offer.project, offer.standing)
        for offer in found
        if offer.is_work_left or is_stopped(offer.standing)
    ]
    return render_template("work/tasks.html", cards=cards, in_hand=in_hand, is_manager=is_manager)


def is_stopped(stands: Standing | None) -> bool:
    """Whether a standing keeps its worker from working."""
    return stands is not None and stands.state != StandingState.ACTIVE


def _card(project: Project, stands: Standing | None) -> Card:
    pays = _pays(project, stands)
    return Card(project, stands, pays, pace_of(db(), project, pays))


def _pays(project: Project, stands: Standing | None) -> int:
    """What an answer pays this worker; one without a standing begins without a tier."""
    if stands is None:
        return project.reward_micros
    trust = paid_trust(db(), project, stands, now())
    return reward(project.reward_micros, trust, Tiers.from_list(project.tiers))


@screen.get("/tasks/<project_id>")
@for_roles(Role.WORKER)
def project(project_id: str) -> str:
    """What a project asks, pays and expects."""
    found = workable_project_or_404(project_id)
    guidelines = latest_guidelines(db(), found.id)
    return render_template(
        "work/project.html",
        card=_card(found, standing(db(), found.id, viewer().id)),
        project=found,
        requester=names_of(db(), [found.owner_id])[found.owner_id],
        guidelines=guidelines,
        guidelines_html=guidelines_html(guidelines.markdown) if guidelines else "",
        nothing=outlook(db(), found, viewer().id, now()),
        in_hand=_in_hand(found),
        tiers=Tiers.from_list(found.tiers).steps,
    )


@screen.get("/tasks/<project_id>/task")
@for_roles(Role.WORKER)
def task(project_id: str) -> str:
    """What she has in hand. Looking lends nothing."""
    found = workable_project_or_404(project_id)
    in_hand = _in_hand(found)
    if in_hand is not None:
        return render_template("work/task.html", **_task_words(found, in_hand))
    nothing = outlook(db(), found, viewer().id, now()) or NothingNow("idle")
    return render_template("work/nothing.html", **_nothing_words(found, nothing))


def _in_hand(found: Project) -> Assignment | None:
    in_hand = live_assignment(db(), found.id, viewer().id)
    return in_hand if in_hand is not None and now() <= in_hand.due_at + GRACE else None


@screen.post("/tasks/<project_id>/start")
@for_roles(Role.WORKER)
def start(project_id: str) -> Response:
    """Lend her a task, or give back the one she has in hand already."""
    found = workable_project_or_404(project_id)
    next_assignment(db(), found, viewer().id, now(), rng)
    note_visit(found)
    return _to_task(found)


def _to_task(found: Project) -> Response:
    return see_other(url_for("work.task", project_id=found.public_id))


@screen.post("/tasks/assignment/<assignment_id>/answer")
@for_roles(Role.WORKER)
def answer(assignment_id: str) -> Page:
    """Take an answer and show the next task: one round trip."""
    assignment = own_assignment_or_404(assignment_id)
    found = db().get_one(Project, assignment.project_id)
    note_visit(found, since=assignment.assigned_at)
    try:
        turn = answer_and_go_on(
            db(),
            found,
            assignment,
            token=request.form.get("token", ""),
            raw_answer=load_strict(request.form.get("answer", ""), MAX_ANSWER_BYTES),
            schema=question_of(found).schema,
            now=now(),
            rng=rng,
        )
    except (AnswerRefused, JsonRefused) as refused:
        return _refused(found, assignment, refused)
    except WrongToken:
        return _conflict(found, "answered")
    except NotInHand:
        return _conflict(found, "late")
    return _go_on(found, turn.found)


def _go_on(found: Project, turn: Assignment | NothingNow) -> Page:
    if not _is_fragment():
        return _to_task(found)
    only_look()
    if isinstance(turn, Assignment):
        return render_template("work/_task.html", **_task_words(found, turn))
    return render_template("work/_nothing.html", **_nothing_words(found, turn))


def _refused(found: Project, assignment: Assignment, refused: AnswerRefused | JsonRefused) -> Page:
    _give_up()
    if assignment.state != AssignmentState.ASSIGNED:
        return _conflict(found, "answered" if assignment.answer is not None else "late")
    message = str(refused)
    if isinstance(refused, AnswerRefused) and refused.field:
        message = _("“%(field)s” %(reason)s") % {"field": refused.field, "reason": refused.reason}
    words = _task_words(found, assignment) | {"problem": message}
    return render_template("work/_task.html" if _is_fragment() else "work/task.html", **words), 422


def _conflict(found: Project, why: str) -> Page:
    """Say that an answer could not be taken, and give it back to her in words."""
    _give_up()
    words = _nothing_words(found, NothingNow(why)) | {"sent": request.form.get("answer", "")[:5000]}
    return render_template("work/_nothing.html" if _is_fragment() else "work/nothing.html", **words), 409


def _give_up() -> None:
    db().rollback()
    only_look()


@screen.post("/tasks/assignment/<assignment_id>/skip")
@for_roles(Role.WORKER)
def skip(assignment_id: str) -> Page:
    """Put a task back and take another."""
    assignment = own_assignment_or_404(assignment_id)
    found = db().get_one(Project, assignment.project_id)
    note_visit(found, since=assignment.assigned_at)
    return _go_on(found, skip_and_go_on(db(), found, assignment, now(), rng))


@screen.post("/tasks/assignment/<assignment_id>/return")
@for_roles(Role.WORKER)
def return_task(assignment_id: str) -> Response:
    """Put a task back and stop."""
    assignment = own_assignment_or_404(assignment_id)
    give_back(db(), assignment, AssignmentState.RETURNED)
    return see_other(url_for("work.tasks"))


def _is_fragment() -> bool:
    return request.headers.get("HX-Request") == "true"


def _visit(found: Project) -> tuple[int, int]:
    return earned_since(db(), found.id, viewer().id, visit_start(found))


def _task_words(found: Project, assignment: Assignment) -> dict[str, object]:
    """What the task page shows: the same for every task, whatever is known of it beforehand."""
    item, guidelines = shown_to_worker(db(), assignment)
    answered_count, earned_micros = _visit(found)
    return {
        "project": found,
        "assignment": assignment,
        "seconds_left": _seconds_left(assignment.due_at),
        "pays_micros": _pays(found, standing(db(), found.id, viewer().id)),
        "task_html": question_of(found).task_html(item, media_url(item)),
        "guidelines_html": guidelines_html(guidelines.markdown),
        "answered_count": answered_count,
        "earned_micros": earned_micros,
    }


def _seconds_left(due_at: datetime) -> int:
    return max(0, ceil((due_at - now()).total_seconds()))


def _nothing_words(found: Project, nothing: NothingNow) -> dict[str, object]:
    answered_count, earned_micros = _visit(found)
    return {
        "project": found,
        "why": nothing.why,
        "reason": nothing.reason,
        "most_put_back": found.put_back_limit,
        "answered_count": answered_count,
        "earned_micros": earned_micros,
    }
