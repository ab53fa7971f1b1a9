"""The front page: what this is, and the way in."""

from __future__ import annotations

from flask import Blueprint, render_template
from werkzeug.wrappers import Response

from crowd.web.gates import public
from crowd.web.places import first_place
from crowd.web.redirects import see_other
from crowd.web.signed_in import viewer_or_none

screen = Blueprint("home", __name__)


@screen.get("/")
@public
def index() -> str | Response:
    """Whoever is signed in goes on to her work."""
    if viewer_or_none() is not None:
        return see_other(first_place())
    return render_template("home/index.html")
