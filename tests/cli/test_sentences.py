"""Whatever keeps the marketplace from starting is one plain sentence and exit code 2."""

import os
import socket
import socketserver
import threading

import pytest
from redis import Redis

from tests.cli.conftest import processes_of

# Nothing listens on port 1.
NOBODY = "127.0.0.1:1"


@pytest.mark.parametrize("command", ["run", "serve"])
def test_a_taken_port_names_its_holder_and_the_way_out(crowd, free_port, command):
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", free_port))
        holder.listen()
        code, said = crowd(command).end()
    assert code == 2
    assert said.startswith(f"Port {free_port} is taken by ")
    assert f"(process {os.getpid()})" in said
    assert said.endswith(f"Choose another one: CROWD_PORT={free_port + 1} make {command}\n")


def test_a_directory_that_cannot_be_written_is_named(crowd, tmp_path):
    (tmp_path / "file").touch()
    path = tmp_path / "file" / "var"
    code, said = crowd("run", CROWD_DATA_DIR=str(path)).end()
    assert code == 2
    assert said == (
        f"Cannot write in the data directory {path}: Not a directory. "
        "Set CROWD_DATA_DIR to a directory that you may write in.\n"
    )


@pytest.mark.parametrize(
    ("overrides", "sentence"),
    [
        ({"CROWD_PORT": "many"}, "CROWD_PORT must be a whole number, not 'many'."),
        ({"CROWD_COLOUR": "red"}, "CROWD_COLOUR: there is no such setting."),
        ({"CROWD_HOST": "0.0.0.0"}, "runs on a loopback address only"),
    ],
)
def test_a_bad_setting_is_named(crowd, overrides, sentence):
    code, said = crowd("run", **overrides).end()
    assert code == 2
    assert sentence in said
    assert said.count("\n") == 1


@pytest.mark.parametrize(
    ("overrides", "sentence"),
    [
        (
            {"CROWD_DATABASE_URL": f"postgresql+psycopg://ann:secret@{NOBODY}/crowd"},
            f"Cannot use the database at postgresql+psycopg://ann:***@{NOBODY}/crowd: ",
        ),
        (
            {"CROWD_DATABASE_URL": "sqlite:////nowhere/x.sqlite3"},
            "Cannot use the database at sqlite:////nowhere",
        ),
        ({"CROWD_REDIS_URL": f"redis://:secret@{NOBODY}"}, f"Redis at redis://{NOBODY} does not answer: "),
    ],
)
def test_an_address_that_leads_nowhere_is_named_without_its_password(crowd, environment, overrides, sentence):
    code, said = crowd("serve", **overrides).end()
    assert code == 2
    assert said.startswith(sentence)
    assert "secret" not in said
    assert "Traceback" not in said
    assert processes_of(environment) == {}


def test_a_command_without_a_name_lists_them_all(crowd):
    code, said = crowd("--help").end()
    assert code == 0
    for name in ("run", "serve", "migrate", "doctor"):
        assert f"    {name} " in said


def test_migrate_makes_an_empty_database_and_doctor_finds_it_well(crowd):
    assert crowd("migrate").end() == (0, "The database is up to date.\n")
    code, said = crowd("doctor").end()
    assert code == 0
    assert "ok     database: SQLite, synchronous=FULL\n" in said
    assert "WRONG" not in said


def test_doctor_names_a_key_and_a_directory_that_others_can_read(crowd, tmp_path):
    directory = tmp_path / "var"
    directory.mkdir()
    directory.chmod(0o755)
    (directory / "secret.key").write_text("k" * 40)
    (directory / "secret.key").chmod(0o644)
    code, said = crowd("doctor").end()
    assert code == 1
    assert "WRONG  secret key: " in said
    assert "WRONG  data directory: " in said
    assert "Run: chmod 700" in said


def test_a_redis_on_tcp_that_lets_everybody_in_is_refused(crowd, redis_address, free_port):
    with Redis.from_url(redis_address) as redis:
        redis.config_set("port", free_port)
        try:
            code, said = crowd("doctor", CROWD_REDIS_URL=f"redis://127.0.0.1:{free_port}").end()
            assert code == 1
            assert "lets everybody in" in said
            redis.config_set("requirepass", "long enough")
            code, said = crowd(
                "doctor", CROWD_REDIS_URL=f"redis://:long%20enough@127.0.0.1:{free_port}"
            ).end()
            assert code == 0, said
            code, said = crowd("doctor", CROWD_REDIS_URL=f"redis://:wrong@127.0.0.1:{free_port}").end()
            assert code == 1
            assert "refuses the password" in said
            assert "wrong@" not in said
        finally:
            redis.config_set("requirepass", "")
            redis.config_set("port", 0)


@pytest.fixture
def old_redis():
    """A server that speaks as a Redis 5 does."""
    info = b"# Server\r\nredis_version:5.0.14\r\n"

    class Answers(socketserver.StreamRequestHandler):
        def handle(self):
            while header := self.rfile.readline():
                words = []
                for _ in range(int(header[1:])):
                    size = int(self.rfile.readline()[1:])
                    words.append(self.rfile.read(size + 2)[:size].upper())
                known = {b"INFO": b"$%d\r\n%s\r\n" % (len(info), info), b"PING": b"+PONG\r\n"}
                self.wfile.write(known.get(words[0], b"-ERR unknown command\r\n"))

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Answers) as server:
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        yield f"redis://127.0.0.1:{server.server_address[1]}"
        server.shutdown()
        thread.join()


def test_a_redis_too_old_is_named_with_its_version(crowd, old_redis):
    code, said = crowd("serve", CROWD_REDIS_URL=old_redis).end()
    assert code == 2
    assert "is of version 5.0.14; 6.2 or newer is needed." in said
    assert "Traceback" not in said
