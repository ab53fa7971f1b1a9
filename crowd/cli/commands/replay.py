"""`crowd replay`: play a recorded crowd against the running server, as browsers would."""

from __future__ import annotations

import argparse
import random
import secrets
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPException
from pathlib import Path

from sqlmodel import Session, select

from crowd.cli.errors import CommandError
from crowd.cli.replay.browser import Browser
from crowd.cli.replay.player import Play as Performance
from crowd.cli.replay.player import Played
from crowd.cli.replay.recording import BadRecording, Recording, read_gold, read_recording
from crowd.cli.replay.stage import Player, Scene, Stage
from crowd.domain.states import ProjectState, TaskState
from crowd.services.passwords import hash_password
from crowd.services.questions import question_of
from crowd.services.recorded import Play, make_play, recorded_workers, task_keys
from crowd.settings import load_settings
from crowd.storage.assignments import assignment_by_public_id
from crowd.storage.columns import now_utc
from crowd.storage.database import Store, open_store
from crowd.storage.projects import Project, project_by_public_id
from crowd.storage.results import Result
from crowd.storage.tasks import Task, stale_tasks, task_counts

HELP = "Play recorded answers (task,worker,label) against the running server, through its pages."
PERCENTILES = (50, 95, 99)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What this command takes."""
    parser.add_argument("project", help="the project's id; with --create, the title of a new one")
    parser.add_argument("answers", type=Path, help="CSV with the columns task, worker, label")
    parser.add_argument("--workers", type=int, default=16, help="how many answer at the same time (16)")
    parser.add_argument("--gold", type=Path, help="CSV with the columns task, label: prints the accuracy")
    parser.add_argument("--gold-share", type=float, default=0.0, help="with --create: share hidden as gold")
    parser.add_argument("--column", default="task", help="the dataset's column that names the task (task)")
    parser.add_argument("--create", action="store_true", help="make dataset and project from the recording")
    parser.add_argument("--url", help="the server's address (from the settings)")


def run(options: argparse.Namespace) -> int:
    """Play, wait for the consensus, print the figures. 1 when an answer was refused."""
    settings = load_settings()
    try:
        recording = read_recording(options.answers)
        gold = read_gold(options.gold) if options.gold else {}
    except BadRecording as error:
        raise CommandError(str(error)) from error
    if not 1 <= options.workers <= 1000:
        raise CommandError("--workers must lie between 1 and 1000.")
    store = open_store(settings.database_address, settings.data_path)
    url = (options.url or settings.base_url).rstrip("/")
    browsers = _signed_in_workers(store, recording, options.workers, url)
    projects = _projects(store, options, recording, gold)
    played = _play(store, projects, recording, options, browsers)
    _print_played(recording, played)
    _print_consensus(store, projects, options.column, gold)
    return 1 if played.refused else 0


def _projects(
    store: Store, options: argparse.Namespace, recording: Recording, gold: Mapping[str, str]
) -> list[Project]:
    """The project named, or new ones: so many that the workers wanted can answer at the same time."""
    with store.writing() as session:
        if options.create:
            hidden = _hidden(gold, options.gold_share)
            count = min(len(recording.tasks), -(-options.workers // max(recording.tasks.values())))
            parts = [recording.part(number, count) for number in range(count)]
            projects = [
                make_play(session, Play(options.project, part.tasks, part.labels, hidden), now_utc())
                for part in parts
            ]
            print(f"projects   {' '.join(project.public_id for project in projects)}")
            return projects
        found = project_by_public_id(session, options.project)
        if found is None or found.state != ProjectState.OPEN:
            raise CommandError(f"There is no open project '{options.project}'. --create makes one.")
        return [found]


def _hidden(gold: Mapping[str, str], share: float) -> dict[str, str]:
    """A fixed draw of tasks whose right label is hidden as gold."""
    if not 0 <= share <= 0.5:
        raise CommandError("--gold-share must lie between 0 and 0.5.")
    chosen = random.Random(0).sample(sorted(gold), round(share * len(gold)))  # noqa: S311
    return {task: gold[task] for task in chosen}


def _signed_in_workers(store: Store, recording: Recording, thread_count: int, url: str) -> dict[str, Browser]:
    """A signed-in browser for every recorded worker."""
    password, names = secrets.token_urlsafe(24), sorted(recording.answers)
    with store.writing() as session:
        emails = recorded_workers(session, names, hash_password(password))
    try:
        with ThreadPoolExecutor(thread_count) as pool:
            opened = pool.map(lambda name: _signed_in(url, emails[name], password), names)
            return dict(zip(names, opened, strict=True))
    except (OSError, HTTPException) as error:
        raise CommandError(
            f"No server answers at {url}. Start it with 'make run' or 'make serve'."
        ) from error


def _play(
    store: Store,
    projects: Sequence[Project],
    recording: Recording,
    options: argparse.Namespace,
    browsers: Mapping[str, Browser],
) -> Played:
    positions: dict[int, int] = {}
    scenes = []
    for project in projects:
        with store.reading() as session:
            keys = task_keys(session, project, options.column)
        positions |= {task_id: position for task_id, (position, _) in keys.items()}
        place_of = {key: position for position, key in keys.values()}
        path = f"/tasks/{project.public_id}"
        scenes.append(Scene(_players(recording, browsers, path, place_of)))

    def task_position(assignment_id: str) -> int:
        with store.reading() as session:
            found = assignment_by_public_id(session, assignment_id)
            return positions[found.task_id] if found else -1

    answer_of = question_of(projects[0]).answer_of_label
    return Performance(Stage(scenes), task_position, answer_of).run(options.workers)


def _players(
    recording: Recording, browsers: Mapping[str, Browser], path: str, place_of: Mapping[str, int]
) -> list[Player]:
    """The recorded workers who have something to say in one project."""
    parts = {
        name: {place_of[task]: label for task, label in hers.items() if task in place_of}
        for name, hers in sorted(recording.answers.items())
    }
    return [Player(browsers[name].twin(), path, labels) for name, labels in parts.items() if labels]


def _signed_in(url: str, email: str, password: str) -> Browser:
    browser = Browser(url)
    form = browser.get("/sign-in").form("/sign-in")
    if form is None:
        raise CommandError(f"{url} shows no sign-in form; is it this server?")
    page = browser.send(form, email=email, password=password)
    browser.close()
    if page.form("/sign-out") is None:
        raise CommandError(f"{email} could not sign in at {url}: is it running on the same database?")
    return browser


def _print_played(recording: Recording, played: Played) -> None:
    print(f"recorded   {recording.answer_count} answers of {len(recording.answers)} workers")
    if recording.repeated_count:
        print(
            f"repeated   {recording.repeated_count} rows of a task that the worker had answered; not played"
        )
    print(f"accepted   {played.accepted_count}")
    print(f"refused    {sum(played.refused.values())}")
    for why, count in sorted(played.refused.items()):
        print(f"           {count} {why}")
    print(f"returned   {played.returned_count} tasks that were lent but not recorded")
    print(f"together   {played.most_playing} workers at the same time at most")
    if played.milliseconds:
        print(f"speed      {played.accepted_count / played.seconds:.0f} answers per second")
        ranked = sorted(played.milliseconds)
        shown = [f"p{p} {ranked[min(len(ranked) - 1, len(ranked) * p // 100)]:.1f} ms" for p in PERCENTILES]
        print(f"latency    {', '.join(shown)} from the answer sent to the next task received")


def _print_consensus(store: Store, projects: Sequence[Project], column: str, gold: Mapping[str, str]) -> None:
    settled_count = task_count = 0
    judged: list[bool] = []
    for project in projects:
        if not _wait_for_consensus(store, project):
            print("consensus  not finished: are the RQ workers running?")
            return
        with store.reading() as session:
            counts = task_counts(session, project.id)
            settled_count += counts[TaskState.SETTLED]
            task_count += counts["all"]
            judged += _judged(session, project, column, gold)
    print(f"settled    {settled_count} of {task_count} tasks")
    if judged:
        right = sum(judged)
        print(f"accuracy   {100 * right / len(judged):.2f} % ({right} of {len(judged)} tasks of known label)")


def _judged(session: Session, project: Project, column: str, gold: Mapping[str, str]) -> list[bool]:
    """Whether the consensus is right, for every task of known label that was not hidden gold."""
    keys = task_keys(session, project, column)
    hidden = set(session.exec(select(Task.id).where(Task.project_id == project.id, Task.is_gold)))
    results = session.exec(select(Result).where(Result.project_id == project.id))
    labels = {result.task_id: result.label for result in results}
    return [
        labels.get(task_id) == gold[key]
        for task_id, (_, key) in keys.items()
        if key in gold and task_id not in hidden
    ]


def _wait_for_consensus(store: Store, project: Project, limit_seconds: float = 600.0) -> bool:
    deadline = time.monotonic() + limit_seconds
    while time.monotonic() < deadline:
        with store.reading() as session:
            if not stale_tasks(session, project.id, 1):
                return True
        time.sleep(0.2)
    return False
