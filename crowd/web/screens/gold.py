"""A requester's gold answers: typed into the template's own form, item by item, and corrected."""

from __future__ import annotations

from collections.abc import Sequence

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from crowd.domain.answers import AnswerRefused, AnswerSchema
from crowd.domain.states import GoldState, Role
from crowd.services.gold import MOST_LABELS, set_gold, set_suspended
from crowd.services.guidelines import guidelines_html
from crowd.services.questions import question_of
from crowd.storage.gold import Gold, gold_by_public_id, gold_of_item
from crowd.storage.gold_rows import next_item_without_gold, typed_gold_count
from crowd.storage.guidelines import latest_guidelines
from crowd.storage.items import Item, item_by_public_id
from crowd.storage.projects import Project
from crowd.web.forms import Fields
from crowd.web.gates import for_roles, own_project_or_404
from crowd.web.i18n import gettext as _
from crowd.web.media import media_url
from crowd.web.per_request import db, now
from crowd.web.positions import position_sent
from crowd.web.signed_in import viewer
from crowd.web.trying import answer_view, sent_answer, task_view

screen = Blueprint("gold", __name__)
Shown = tuple[str, int]
LONGEST_EXPLANATION = 1000


@screen.get("/projects/<project_id>/gold/new")
@for_roles(Role.REQUESTER)
def form(project_id: str) -> str:
    """The next item without a gold answer, in the template's own form."""
    project = _asking_or_404(project_id)
    item = next_item_without_gold(db(), project, position_sent("after"))
    return _form_page(project, item, {}, {}, None)


@screen.post("/projects/<project_id>/gold/new")
@for_roles(Role.REQUESTER)
def add(project_id: str) -> Response | Shown:
    """Keep the answer as gold and go on to the next item."""
    project = _asking_or_404(project_id)
    item = item_by_public_id(db(), request.form.get("item", "").replace("\x00", ""))
    if item is None or item.dataset_id != project.dataset_id:
        abort(404)
    if gold_of_item(db(), project.id, item.id) is not None:
        abort(409)
    fields = Fields(request.form.to_dict())
    explanation = fields.text("explanation", longest=LONGEST_EXPLANATION, required=False)
    schema = question_of(project).schema
    draft = None
    try:
        answer = sent_answer(schema)
        draft = answer.canonical
        labels = [answer.label, *_lines(fields, "more_labels")]
        if fields.is_valid:
            _store(project, item, schema, labels, explanation)
            return redirect(url_for("gold.form", project_id=project.public_id, after=item.position), 303)
    except AnswerRefused as refused:
        fields.complain("more_labels", refused.reason)
    return _form_page(project, item, fields.sent, fields.errors, draft), 422


@screen.get("/projects/<project_id>/gold/<gold_id>")
@for_roles(Role.REQUESTER)
def one(project_id: str, gold_id: str) -> str:
    """One gold answer, to be corrected or suspended."""
    project = _asking_or_404(project_id)
    gold = _gold_or_404(project, gold_id)
    return _one_page(project, gold, _shown_labels(gold), gold.explanation, {})


@screen.post("/projects/<project_id>/gold/<gold_id>")
@for_roles(Role.REQUESTER)
def correct(project_id: str, gold_id: str) -> Response | Shown:
    """Correct it: every answer to it is scored again."""
    project = _asking_or_404(project_id)
    gold = _gold_or_404(project, gold_id)
    fields = Fields(request.form.to_dict())
    schema = question_of(project).schema
    labels = request.form.getlist("label") if _is_ticked(schema) else _lines(fields, "labels")
    explanation = fields.text("explanation", longest=LONGEST_EXPLANATION, required=False)
    try:
        if fields.is_valid:
            _store(project, db().get_one(Item, gold.item_id), schema, labels, explanation)
            flash(_("Saved. Answers to it are scored again where it changed."), "good")
            return redirect(url_for("projects.gold", project_id=project.public_id), 303)
    except AnswerRefused as refused:
        fields.complain("labels", refused.reason)
    return _one_page(project, gold, labels, explanation, fields.errors), 422


@screen.post("/projects/<project_id>/gold/<gold_id>/suspend")
@for_roles(Role.REQUESTER)
def suspend(project_id: str, gold_id: str) -> Response | Shown:
    """Stop it from scoring workers."""
    return _set_suspended(project_id, gold_id, suspended=True)


@screen.post("/projects/<project_id>/gold/<gold_id>/resume")
@for_roles(Role.REQUESTER)
def resume(project_id: str, gold_id: str) -> Response | Shown:
    """Let it score workers again."""
    return _set_suspended(project_id, gold_id, suspended=False)


def _set_suspended(project_id: str, gold_id: str, *, suspended: bool) -> Response | Shown:
    project = _asking_or_404(project_id)
    gold, schema = _gold_or_404(project, gold_id), question_of(project).schema
    reason = request.form.get("reason", "")
    try:
        set_suspended(
            db(), project, gold, schema, suspended=suspended, by=viewer().id, reason=reason, now=now()
        )
    except AnswerRefused as refused:
        db().rollback()
        errors = {"reason": refused.reason}
        return _one_page(project, gold, _shown_labels(gold), gold.explanation, errors), 422
    flash(_("It scores nobody for now.") if suspended else _("It scores workers again."), "good")
    return redirect(url_for("gold.one", project_id=project.public_id, gold_id=gold.public_id), 303)


def _asking_or_404(project_id: str) -> Project:
    """A project of hers that has a dataset."""
    project = own_project_or_404(project_id)
    if project.dataset_id is None:
        abort(404)
    return project


def _gold_or_404(project: Project, gold_id: str) -> Gold:
    gold = gold_by_public_id(db(), gold_id)
    if gold is None or gold.project_id != project.id:
        abort(404)
    return gold


def _store(
    project: Project, item: Item, schema: AnswerSchema, labels: Sequence[str], explanation: str
) -> None:
    set_gold(
        db(),
        project,
        item,
        schema,
        labels=list(dict.fromkeys(labels)),
        explanation=explanation,
        by=viewer().id,
        now=now(),
    )


def _lines(fields: Fields, name: str) -> list[str]:
    text = fields.text(name, longest=20_000, required=False)
    return [line.strip() for line in text.splitlines() if line.strip()]


def _is_ticked(schema: AnswerSchema) -> bool:
    """Whether gold answers are ticked among the labels rather than typed."""
    return schema.kind == "choice"


def _shown_labels(gold: Gold) -> list[str]:
    """Each gold answer on one line; words are compared, so a line end is as good as a space."""
    return [" ".join(label.split("\n")) for label in gold.labels]


def _form_page(
    project: Project,
    item: Item | None,
    sent: object,
    errors: dict[str, str],
    draft: dict[str, object] | None,
) -> str:
    latest = latest_guidelines(db(), project.id)
    question = question_of(project)
    return render_template(
        "projects/gold_form.html",
        project=project,
        item=item,
        task=task_view(question, item, media_url(item)) if item else None,
        kind=question.schema.kind,
        count=typed_gold_count(db(), project.id),
        guidelines=guidelines_html(latest.markdown) if latest else "",
        sent=sent,
        draft=draft,
        errors=errors,
    )


def _one_page(
    project: Project, gold: Gold, labels: Sequence[str], explanation: str, errors: dict[str, str]
) -> str:
    question = question_of(project)
    item = db().get_one(Item, gold.item_id)
    shown = question.answer_of_label(gold.labels[0])
    return render_template(
        "projects/gold_one.html",
        project=project,
        gold=gold,
        is_suspended=gold.state == GoldState.SUSPENDED,
        view=answer_view(question, item, media_url(item), shown),
        choices=question.schema.labels if _is_ticked(question.schema) else (),
        labels=labels,
        explanation=explanation,
        most=MOST_LABELS,
        errors=errors,
    )
