"""Gold on the desk: how workers fare on each gold task; correct, suspend, reactivate, after a look ahead."""

from __future__ import annotations

from flask import Blueprint, flash, render_template, request, url_for
from werkzeug.wrappers import Response

from crowd.domain.answers import AnswerRefused
from crowd.domain.states import GoldState, Role
from crowd.services import gold as gold_answers
from crowd.services.gold_figures import gold_figures, label_counts
from crowd.services.impartiality import OwnCase
from crowd.services.questions import Question, question_of
from crowd.services.rescoring import Consequences
from crowd.storage.gold import Gold, answers_to_gold, items_of_gold
from crowd.storage.items import Item
from crowd.storage.projects import Project
from crowd.web.charts.bars import Bar, bars
from crowd.web.desk import gold_or_404, named, past_of, tabs, tell_own_case, waiting_in
from crowd.web.forms import Fields
from crowd.web.gates import for_roles, managed_project_or_404
from crowd.web.i18n import gettext as _
from crowd.web.look import percent
from crowd.web.media import media_url
from crowd.web.per_request import db, now
from crowd.web.redirects import see_other
from crowd.web.signed_in import viewer

screen = Blueprint("quality_gold", __name__)

PAGE = 50


@screen.get("/quality/<project_id>/gold")
@for_roles(Role.QUALITY_MANAGER, Role.REQUESTER)
def every_gold(project_id: str) -> str:
    """Every gold task, the alarming first."""
    project = managed_project_or_404(project_id)
    question = question_of(project)
    found = gold_figures(db(), project)
    pages = max(1, -(-len(found) // PAGE))
    page = min(max(request.args.get("page", 1, int), 1), pages)
    shown = found[(page - 1) * PAGE : page * PAGE]
    items = items_of_gold(db(), [figures.gold.id for figures in shown])
    waiting = waiting_in(project)
    return render_template(
        "quality/gold.html",
        project=project,
        tabs=tabs(project, waiting),
        rows=[(figures, named(items[figures.gold.id], question)) for figures in shown],
        total=len(found),
        active=sum(figures.gold.state == GoldState.ACTIVE for figures in found),
        alarms=waiting.alarm_count,
        page=page,
        pages=pages,
    )


@screen.get("/quality/<project_id>/gold/<gold_id>")
@for_roles(Role.QUALITY_MANAGER, Role.REQUESTER)
def one_gold(project_id: str, gold_id: str) -> str:
    """One gold task: the item, its right answers, and what workers said."""
    project = managed_project_or_404(project_id)
    return _page(project, gold_or_404(project, gold_id), {})


@screen.post("/quality/<project_id>/gold/<gold_id>/preview")
@for_roles(Role.QUALITY_MANAGER, Role.REQUESTER)
def preview(project_id: str, gold_id: str) -> str | tuple[str, int]:
    """What a correction would change; nothing is changed yet."""
    project = managed_project_or_404(project_id)
    gold = gold_or_404(project, gold_id)
    schema = question_of(project).schema
    fields = Fields(request.form)
    fields.text("explanation", longest=gold_answers.LONGEST_EXPLANATION, required=False)
    try:
        labels = gold_answers.checked_labels(schema, _labels_sent())
        found = gold_answers.preview(db(), project, gold, schema, labels=labels)
    except AnswerRefused as refused:
        fields.complain("labels", refused.reason)
    if not fields.is_valid:
        return _page(project, gold, fields.errors), 422
    return _preview_page(project, gold, found, labels=labels)


@screen.post("/quality/<project_id>/gold/<gold_id>")
@for_roles(Role.QUALITY_MANAGER, Role.REQUESTER)
def correct(project_id: str, gold_id: str) -> Response | tuple[str, int]:
    """Put a corrected gold answer in force; every score follows."""
    project = managed_project_or_404(project_id)
    gold = gold_or_404(project, gold_id)
    fields = Fields(request.form)
    reason = fields.text("reason", longest=gold_answers.LONGEST_REASON)
    explanation = fields.text("explanation", longest=gold_answers.LONGEST_EXPLANATION, required=False)
    try:
        labels = gold_answers.checked_labels(question_of(project).schema, _labels_sent())
    except AnswerRefused as refused:
        fields.complain("labels", refused.reason)
    if "labels" in fields.errors:
        return _page(project, gold, fields.errors), 422
    if not fields.is_valid:
        found = gold_answers.preview(db(), project, gold, question_of(project).schema, labels=labels)
        return _preview_page(project, gold, found, labels=labels, errors=fields.errors), 422
    try:
        gold_answers.set_gold(
            db(),
            project,
            db().get_one(Item, gold.item_id),
            question_of(project).schema,
            labels=labels,
            explanation=explanation,
            by=viewer().id,
            now=now(),
            reason=reason,
        )
        flash(
            _("The gold answer is version %(version)s now; scores and trust followed.")
            % {"version": gold.version},
            "good",
        )
    except OwnCase:
        tell_own_case()
    return see_other(url_for("quality_gold.one_gold", project_id=project_id, gold_id=gold_id))


@screen.get("/quality/<project_id>/gold/<gold_id>/state")
@for_roles(Role.QUALITY_MANAGER, Role.REQUESTER)
def preview_state(project_id: str, gold_id: str) -> str:
    """What suspending a gold answer, or reactivating a suspended one, would change."""
    project = managed_project_or_404(project_id)
    return _state_preview(project, gold_or_404(project, gold_id), {})


@screen.post("/quality/<project_id>/gold/<gold_id>/state")
@for_roles(Role.QUALITY_MANAGER, Role.REQUESTER)
def set_state(project_id: str, gold_id: str) -> Response | tuple[str, int]:
    """Suspend or reactivate a gold answer; every score follows."""
    project = managed_project_or_404(project_id)
    gold = gold_or_404(project, gold_id)
    fields = Fields(request.form)
    state = fields.choice("state", list(GoldState))
    reason = fields.text("reason", longest=gold_answers.LONGEST_REASON)
    if not fields.is_valid:
        return _state_preview(project, gold, fields.errors), 422
    try:
        gold_answers.set_suspended(
            db(),
            project,
            gold,
            question_of(project).schema,
            suspended=state == GoldState.SUSPENDED,
            by=viewer().id,
            reason=reason,
            now=now(),
        )
        flash(_("The gold answer is %(state)s now; scores and trust followed.") % {"state": state}, "good")
    except OwnCase:
        tell_own_case()
    return see_other(url_for("quality_gold.one_gold", project_id=project_id, gold_id=gold_id))


def _labels_sent() -> list[str]:
    """Ticked labels, or one right answer per line."""
    if "labels_lines" in request.form:
        return [line.strip() for line in request.form["labels_lines"].splitlines() if line.strip()]
    return request.form.getlist("labels")


def _page(project: Project, gold: Gold, errors: dict[str, str]) -> str:
    question = question_of(project)
    item = db().get_one(Item, gold.item_id)
    counts = label_counts(db(), project, gold, question.schema)
    figures = next(one for one in gold_figures(db(), project) if one.gold.id == gold.id)
    total = sum(one.count for one in counts)
    chart = bars(
        _("What workers answered"),
        [
            Bar(one.label, one.count, f"{one.count} · {percent(one.count / total)}", is_quiet=one.score < 0.5)
            for one in counts[:20]
        ],
        head=(_("Answer"), _("Workers")),
        whole=float(total),
    )
    return render_template(
        "quality/gold_task.html",
        project=project,
        tabs=tabs(project, waiting_in(project)),
        gold=gold,
        figures=figures,
        counts=counts,
        answers=answers_to_gold(db(), gold)[:200],
        answer_html=_shown(question, item, gold),
        chart=chart,
        schema=question.schema,
        sent=_labels_sent() if errors else gold.labels,
        explanation=request.form.get("explanation", gold.explanation),
        errors=errors,
        past=past_of(f"gold:{gold.public_id}"),
    )


def _shown(question: Question, item: Item, gold: Gold) -> str:
    return question.answer_html(item, media_url(item), question.answer_of_label(gold.labels[0]))


def _preview_page(
    project: Project,
    gold: Gold,
    found: Consequences,
    *,
    labels: list[str],
    errors: dict[str, str] | None = None,
) -> str:
    return render_template(
        "quality/gold_preview.html",
        project=project,
        tabs=tabs(project, waiting_in(project)),
        gold=gold,
        found=found,
        labels=labels,
        explanation=request.form.get("explanation", "").strip(),
        target=url_for("quality_gold.correct", project_id=project.public_id, gold_id=gold.public_id),
        state=None,
        errors=errors or {},
    )


def _state_preview(project: Project, gold: Gold, errors: dict[str, str]) -> str:
    is_suspending = gold.state == GoldState.ACTIVE
    found = gold_answers.preview(db(), project, gold, question_of(project).schema, suspended=is_suspending)
    return render_template(
        "quality/gold_preview.html",
        project=project,
        tabs=tabs(project, waiting_in(project)),
        gold=gold,
        found=found,
        labels=gold.labels,
        explanation=gold.explanation,
        target=url_for("quality_gold.set_state", project_id=project.public_id, gold_id=gold.public_id),
        state=GoldState.SUSPENDED if is_suspending else GoldState.ACTIVE,
        errors=errors,
    )
