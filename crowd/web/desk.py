"""What the pages of a project's desk share: tabs, how an item is named in a table, and who decided what."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from flask import abort, flash, request, url_for

from crowd.services.gold_figures import alarm_count
from crowd.services.questions import Question
from crowd.storage.audit import AuditEvent, recent_events
from crowd.storage.gold import Gold, gold_by_public_id
from crowd.storage.items import Item
from crowd.storage.projects import Project
from crowd.storage.results import disputed_count
from crowd.storage.standings import Standing, standing_by_pseudonym, waiting_counts
from crowd.storage.tasks import Task, task_by_public_id
from crowd.storage.users import names_of_users
from crowd.web.i18n import gettext as _
from crowd.web.media import media_url
from crowd.web.per_request import db

LONGEST_NAME = 140


@dataclass(frozen=True)
class Waiting:
    """What waits for a person in one project."""

    worker_count: int
    paused_count: int
    plea_count: int
    disputed_count: int
    alarm_count: int

    @property
    def total(self) -> int:
        """Everything that asks for a decision. A pause stands by itself; a plea against it does not."""
        return self.plea_count + self.disputed_count + self.alarm_count


@dataclass(frozen=True)
class Tab:
    """One page of the desk, and how much waits there."""

    name: str
    url: str
    count: int
    is_here: bool


@dataclass(frozen=True)
class Named:
    """An item in a table: some of its words, or its picture."""

    words: str
    picture: str | None


@dataclass(frozen=True)
class Past:
    """One event of the trail, with the name of whoever acted."""

    at: datetime
    act: str
    actor: str
    reason: str
    before: dict[str, object]
    after: dict[str, object]


def waiting_in(project: Project) -> Waiting:
    """What waits in a project."""
    workers, paused, pleas = waiting_counts(db(), [project.id]).get(project.id, (0, 0, 0))
    return Waiting(workers, paused, pleas, disputed_count(db(), project.id), alarm_count(db(), project))


def tabs(project: Project, waiting: Waiting) -> list[Tab]:
    """The pages of one project's desk."""
    listed = [
        ("quality.project", _("Overview"), 0),
        ("quality_disputed.queue", _("Disputed"), waiting.disputed_count),
        ("quality_workers.everybody", _("Workers"), waiting.plea_count),
        ("quality_gold.every_gold", _("Gold"), waiting.alarm_count),
        ("quality_thresholds.form", _("Thresholds"), 0),
    ]
    here = request.blueprint
    return [
        Tab(name, url_for(endpoint, project_id=project.public_id), count, here == endpoint.split(".")[0])
        for endpoint, name, count in listed
    ]


def named(item: Item, question: Question) -> Named:
    """How an item is shown in a line of a table."""
    for task_input in question.template.inputs:
        words = str(item.input.get(question.mapping.get(task_input.name, ""), "")).strip()
        if task_input.kind == "text" and words:
            return Named(words if len(words) <= LONGEST_NAME else words[: LONGEST_NAME - 1] + "…", None)
    number = _("Item %(number)s") % {"number": item.position + 1}
    is_picture = item.media is not None and item.media.get("kind") == "image"
    return Named(number, media_url(item, thumbnail=True) if is_picture else None)


def gold_or_404(project: Project, gold_id: str) -> Gold:
    """A gold answer of this project."""
    gold = gold_by_public_id(db(), gold_id)
    if gold is None or gold.project_id != project.id:
        abort(404)
    return gold


def standing_or_404(project: Project, pseudonym: str) -> Standing:
    """A worker of this project, by her pseudonym."""
    stands = standing_by_pseudonym(db(), project.id, pseudonym)
    if stands is None:
        abort(404)
    return stands


def task_or_404(project: Project, task_id: str) -> Task:
    """A task of this project whose answer the crowd gives; gold has its own page."""
    task = task_by_public_id(db(), task_id)
    if task is None or task.project_id != project.id or task.is_gold:
        abort(404)
    return task


def past_of(subject: str, limit: int = 50) -> list[Past]:
    """What happened to one thing, newest first; the name of who acted, or the software."""
    events = recent_events(db(), subject=subject, limit=limit)
    names = names_of_users(db(), {event.actor_id for event in events if event.actor_id is not None})
    return [_past(event, names.get(event.actor_id or 0, _("The software"))) for event in events]


def _past(event: AuditEvent, actor: str) -> Past:
    return Past(event.at, event.act, actor, event.reason, event.before or {}, event.after or {})


def tell_own_case() -> None:
    """Say that somebody else must decide."""
    flash(_("Nothing was changed: this concerns you, so somebody else must decide it."), "bad")
