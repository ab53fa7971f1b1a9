"""Thresholds on the desk: what is in force, what other values would change, and putting them in force."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Blueprint, flash, render_template, request, url_for
from werkzeug.wrappers import Response

from crowd.domain.states import Role
from crowd.services import thresholds
from crowd.services.aggregation import methods_of
from crowd.services.questions import question_of
from crowd.services.standings import LONGEST_REASON
from crowd.services.thresholds import MOST_GOLD_RATE, MOST_PAUSE_AFTER, Thresholds
from crowd.storage.projects import Project
from crowd.web.desk import past_of, tabs, waiting_in
from crowd.web.forms import Fields
from crowd.web.gates import for_roles, managed_project_or_404
from crowd.web.i18n import gettext as _
from crowd.web.per_request import db, now
from crowd.web.redirects import see_other
from crowd.web.signed_in import viewer

screen = Blueprint("quality_thresholds", __name__)

HOUR = 3600
Words = dict[str, str]


@screen.get("/quality/<project_id>/thresholds")
@for_roles(Role.QUALITY_MANAGER, Role.REQUESTER)
def form(project_id: str) -> str:
    """The thresholds in force, in a form."""
    project = managed_project_or_404(project_id)
    return _form_page(project, _as_typed(Thresholds.of(project)), {})


@screen.get("/quality/<project_id>/thresholds/preview")
@for_roles(Role.QUALITY_MANAGER, Role.REQUESTER)
def preview(project_id: str) -> str | tuple[str, int]:
    """What the typed thresholds would change; nothing is changed yet."""
    project = managed_project_or_404(project_id)
    fields = Fields(request.args)
    new = _read(fields, project)
    if not fields.is_valid:
        return _form_page(project, request.args, fields.errors), 422
    return _preview_page(project, new, {})


@screen.post("/quality/<project_id>/thresholds")
@for_roles(Role.QUALITY_MANAGER, Role.REQUESTER)
def change(project_id: str) -> Response | tuple[str, int]:
    """Put thresholds in force."""
    project = managed_project_or_404(project_id)
    fields = Fields(request.form)
    new = _read(fields, project)
    if not fields.is_valid:
        return _form_page(project, request.form, fields.errors), 422
    reason = fields.text("reason", longest=LONGEST_REASON)
    if "reason" in fields.errors:
        return _preview_page(project, new, fields.errors), 422
    schema = question_of(project).schema
    try:
        thresholds.change(db(), project, new, schema, by=viewer().id, reason=reason, now=now())
        flash(_("The new thresholds are in force; every consensus is being recomputed."), "good")
    except thresholds.NothingChanges:
        flash(_("These are the thresholds in force already."), "warn")
    return see_other(url_for("quality_thresholds.form", project_id=project_id))


def _read(fields: Fields, project: Project) -> Thresholds:
    """The thresholds typed; a field left as it was shown keeps its exact value."""
    now_in_force = Thresholds.of(project)
    typed = _as_typed(now_in_force)
    schema = question_of(project).schema

    def share(name: str, low: float, high: float) -> float:
        value = fields.share(name, low, high)
        same: float = getattr(now_in_force, name)
        return same if fields.sent.get(name, "").strip() == typed[name] else value

    hours = fields.decimal("approve_after_hours", 0, thresholds.LONGEST_CLOCK / HOUR)
    is_same_clock = fields.sent.get("approve_after_hours", "").strip() == typed["approve_after_hours"]
    return Thresholds(
        gold_rate=share("gold_rate", 0.0, MOST_GOLD_RATE),
        minimum_trust=share("minimum_trust", 0.0, 0.99),
        pause_after_gold=fields.whole("pause_after_gold", 1, MOST_PAUSE_AFTER),
        dispute_below=share("dispute_below", 0.0, 1.0),
        confidence_target=share("confidence_target", 0.01, 1.0),
        stops_early=fields.flag("stops_early"),
        approve_after_seconds=now_in_force.approve_after_seconds if is_same_clock else round(hours * HOUR),
        method=fields.choice("method", ["", *methods_of(schema)]),
    )


def _as_typed(found: Thresholds) -> Words:
    """Thresholds as people type them: shares in percent, the clock in hours."""
    return {
        "gold_rate": f"{100 * found.gold_rate:g}",
        "minimum_trust": f"{100 * found.minimum_trust:g}",
        "pause_after_gold": str(found.pause_after_gold),
        "dispute_below": f"{100 * found.dispute_below:g}",
        "confidence_target": f"{100 * found.confidence_target:g}",
        "stops_early": "1" if found.stops_early else "",
        "approve_after_hours": f"{found.approve_after_seconds / HOUR:g}",
        "method": found.method,
    }


def _form_page(project: Project, typed: Mapping[str, str], errors: Words) -> str:
    schema = question_of(project).schema
    return render_template(
        "quality/thresholds.html",
        project=project,
        tabs=tabs(project, waiting_in(project)),
        typed=typed,
        errors=errors,
        methods=_method_names(methods_of(schema), thresholds.default_method(schema)),
        past=[one for one in past_of(f"project:{project.public_id}") if one.act == "project.thresholds"],
        names=_names(),
    )


def _preview_page(project: Project, new: Thresholds, errors: Words) -> str:
    schema = question_of(project).schema
    now_in_force = Thresholds.of(project)
    methods = dict(_method_names(methods_of(schema), thresholds.default_method(schema)))
    return render_template(
        "quality/thresholds_preview.html",
        project=project,
        tabs=tabs(project, waiting_in(project)),
        changes=[
            (_names()[name], _shown(name, before, methods), _shown(name, after, methods))
            for name, (before, after) in now_in_force.changes_to(new).items()
        ],
        found=thresholds.preview(db(), project, new, schema),
        typed=_as_typed(new),
        reason=request.form.get("reason", ""),
        errors=errors,
    )


def _names() -> Words:
    return {
        "gold_rate": _("Gold rate"),
        "minimum_trust": _("Minimum trust"),
        "pause_after_gold": _("Pause after"),
        "dispute_below": _("Dispute below"),
        "confidence_target": _("Confidence target"),
        "stops_early": _("Stop early"),
        "approve_after_seconds": _("Approval clock"),
        "method": _("Aggregation method"),
    }


def _shown(name: str, value: object, methods: Words) -> str:
    """A threshold's value with its unit."""
    if name == "method":
        return methods.get(str(value), str(value))
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if name == "approve_after_seconds" and isinstance(value, int):
        return _("%(hours)s hours") % {"hours": f"{value / HOUR:g}"}
    return (
        f"{100 * value:g} %" if isinstance(value, float) else _("%(count)s gold answers") % {"count": value}
    )


def _method_names(methods: list[str], default: str) -> list[tuple[str, str]]:
    usual = _("The template's own (%(name)s)") % {"name": default.replace("_", " ")}
    return [("", usual), *((method, method.replace("_", " ").capitalize()) for method in methods)]
