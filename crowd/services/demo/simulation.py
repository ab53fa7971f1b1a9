"""A simulated crowd works through a project's tasks, by the same verbs as people."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from zlib import crc32

from sqlmodel import Session

from crowd.domain.states import StandingState
from crowd.services.aggregation import aggregate
from crowd.services.assignment import NothingNow, lend
from crowd.services.demo.people import Simulated
from crowd.services.demo.projects import DemoProject, truth_of
from crowd.services.questions import Question, question_of
from crowd.services.standings import plead
from crowd.services.submission import submit
from crowd.storage.assignments import Assignment
from crowd.storage.items import Item
from crowd.storage.projects import Project
from crowd.storage.standings import standing
from crowd.storage.tasks import Task
from crowd.storage.users import User

# One item in a few is hard: even careful people are right on it only this often.
HARD_EVERY, HARD = 6, 0.55
PLEA = "I mixed up the keys on my new keyboard. I have read the guidelines again and will take my time."


@dataclass
class Simulation:
    """One project's play: who, what is right, from when to when."""

    session: Session
    project: Project
    demo: DemoProject
    crowd: Sequence[tuple[User, Simulated]]
    start: datetime
    end: datetime
    rng: Random

    def run(self) -> int:
        """Answer the demo's share of what is wanted; return how many answers were given."""
        question, truth = question_of(self.project), truth_of(self.demo)
        wanted = round(self.demo.share_answered * len(truth) * self.project.overlap)
        step = (self.end - self.start) / (wanted + 1)
        given, active = 0, list(self.crowd)
        while given < wanted and active:
            at = self.start + step * (given + 1)
            user, ways = active[self.rng.randrange(len(active))]
            if self._answer(user, ways, question, truth, at):
                given += 1
                self._aggregate(question, at)
            else:
                active.remove((user, ways))
                self._plead(user, at)
        return given

    def _answer(
        self, user: User, ways: Simulated, question: Question, truth: dict[str, str], at: datetime
    ) -> bool:
        found = lend(self.session, self.project, user.id, at, self.rng)
        if isinstance(found, NothingNow):
            self.session.rollback()
            return False
        seconds = max(1.5, self.rng.lognormvariate(0.0, 0.4) * ways.seconds)
        label = self._says(found, ways, question, truth)
        submit(
            self.session,
            self.project,
            found,
            token=found.token,
            raw_answer=question.answer_of_label(label),
            schema=question.schema,
            now=at + timedelta(seconds=seconds),
        )
        self.session.commit()
        return True

    def _says(
        self, assignment: Assignment, ways: Simulated, question: Question, truth: dict[str, str]
    ) -> str:
        task = self.session.get_one(Task, assignment.task_id)
        item = self.session.get_one(Item, task.item_id)
        key = str(item.input[self.demo.key_column])
        right, is_hard = truth[key], not task.is_gold and crc32(key.encode()) % HARD_EVERY == 0
        if self.rng.random() < ways.accuracy * (HARD if is_hard else 1.0):
            return right
        if question.schema.labels:
            return self.rng.choice([label for label in question.schema.labels if label != right])
        return self._misheard(right)

    def _misheard(self, right: str) -> str:
        words = right.split()
        place = self.rng.randrange(len(words))
        heard = ["[unclear]", words[place][::-1].lower(), ""]
        words[place] = self.rng.choice(heard)
        if self.rng.random() < 0.5:
            del words[self.rng.randrange(len(words))]
        return " ".join(word for word in words if word) or "[unclear]"

    def _aggregate(self, question: Question, at: datetime) -> None:
        while aggregate(self.session, self.project.id, question.schema, at).task_count:
            pass

    def _plead(self, user: User, at: datetime) -> None:
        stands = standing(self.session, self.project.id, user.id)
        if stands is not None and stands.state == StandingState.PAUSED:
            plead(self.session, stands, PLEA, at)
