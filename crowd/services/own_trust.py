"""What a worker may see of her trust: late and in steps, so that no one answer shows whether it was gold."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Session, col, func, select

from crowd.domain.pay import Tiers
from crowd.domain.states import StandingState
from crowd.domain.trust import Trust, posterior
from crowd.storage.assignments import Assignment
from crowd.storage.gold import GoldScore
from crowd.storage.projects import Project
from crowd.storage.standings import Standing

# Her figures move once per STEP answers of any kind, gold or not, and only DELAY after they were given.
# The moment of a change then says nothing about any one of them; the change itself says how many were
# right, not which.
STEP = 20
DELAY = timedelta(minutes=10)


@dataclass(frozen=True)
class OwnTrust:
    """The figures that a worker sees. `answer_count` answers of hers are in them."""

    trust: Trust
    score_sum: float
    answer_count: int
    is_exact: bool
    permille: int
    next_tier: tuple[float, int] | None
    right_to_next_tier: int | None


def paid_trust(session: Session, project: Project, stands: Standing, now: datetime) -> float:
    """The trust that decides on a worker's pay: the one that she is shown while she works.

    Pay by the newest figure would tell her, at the edge of a tier, which of her answers was gold.
    """
    if not project.tiers:
        return stands.trust
    gold_count, score_sum = _scores_of_first(session, stands, _shown_count(session, stands, now))
    return posterior(score_sum, gold_count, project.trust_prior_right, project.trust_prior_wrong).mean


def own_trust(session: Session, project: Project, stands: Standing, now: datetime) -> OwnTrust:
    """Her trust in one project: as of her last full step, or exact while she cannot work there."""
    if stands.state == StandingState.ACTIVE:
        answer_count = _shown_count(session, stands, now)
        gold_count, score_sum = _scores_of_first(session, stands, answer_count)
    else:
        answer_count, gold_count, score_sum = stands.answer_count, stands.gold_count, stands.score_sum
    trust = posterior(score_sum, gold_count, project.trust_prior_right, project.trust_prior_wrong)
    tiers = Tiers.from_list(project.tiers)
    ahead = [(minimum, permille) for minimum, permille in tiers.steps if minimum > trust.mean]
    next_tier = ahead[0] if ahead else None
    return OwnTrust(
        trust=trust,
        score_sum=score_sum,
        answer_count=answer_count,
        is_exact=stands.state != StandingState.ACTIVE,
        permille=tiers.permille(trust.mean),
        next_tier=next_tier,
        right_to_next_tier=_right_needed(project, score_sum, gold_count, next_tier[0]) if next_tier else None,
    )


def _shown_count(session: Session, stands: Standing, now: datetime) -> int:
    query = (
        select(func.count())
        .select_from(Assignment)
        .where(
            Assignment.worker_id == stands.worker_id,
            Assignment.project_id == stands.project_id,
            col(Assignment.submitted_at) <= now - DELAY,
        )
    )
    return session.exec(query).one() // STEP * STEP


def _scores_of_first(session: Session, stands: Standing, answer_count: int) -> tuple[int, float]:
    first = (
        select(Assignment.id)
        .where(
            Assignment.worker_id == stands.worker_id,
            Assignment.project_id == stands.project_id,
            col(Assignment.submitted_at).is_not(None),
        )
        .order_by(col(Assignment.submitted_at), col(Assignment.id))
        .limit(answer_count)
    )
    query = select(func.count(), func.coalesce(func.sum(GoldScore.score), 0.0)).where(
        col(GoldScore.assignment_id).in_(first)
    )
    gold_count, score_sum = session.exec(query).one()
    return int(gold_count), float(score_sum)


def _right_needed(project: Project, score_sum: float, gold_count: int, wanted: float) -> int | None:
    """How many right gold answers in a row would bring trust to `wanted`; None when no number would."""
    if wanted >= 1.0:
        return None
    right = project.trust_prior_right + score_sum
    total = project.trust_prior_right + project.trust_prior_wrong + gold_count
    return max(0, math.ceil((wanted * total - right) / (1.0 - wanted) - 1e-9))
