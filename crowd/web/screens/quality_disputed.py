"""Disputed tasks: a queue, least sure first; one page per task, and the next one follows the decision."""

from __future__ import annotations

from collections.abc import Sequence

from flask import Blueprint, abort, flash, render_template, request, url_for
from werkzeug.wrappers import Response

from crowd.domain.answers import AnswerRefused, AnswerSchema
from crowd.domain.states import Role
from crowd.services import review
from crowd.services.impartiality import OwnCase
from crowd.services.questions import Question, question_of
from crowd.storage.assignments import answers_of_task, has_answered
from crowd.storage.items import Item
from crowd.storage.projects import Project
from crowd.storage.results import Result, decided_tasks, disputed_tasks
from crowd.storage.reviews import reviews_of
from crowd.storage.standings import standings_of_workers
from crowd.storage.tasks import Task
from crowd.storage.users import names_of_users
from crowd.web.charts.bars import Bar, bars
from crowd.web.desk import named, tabs, task_or_404, tell_own_case, waiting_in
from crowd.web.forms import Fields
from crowd.web.gates import for_roles, managed_project_or_404
from crowd.web.i18n import gettext as _
from crowd.web.look import percent
from crowd.web.media import media_url
from crowd.web.per_request import db, now
from crowd.web.redirects import see_other
from crowd.web.signed_in import viewer

screen = Blueprint("quality_disputed", __name__)

MOST_CHOICES = 50


@screen.get("/quality/<project_id>/disputed")
@for_roles(Role.QUALITY_MANAGER, Role.REQUESTER)
def queue(project_id: str) -> str:
    """What waits for a decision, and what was decided."""
    project = managed_project_or_404(project_id)
    question = question_of(project)
    return render_template(
        "quality/disputed.html",
        project=project,
        tabs=tabs(project, waiting_in(project)),
        waiting=_lines(question, disputed_tasks(db(), project.id, viewer().id)),
        decided=_lines(question, decided_tasks(db(), project.id)),
    )


@screen.get("/quality/<project_id>/disputed/<task_id>")
@for_roles(Role.QUALITY_MANAGER, Role.REQUESTER)
def case(project_id: str, task_id: str) -> str:
    """One task with everything that a decision needs."""
    project = managed_project_or_404(project_id)
    task = task_or_404(project, task_id)
    return render_template(
        "quality/case.html", **_case(project, task), tabs=tabs(project, waiting_in(project))
    )


@screen.post("/quality/<project_id>/disputed/<task_id>")
@for_roles(Role.QUALITY_MANAGER, Role.REQUESTER)
def decide(project_id: str, task_id: str) -> Response | tuple[str, int]:
    """Decide, then go to the next disputed task."""
    project = managed_project_or_404(project_id)
    task = task_or_404(project, task_id)
    errors = _decided(project, task)
    if errors:
        page = _case(project, task, errors)
        return render_template("quality/case.html", **page, tabs=tabs(project, waiting_in(project))), 422
    following = disputed_tasks(db(), project.id, viewer().id, limit=1)
    if not following:
        flash(_("Decided. Nothing else is in dispute."), "good")
        return see_other(url_for("quality_disputed.queue", project_id=project_id))
    flash(_("Decided. Here is the next one."), "good")
    return see_other(
        url_for(
            "quality_disputed.case",
            project_id=project_id,
            task_id=following[0][0].public_id,
            reason=_kept_reason(),
        )
    )


@screen.post("/quality/<project_id>/disputed/<task_id>/next")
@for_roles(Role.QUALITY_MANAGER, Role.REQUESTER)
def decide_and_go_on(project_id: str, task_id: str) -> str | tuple[str, int]:
    """Decide; the answer is the next disputed task as a fragment, or the end of the queue."""
    project = managed_project_or_404(project_id)
    task = task_or_404(project, task_id)
    errors = _decided(project, task)
    if errors:
        return render_template("quality/_case.html", **_case(project, task, errors)), 422
    following = disputed_tasks(db(), project.id, viewer().id, limit=1)
    if not following:
        return render_template("quality/_no_case.html", project=project)
    return render_template("quality/_case.html", **_case(project, following[0][0]), is_next=True)


def _decided(project: Project, task: Task) -> dict[str, str]:
    """Decide by the form sent; what is wrong with it, if anything."""
    schema = question_of(project).schema
    fields = Fields(request.form)
    label = request.form.get("label", "")
    if not schema.labels:  # what the manager has written goes before what she has chosen
        label = request.form.get("own_label", "").strip() or label
    if not label.strip():
        fields.complain("label", _("Choose an answer."))
    reason = request.form.get("own_reason", "").strip() or request.form.get("reason", "").strip()
    if not reason:
        fields.complain("reason", _("Choose a reason, or write your own."))
    if not fields.is_valid:
        return fields.errors
    try:
        review.decide(db(), task, schema, label=label, reason=reason, by=viewer().id, now=now())
    except AnswerRefused as refused:
        fields.complain("reason" if refused.field == "reason" else "label", refused.reason)
    except review.NothingToDecide:
        abort(404)
    except OwnCase:
        tell_own_case()
        fields.complain("label", _("You answered this task yourself; somebody else must decide it."))
    return fields.errors


def _lines(question: Question, rows: Sequence[tuple[Task, Result]]) -> list[dict[str, object]]:
    found: list[dict[str, object]] = []
    for task, result in rows:
        item = db().get_one(Item, task.item_id)
        found.append({"task": task, "result": result, "item": named(item, question)})
    return found


def _case(project: Project, task: Task, errors: dict[str, str] | None = None) -> dict[str, object]:
    """Everything that the page of one task shows."""
    result = db().get(Result, task.id)
    if result is None:
        abort(404)
    question = question_of(project)
    item = db().get_one(Item, task.item_id)
    answers = list(answers_of_task(db(), task.id))
    reviews = reviews_of(db(), task.id)
    waiting = [found.public_id for found, _result in disputed_tasks(db(), project.id, viewer().id)]
    place = waiting.index(task.public_id) if task.public_id in waiting else -1
    return {
        "project": project,
        "task": task,
        "result": result,
        "answer_html": question.answer_html(item, media_url(item), question.answer_of_label(result.label)),
        "answers": answers,
        "standings": standings_of_workers(db(), project.id, [one.worker_id for one in answers]),
        "choices": _choices(question.schema, [one.label or "" for one in answers]),
        "is_text": not question.schema.labels,
        "quick_reasons": _quick_reasons(),
        "reason": _kept_reason(),
        "chosen": request.form.get("label", "") if errors else "",
        "own_label": request.form.get("own_label", "") if errors else "",
        "own_reason": request.form.get("own_reason", "") if errors else "",
        "chart": _posterior(result),
        "reviews": reviews,
        "names": names_of_users(db(), {one.reviewer_id for one in reviews}),
        "is_own": has_answered(db(), task.id, viewer().id),
        "remaining": len(waiting),
        "next_id": waiting[place + 1] if place + 1 < len(waiting) else None,
        "errors": errors or {},
    }


def _choices(schema: AnswerSchema, given: list[str]) -> list[str]:
    """What can be chosen: the labels, or the texts that were written, most frequent first."""
    if schema.labels:
        return list(schema.labels)
    counts: dict[str, int] = {}
    for label in given:
        counts[label] = counts.get(label, 0) + 1
    return sorted((label for label in counts if label), key=lambda label: (-counts[label], label))[
        :MOST_CHOICES
    ]


def _posterior(result: Result) -> str | None:
    """The chance of each label; None where the method gives none."""
    if not result.posterior:
        return None
    ranked = sorted(result.posterior.items(), key=lambda row: (-row[1], row[0]))[:10]
    return bars(
        _("Chance of each label"),
        [Bar(label, chance, percent(chance, 1), is_quiet=label != result.label) for label, chance in ranked],
        head=(_("Label"), _("Chance")),
        whole=1.0,
    )


def _kept_reason() -> str:
    """The quick reason chosen last: it stays chosen for the next task."""
    reason = request.form.get("reason", request.args.get("reason", ""))
    return reason if reason in _quick_reasons() else ""


def _quick_reasons() -> list[str]:
    return [
        _("The item shows it plainly."),
        _("The guidelines say so."),
        _("The other answers rest on a misreading."),
        _("Several answers fit; this one fits best."),
    ]
