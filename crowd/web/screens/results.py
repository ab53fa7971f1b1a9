"""Results: what the crowd says of each item, and every answer behind it."""

from __future__ import annotations

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from crowd.domain.states import AssignmentState, Role
from crowd.services.questions import question_of
from crowd.services.settlement import NotDecidable, approve, reject
from crowd.storage.assignments import Assignment, assignment_by_public_id
from crowd.storage.gold import gold_of_item
from crowd.storage.items import Item
from crowd.storage.projects import Project
from crowd.storage.result_rows import SHOWINGS, answers_behind, decisions_of, results_page, showing_counts
from crowd.storage.results import Result
from crowd.storage.tasks import Task, task_by_public_id
from crowd.web.charts.shares import share_bar
from crowd.web.forms import Fields
from crowd.web.gates import for_roles, managed_project_or_404, own_project_or_404
from crowd.web.i18n import gettext as _
from crowd.web.media import media_url
from crowd.web.per_request import db, now
from crowd.web.positions import position_sent
from crowd.web.signed_in import viewer
from crowd.web.trying import answer_view, task_view

screen = Blueprint("results", __name__)
SHOWN_CHARACTERS = 160
LONGEST_REASON = 500
Shown = tuple[str, int]


@screen.get("/projects/<project_id>/results")
@for_roles(Role.REQUESTER, Role.QUALITY_MANAGER)
def of_project(project_id: str) -> str:
    """Every task with its consensus, page by page."""
    project = managed_project_or_404(project_id)
    schema = question_of(project).schema
    showing, label = request.args.get("show", "all"), request.args.get("label", "")
    if showing not in SHOWINGS or (label and label not in schema.labels):
        abort(404)
    after, before = request.args.get("after"), request.args.get("before")
    page = results_page(
        db(),
        project,
        showing=showing,
        label=label,
        after=position_sent("after") if after else None,
        before=position_sent("before") if before else None,
    )
    return render_template(
        "projects/results.html",
        project=project,
        is_owner=project.owner_id == viewer().id,
        page=page,
        showing=showing,
        showings=SHOWINGS,
        counts=showing_counts(db(), project.id),
        label=label,
        labels=schema.labels,
        excerpt=lambda item: _excerpt(project, item),
        thumbnail=lambda item: media_url(item, thumbnail=True) if _is_picture(item) else None,
    )


@screen.get("/projects/<project_id>/results/<task_id>")
@for_roles(Role.REQUESTER, Role.QUALITY_MANAGER)
def task(project_id: str, task_id: str) -> str:
    """One task: the item, each answer behind the consensus, what was decided."""
    project = managed_project_or_404(project_id)
    return _task_page(project, _task_or_404(project, task_id), {}, "")


@screen.post("/projects/<project_id>/results/<task_id>/<assignment_id>/approve")
@for_roles(Role.REQUESTER)
def approve_answer(project_id: str, task_id: str, assignment_id: str) -> Response:
    """Pay an answer before its clock runs out."""
    project = own_project_or_404(project_id)
    shown = _task_or_404(project, task_id)
    answer = _answer_or_404(shown, assignment_id)
    if not approve(db(), answer, now(), by=viewer().id):
        abort(409)
    db().commit()
    flash(_("Approved. The reward can be paid out."), "good")
    return _to(project, shown)


@screen.post("/projects/<project_id>/results/<task_id>/<assignment_id>/reject")
@for_roles(Role.REQUESTER)
def reject_answer(project_id: str, task_id: str, assignment_id: str) -> Response | Shown:
    """Refuse an answer with a reason; its place is free again."""
    project = own_project_or_404(project_id)
    shown = _task_or_404(project, task_id)
    answer = _answer_or_404(shown, assignment_id)
    fields = Fields(request.form.to_dict())
    reason = fields.text("reason", longest=LONGEST_REASON, required=False)
    if not reason:
        fields.complain("reason", _("Say why: the worker reads it, with your name."))
    if not fields.is_valid:
        return _task_page(project, shown, fields.errors, answer.public_id), 422
    try:
        reject(db(), answer, now(), by=viewer().id, reason=reason)
    except NotDecidable:
        abort(409)
    flash(_("Rejected. The worker is told why, and the task asks for another answer."), "good")
    return _to(project, shown)


def _to(project: Project, shown: Task) -> Response:
    target = url_for("results.task", project_id=project.public_id, task_id=shown.public_id)
    return redirect(target, 303)


def _task_or_404(project: Project, task_id: str) -> Task:
    found = task_by_public_id(db(), task_id)
    if found is None or found.project_id != project.id:
        abort(404)
    return found


def _answer_or_404(shown: Task, assignment_id: str) -> Assignment:
    found = assignment_by_public_id(db(), assignment_id)
    if found is None or found.task_id != shown.id or found.answer is None:
        abort(404)
    return found


def _task_page(project: Project, shown: Task, errors: dict[str, str], wrong: str) -> str:
    session, question = db(), question_of(project)
    item = session.get_one(Item, shown.item_id)
    result, media = session.get(Result, shown.id), media_url(item)
    said = question.answer_of_label(result.label) if result else None
    return render_template(
        "projects/result.html",
        project=project,
        is_owner=project.owner_id == viewer().id,
        task=shown,
        item=item,
        result=result,
        view=answer_view(question, item, media, said) if said else task_view(question, item, media),
        answers=answers_behind(session, shown),
        answer_view=lambda answer: answer_view(question, item, media, answer),
        gold=gold_of_item(session, project.id, item.id) if shown.is_gold else None,
        reviews=decisions_of(session, shown.id),
        share_bar=share_bar,
        waiting=AssignmentState.SUBMITTED,
        errors=errors,
        wrong=wrong,
    )


def _excerpt(project: Project, item: Item) -> str:
    """The beginning of what an item shows in words, or its file's name."""
    columns = [*project.mapping.values(), "file", "file_name"]
    text = next((str(item.input[column]) for column in columns if item.input.get(column)), "")
    short = " ".join(text.split())
    return short if len(short) <= SHOWN_CHARACTERS else short[: SHOWN_CHARACTERS - 1] + "…"


def _is_picture(item: Item) -> bool:
    return item.media is not None and item.media.get("kind") == "image"
