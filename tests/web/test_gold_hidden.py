"""Nothing that a worker can see, count or time tells a gold task from another."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import pairwise
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event, update
from sqlmodel import Session, col, select

from crowd.services.aggregation import aggregate
from crowd.services.launch import launch, make_tasks
from crowd.services.questions import question_of
from crowd.storage.assignments import Assignment
from crowd.storage.columns import now_utc
from crowd.storage.items import Item
from crowd.storage.projects import Project
from crowd.storage.standings import Standing
from crowd.storage.tasks import Task
from crowd.storage.users import User
from tests.factories import fund, launch_all, make_dataset, make_project
from tests.web.conftest import Browser, house_of, reading
from tests.web.test_work import HX, PAGES, field, in_hand, label, plain, start

COUNT = 60
SENTENCE = re.compile(r"sentence number \d{3}")
IDENTITY = re.compile(r'[A-Za-z0-9_-]{22,}(?=["/])')


@pytest.fixture
def project(session: Session, requester: User) -> Project:
    """Sixty sentences of one length, every third of them gold."""
    rows: list[dict[str, Any]] = [
        {"text": f"sentence number {place:03}", "gold": "Positive" if place % 3 == 0 else ""}
        for place in range(COUNT)
    ]
    dataset = make_dataset(session, requester, rows)
    project = make_project(
        session, requester, dataset, overlap=1, minimum_overlap=1, gold_rate=0.4, minimum_trust=0.0
    )
    fund(session, requester)
    launch_all(session, project)
    return project


@contextmanager
def statements(app: Flask) -> Iterator[list[str]]:
    """Every SQL statement that the application runs meanwhile."""
    seen: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        seen.append(statement)

    engine = house_of(app).store.engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(engine, "before_cursor_execute", note)


def is_gold(app: Flask, assignment: str) -> bool:
    with reading(app) as session:
        query = select(Task.is_gold).join(Assignment, col(Assignment.task_id) == Task.id)
        return bool(session.exec(query.where(Assignment.public_id == assignment)).one())


def shape(page: str) -> str:
    """A page with its item, its random names and its tokens blanked out: what is left must be the same."""
    page = SENTENCE.sub("sentence number ###", plain(page))
    return re.sub(r"\d+</strong> answered", "#</strong> answered", IDENTITY.sub("(random)", page))


def test_gold_and_ordinary_tasks_are_served_and_taken_alike(
    app: Flask, browser: Callable[..., Browser], project: Project, worker: User
) -> None:
    her = browser(worker)
    page = start(her, project)
    seen: dict[bool, dict[str, set[Any]]] = {
        kind: {"shape": set(), "length": set(), "headers": set()} for kind in (True, False)
    }
    counts = {True: 0, False: 0}
    while in_hand(page):
        answered = is_gold(app, in_hand(page))
        counts[answered] += 1
        fields = {"token": field(page, "token"), "answer": json.dumps(label("Positive"))}
        reply = her.post(f"/tasks/assignment/{in_hand(page)}/answer", fields, headers=HX)
        if not in_hand(reply.text):
            break
        shown = is_gold(app, in_hand(reply.text))
        seen[shown]["shape"].add(shape(reply.text))
        seen[shown]["length"].add(len(SENTENCE.sub("", plain(reply.text))) - len(f"{sum(counts.values())}"))
        names = [(name, value) for name, value in reply.headers if name not in {"Content-Length", "Date"}]
        seen[shown]["headers"].add(re.sub(r"nonce-[^']+", "nonce", str(names)))
        page = reply.text
    assert min(counts.values()) >= 10
    for name in ("shape", "length", "headers"):
        assert len(seen[True][name] | seen[False][name]) == 1, name


def test_every_turn_runs_the_same_statements(
    app: Flask, browser: Callable[..., Browser], project: Project, worker: User
) -> None:
    her = browser(worker)
    page = start(her, project)
    runs: dict[tuple[bool, bool], set[tuple[str, ...]]] = {}
    for turn in range(40):
        before = is_gold(app, in_hand(page))
        fields = {"token": field(page, "token"), "answer": json.dumps(label("Positive"))}
        with statements(app) as seen:
            reply = her.post(f"/tasks/assignment/{in_hand(page)}/answer", fields, headers=HX)
        page = reply.text
        if turn >= 3:
            runs.setdefault((before, is_gold(app, in_hand(page))), set()).add(tuple(seen))
    assert len(runs) == 4  # gold and ordinary, taken and served, in every combination
    assert len(set().union(*runs.values())) == 1


def test_no_page_of_a_worker_names_a_task_or_its_making(
    app: Flask, browser: Callable[..., Browser], project: Project, worker: User
) -> None:
    her = browser(worker)
    page = start(her, project)
    fields = {"token": field(page, "token"), "answer": json.dumps(label("Positive"))}
    shown = [page, her.post(f"/tasks/assignment/{in_hand(page)}/answer", fields, headers=HX).text]
    shown += [her.get(address).text for address in (*PAGES, f"/tasks/{project.public_id}")]
    with reading(app) as session:
        tasks = session.exec(select(Task)).all()
    for text in shown:
        assert not [task for task in tasks if task.public_id in text]
    for text in shown[:2]:
        assert "gold" not in re.sub(r'<div class="prose".*?</div>', "", text, flags=re.DOTALL).lower()


def test_the_list_does_not_count_tasks_so_that_no_count_stands_still_at_gold(
    app: Flask, browser: Callable[..., Browser], project: Project, worker: User
) -> None:
    her = browser(worker)
    page = start(her, project)
    lists = set()
    for _ in range(12):
        fields = {"token": field(page, "token"), "answer": json.dumps(label("Positive"))}
        page = her.post(f"/tasks/assignment/{in_hand(page)}/answer", fields, headers=HX).text
        listed = re.sub(r"<time.*?</time>", "", plain(her.get("/tasks").text))
        lists.add(re.sub(r"\?v=\w+", "", IDENTITY.sub("", listed)))
    assert len(lists) == 1


def test_her_trust_page_stands_still_while_gold_is_scored(
    app: Flask, browser: Callable[..., Browser], project: Project, worker: User
) -> None:
    her = browser(worker)
    page, pages = start(her, project), set()
    for turn in range(15):
        fields = {
            "token": field(page, "token"),
            "answer": json.dumps(label("Negative" if turn % 2 else "Positive")),
        }
        page = her.post(f"/tasks/assignment/{in_hand(page)}/answer", fields, headers=HX).text
        with house_of(app).store.writing() as session:
            while aggregate(session, project.id, question_of(project).schema, now_utc()).task_count:
                pass
        pages.add(plain(her.get("/trust").text))
    assert len(pages) == 1


def test_tasks_come_in_no_order_of_the_file_in_which_gold_would_stand_out(
    app: Flask, browser: Callable[..., Browser], project: Project, worker: User
) -> None:
    her, numbers = browser(worker), []
    page = start(her, project)
    for _ in range(30):
        if not is_gold(app, in_hand(page)):
            found = SENTENCE.search(page)
            assert found is not None
            numbers.append(int(found[0][-3:]))
        fields = {"token": field(page, "token"), "answer": json.dumps(label("Positive"))}
        page = her.post(f"/tasks/assignment/{in_hand(page)}/answer", fields, headers=HX).text
    steps = [later > earlier for earlier, later in pairwise(numbers)]
    assert len(steps) >= 10
    assert any(steps) and not all(steps)


def test_a_pilot_is_a_sample_of_the_file(session: Session, requester: User) -> None:
    dataset = make_dataset(session, requester, [{"text": f"number {place}"} for place in range(200)])
    project = make_project(session, requester, dataset, gold_column="", gold_rate=0.0)
    fund(session, requester)
    batch = launch(session, project, by=requester.id, now=now_utc(), pilot_size=20)
    make_tasks(session, batch.id, now_utc(), lambda _done, _total: None)
    query = select(Item.position).join(Task, col(Task.item_id) == Item.id)
    assert max(session.exec(query).all()) >= 20


def test_the_pay_stands_still_while_gold_is_scored(
    app: Flask, session: Session, browser: Callable[..., Browser], project: Project, worker: User
) -> None:
    session.execute(update(Project).values(tiers=[[0.7, 1100], [0.8, 1300]]))
    session.commit()
    her = browser(worker)
    page = start(her, project)
    for _ in range(15):
        fields = {"token": field(page, "token"), "answer": json.dumps(label("Positive"))}
        page = her.post(f"/tasks/assignment/{in_hand(page)}/answer", fields, headers=HX).text
        with house_of(app).store.writing() as writing:
            while aggregate(writing, project.id, question_of(project).schema, now_utc()).task_count:
                pass
    with reading(app) as now:
        stands = now.exec(select(Standing)).one()
        pays = set(now.exec(select(Assignment.pay_micros).where(col(Assignment.answer).is_not(None))))
    assert stands.trust > 0.7
    assert pays == {project.reward_micros}
