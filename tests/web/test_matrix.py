"""Every route × method × role: what is not declared, gated and guarded fails here by itself."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from datetime import timedelta
from itertools import islice, product

import pytest
from flask import Flask
from sqlmodel import Session
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from crowd.domain.states import Role
from crowd.storage.assignments import Assignment
from crowd.storage.batches import Batch
from crowd.storage.columns import new_public_id, now_utc
from crowd.storage.database import metadata
from crowd.storage.datasets import Dataset
from crowd.storage.guidelines import Guidelines
from crowd.storage.items import Item
from crowd.storage.jobs import Job
from crowd.storage.projects import Project
from crowd.storage.releases import Release
from crowd.storage.tasks import Task
from crowd.storage.users import User
from crowd.web.gates import GATE
from tests.factories import make_user
from tests.web.conftest import Browser, reading

CANARY = "canary-4711"
AUTOMATIC = {"HEAD", "OPTIONS"}
# Served by Flask itself, to everybody, from the static folder only.
UNGATED = {"static"}
MOST_ADDRESSES = 40
IDENTITIES: dict[str, tuple[Role, ...] | None] = {
    "anonymous": None,
    **{role.value: (role,) for role in Role},
    "stranger": (Role.WORKER, Role.REQUESTER),
    "nobody": (),
}


def rules(app: Flask, *, unsafe: bool | None = None) -> Iterator[tuple[Rule, str]]:
    """Every route with its one method."""
    for rule in app.url_map.iter_rules():
        if rule.endpoint in UNGATED:
            continue
        for method in sorted((rule.methods or set()) - AUTOMATIC):
            if unsafe is None or unsafe == (method != "GET"):
                yield rule, method


def gate_of(app: Flask, rule: Rule) -> frozenset[Role]:
    gate: frozenset[Role] = getattr(app.view_functions[rule.endpoint], GATE)
    return gate


def addresses(app: Flask, rule: Rule, public_ids: list[str]) -> list[str]:
    """The route's address filled with each of these ids, or with well-formed ones that nothing has."""
    names = sorted(rule.arguments)
    build = app.url_map.bind("localhost").build
    choices = [
        [7 * 10**9] if type(rule._converters[name]).__name__ == "IntegerConverter" else public_ids
        for name in names
    ]
    filled = islice(product(*choices), MOST_ADDRESSES)
    return [build(rule.endpoint, dict(zip(names, values, strict=True))) for values in filled]


def ask(browser: Browser, method: str, url: str, **options: object) -> TestResponse:
    """One request, with the right token where one is needed."""
    if method == "GET":
        return browser.get(url, **options)
    assert method == "POST", f"{method} {url}: the matrix knows GET and POST only"
    return browser.post(url, **options)  # type: ignore[arg-type]


def contents(app: Flask) -> dict[str, str]:
    """A hash of every table's rows."""
    hashes = {}
    with reading(app) as session:
        for table in metadata().sorted_tables:
            rows = sorted(repr(tuple(row)) for row in session.execute(table.select()))
            hashes[table.name] = hashlib.sha256("\n".join(rows).encode()).hexdigest()
    return hashes


def header_faults(answer: TestResponse) -> list[str]:
    """What is missing from the headers that every response carries."""
    headers = answer.headers
    policy = headers.get("Content-Security-Policy", "")
    found = []
    if "default-src 'none'" not in policy or "unsafe" in policy:
        found.append(f"Content-Security-Policy: {policy}")
    if headers.get("X-Content-Type-Options") != "nosniff":
        found.append("X-Content-Type-Options")
    if not {"no-store", "private"} & set(headers.get("Cache-Control", "").replace(" ", "").split(",")):
        found.append(f"Cache-Control: {headers.get('Cache-Control')}")
    if "Cookie" not in headers.get("Vary", ""):
        found.append("Vary")
    return found


@pytest.fixture(params=list(IDENTITIES))
def visitor(request: pytest.FixtureRequest, session: Session, app: Flask) -> Callable[[], Browser]:
    """Opens fresh browsers of one kind of person."""
    roles = IDENTITIES[request.param]
    user = None if roles is None else make_user(session, f"Vera {request.param}", *roles)
    return lambda: Browser(app, user)


@pytest.fixture
def roles(request: pytest.FixtureRequest) -> tuple[Role, ...] | None:
    """The roles of the visitor of the same test."""
    return IDENTITIES[request.node.callspec.params["visitor"]]


def of_another(session: Session, owner: User, worker: User) -> list[str]:
    """One of each thing, of somebody else, in a draft; returns their public ids."""
    dataset = Dataset(
        owner_id=owner.id, name=CANARY, state="ready", file_name=f"{CANARY}.csv", columns=["text"]
    )
    project = Project(owner_id=owner.id, title=CANARY, template_name="text-classification")
    job = Job(kind="import", key=CANARY, message=CANARY)
    session.add_all([dataset, project, job])
    session.flush()
    project.dataset_id = dataset.id
    item = Item(dataset_id=dataset.id, position=0, content_hash="0" * 64, input={"text": CANARY})
    guidelines = Guidelines(project_id=project.id, version=1, markdown=CANARY, author_id=owner.id)
    batch = Batch(project_id=project.id, number=1, launched_by=owner.id)
    release = Release(project_id=project.id, number=1, format="csv", content="items", created_by=owner.id)
    session.add_all([item, guidelines, batch, release])
    session.flush()
    task = Task(project_id=project.id, batch_id=batch.id, item_id=item.id, position=0, overlap=3)
    session.add(task)
    session.flush()
    now = now_utc()
    assignment = Assignment(
        project_id=project.id,
        task_id=task.id,
        worker_id=worker.id,
        token=new_public_id(),
        assigned_at=now,
        due_at=now + timedelta(minutes=10),
        guidelines_id=guidelines.id,
    )
    session.add(assignment)
    session.commit()
    things = (project, dataset, item, batch, release, task, assignment, job, owner)
    return [thing.public_id for thing in things]


def test_every_route_declares_its_gate_and_has_one_method(app: Flask) -> None:
    undeclared = [
        rule.endpoint for rule, _ in rules(app) if not hasattr(app.view_functions[rule.endpoint], GATE)
    ]
    several = [
        rule.endpoint for rule in app.url_map.iter_rules() if len((rule.methods or set()) - AUTOMATIC) != 1
    ]
    assert undeclared == []
    assert several == []


def test_visitors_pass_their_gates_and_no_others(
    app: Flask, visitor: Callable[[], Browser], roles: tuple[Role, ...] | None
) -> None:
    faults = []
    for rule, method in rules(app):
        url, gate = addresses(app, rule, [new_public_id()])[0], gate_of(app, rule)
        answer = ask(visitor(), method, url)
        status, where = answer.status_code, answer.headers.get("Location", "")
        if gate and roles is None:
            is_right = status == 303 and where.startswith("/sign-in")
        elif (gate and not gate & set(roles or ())) or rule.arguments:
            is_right = status == 404
        else:
            is_right = status < 400 if method == "GET" else status not in {403, 404, 405}
        if not is_right:
            faults.append(f"{method} {rule.rule}: {status} {where}")
        faults += [f"{method} {rule.rule}: {fault}" for fault in header_faults(answer)]
    assert faults == []


def test_fragments_send_strangers_to_the_sign_in_page_as_a_whole(app: Flask) -> None:
    faults = []
    for rule, method in rules(app):
        if gate_of(app, rule):
            url = addresses(app, rule, [new_public_id()])[0]
            answer = ask(Browser(app), method, url, headers={"HX-Request": "true"})
            if answer.status_code != 204 or not answer.headers.get("HX-Redirect", "").startswith("/sign-in"):
                faults.append(f"{method} {rule.rule}: {answer.status_code}")
    assert faults == []


def test_things_of_others_look_like_things_that_are_not_there(
    app: Flask,
    session: Session,
    visitor: Callable[[], Browser],
    roles: tuple[Role, ...] | None,
    requester: User,
    worker: User,
) -> None:
    if roles is not None and Role.ADMIN in roles:
        pytest.skip("an admin sees every user and every job")
    public_ids = of_another(session, requester, worker)
    faults = []
    for rule, method in rules(app):
        gate = gate_of(app, rule)
        for url in addresses(app, rule, public_ids) if rule.arguments else []:
            answer = ask(visitor(), method, url)
            expected = 303 if gate and roles is None else 404
            if answer.status_code != expected or CANARY in answer.text:
                faults.append(f"{method} {url}: {answer.status_code}")
    assert faults == []


def test_nothing_unsafe_happens_without_the_token(
    app: Flask, session: Session, visitor: Callable[[], Browser], requester: User, worker: User
) -> None:
    public_ids = of_another(session, requester, worker)
    browser, faults = visitor(), []
    before = contents(app)
    for rule, method in rules(app, unsafe=True):
        for url in addresses(app, rule, public_ids):
            answer = browser.client.open(url, method=method)
            if answer.status_code != 403 or CANARY in answer.text or header_faults(answer):
                faults.append(f"{method} {url}: {answer.status_code}")
    assert faults == []
    assert contents(app) == before


def test_looking_changes_nothing(
    app: Flask, session: Session, visitor: Callable[[], Browser], requester: User, worker: User
) -> None:
    public_ids = of_another(session, requester, worker)
    browser, faults = visitor(), []
    before = contents(app)
    for rule, _ in rules(app, unsafe=False):
        for url in addresses(app, rule, [new_public_id(), *public_ids]):
            for method in ("GET", "HEAD", "OPTIONS"):
                answer = browser.client.open(url, method=method)
                if answer.status_code >= 500:
                    faults.append(f"{method} {url}: {answer.status_code}")
    assert faults == []
    assert contents(app) == before
