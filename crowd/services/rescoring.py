"""What follows from a changed gold answer: found first, so that it can be shown, then done in one go."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete
from sqlmodel import Session, col

from crowd.domain.answers import KINDS, AnswerSchema
from crowd.domain.states import StandingState
from crowd.domain.trust import Decision, Trust, posterior
from crowd.services.aggregation import mark_stale, refresh_trust, verdict_on
from crowd.storage import audit
from crowd.storage.gold import Gold, GoldScore, answers_to_gold, last_forgiven_at
from crowd.storage.jobs import add_job
from crowd.storage.projects import Project
from crowd.storage.standings import Standing
from crowd.storage.tasks import Task


@dataclass(frozen=True)
class Rescored:
    """One answer's score before and after; None where the gold answer does not score."""

    assignment_id: int
    before: float | None
    after: float | None
    scored_at: datetime | None


@dataclass(frozen=True)
class Tally:
    """The counts of a standing that trust and pausing are computed from."""

    gold_count: int
    score_sum: float
    forgiven_count: int
    forgiven_sum: float


@dataclass(frozen=True)
class Moved:
    """One worker whose trust changes, and what becomes of her."""

    worker_id: int
    pseudonym: str
    tally: Tally
    trust_before: float
    trust_after: float
    state_before: StandingState
    state_after: StandingState


@dataclass(frozen=True)
class Consequences:
    """Every score of the gold task's answers, and the workers whose trust moves."""

    scores: tuple[Rescored, ...]
    moved: tuple[Moved, ...]

    @property
    def changed_count(self) -> int:
        """How many answers get another score."""
        return sum(score.before != score.after for score in self.scores)

    @property
    def paused(self) -> tuple[Moved, ...]:
        """Who would be paused."""
        return self._becoming(StandingState.PAUSED)

    @property
    def readmitted(self) -> tuple[Moved, ...]:
        """Whom the software had paused, and who would work again."""
        return self._becoming(StandingState.ACTIVE)

    def _becoming(self, state: StandingState) -> tuple[Moved, ...]:
        return tuple(one for one in self.moved if one.state_after == state != one.state_before)


def consequences(
    session: Session, project: Project, gold: Gold, schema: AnswerSchema, labels: Sequence[str]
) -> Consequences:
    """What scoring every answer to a gold task against `labels` changes; no labels: it scores nobody."""
    score = KINDS[schema.kind].score
    scores: list[Rescored] = []
    moved: list[Moved] = []
    for assignment, old, stands in answers_to_gold(session, gold):
        before = old.score if old else None
        after = score(assignment.label or "", labels, project.gold_tolerance) if labels else None
        scores.append(Rescored(assignment.id, before, after, old.scored_at if old else None))
        if before != after:
            boundary = last_forgiven_at(session, project.id, stands.worker_id, stands.forgiven_count)
            given_at = assignment.submitted_at
            is_forgiven = boundary is not None and given_at is not None and given_at <= boundary
            moved.append(_moved(project, stands, before, after, is_forgiven=is_forgiven))
    return Consequences(tuple(scores), tuple(moved))


def carry_out(
    session: Session, project: Project, gold: Gold, found: Consequences, *, by: int, now: datetime
) -> None:
    """Write the consequences of a changed gold answer, in the caller's transaction."""
    session.execute(delete(GoldScore).where(col(GoldScore.gold_id) == gold.id))
    session.add_all(
        GoldScore(
            assignment_id=one.assignment_id,
            gold_id=gold.id,
            gold_version=gold.version,
            score=one.after,
            scored_at=one.scored_at or now,
        )
        for one in found.scores
        if one.after is not None
    )
    for moved in found.moved:
        _move(session, project, moved, by=by, now=now)
    task = session.get(Task, gold.task_id) if gold.task_id else None
    if task is not None and task.answer_count:
        task.is_stale = True
        session.add(task)
    add_job(session, "aggregate", {"project_id": project.id}, key=str(project.id), now=now)
    session.flush()


def settle_state(
    project: Project, stands: Standing, tally: Tally, thresholds: tuple[float, int]
) -> StandingState:
    """Active or paused, by (minimum trust, pause after); what a person has decided stays as it is."""
    state = StandingState(stands.state)
    is_softwares = state == StandingState.ACTIVE or (
        state == StandingState.PAUSED and stands.decided_by is None
    )
    if not is_softwares:
        return state
    minimum_trust, pause_after = thresholds
    said = verdict_on(
        project,
        tally.gold_count - tally.forgiven_count,
        tally.score_sum - tally.forgiven_sum,
        minimum_trust=minimum_trust,
        pause_after=pause_after,
    )
    return StandingState.PAUSED if said.decision == Decision.PAUSE else StandingState.ACTIVE


def tally_of(stands: Standing) -> Tally:
    """A standing's counts."""
    return Tally(stands.gold_count, stands.score_sum, stands.forgiven_count, stands.forgiven_sum)


def _moved(
    project: Project, stands: Standing, before: float | None, after: float | None, *, is_forgiven: bool
) -> Moved:
    count = (after is not None) - (before is not None)
    difference = (after or 0.0) - (before or 0.0)
    gold_count = stands.gold_count + count
    forgiven_count = stands.forgiven_count + count * is_forgiven
    tally = Tally(
        gold_count,
        _within(stands.score_sum + difference, gold_count),
        forgiven_count,
        _within(stands.forgiven_sum + difference * is_forgiven, forgiven_count),
    )
    return Moved(
        worker_id=stands.worker_id,
        pseudonym=stands.pseudonym,
        tally=tally,
        trust_before=stands.trust,
        trust_after=_trust(project, tally).mean,
        state_before=StandingState(stands.state),
        state_after=settle_state(project, stands, tally, (project.minimum_trust, project.pause_after_gold)),
    )


def _within(score_sum: float, count: int) -> float:
    return min(max(score_sum, 0.0), float(count))


def _trust(project: Project, tally: Tally) -> Trust:
    return posterior(tally.score_sum, tally.gold_count, project.trust_prior_right, project.trust_prior_wrong)


def _move(session: Session, project: Project, moved: Moved, *, by: int, now: datetime) -> None:
    stands = session.get_one(Standing, (project.id, moved.worker_id))
    tally = moved.tally
    stands.gold_count, stands.score_sum = tally.gold_count, tally.score_sum
    stands.forgiven_count, stands.forgiven_sum = tally.forgiven_count, tally.forgiven_sum
    refresh_trust(project, stands)
    if moved.state_after != moved.state_before:
        change_state(
            session, project, stands, moved.state_after, by=by, now=now, cause="A gold answer was corrected"
        )
    session.add(stands)
    mark_stale(session, project.id, stands.worker_id)


def change_state(
    session: Session,
    project: Project,
    stands: Standing,
    state: StandingState,
    *,
    by: int,
    now: datetime,
    cause: str,
) -> None:
    """Pause a worker, or end a pause of the software's, because a person changed what it stood on."""
    before = stands.state
    is_paused = state == StandingState.PAUSED
    stands.state, stands.changed_at = state.value, now
    stands.decided_by = None  # the software follows the thresholds; the change's author is in the trail
    stands.plea, stands.plea_at = "", None
    stands.reason = f"{cause}; trust is now {stands.trust:.2f}." if is_paused else ""
    session.add(stands)
    audit.record(
        session,
        "worker.paused" if is_paused else "worker.readmitted",
        f"standing:{project.public_id}:{stands.pseudonym}",
        actor_id=by,
        at=now,
        before={"state": before},
        after={"state": state.value, "trust": round(stands.trust, 6)},
        reason=f"{cause}; trust is now {stands.trust:.2f}.",
    )
