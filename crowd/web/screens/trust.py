"""My trust: a worker's glass box, project by project, and the way back from a pause."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, abort, flash, render_template, request, url_for
from werkzeug.wrappers import Response

from crowd.domain.states import Role
from crowd.services.own_trust import STEP, OwnTrust, own_trust
from crowd.services.standings import LONGEST_REASON
from crowd.services.standings import plead as plead_for
from crowd.storage.projects import Project
from crowd.storage.standings import Standing, standing, standings_of_worker
from crowd.web.forms import Fields
from crowd.web.gates import for_roles, workable_project_or_404
from crowd.web.i18n import gettext as _
from crowd.web.per_request import db, now, only_look
from crowd.web.redirects import see_other
from crowd.web.signed_in import viewer

screen = Blueprint("trust", __name__)

SCALE_START, SCALE_LENGTH = 20, 600


@dataclass(frozen=True)
class Box:
    """One project's figures."""

    project: Project
    standing: Standing
    own: OwnTrust

    @property
    def has_tiers(self) -> bool:
        """Whether trust changes the pay here."""
        return bool(self.project.tiers)

    def x(self, share: float) -> int:
        """Where a share of 0..1 stands on the drawn scale."""
        return SCALE_START + round(SCALE_LENGTH * share)


@screen.get("/trust")
@for_roles(Role.WORKER)
def mine() -> str:
    """Every project that she has worked in."""
    return _page({}, {})


@screen.post("/trust/<project_id>/plea")
@for_roles(Role.WORKER)
def plead(project_id: str) -> Response | tuple[str, int]:
    """Ask to be let back in."""
    project = workable_project_or_404(project_id)
    stands = standing(db(), project.id, viewer().id)
    if stands is None:
        abort(404)
    fields = Fields(request.form)
    words = fields.text("plea", longest=LONGEST_REASON)
    if not fields.is_valid:
        only_look()
        field = f"plea-{project.public_id}"
        return _page({field: fields.errors["plea"]}, {field: words}), 422
    if plead_for(db(), stands, words, now()):
        flash(_("Your words are with those who decide."), "good")
    else:
        flash(_("There is nothing to ask here now, or you have asked already."), "warn")
    return see_other(url_for("trust.mine"))


def _page(errors: dict[str, str], sent: dict[str, str]) -> str:
    boxes = []
    for stands in standings_of_worker(db(), viewer().id):
        project = db().get_one(Project, stands.project_id)
        boxes.append(Box(project, stands, own_trust(db(), project, stands, now())))
    return render_template("trust/mine.html", boxes=boxes, step=STEP, errors=errors, sent=sent)
