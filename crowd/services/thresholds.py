"""Thresholds of a running project: previewed, changed by a person with a reason, recomputed after."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass, fields
from datetime import datetime

from sqlmodel import Session

from crowd.domain.aggregation import methods_for
from crowd.domain.answers import AnswerSchema
from crowd.domain.states import StandingState
from crowd.services.aggregation import DEFAULT_METHOD, mark_stale
from crowd.services.rescoring import change_state, settle_state, tally_of
from crowd.services.standings import LONGEST_REASON, ReasonNeeded
from crowd.storage import audit
from crowd.storage.jobs import add_job
from crowd.storage.projects import Project, locked_project
from crowd.storage.results import SettlementCounts, settlement_counts
from crowd.storage.standings import Standing, standings_in

MOST_GOLD_RATE = 0.5
MOST_PAUSE_AFTER = 1000
LONGEST_CLOCK = 30 * 86_400

Change = tuple[object, object]


class ThresholdRefused(ValueError):
    """A threshold outside its bounds: `name` says which, `reason` what it may be."""

    def __init__(self, name: str, reason: str) -> None:
        super().__init__(f"{name}: {reason}")
        self.name = name
        self.reason = reason


class NothingChanges(Exception):
    """The thresholds are the ones in force."""


@dataclass(frozen=True)
class Thresholds:
    """What a quality manager may tune while a project runs. Shares are 0..1, the clock is in seconds."""

    gold_rate: float
    minimum_trust: float
    pause_after_gold: int
    dispute_below: float
    confidence_target: float
    stops_early: bool
    approve_after_seconds: int
    method: str

    @classmethod
    def of(cls, project: Project) -> Thresholds:
        """Those in force."""
        return cls(**{field.name: getattr(project, field.name) for field in fields(cls)})

    def changes_to(self, new: Thresholds) -> dict[str, Change]:
        """What differs: name -> (now, then)."""
        now, then = asdict(self), asdict(new)
        return {name: (now[name], then[name]) for name in now if now[name] != then[name]}


@dataclass(frozen=True)
class Preview:
    """What new thresholds would do to the workers and tasks of today, at today's trust and confidence."""

    paused_count: int
    readmitted_count: int
    active_count: int
    settlement: SettlementCounts
    disputed_now: int


def check(thresholds: Thresholds, schema: AnswerSchema) -> None:
    """Raises ThresholdRefused for the first value outside its bounds."""
    share = "Give a share between 0 and %s."
    bounds = {
        "gold_rate": (0.0, MOST_GOLD_RATE, share % "50 %"),
        "minimum_trust": (0.0, math.nextafter(1.0, 0.0), share % "100 %, below 100 %"),
        "pause_after_gold": (1, MOST_PAUSE_AFTER, f"Give a whole number from 1 to {MOST_PAUSE_AFTER}."),
        "dispute_below": (0.0, 1.0, share % "100 %"),
        "confidence_target": (0.01, 1.0, "Give a share from 1 % to 100 %."),
        "approve_after_seconds": (0, LONGEST_CLOCK, "Give at most 30 days."),
    }
    for name, (low, high, advice) in bounds.items():
        if not low <= getattr(thresholds, name) <= high:
            raise ThresholdRefused(name, advice)
    known = {method.name for method in methods_for(schema.kind)}
    if thresholds.method and thresholds.method not in known:
        raise ThresholdRefused("method", "Choose a method that serves this kind of answer.")


def preview(session: Session, project: Project, new: Thresholds, schema: AnswerSchema) -> Preview:
    """What would change. Changes nothing. Raises ThresholdRefused."""
    check(new, schema)
    workers = standings_in(session, project.id)
    after = [_state_under(project, stands, new) for stands in workers]
    before = [StandingState(stands.state) for stands in workers]
    return Preview(
        paused_count=_becoming(before, after, StandingState.PAUSED),
        readmitted_count=_becoming(before, after, StandingState.ACTIVE),
        active_count=before.count(StandingState.ACTIVE),
        settlement=_settlement(session, project, new),
        disputed_now=_settlement(session, project, Thresholds.of(project)).disputed_count,
    )


def change(
    session: Session,
    project: Project,
    new: Thresholds,
    schema: AnswerSchema,
    *,
    by: int,
    reason: str,
    now: datetime,
) -> dict[str, Change]:
    """Put new thresholds in force: workers are judged by them, every consensus is recomputed. Commits.

    Returns what changed. Raises ThresholdRefused, ReasonNeeded, NothingChanges.
    """
    check(new, schema)
    if not 1 <= len(reason.strip()) <= LONGEST_REASON:
        raise ReasonNeeded
    locked_project(session, project.id)
    changes = Thresholds.of(project).changes_to(new)
    if not changes:
        session.rollback()
        raise NothingChanges
    for name, (_before, after) in changes.items():
        setattr(project, name, after)
    session.add(project)
    moved = _judge_again(session, project, new, by=by, now=now)
    audit.record(
        session,
        "project.thresholds",
        f"project:{project.public_id}",
        actor_id=by,
        at=now,
        before={name: before for name, (before, _) in changes.items()},
        after={name: after for name, (_, after) in changes.items()} | moved,
        reason=reason.strip(),
    )
    recompute(session, project, now)
    session.commit()
    return changes


def ask_recompute(session: Session, project: Project, *, by: int, now: datetime) -> None:
    """Recompute every consensus of a project soon. Commits."""
    recompute(session, project, now)
    audit.record(session, "project.recompute", f"project:{project.public_id}", actor_id=by, at=now)
    session.commit()


def recompute(session: Session, project: Project, now: datetime) -> None:
    """Put the whole project's consensus on the list, in the caller's transaction."""
    mark_stale(session, project.id)
    add_job(session, "aggregate", {"project_id": project.id}, key=str(project.id), now=now)


def default_method(schema: AnswerSchema) -> str:
    """The method in force where a project names none."""
    return DEFAULT_METHOD[schema.kind]


def _judge_again(
    session: Session, project: Project, new: Thresholds, *, by: int, now: datetime
) -> dict[str, object]:
    moved: dict[StandingState, list[str]] = {StandingState.PAUSED: [], StandingState.ACTIVE: []}
    for stands in standings_in(session, project.id):
        state = _state_under(project, stands, new)
        if state != stands.state:
            change_state(
                session, project, stands, state, by=by, now=now, cause="The project's thresholds changed"
            )
            moved[state].append(stands.pseudonym)
    return {"paused": moved[StandingState.PAUSED], "readmitted": moved[StandingState.ACTIVE]}


def _state_under(project: Project, stands: Standing, new: Thresholds) -> StandingState:
    return settle_state(project, stands, tally_of(stands), (new.minimum_trust, new.pause_after_gold))


def _becoming(before: list[StandingState], after: list[StandingState], state: StandingState) -> int:
    return sum(then == state != now for now, then in zip(before, after, strict=True))


def _settlement(session: Session, project: Project, thresholds: Thresholds) -> SettlementCounts:
    return settlement_counts(
        session,
        project.id,
        minimum_overlap=project.minimum_overlap if thresholds.stops_early else None,
        confidence_target=thresholds.confidence_target,
        dispute_below=thresholds.dispute_below,
    )
