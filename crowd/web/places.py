"""The places in the top bar, by role."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Flask, current_app, request, url_for

from crowd.domain.states import Role
from crowd.web.i18n import gettext as _
from crowd.web.signed_in import viewer_or_none


@dataclass(frozen=True)
class Place:
    """One link of the top bar."""

    name: str
    url: str
    is_here: bool


def _all() -> list[tuple[Role, str, str, str]]:
    return [
        (Role.WORKER, _("Tasks"), "work.tasks", "work"),
        (Role.WORKER, _("Earnings"), "earnings.mine", "earnings"),
        (Role.WORKER, _("My trust"), "trust.mine", "trust"),
        (Role.REQUESTER, _("Datasets"), "datasets.mine", "datasets"),
        (Role.REQUESTER, _("Projects"), "projects.mine", "projects"),
        (Role.QUALITY_MANAGER, _("Quality"), "quality.desk", "quality"),
        (Role.ADMIN, _("Users"), "users.everybody", "users"),
        (Role.ADMIN, _("Jobs"), "operations.jobs", "operations"),
        (Role.ADMIN, _("Payouts"), "payouts.all_payouts", "payouts"),
        (Role.ADMIN, _("Audit"), "audit.trail", "audit"),
    ]


# Screens that belong to a place of another name.
PART_OF = dict.fromkeys(("wizard", "gallery", "gold", "results"), "projects")

_FIRST = {
    Role.REQUESTER: "projects.mine",
    Role.QUALITY_MANAGER: "quality.desk",
    Role.WORKER: "work.tasks",
    Role.ADMIN: "users.everybody",
}


def places() -> list[Place]:
    """Where this person can go."""
    viewer = viewer_or_none()
    if viewer is None:
        return []
    here = (request.blueprint or "").split("_")[0]  # quality_gold is a part of quality
    here = PART_OF.get(here, here)
    return [
        Place(name, url_for(endpoint), here == blueprint)
        for role, name, endpoint, blueprint in _all()
        if viewer.has(role) and endpoint in current_app.view_functions
    ]


def first_place() -> str:
    """The address where this person's day begins: the first place of the first of her roles."""
    viewer = viewer_or_none()
    for role in (Role.REQUESTER, Role.QUALITY_MANAGER, Role.WORKER, Role.ADMIN):
        endpoint = _FIRST[role]
        if viewer is not None and viewer.has(role) and endpoint in current_app.view_functions:
            return url_for(endpoint)
    return url_for("accounts.account")


def install(app: Flask) -> None:
    """Give the pages the list."""
    app.jinja_env.globals["places"] = places
