"""`crowd check` finds nothing in a house in order, and each rule finds what it is there for."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest
from sqlalchemy import create_engine, event, text
from sqlmodel import Session

from crowd.domain.states import Role
from crowd.services.aggregation import aggregate
from crowd.services.assignment import NothingNow, next_assignment
from crowd.services.audit import seal
from crowd.services.check import RULES, check, rule_named
from crowd.services.check.rule import Checked, Finding
from crowd.services.export import request_release, write_release
from crowd.services.payouts import cancel_payout, export_payout, mark_paid
from crowd.services.questions import question_of
from crowd.services.settlement import approve, reject
from crowd.services.submission import submit
from crowd.storage.assignments import Assignment
from crowd.storage.blobs import add_blob
from crowd.storage.columns import now_utc
from crowd.storage.database import Store, open_store
from crowd.storage.items import Item
from crowd.storage.projects import Project
from crowd.storage.tasks import Task
from crowd.storage.users import User
from tests.conftest import Databases
from tests.factories import fund, launch_all, make_dataset, make_project, make_user, rows_with_gold

NOW = now_utc()


def work(session: Session, project: Project, worker: User) -> list[Assignment]:
    """A worker answers everything that she is given."""
    schema, given = question_of(project).schema, []
    while not isinstance(found := next_assignment(session, project, worker.id, NOW, Random(1)), NothingNow):
        raw = {"category": {"label": "Positive"}}
        submit(session, project, found, token=found.token, raw_answer=raw, schema=schema, now=NOW)
        session.commit()
        session.refresh(found)
        given.append(found)
    settle(session, project)
    return given


def settle(session: Session, project: Project) -> None:
    while aggregate(session, project.id, question_of(project).schema, NOW).task_count:
        pass


def fill(store: Store) -> None:
    """A small house where everything has happened once."""
    with store.writing() as session:
        requester = make_user(session, "Rita", Role.REQUESTER)
        dataset = make_dataset(session, requester, rows_with_gold(6, gold_every=3))
        blob = add_blob(session, store.blobs, [b"a picture"], "image/png")
        first = session.get_one(Item, 1)
        first.media, first.blob_sha256 = {"kind": "image", "blob": blob.sha256}, blob.sha256
        session.add(first)
        project = make_project(session, requester, dataset, overlap=2, minimum_overlap=1, gold_overlap=3)
        fund(session, requester)
        launch_all(session, project)
        given = work(session, project, make_user(session, "Anna", Role.WORKER))
        given += work(session, project, make_user(session, "Bert", Role.WORKER))
        ordinary = next(one for one in given if not session.get_one(Task, one.task_id).is_gold)
        reject(session, ordinary, NOW, by=requester.id, reason="Not read.")
        given.remove(ordinary)
        settle(session, project)
        next_assignment(session, project, make_user(session, "Cora", Role.WORKER).id, NOW, Random(1))
        for after, assignment in enumerate(given[:6]):
            approve(session, assignment, NOW, by=None)
            session.commit()
            if after == 1:
                mark_paid(session, export(session, requester), reference="TX1", by=requester.id, now=NOW)
            if after == 3:
                cancel_payout(session, export(session, requester), reason="x", by=requester.id, now=NOW)
        export(session, requester)
        release = request_release(
            session, project, format_name="csv", content="items", by=requester.id, now=NOW
        )
        release_id = release.id
    write_release(store, release_id, lambda: NOW, lambda _done, _total: None)
    with store.writing() as session:
        seal(session, 1000)


def export(session: Session, by: User) -> Any:
    return export_payout(session, by=by.id, now=NOW)


@pytest.fixture(scope="module")
def house(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    address = databases.fresh()
    store = open_store(address, tmp_path_factory.mktemp("house"))
    fill(store)
    yield store
    store.engine.dispose()
    databases.drop(address)


@contextmanager
def loosened(store: Store) -> Iterator[Session]:
    """A session in which no constraint and no trigger holds; whatever it does is undone."""
    url = store.engine.url
    engine = create_engine(url)
    is_sqlite = url.get_backend_name() == "sqlite"
    if is_sqlite:
        event.listen(engine, "connect", _loosen_sqlite)
        event.listen(engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN"))
    try:
        with Session(engine) as session:
            for statement in _drops_sqlite(session) if is_sqlite else _drops_postgresql(session):
                session.execute(text(statement))
            yield session
            session.rollback()
    finally:
        engine.dispose()


def _loosen_sqlite(connection: Any, _record: object) -> None:
    connection.isolation_level = None
    for pragma in ("foreign_keys=OFF", "ignore_check_constraints=ON", "legacy_alter_table=ON"):
        connection.execute(f"PRAGMA {pragma}")


def _drops_sqlite(session: Session) -> list[str]:
    found = session.execute(text("SELECT name FROM sqlite_master WHERE type = 'trigger'"))
    return [f"DROP TRIGGER {row[0]}" for row in found]


def _drops_postgresql(session: Session) -> list[str]:
    found = session.execute(
        text(
            "SELECT conrelid::regclass, conname FROM pg_constraint JOIN pg_class ON pg_class.oid = conrelid"
            " WHERE contype = 'c' AND relnamespace = 'public'::regnamespace"
        )
    )
    drops = [f'ALTER TABLE {row[0]} DROP CONSTRAINT "{row[1]}"' for row in found]
    return ["SET LOCAL session_replication_role = replica", *drops]


def found_by(name: str, session: Session, store: Store) -> Finding:
    return rule_named(name).apply(Checked(session, store.blobs, now_utc()))


def test_a_house_in_order_has_nothing_wrong_and_every_rule_looks_at_something(house: Store) -> None:
    findings = list(check(house))
    assert [finding for finding in findings if finding.wrong_count] == []
    assert [finding.rule for finding in findings if not finding.seen_count] == []


ANY = "(SELECT MIN(id) FROM {})"
AN_ANSWER = "(SELECT MIN(id) FROM assignments WHERE state = 'submitted')"
AN_APPROVED = "(SELECT MIN(id) FROM assignments WHERE state = 'approved')"
A_REJECTED = "(SELECT MIN(id) FROM assignments WHERE state = 'rejected')"
MORE_LOANS = (
    "INSERT INTO assignments (id, public_id, project_id, task_id, worker_id, state, token, assigned_at,"
    " due_at, reason, guidelines_id, pay_micros) SELECT id + shift, public_id || shift, project_id, task_id,"
    " worker_id + {worker}, 'assigned', 't', assigned_at, due_at, '', guidelines_id, 0 FROM assignments,"
    " (SELECT 1000 AS shift UNION SELECT 2000 UNION SELECT 3000) AS shifts WHERE id = " + AN_ANSWER
)

# rule -> ways to break it
BREAKS: list[tuple[str, str]] = [
    ("over-assignment", MORE_LOANS.format(worker="shift")),
    ("task counters", f"UPDATE tasks SET live_count = live_count + 1 WHERE id = {ANY.format('tasks')}"),
    ("task counters", f"UPDATE tasks SET answer_count = answer_count - 1 WHERE id = {ANY.format('tasks')}"),
    ("whole answers", f"UPDATE assignments SET label = NULL WHERE id = {AN_ANSWER}"),
    ("whole answers", f"UPDATE assignments SET answer = NULL WHERE id = {AN_ANSWER}"),
    ("one project", f"UPDATE assignments SET project_id = project_id + 1 WHERE id = {AN_ANSWER}"),
    ("audited answers", "DELETE FROM audit_events WHERE act = 'answer.submitted' AND id % 2 = 0"),
    ("transfers", f"UPDATE ledger_entries SET amount_micros = 7 WHERE id = {ANY.format('ledger_entries')}"),
    ("transfers", f"DELETE FROM ledger_entries WHERE transfer_id = {ANY.format('transfers')}"),
    ("ledger sum", f"DELETE FROM ledger_entries WHERE id = {ANY.format('ledger_entries')}"),
    ("balances", "DELETE FROM ledger_entries WHERE transfer_id IN"
     " (SELECT id FROM transfers WHERE kind = 'deposit')"),
    ("reserves", "DELETE FROM ledger_entries WHERE transfer_id IN"
     " (SELECT id FROM transfers WHERE kind = 'reserve')"),
    ("payouts", "UPDATE payouts SET state = 'paid' WHERE state = 'exported'"),
    ("payouts", "UPDATE payouts SET state = 'exported' WHERE state = 'cancelled'"),
    ("payouts", "UPDATE payout_lines SET amount_micros = amount_micros + 1"),
    ("money on its way", "UPDATE payouts SET state = 'exported' WHERE state = 'paid'"),
    ("pay on submission", f"UPDATE assignments SET pay_micros = 60000 WHERE id = {AN_ANSWER}"),
    ("pay on submission", f"UPDATE transfers SET assignment_id = NULL WHERE assignment_id = {AN_ANSWER}"),
    ("pay on submission", "UPDATE transfers SET assignment_id = "
     f"{AN_ANSWER} WHERE kind = 'answer' AND assignment_id = {AN_APPROVED}"),
    ("pay on approval", f"UPDATE assignments SET state = 'approved' WHERE id = {AN_ANSWER}"),
    ("pay on approval", f"UPDATE assignments SET state = 'submitted' WHERE id = {AN_APPROVED}"),
    ("pay on rejection", f"UPDATE assignments SET state = 'submitted' WHERE id = {A_REJECTED}"),
    ("pending balances", f"UPDATE assignments SET state = 'rejected' WHERE id = {AN_ANSWER}"),
    ("earned balances", f"UPDATE assignments SET state = 'submitted' WHERE id = {AN_APPROVED}"),
    ("gold counts", "UPDATE standings SET gold_count = gold_count + 1"),
    ("gold counts", "UPDATE standings SET score_sum = score_sum + 0.5"),
    ("gold counts", "DELETE FROM gold_scores"),
    ("answer counts", "UPDATE standings SET answer_count = answer_count + 1"),
    ("answer counts", "DELETE FROM standings"),
    ("gold scores", "UPDATE gold SET task_id = task_id + 1"),
    ("gold tasks", "DELETE FROM gold"),
    ("gold tasks", "UPDATE tasks SET is_gold = NOT is_gold"),
    ("results", "UPDATE results SET answer_count = answer_count + 1"),
    ("results", "DELETE FROM results"),
    ("orphans", "DELETE FROM items WHERE position = 0"),
    ("orphans", "DELETE FROM users WHERE name = 'Anna'"),
    ("orphans", f"DELETE FROM tasks WHERE id = {ANY.format('tasks')}"),
    ("orphans", f"DELETE FROM assignments WHERE id = {AN_APPROVED}"),
    ("missing blobs", "DELETE FROM blobs WHERE media_type = 'image/png'"),
    ("missing blobs", "DELETE FROM blobs WHERE media_type LIKE 'text/csv%'"),
    ("blob files", "UPDATE blobs SET byte_count = byte_count + 1"),
    ("tasks of batches", "UPDATE batches SET task_count = task_count + 1"),
    ("audit chain", "UPDATE audit_events SET reason = 'forged' WHERE place = 3"),
    ("audit chain", "DELETE FROM audit_events WHERE place = 2"),
]  # fmt: skip


@pytest.mark.parametrize(("rule", "statement"), BREAKS)
def test_a_rule_finds_what_it_is_there_for(house: Store, rule: str, statement: str) -> None:
    with loosened(house) as session:
        assert session.execute(text(statement)).rowcount > 0  # type: ignore[attr-defined]
        found = found_by(rule, session, house)
        assert found.wrong_count > 0
        assert found.examples


def test_a_task_given_twice_to_one_worker_is_found(house: Store) -> None:
    with loosened(house) as session:
        if house.engine.dialect.name == "sqlite":
            session.execute(text("ALTER TABLE assignments RENAME TO kept"))
            session.execute(text("CREATE TABLE assignments AS SELECT * FROM kept"))
        else:
            session.execute(text("ALTER TABLE assignments DROP CONSTRAINT uq_assignments_task_id_worker_id"))
            session.execute(text("DROP INDEX ix_assignments_live"))
        session.execute(text(MORE_LOANS.format(worker=0)))
        assert found_by("double answers", session, house).wrong_count == 1


def test_a_blob_without_its_file_is_found(house: Store) -> None:
    with house.reading() as session:
        sha256 = session.execute(text("SELECT sha256 FROM blobs WHERE media_type = 'image/png'")).scalar_one()
        path = house.blobs.path(str(sha256))
        aside = path.rename(path.with_suffix(".aside"))
        found = found_by("blob files", session, house)
        aside.rename(path)
    assert found.wrong_count == 1 and "has no file" in found.examples[0]


@pytest.mark.parametrize("name", ["ab/" + "ab" * 32, ".new-left", "ab/notes.txt"])
def test_a_file_that_belongs_to_nothing_is_found_once_it_is_old(house: Store, name: str) -> None:
    path = house.blobs.root / name
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(b"left behind")
    with house.reading() as session:
        assert found_by("stray files", session, house).wrong_count == 0
        long_ago = (NOW - timedelta(hours=2)).timestamp()
        os.utime(path, (long_ago, long_ago))
        assert found_by("stray files", session, house).wrong_count == 1
    Path(path).unlink()


@pytest.mark.parametrize(
    ("rule", "table", "state"), [("stuck jobs", "jobs", "queued"), ("stuck loans", "assignments", "assigned")]
)
def test_what_stands_still_is_found_after_a_while(house: Store, rule: str, table: str, state: str) -> None:
    later = now_utc() + timedelta(days=2)
    with house.reading() as session:
        assert rule_named(rule).apply(Checked(session, house.blobs, NOW)).wrong_count == 0
        assert rule_named(rule).apply(Checked(session, house.blobs, later)).wrong_count > 0


def test_what_the_database_itself_finds_is_told(house: Store) -> None:
    with loosened(house) as session:
        if house.engine.dialect.name == "sqlite":
            session.execute(text("UPDATE tasks SET item_id = item_id + 999"))
        else:
            session.execute(text("ALTER TABLE tasks DISABLE TRIGGER ALL"))
        assert found_by("database", session, house).wrong_count > 0


def test_every_rule_has_a_test_that_sees_it_fail() -> None:
    elsewhere = {"double answers", "stray files", "stuck jobs", "stuck loans", "database"}
    assert {rule.name for rule in RULES} == {name for name, _ in BREAKS} | elsewhere
