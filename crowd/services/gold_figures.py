"""How workers fare on each gold task of a project, so that a wrong gold answer can be found."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from sqlmodel import Session

from crowd.domain.answers import KINDS, AnswerSchema
from crowd.domain.gold_health import Alarm, Scored, Share, alarm, share_right
from crowd.domain.states import GoldState
from crowd.storage.gold import Gold, GoldTest, answers_to_gold, gold_of, gold_shown_counts, gold_tests
from crowd.storage.projects import Project


@dataclass(frozen=True)
class GoldFigures:
    """One gold answer, how often its task was shown, the share right, and whether good workers fail it."""

    gold: Gold
    shown_count: int
    share: Share | None
    alarm: Alarm

    @property
    def is_alarming(self) -> bool:
        """Whether a person should look at it: it scores workers, and good workers fail it."""
        return self.gold.state == GoldState.ACTIVE and self.alarm.is_raised


@dataclass(frozen=True)
class LabelCount:
    """How many workers gave a label to a gold task, and how it scores by the gold answer in force."""

    label: str
    count: int
    mean_trust: float
    score: float


def gold_figures(session: Session, project: Project) -> list[GoldFigures]:
    """Every gold answer: the alarming first, then the least often right, then those without an answer."""
    shown = gold_shown_counts(session, project.id)
    tests = {
        gold_id: list(rows)
        for gold_id, rows in groupby(gold_tests(session, project.id), key=lambda test: test.gold_id)
    }
    found = [
        _figures(project, gold, shown.get(gold.id, 0), tests.get(gold.id, []))
        for gold in gold_of(session, project.id)
    ]
    return sorted(found, key=_urgency)


def alarm_count(session: Session, project: Project) -> int:
    """How many gold answers good workers fail."""
    return sum(figures.is_alarming for figures in gold_figures(session, project))


def label_counts(session: Session, project: Project, gold: Gold, schema: AnswerSchema) -> list[LabelCount]:
    """What workers answered to one gold task, most frequent first."""
    kind = KINDS[schema.kind]
    trust: dict[str, list[float]] = {}
    for assignment, _score, stands in answers_to_gold(session, gold):
        trust.setdefault(assignment.label or "", []).append(stands.trust)
    counts = [
        LabelCount(
            label,
            len(given),
            sum(given) / len(given),
            kind.score(label, gold.labels, project.gold_tolerance),
        )
        for label, given in trust.items()
    ]
    return sorted(counts, key=lambda one: (-one.count, one.label))


def _figures(project: Project, gold: Gold, shown_count: int, tests: Sequence[GoldTest]) -> GoldFigures:
    tested = [Scored(test.score, test.gold_count, test.score_sum) for test in tests]
    return GoldFigures(
        gold,
        shown_count,
        share_right(sum(test.score for test in tests), len(tests)),
        alarm(tested, project.trust_prior_right, project.trust_prior_wrong),
    )


def _urgency(figures: GoldFigures) -> tuple[bool, float, int]:
    share = figures.share.mean if figures.share else 2.0
    return (not figures.is_alarming, share, figures.gold.id)
