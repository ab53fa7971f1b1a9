"""Recompute what the crowd says: score gold, update trust, pause, find consensus, settle."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import update
from sqlmodel import Session, col, select

from crowd.domain.aggregation import METHODS, Consensus, methods_for
from crowd.domain.answers import KINDS, AnswerSchema
from crowd.domain.states import GoldState, StandingState, TaskState
from crowd.domain.stopping import is_disputed, is_settled
from crowd.domain.trust import Decision, Verdict, posterior, verdict
from crowd.storage import audit
from crowd.storage.assignments import STANDING_ANSWERS, Assignment, standing_answers
from crowd.storage.gold import Gold, GoldScore
from crowd.storage.jobs import add_job
from crowd.storage.projects import Project, locked_project
from crowd.storage.results import Result
from crowd.storage.standings import Standing, standing
from crowd.storage.tasks import Task, projects_with_stale_tasks, stale_tasks, task_counts

CHUNK = 200


@dataclass(frozen=True)
class Aggregated:
    """What one round did."""

    task_count: int
    settled_count: int
    paused: tuple[int, ...]


def aggregate(session: Session, project_id: int, schema: AnswerSchema, now: datetime) -> Aggregated:
    """Bring one chunk of stale tasks up to date. Commits; task_count 0 means that none was stale."""
    project = locked_project(session, project_id)
    task_ids = stale_tasks(session, project_id, CHUNK)
    if not task_ids:
        session.rollback()
        return Aggregated(0, 0, ())
    session.execute(update(Task).where(col(Task.id).in_(task_ids)).values(is_stale=False))
    paused = _score_gold(session, project, schema, task_ids, now)
    settled = _settle(session, project, schema, task_ids, now)
    if settled and task_counts(session, project_id)[TaskState.OPEN] == 0:
        mark_stale(session, project_id)  # a last look at every task, with what is known of workers now
    session.commit()
    return Aggregated(len(task_ids), settled, tuple(paused))


def mark_stale(session: Session, project_id: int, worker_id: int | None = None) -> None:
    """Ask for a new consensus of every answered task, or of those that one worker has answered."""
    query = update(Task).where(col(Task.project_id) == project_id, col(Task.answer_count) > 0)
    if worker_id is not None:
        hers = select(Assignment.task_id).where(
            Assignment.project_id == project_id,
            Assignment.worker_id == worker_id,
            col(Assignment.state).in_(STANDING_ANSWERS),
        )
        query = query.where(col(Task.id).in_(hers))
    session.execute(query.values(is_stale=True).execution_options(synchronize_session=False))


def ask_where_stale(session: Session, now: datetime) -> None:
    """Add a job for every project with stale tasks that has none waiting. Commits."""
    for project_id in projects_with_stale_tasks(session):
        add_job(session, "aggregate", {"project_id": project_id}, key=str(project_id), now=now)
    session.commit()


def _score_gold(
    session: Session, project: Project, schema: AnswerSchema, task_ids: Sequence[int], now: datetime
) -> list[int]:
    """Score the new answers to gold tasks; return the workers who were paused for it."""
    query = (
        select(Assignment, Gold)
        .join(Gold, col(Gold.task_id) == Assignment.task_id)
        .join(GoldScore, col(GoldScore.assignment_id) == Assignment.id, isouter=True)
        .where(
            col(Assignment.task_id).in_(task_ids),
            col(Assignment.answer).is_not(None),
            Gold.state == GoldState.ACTIVE,
            col(GoldScore.assignment_id).is_(None),
        )
        .order_by(col(Assignment.submitted_at), col(Assignment.id))
    )
    kind = KINDS[schema.kind]
    touched: dict[int, Standing] = {}
    for assignment, gold in session.exec(query).all():
        score = kind.score(assignment.label or "", gold.labels, project.gold_tolerance)
        session.add(
            GoldScore(
                assignment_id=assignment.id,
                gold_id=gold.id,
                gold_version=gold.version,
                score=score,
                scored_at=now,
            )
        )
        stands = touched.get(assignment.worker_id) or standing(session, project.id, assignment.worker_id)
        if stands is None:
            raise LookupError(f"worker {assignment.worker_id} answered without a standing")
        stands.gold_count += 1
        stands.score_sum += score
        touched[assignment.worker_id] = stands
    return [stands.worker_id for stands in touched.values() if judge(session, project, stands, now)]


def refresh_trust(project: Project, stands: Standing) -> None:
    """Put the posterior of the counted gold scores into a standing."""
    trust = posterior(
        stands.score_sum, stands.gold_count, project.trust_prior_right, project.trust_prior_wrong
    )
    stands.trust, stands.trust_low, stands.trust_high = trust.mean, trust.low, trust.high


def verdict_on(
    project: Project, gold_count: int, score_sum: float, *, minimum_trust: float, pause_after: int
) -> Verdict:
    """What the thresholds say of the gold answers that count towards a pause."""
    since = max(0, gold_count)
    trust = posterior(
        min(max(0.0, score_sum), float(since)), since, project.trust_prior_right, project.trust_prior_wrong
    )
    return verdict(trust, gold_count=since, pause_after=pause_after, minimum_trust=minimum_trust)


def judge(session: Session, project: Project, stands: Standing, now: datetime) -> bool:
    """Refresh trust and pause where the project's thresholds say so. True when she was paused."""
    refresh_trust(project, stands)
    session.add(stands)
    said = verdict_on(
        project,
        stands.gold_count - stands.forgiven_count,
        stands.score_sum - stands.forgiven_sum,
        minimum_trust=project.minimum_trust,
        pause_after=project.pause_after_gold,
    )
    if said.decision != Decision.PAUSE or stands.state != StandingState.ACTIVE:
        session.flush()
        return False
    stands.state = StandingState.PAUSED
    stands.decided_by = None
    stands.changed_at = now
    stands.plea, stands.plea_at = "", None
    stands.reason = (
        f"Trust {said.trust_mean:.2f} is below {said.minimum_trust:.2f} after {said.gold_count} gold answers."
    )
    session.flush()
    audit.record(
        session,
        "worker.paused",
        f"standing:{project.public_id}:{stands.pseudonym}",
        actor_id=None,
        at=now,
        after={"trust": round(said.trust_mean, 6), "gold_count": said.gold_count},
        reason=stands.reason,
    )
    mark_stale(session, project.id, stands.worker_id)
    return True


def _settle(
    session: Session, project: Project, schema: AnswerSchema, task_ids: Sequence[int], now: datetime
) -> int:
    """Compute and store the consensus of each task; return how many were settled by it."""
    answers: dict[int, list[Assignment]] = {task_id: [] for task_id in task_ids}
    for assignment in standing_answers(session, task_ids):
        answers[assignment.task_id].append(assignment)
    workers = {assignment.worker_id for given in answers.values() for assignment in given}
    found = consensus_of(
        project,
        schema,
        [(a.task_id, a.worker_id, a.label or "") for given in answers.values() for a in given],
        _trust_of(session, project.id, workers),
    )
    tasks = session.exec(select(Task).where(col(Task.id).in_(task_ids))).all()
    return sum(_settle_task(session, project, task, found.get(task.id), now) for task in tasks)


def consensus_of(
    project: Project,
    schema: AnswerSchema,
    judgments: Sequence[tuple[int, int, str]],
    trust: Mapping[int, float],
) -> dict[int, Consensus]:
    """The consensus of each task among judgments, by the project's method or its kind's default."""
    if not judgments:
        return {}
    method = METHODS[project.method or DEFAULT_METHOD[schema.kind]]
    return method.aggregate(judgments, trust, schema.labels)


DEFAULT_METHOD = {"choice": "posterior", "text": "best_agreeing"}


def methods_of(schema: AnswerSchema) -> list[str]:
    """The aggregation methods that a project with this question may choose."""
    return [method.name for method in methods_for(schema.kind)]


def _trust_of(session: Session, project_id: int, workers: set[int]) -> dict[int, float]:
    query = select(Standing.worker_id, Standing.trust).where(
        Standing.project_id == project_id, col(Standing.worker_id).in_(workers)
    )
    return dict(session.exec(query).all())


def _settle_task(
    session: Session, project: Project, task: Task, consensus: Consensus | None, now: datetime
) -> bool:
    """Store one task's result and state; True when it has just become settled."""
    result = session.get(Result, task.id)
    if result is not None and result.is_decided:
        return False
    if consensus is None:
        if result is not None:
            session.delete(result)
        task.state = TaskState.OPEN
        return False
    settled = is_settled(
        consensus,
        consensus.answer_count,
        task.overlap,
        minimum_overlap=project.minimum_overlap if project.stops_early and not task.is_gold else None,
        confidence_target=project.confidence_target,
    )
    became_settled = settled and task.state == TaskState.OPEN
    task.state = TaskState.SETTLED if settled else TaskState.OPEN
    result = result or Result(
        task_id=task.id, project_id=project.id, label="", confidence=0.0, answer_count=0, method=""
    )
    result.label = consensus.label
    result.confidence = min(1.0, max(0.0, float(consensus.confidence)))
    result.answer_count = consensus.answer_count
    result.posterior = {label: round(float(chance), 9) for label, chance in consensus.posterior.items()}
    result.method = consensus.method
    result.is_disputed = (
        settled
        and not task.is_gold  # its right answer is known
        and is_disputed(consensus, consensus.answer_count, task.overlap, project.dispute_below)
    )
    result.computed_at = now
    result.settled_at = (result.settled_at or now) if settled else None
    session.add_all([task, result])
    session.flush()
    return became_settled
