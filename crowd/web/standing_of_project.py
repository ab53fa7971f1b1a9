"""How a project stands, in the figures that its page and its live fragment show."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median

from markupsafe import Markup

from crowd.domain.states import BatchState, ProjectState
from crowd.storage.batches import Batch, batches_of
from crowd.storage.jobs import Job, latest_job
from crowd.storage.ledger import AccountKind, balance
from crowd.storage.progress import (
    Money,
    RecentAnswer,
    TaskTotals,
    Workers,
    answers_until,
    disputed_count,
    money_of,
    recent_answers,
    settled_until,
    task_totals,
    workers_of,
)
from crowd.storage.projects import Project
from crowd.web.charts.lines import Line, line_chart
from crowd.web.i18n import gettext as _
from crowd.web.launching import in_cents
from crowd.web.per_request import db, now

POINTS = 24
LEAST_FOR_SPEED = 5


@dataclass(frozen=True)
class Speed:
    """How fast answers come, from the most recent ones; None where there are too few to say."""

    median_seconds: float | None = None
    hourly_wage_micros: int | None = None
    finish_at: datetime | None = None


@dataclass(frozen=True)
class Standing:
    """Everything the live fragment shows."""

    tasks: TaskTotals
    money: Money
    workers: Workers
    speed: Speed
    budget_micros: int
    disputed_count: int
    making: Batch | None
    making_job: Job | None

    @property
    def is_done(self) -> bool:
        """Whether every task is settled."""
        return bool(self.tasks.task_count) and self.tasks.settled_count == self.tasks.task_count


def standing_of(project: Project) -> Standing:
    """The figures of one project, now."""
    session, ids = db(), [project.id]
    tasks = task_totals(session, ids).get(project.id, TaskTotals())
    batches = batches_of(session, project.id)
    making = next((batch for batch in batches if batch.state == BatchState.LAUNCHING), None)
    return Standing(
        tasks=tasks,
        money=money_of(session, ids).get(project.id, Money()),
        workers=workers_of(session, ids).get(project.id, Workers()),
        speed=speed_of(recent_answers(session, project.id), tasks.open_place_count, now(), project.state),
        budget_micros=balance(session, AccountKind.BUDGET, project.owner_id),
        disputed_count=disputed_count(session, project.id),
        making=making,
        making_job=latest_job(session, "launch", str(making.id)) if making else None,
    )


def speed_of(
    recent: Sequence[RecentAnswer], wanted_count: int, at: datetime, state: str = ProjectState.OPEN
) -> Speed:
    """Median time and wage of recent answers, and when the wanted ones will have come at their pace."""
    if len(recent) < LEAST_FOR_SPEED:
        return Speed()
    seconds = [(answer.submitted_at - answer.assigned_at).total_seconds() for answer in recent]
    worked = sum(seconds)
    earned = sum(answer.pay_micros for answer in recent)
    wage = in_cents(int(earned * 3600 / worked)) if worked > 0 else None
    since = (at - min(answer.submitted_at for answer in recent)).total_seconds()
    finish = None
    if wanted_count and since > 0 and state == ProjectState.OPEN:
        finish = at + timedelta(seconds=min(wanted_count * since / len(recent), 10 * 365 * 86_400))
    return Speed(median(seconds), wage, finish)


@dataclass(frozen=True)
class History:
    """Progress over time: the drawing and the figures behind it."""

    chart: Markup
    rows: list[tuple[datetime, int, int]]


def history_of(project: Project) -> History | None:
    """Answers and settled tasks from launch until now, or until the project closed; None before a launch."""
    if project.launched_at is None:
        return None
    end = project.closed_at or now()
    step = max((end - project.launched_at) / POINTS, timedelta(seconds=1))
    moments = [project.launched_at + place * step for place in range(POINTS + 1)]
    answers = answers_until(db(), project.id, moments)
    settled = settled_until(db(), project.id, moments)
    totals = task_totals(db(), [project.id]).get(project.id, TaskTotals())
    lines = [
        Line(_("Tasks settled"), [count / max(1, totals.task_count) for count in settled]),
        Line(_("Answers"), [count / max(1, totals.wanted_count) for count in answers]),
    ]
    words = _(
        "%(settled)s of %(tasks)s tasks are settled and %(answers)s of %(wanted)s answers are there."
        " The table below holds every figure."
    ) % {
        "settled": settled[-1],
        "tasks": totals.task_count,
        "answers": answers[-1],
        "wanted": totals.wanted_count,
    }
    labels = [_short(moments[place], step * POINTS) for place in (0, POINTS // 2, POINTS)]
    chart = line_chart("progress-chart", _("Progress over time, in per cent"), words, lines, labels)
    return History(chart, list(zip(moments, settled, answers, strict=True)))


def _short(at: datetime, length: timedelta) -> str:
    return at.strftime("%m-%d %H:%M" if length > timedelta(hours=12) else "%H:%M") + " UTC"
