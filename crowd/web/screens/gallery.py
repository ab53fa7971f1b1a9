"""The gallery of task templates, each to be tried on its own samples."""

from __future__ import annotations

from flask import Blueprint, abort, render_template, request, send_file, url_for
from werkzeug.wrappers import Response

from crowd.domain.states import Role
from crowd.services.guidelines import guidelines_html
from crowd.services.samples import (
    Sample,
    guidelines_of,
    sample_file,
    sample_question,
    samples_of,
    template_of_name,
    templates,
)
from crowd.storage.task_templates import TaskTemplate, UnknownTaskTemplateError
from crowd.web.gates import for_roles
from crowd.web.trying import Tried, task_view, try_answer

screen = Blueprint("gallery", __name__)
MEDIA_TYPES = {".png": "image/png", ".jpg": "image/jpeg", ".webp": "image/webp", ".mp3": "audio/mpeg"}


@screen.get("/templates")
@for_roles(Role.REQUESTER, Role.QUALITY_MANAGER)
def index() -> str:
    """Every kind of task that can be asked."""
    return render_template("gallery/index.html", templates=templates())


@screen.get("/templates/<name>")
@for_roles(Role.REQUESTER, Role.QUALITY_MANAGER)
def template(name: str) -> str:
    """One template, live on one of its samples."""
    return _page(template_or_404(name), _place(name), None)


@screen.post("/templates/<name>")
@for_roles(Role.REQUESTER, Role.QUALITY_MANAGER)
def answer(name: str) -> tuple[str, int]:
    """Check an answer to a sample and show it back; nothing is stored."""
    shown = template_or_404(name)
    place = _place(name)
    sample = _sample(shown, place)
    tried = try_answer(sample_question(shown), sample.item, _media(shown, sample))
    return _page(shown, place, tried), tried.status


@screen.get("/templates/<name>/sample/<path:file>")
@for_roles(Role.REQUESTER, Role.QUALITY_MANAGER)
def sample(name: str, file: str) -> Response:
    """One sample picture or recording."""
    path = sample_file(template_or_404(name), file)
    media_type = MEDIA_TYPES.get(path.suffix) if path else None
    if path is None or media_type is None:
        abort(404)
    return send_file(path, mimetype=media_type, conditional=True, max_age=3600)


def template_or_404(name: str) -> TaskTemplate:
    """The template of this name."""
    try:
        return template_of_name(name)
    except UnknownTaskTemplateError:
        abort(404)


def _page(shown: TaskTemplate, place: int, tried: Tried | None) -> str:
    sample, question = _sample(shown, place), sample_question(shown)
    return render_template(
        "gallery/template.html",
        template=shown,
        place=place,
        count=len(samples_of(shown)),
        task=task_view(question, sample.item, _media(shown, sample)),
        guidelines=guidelines_html(guidelines_of(shown)),
        tried=tried,
    )


def _place(name: str) -> int:
    """Which sample is asked for, counted from 1."""
    text = request.args.get("sample", "1")
    count = len(samples_of(template_or_404(name)))
    if not (text.isascii() and text.isdigit() and len(text) < 7 and 1 <= int(text) <= count):
        abort(404)
    return int(text)


def _sample(shown: TaskTemplate, place: int) -> Sample:
    return samples_of(shown)[place - 1]


def _media(shown: TaskTemplate, sample: Sample) -> str | None:
    if sample.file_name is None:
        return None
    return url_for("gallery.sample", name=shown.name, file=sample.file_name)
