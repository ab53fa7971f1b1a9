"""Who goes next: a recorded worker plays when the server is about to lend her a task that she answered."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field

from crowd.cli.replay.browser import Browser


@dataclass(eq=False)
class Player:
    """A recorded worker in one project: her browser, and what she will say to each task."""

    browser: Browser
    project_path: str
    labels: dict[int, str]  # task position -> label; taken out when it is said
    seen: set[int] = field(default_factory=set)  # positions that were lent to her
    misses: int = 0  # how often she was given no task


class Scene:
    """One project: its tasks in the order in which they are lent, and its players."""

    def __init__(self, players: list[Player]) -> None:
        self.waiting = [player for player in players if player.labels]
        self.wanted: dict[int, int] = {}
        for player in self.waiting:
            for position in player.labels:
                self.wanted[position] = self.wanted.get(position, 0) + 1
        self.order = sorted(self.wanted)
        self.first = 0  # index of the first task that still wants answers

    def ready(self) -> Player | None:
        """A waiting player whose next loan should be one of her recorded tasks."""
        return next((player for player in self.waiting if self._next_for(player) in player.labels), None)

    def _next_for(self, player: Player) -> int | None:
        """What the server would lend to her: the first task that wants answers and that she has not seen."""
        while self.first < len(self.order) and not self.wanted[self.order[self.first]]:
            self.first += 1
        for position in self.order[self.first :]:
            if self.wanted[position] and position not in player.seen:
                return position
        return None


class Stage:
    """Hands players to threads, each to one at a time."""

    def __init__(self, scenes: list[Scene]) -> None:
        self.scenes, self.playing_count, self.most_playing = scenes, 0, 0
        self.home = {id(player): scene for scene in scenes for player in scene.waiting}
        self.changed = threading.Condition()

    def next(self) -> Player | None:
        """Who goes now; None when everything has been played.

        Where nobody fits and nobody plays, the first one goes all the same and puts back what she is lent.
        """
        with self.changed:
            while True:
                waiting = [scene for scene in self.scenes if scene.waiting]
                if not waiting and not self.playing_count:
                    return None
                scene = next((scene for scene in waiting if scene.ready()), None)
                if scene is None and waiting and not self.playing_count:
                    scene = waiting[0]
                if scene is not None:
                    player = scene.ready() or scene.waiting[0]
                    scene.waiting.remove(player)
                    self.playing_count += 1
                    self.most_playing = max(self.most_playing, self.playing_count)
                    return player
                self.changed.wait()

    def said(self, player: Player, position: int) -> None:
        """An answer is in: the task wants one less, and others may be ready."""
        with self.changed:
            self.home[id(player)].wanted[position] -= 1
            self.changed.notify_all()

    def back(self, player: Player, *, is_finished: bool) -> None:
        """She waits until it is her turn again, or has finished."""
        with self.changed:
            self.playing_count -= 1
            scene = self.home[id(player)]
            if not is_finished and player.labels:
                scene.waiting.append(player)
            else:
                for position in player.labels:
                    scene.wanted[position] -= 1
            self.changed.notify_all()
