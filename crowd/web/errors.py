"""Error pages: what happened, what is safe, what to do."""

from __future__ import annotations

import logging

from flask import Flask, render_template, request
from sqlalchemy.exc import OperationalError
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response

from crowd.web.i18n import gettext as _
from crowd.web.security import Forged

log = logging.getLogger(__name__)


def install(app: Flask) -> None:
    """Translate every error once, at this door."""

    @app.errorhandler(HTTPException)
    def refused(error: HTTPException) -> tuple[str, int] | Response:
        if error.response is not None:
            return error.response  # type: ignore[return-value]
        return show(error.code or 500)

    @app.errorhandler(Forged)
    def forged(_error: Forged) -> tuple[str, int]:
        return show(403)

    @app.errorhandler(OperationalError)
    def busy(error: OperationalError) -> tuple[str, int]:
        log.warning("the database did not answer: %s %s", request.method, request.endpoint, exc_info=error)
        return show(503)

    @app.errorhandler(Exception)
    def broken(error: Exception) -> tuple[str, int]:
        log.error("a request failed: %s %s", request.method, request.endpoint, exc_info=error)
        return show(500)


def show(status: int) -> tuple[str, int]:
    """The error page, or its fragment when htmx asked for one."""
    title, advice = words(status)
    page = "_error.html" if request.headers.get("HX-Request") == "true" else "error.html"
    return render_template(page, status=status, title=title, advice=advice), status


def words(status: int) -> tuple[str, str]:
    """Title and advice for a status."""
    known = {
        400: (
            _("That request made no sense"),
            _("Nothing was changed. Go back, reload the page and try again."),
        ),
        403: (
            _("This page had grown old"),
            _("Nothing was changed. Reload the page, then send the form again."),
        ),
        404: (_("There is nothing here"), _("The address may be wrong, or it is not yours to see.")),
        405: (_("That cannot be done here"), _("Nothing was changed. Go back to the page you came from.")),
        409: (_("Somebody was faster"), _("Reload the page to see how things stand now.")),
        413: (_("That is too large"), _("Nothing was stored. Send less, or split the file.")),
        429: (_("Too many attempts"), _("Wait a quarter of an hour, then try again.")),
        503: (_("The house is busy"), _("Nothing was lost. Try again in a moment.")),
    }
    return known.get(
        status,
        (
            _("Something broke on our side"),
            _("Nothing was half-done. Try again; if it stays, tell the operator."),
        ),
    )
