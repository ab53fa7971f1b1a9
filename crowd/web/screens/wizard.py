"""The way from a task template to a launched project: five pages, each saved as it is left."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from markupsafe import Markup
from werkzeug.wrappers import Response

from crowd.domain.answers import AnswerSchema, SchemaRefused
from crowd.domain.states import DatasetState, ProjectState, Role
from crowd.services import projects as verbs
from crowd.services.guidelines import LONGEST, guidelines_html
from crowd.services.questions import Question
from crowd.services.samples import guidelines_of, template_of_name, templates
from crowd.storage.datasets import Dataset, datasets_of
from crowd.storage.guidelines import latest_guidelines
from crowd.storage.items import items_page
from crowd.storage.projects import Project
from crowd.storage.task_templates import TaskTemplate, UnknownTaskTemplateError
from crowd.web.forms import Fields
from crowd.web.gates import for_roles, own_project_or_404
from crowd.web.i18n import gettext as _
from crowd.web.launching import facts_of, try_launch
from crowd.web.media import media_url
from crowd.web.per_request import db, now
from crowd.web.project_forms import read_question, read_rules, sent_question, sent_rules, text_inputs
from crowd.web.proposed_labels import propose_labels
from crowd.web.signed_in import viewer
from crowd.web.trying import task_view

screen = Blueprint("wizard", __name__)
SHOWN_ITEMS = 3
STEPS = ("template", "question", "guidelines", "rules", "check")
Shown = tuple[str, int]


def own_draft_or_404(project_id: str) -> Project:
    """A project of hers that is not launched yet."""
    project = own_project_or_404(project_id)
    if project.state != ProjectState.DRAFT:
        abort(404)
    return project


@screen.get("/projects/new")
@for_roles(Role.REQUESTER)
def new() -> str:
    """Choose how to ask."""
    return _page("template", None, templates=templates(), chosen="", errors={})


@screen.post("/projects/new")
@for_roles(Role.REQUESTER)
def create() -> Response | Shown:
    """Begin a draft with the chosen template."""
    chosen = _chosen_template()
    if chosen is None:
        errors = {"template": _("Choose a task template.")}
        return _page("template", None, templates=templates(), chosen="", errors=errors), 422
    draft = verbs.create_draft(db(), owner_id=viewer().id, template=chosen, title=chosen.title, now=now())
    return _to("question", draft)


@screen.get("/projects/<project_id>/setup/template")
@for_roles(Role.REQUESTER)
def template(project_id: str) -> str:
    """Choose another template for a draft."""
    draft = own_draft_or_404(project_id)
    return _page("template", draft, templates=templates(), chosen=draft.template_name, errors={})


@screen.post("/projects/<project_id>/setup/template")
@for_roles(Role.REQUESTER)
def save_template(project_id: str) -> Response | Shown:
    """Keep or change the template."""
    draft = own_draft_or_404(project_id)
    chosen = _chosen_template()
    if chosen is None:
        errors = {"template": _("Choose a task template.")}
        return _page("template", draft, templates=templates(), chosen="", errors=errors), 422
    verbs.change_template(db(), draft, chosen, by=viewer().id, now=now())
    return _to("question", draft)


@screen.get("/projects/<project_id>/setup/question")
@for_roles(Role.REQUESTER)
def question(project_id: str) -> str:
    """Choose a dataset, map its columns, say what is asked."""
    draft = own_draft_or_404(project_id)
    dataset = _dataset(draft, request.args.get("dataset", ""))
    chosen = template_of_name(draft.template_name)
    sent = sent_question(draft, chosen, dataset)
    if dataset is not None:
        propose_labels(db(), draft, chosen, dataset, sent)
    return _question_page(draft, dataset, sent, {})


@screen.post("/projects/<project_id>/setup/question")
@for_roles(Role.REQUESTER)
def save_question(project_id: str) -> Response | Shown:
    """Keep what is asked."""
    draft = own_draft_or_404(project_id)
    dataset = _dataset(draft, request.form.get("dataset", ""))
    fields = Fields(request.form.to_dict())
    if dataset is None:
        fields.complain("dataset", _("Choose a dataset."))
        return _question_page(draft, None, fields.sent, fields.errors), 422
    asked = read_question(fields, template_of_name(draft.template_name), dataset)
    if fields.is_valid:
        try:
            verbs.save_question(db(), draft, dataset, **vars(asked), by=viewer().id, now=now())
            return _to("guidelines", draft)
        except SchemaRefused as refused:
            fields.complain("parameter-labels", str(refused))
    return _question_page(draft, dataset, fields.sent, fields.errors), 422


@screen.post("/projects/<project_id>/setup/preview")
@for_roles(Role.REQUESTER)
def preview(project_id: str) -> str:
    """The first items as the fields stand now; nothing is saved."""
    draft = own_draft_or_404(project_id)
    dataset = _dataset(draft, request.form.get("dataset", ""))
    return render_template(
        "projects/_preview.html", project=draft, shown=_first_items(draft, dataset, request.form.to_dict())
    )


@screen.get("/projects/<project_id>/setup/guidelines")
@for_roles(Role.REQUESTER)
def guidelines(project_id: str) -> str:
    """Write what workers are told."""
    draft = own_draft_or_404(project_id)
    latest = latest_guidelines(db(), draft.id)
    written = latest.markdown if latest else guidelines_of(template_of_name(draft.template_name))
    return _guidelines_page(draft, written, {})


@screen.post("/projects/<project_id>/setup/guidelines")
@for_roles(Role.REQUESTER)
def save_guidelines(project_id: str) -> Response | Shown:
    """Keep what workers are told."""
    draft = own_draft_or_404(project_id)
    fields = Fields(request.form.to_dict())
    written = fields.text("markdown", longest=LONGEST)
    if not fields.is_valid:
        return _guidelines_page(draft, written, fields.errors), 422
    verbs.save_guidelines(db(), draft, written, by=viewer().id, now=now())
    return _to("rules", draft)


@screen.get("/projects/<project_id>/setup/rules")
@for_roles(Role.REQUESTER)
def rules(project_id: str) -> str:
    """Set overlap, pay, time and quality."""
    draft = own_draft_or_404(project_id)
    return _page("rules", draft, sent=sent_rules(draft), errors={})


@screen.post("/projects/<project_id>/setup/rules")
@for_roles(Role.REQUESTER)
def save_rules(project_id: str) -> Response | Shown:
    """Keep the rules."""
    draft = own_draft_or_404(project_id)
    fields = Fields(request.form.to_dict())
    read = read_rules(fields)
    if not fields.is_valid:
        return _page("rules", draft, sent=fields.sent, errors=fields.errors), 422
    verbs.save_rules(db(), draft, read, by=viewer().id, now=now())
    return _to("check", draft)


@screen.get("/projects/<project_id>/setup/check")
@for_roles(Role.REQUESTER)
def check(project_id: str) -> str:
    """What a launch costs and means."""
    draft = own_draft_or_404(project_id)
    return _page("check", draft, facts=facts_of(draft), sent={"how": "pilot"}, errors={})


@screen.post("/projects/<project_id>/setup/check")
@for_roles(Role.REQUESTER)
def launch(project_id: str) -> Response | Shown:
    """Launch a pilot or everything."""
    draft = own_draft_or_404(project_id)
    fields = Fields(request.form.to_dict())
    batch = try_launch(draft, fields)
    if batch is None:
        return _page("check", draft, facts=facts_of(draft), sent=fields.sent, errors=fields.errors), 422
    flash(_("Launched. Workers see it as soon as its tasks are made."), "good")
    return redirect(url_for("projects.project", project_id=draft.public_id), 303)


@screen.post("/projects/<project_id>/setup/discard")
@for_roles(Role.REQUESTER)
def discard(project_id: str) -> Response:
    """Throw a draft away."""
    draft = own_draft_or_404(project_id)
    title = draft.title
    verbs.discard_draft(db(), draft, by=viewer().id, now=now())
    flash(_("The draft “%(title)s” is gone.") % {"title": title}, "good")
    return redirect(url_for("projects.mine"), 303)


def _to(step: str, draft: Project) -> Response:
    return redirect(url_for(f"wizard.{step}", project_id=draft.public_id), 303)


def _page(step: str, draft: Project | None, **values: object) -> str:
    return render_template(f"projects/setup_{step}.html", step=step, steps=STEPS, project=draft, **values)


def _chosen_template() -> TaskTemplate | None:
    try:
        return template_of_name(request.form.get("template", ""))
    except UnknownTaskTemplateError:
        return None


def _fitting(draft: Project) -> tuple[list[Dataset], int]:
    """The datasets that the draft can ask about, and how many of hers it cannot."""
    modality = template_of_name(draft.template_name).modality.value
    hers = datasets_of(db(), viewer().id)
    fitting = [one for one in hers if one.state == DatasetState.READY and one.modality == modality]
    return fitting, len(hers) - len(fitting)


def _dataset(draft: Project, public_id: str) -> Dataset | None:
    """The dataset asked for, or the draft's own, or the only one there is."""
    fitting, _others = _fitting(draft)
    if public_id:
        return next((one for one in fitting if one.public_id == public_id), None)
    chosen = next((one for one in fitting if one.id == draft.dataset_id), None)
    return chosen or (fitting[0] if len(fitting) == 1 else None)


def _question_page(
    draft: Project, dataset: Dataset | None, sent: Mapping[str, str], errors: dict[str, str]
) -> str:
    template = template_of_name(draft.template_name)
    fitting, other_count = _fitting(draft)
    return _page(
        "question",
        draft,
        template=template,
        datasets=fitting,
        other_count=other_count,
        dataset=dataset,
        columns=[(column, column) for column in dataset.columns] if dataset else [],
        text_inputs=text_inputs(template),
        shown=_first_items(draft, dataset, sent),
        sent=sent,
        errors=errors,
    )


def _first_items(draft: Project, dataset: Dataset | None, sent: Mapping[str, str]) -> list[Markup]:
    """The first items rendered with the fields as they stand; none while the fields cannot be used."""
    if dataset is None:
        return []
    template = template_of_name(draft.template_name)
    asked = read_question(Fields(sent), template, dataset)
    parameters = template.default_parameters() | asked.parameters
    try:
        schema = AnswerSchema.from_mapping(template.answer.schema(parameters))
    except SchemaRefused:
        return []
    asking = Question(template, parameters, asked.mapping, schema)
    items = items_page(db(), dataset.id, limit=SHOWN_ITEMS)
    return [task_view(asking, item, media_url(item)) for item in items]


def _guidelines_page(draft: Project, written: str, errors: dict[str, str]) -> str:
    return _page(
        "guidelines", draft, markdown=written, rendered=guidelines_html(written[:LONGEST]), errors=errors
    )
