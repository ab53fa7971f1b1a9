"""Plays a recording: many workers at once, each through her own browser."""

from __future__ import annotations

import heapq
import json
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from http.client import HTTPException

from crowd.cli.replay.browser import Browser, Page

# What a page says of an answer that was not taken, by status.
REFUSALS = {403: "forged", 404: "not hers", 409: "not in hand", 422: "refused by the question"}


@dataclass(frozen=True)
class Player:
    """A recorded worker: where she signs in from, and what she will say to each task."""

    browser: Browser
    labels: dict[int, str]  # task position -> label


@dataclass
class Played:
    """What happened, counted over all threads."""

    accepted_count: int = 0
    refused: Counter[str] = field(default_factory=Counter)
    returned_count: int = 0
    milliseconds: list[float] = field(default_factory=list)
    seconds: float = 0.0
    lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def accept(self, milliseconds: float) -> None:
        """Count one stored answer."""
        with self.lock:
            self.accepted_count += 1
            self.milliseconds.append(milliseconds)

    def refuse(self, why: str) -> None:
        """Count one answer that was not stored."""
        with self.lock:
            self.refused[why] += 1

    def give_back(self) -> None:
        """Count one task that was returned because its answer was not recorded."""
        with self.lock:
            self.returned_count += 1


class Stage:
    """Lets the worker whose next recorded task comes first go next, each in one thread at a time."""

    def __init__(self, players: list[Player]) -> None:
        self.waiting = [(min(player.labels), place) for place, player in enumerate(players) if player.labels]
        heapq.heapify(self.waiting)
        self.players, self.playing_count, self.changed = players, 0, threading.Condition()

    def next(self) -> Player | None:
        """Who goes now; None when everything has been played."""
        with self.changed:
            while not self.waiting and self.playing_count:
                self.changed.wait()
            if not self.waiting:
                return None
            self.playing_count += 1
            return self.players[heapq.heappop(self.waiting)[1]]

    def back(self, player: Player, *, is_finished: bool) -> None:
        """She pauses until it is her turn again, or has finished."""
        with self.changed:
            self.playing_count -= 1
            if not is_finished and player.labels:
                heapq.heappush(self.waiting, (min(player.labels), self.players.index(player)))
            self.changed.notify_all()


def play(
    players: list[Player],
    project_path: str,
    task_position: Callable[[str], int],
    answer_of: Callable[[str], dict[str, object]],
    thread_count: int,
) -> Played:
    """Play until nobody has anything left to say. `task_position` tells which task an assignment lends."""
    stage, played = Stage(players), Played()

    def run() -> None:
        while (player := stage.next()) is not None:
            is_finished = True
            try:
                is_finished = _play_turn(player, project_path, task_position, answer_of, played)
            except (HTTPException, OSError) as error:
                played.refuse(f"connection: {type(error).__name__}")
                is_finished = False
            finally:
                player.browser.close()
                stage.back(player, is_finished=is_finished)

    threads = [threading.Thread(target=run, daemon=True) for _ in range(thread_count)]
    started = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    played.seconds = time.perf_counter() - started
    return played


def _play_turn(
    player: Player,
    project_path: str,
    task_position: Callable[[str], int],
    answer_of: Callable[[str], dict[str, object]],
    played: Played,
) -> bool:
    """Answer for as long as the tasks lent are recorded ones; True when there is no more for her."""
    page = _start(player.browser, project_path)
    while (form := page.form("/answer")) is not None:
        assignment = form.action.rsplit("/", 2)[1]
        label = player.labels.pop(task_position(assignment), None)
        if label is None:
            give_back = page.form("/return")
            if give_back is not None:
                player.browser.send(give_back)
            played.give_back()
            return False
        started = time.perf_counter()
        answer = json.dumps(answer_of(label))
        page = player.browser.send(form, is_fragment=True, answer=answer)
        if page.status == 200:
            played.accept(1000 * (time.perf_counter() - started))
        else:
            played.refuse(REFUSALS.get(page.status, f"status {page.status}"))
            return False
    for _ in player.labels:
        played.refuse("no task was given")
    return True


def _start(browser: Browser, project_path: str) -> Page:
    page = browser.get(project_path)
    start = page.form("/start")
    return browser.send(start) if start is not None else page
