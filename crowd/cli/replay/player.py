"""Plays a recording: many workers at once, each through her own browser."""

from __future__ import annotations

import json
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from http.client import HTTPException

from crowd.cli.replay.browser import Browser, Page
from crowd.cli.replay.stage import Player, Stage

# What a page says of an answer that was not taken, by status.
REFUSALS = {403: "forged", 404: "not hers", 409: "not in hand", 422: "refused by the question"}
# How often, and how many seconds later, a player asks again when she was given no task.
MOST_MISSES, PAUSE = 20, 0.1

# Of an assignment: the position of the task that it lends. Of a label: the answer that carries it.
TaskPosition = Callable[[str], int]
AnswerOf = Callable[[str], dict[str, object]]


@dataclass
class Played:
    """What happened, counted over all threads."""

    accepted_count: int = 0
    refused: Counter[str] = field(default_factory=Counter)
    returned_count: int = 0
    most_playing: int = 0
    milliseconds: list[float] = field(default_factory=list)
    seconds: float = 0.0
    lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def accept(self, milliseconds: float) -> None:
        """Count one stored answer."""
        with self.lock:
            self.accepted_count += 1
            self.milliseconds.append(milliseconds)

    def refuse(self, why: str, count: int = 1) -> None:
        """Count answers that were not stored."""
        with self.lock:
            self.refused[why] += count

    def give_back(self) -> None:
        """Count one task that was returned because its answer was not recorded."""
        with self.lock:
            self.returned_count += 1


@dataclass(frozen=True)
class Play:
    """One performance: the stage, and how tasks and labels are told."""

    stage: Stage
    task_position: TaskPosition
    answer_of: AnswerOf
    played: Played = field(default_factory=Played)

    def run(self, thread_count: int) -> Played:
        """Play until nobody has anything left to say."""
        threads = [threading.Thread(target=self._play_turns, daemon=True) for _ in range(thread_count)]
        started = time.perf_counter()
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.played.seconds = time.perf_counter() - started
        self.played.most_playing = self.stage.most_playing
        return self.played

    def _play_turns(self) -> None:
        while (player := self.stage.next()) is not None:
            is_finished = True
            try:
                is_finished = self._play_turn(player)
            except (HTTPException, OSError) as error:
                self.played.refuse(f"connection: {type(error).__name__}")
                is_finished = False
            finally:
                player.browser.close()
                self.stage.back(player, is_finished=is_finished)

    def _play_turn(self, player: Player) -> bool:
        """Answer for as long as the tasks lent are recorded ones; True when there is no more for her."""
        page = _start(player.browser, player.project_path)
        while (form := page.form("/answer")) is not None:
            position = self.task_position(form.action.rsplit("/", 2)[1])
            player.seen.add(position)
            label = player.labels.pop(position, None)
            if label is None:
                self._give_back(player, page)
                return not player.labels
            started = time.perf_counter()
            page = player.browser.send(form, is_fragment=True, answer=json.dumps(self.answer_of(label)))
            if page.status != 200:
                self.played.refuse(REFUSALS.get(page.status, f"status {page.status}"))
                self.stage.said(player, position)
                return False
            self.played.accept(1000 * (time.perf_counter() - started))
            self.stage.said(player, position)
        player.misses += 1
        if player.labels and player.misses < MOST_MISSES:
            time.sleep(PAUSE)  # her place may be lent to somebody who is about to return it
            return False
        if player.labels:
            self.played.refuse("no task was given", len(player.labels))
        return True

    def _give_back(self, player: Player, page: Page) -> None:
        form = page.form("/return")
        if form is not None:
            player.browser.send(form)
        self.played.give_back()


def _start(browser: Browser, project_path: str) -> Page:
    page = browser.get(project_path)
    start = page.form("/start")
    return browser.send(start) if start is not None else page
