"""A requester's projects: the list, and each project live, paused, closed, explained anew."""

from __future__ import annotations

from flask import Blueprint, abort, current_app, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from crowd.domain.pay import format_amount
from crowd.domain.states import ProjectState, Role
from crowd.services import projects as verbs
from crowd.services.gold_column import gold_count, gold_in_column
from crowd.services.guidelines import LONGEST, guidelines_html
from crowd.services.launch import waiting_item_count
from crowd.services.questions import question_of
from crowd.services.settlement import return_reserve, set_state
from crowd.storage.gold_rows import PAGE, gold_rows
from crowd.storage.guidelines import latest_guidelines
from crowd.storage.items import Item, items_page
from crowd.storage.progress import Money, TaskTotals, Workers, lent_count, money_of, task_totals, workers_of
from crowd.storage.projects import Project, projects_of
from crowd.web.forms import Fields
from crowd.web.gates import for_roles, own_project_or_404
from crowd.web.i18n import gettext as _
from crowd.web.launching import facts_of, try_launch
from crowd.web.media import media_url
from crowd.web.per_request import db, now, settings
from crowd.web.positions import position_sent
from crowd.web.signed_in import viewer
from crowd.web.standing_of_project import history_of, standing_of
from crowd.web.trying import Tried, task_view, try_answer

screen = Blueprint("projects", __name__)
Shown = tuple[str, int]


@screen.app_template_test("place")
def is_place(endpoint: str) -> bool:
    """Whether this house has such a page."""
    return endpoint in current_app.view_functions


@screen.get("/projects")
@for_roles(Role.REQUESTER)
def mine() -> str:
    """Every project of the requester."""
    hers = projects_of(db(), viewer().id)
    ids = [project.id for project in hers]
    tasks, money, workers = task_totals(db(), ids), money_of(db(), ids), workers_of(db(), ids)
    rows = [
        (
            project,
            tasks.get(project.id, TaskTotals()),
            money.get(project.id, Money()),
            workers.get(project.id, Workers()),
        )
        for project in hers
    ]
    return render_template("projects/mine.html", rows=rows)


@screen.get("/projects/<project_id>")
@for_roles(Role.REQUESTER)
def project(project_id: str) -> str | Response:
    """How one project stands; a draft goes on where it was left."""
    shown = own_project_or_404(project_id)
    if shown.state == ProjectState.DRAFT:
        return redirect(url_for(_next_step(shown), project_id=shown.public_id), 303)
    return render_template(
        "projects/project.html",
        project=shown,
        standing=standing_of(shown),
        history=history_of(shown),
        guidelines=latest_guidelines(db(), shown.id),
        waiting_count=waiting_item_count(db(), shown),
    )


def _next_step(draft: Project) -> str:
    if draft.dataset_id is None:
        return "wizard.question"
    return "wizard.check" if latest_guidelines(db(), draft.id) else "wizard.guidelines"


@screen.get("/projects/<project_id>/progress")
@for_roles(Role.REQUESTER)
def progress(project_id: str) -> str:
    """The live figures, which ask for themselves again while the project runs."""
    shown = _launched_or_404(project_id)
    return render_template("projects/_progress.html", project=shown, standing=standing_of(shown))


@screen.get("/projects/<project_id>/history")
@for_roles(Role.REQUESTER)
def history(project_id: str) -> str:
    """Progress over time."""
    shown = _launched_or_404(project_id)
    return render_template("projects/_history.html", project=shown, history=history_of(shown))


@screen.post("/projects/<project_id>/pause")
@for_roles(Role.REQUESTER)
def pause(project_id: str) -> Response:
    """Give out no more tasks for now."""
    shown = _launched_or_404(project_id)
    set_state(db(), shown, ProjectState.PAUSED, now(), by=viewer().id)
    flash(_("Paused. Tasks that workers have in hand can still be answered and are paid."), "good")
    return _to(shown)


@screen.post("/projects/<project_id>/resume")
@for_roles(Role.REQUESTER)
def resume(project_id: str) -> Response:
    """Give out tasks again."""
    shown = _launched_or_404(project_id)
    set_state(db(), shown, ProjectState.OPEN, now(), by=viewer().id)
    flash(_("Tasks are given out again."), "good")
    return _to(shown)


@screen.get("/projects/<project_id>/close")
@for_roles(Role.REQUESTER)
def closing(project_id: str) -> str:
    """What closing means, before it is done."""
    shown = _launched_or_404(project_id)
    return render_template(
        "projects/close.html",
        project=shown,
        standing=standing_of(shown),
        lent_count=lent_count(db(), shown.id),
    )


@screen.post("/projects/<project_id>/close")
@for_roles(Role.REQUESTER)
def close(project_id: str) -> Response:
    """Close for good, and give the unspent reserve back."""
    shown = _launched_or_404(project_id)
    set_state(db(), shown, ProjectState.CLOSED, now(), by=viewer().id)
    _give_back(shown)
    return _to(shown)


@screen.post("/projects/<project_id>/return-reserve")
@for_roles(Role.REQUESTER)
def take_back(project_id: str) -> Response:
    """Give back what a closed project did not spend, once no worker has a task in hand."""
    shown = _launched_or_404(project_id)
    _give_back(shown)
    return _to(shown)


def _give_back(shown: Project) -> None:
    returned = return_reserve(db(), shown, now(), by=viewer().id)
    amount = format_amount(returned, settings().currency)
    if returned:
        flash(_("Closed. %(amount)s went back to your budget.") % {"amount": amount}, "good")
    elif lent_count(db(), shown.id):
        flash(
            _("Closed. The unspent reserve can be taken back when the last tasks in hand are done."), "warn"
        )
    else:
        flash(_("Closed. Nothing was left to give back."), "good")


@screen.get("/projects/<project_id>/launch")
@for_roles(Role.REQUESTER)
def rest(project_id: str) -> str:
    """What launching more of the dataset costs."""
    shown = _launched_or_404(project_id)
    return _rest_page(shown, {"how": "everything"}, {})


@screen.post("/projects/<project_id>/launch")
@for_roles(Role.REQUESTER)
def launch_rest(project_id: str) -> Response | Shown:
    """Launch what waits."""
    shown = _launched_or_404(project_id)
    fields = Fields(request.form.to_dict())
    batch = try_launch(shown, fields)
    if batch is None:
        return _rest_page(shown, fields.sent, fields.errors), 422
    flash(_("Launched. Workers see it as soon as its tasks are made."), "good")
    return _to(shown)


def _rest_page(shown: Project, sent: object, errors: dict[str, str]) -> str:
    return render_template(
        "projects/launch_rest.html",
        project=shown,
        facts=facts_of(shown),
        standing=standing_of(shown),
        sent=sent,
        errors=errors,
    )


@screen.get("/projects/<project_id>/guidelines")
@for_roles(Role.REQUESTER)
def guidelines(project_id: str) -> str:
    """The guidelines in force, to be written anew."""
    shown = _launched_or_404(project_id)
    latest = latest_guidelines(db(), shown.id)
    return _guidelines_page(shown, latest.markdown if latest else "", {})


@screen.post("/projects/<project_id>/guidelines")
@for_roles(Role.REQUESTER)
def save_guidelines(project_id: str) -> Response | Shown:
    """A new version, for every task lent from now on."""
    shown = _launched_or_404(project_id)
    fields = Fields(request.form.to_dict())
    written = fields.text("markdown", longest=LONGEST)
    if not fields.is_valid:
        return _guidelines_page(shown, written, fields.errors), 422
    latest = verbs.save_guidelines(db(), shown, written, by=viewer().id, now=now())
    flash(_("Version %(version)s of the guidelines is in force.") % {"version": latest.version}, "good")
    return _to(shown)


@screen.post("/projects/<project_id>/guidelines/preview")
@for_roles(Role.REQUESTER)
def guidelines_preview(project_id: str) -> str:
    """The guidelines as workers would read them; nothing is saved."""
    own_project_or_404(project_id)
    written = request.form.get("markdown", "")[:LONGEST]
    return render_template("projects/_guidelines_view.html", rendered=guidelines_html(written))


def _guidelines_page(shown: Project, written: str, errors: dict[str, str]) -> str:
    return render_template(
        "projects/guidelines.html",
        project=shown,
        latest=latest_guidelines(db(), shown.id),
        markdown=written,
        rendered=guidelines_html(written[:LONGEST]),
        errors=errors,
    )


@screen.get("/projects/<project_id>/gold")
@for_roles(Role.REQUESTER)
def gold(project_id: str) -> str:
    """Every gold answer, with how workers fare on it."""
    shown = own_project_or_404(project_id)
    if shown.dataset_id is None:
        abort(404)
    rows = gold_rows(db(), shown, position_sent("after"), limit=PAGE + 1)
    return render_template(
        "projects/gold.html",
        project=shown,
        question=question_of(shown),
        rows=rows[:PAGE],
        next_after=rows[PAGE - 1].item.position if len(rows) > PAGE else None,
        found=gold_in_column(db(), shown, question_of(shown).schema),
        count=gold_count(db(), shown, question_of(shown).schema),
    )


@screen.get("/projects/<project_id>/try")
@for_roles(Role.REQUESTER)
def try_it(project_id: str) -> str:
    """An item of the dataset, to be answered as a worker would."""
    shown = own_project_or_404(project_id)
    return _try_page(shown, _item_or_404(shown), None)


@screen.post("/projects/<project_id>/try")
@for_roles(Role.REQUESTER)
def tried(project_id: str) -> Shown:
    """Check the answer and show it back; nothing is stored."""
    shown = own_project_or_404(project_id)
    item = _item_or_404(shown)
    outcome = try_answer(question_of(shown), item, media_url(item))
    return _try_page(shown, item, outcome), outcome.status


def _item_or_404(shown: Project) -> Item:
    """The item behind the position in the address; the first where there is none."""
    if shown.dataset_id is None:
        abort(404)
    found = items_page(db(), shown.dataset_id, after=position_sent("after"), limit=1)
    if not found:
        abort(404)
    return found[0]


def _try_page(shown: Project, item: Item, outcome: Tried | None) -> str:
    question = question_of(shown)
    latest = latest_guidelines(db(), shown.id)
    following = items_page(db(), item.dataset_id, after=item.position, limit=1)
    return render_template(
        "projects/try.html",
        project=shown,
        item=item,
        after=position_sent("after"),
        has_next=bool(following),
        task=task_view(question, item, media_url(item)),
        guidelines=guidelines_html(latest.markdown) if latest else "",
        tried=outcome,
    )


def _launched_or_404(project_id: str) -> Project:
    found = own_project_or_404(project_id)
    if found.state == ProjectState.DRAFT:
        abort(404)
    return found


def _to(shown: Project) -> Response:
    return redirect(url_for("projects.project", project_id=shown.public_id), 303)
