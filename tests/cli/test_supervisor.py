"""The whole group, really started."""

import os
import signal
import socket
import stat
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest

from tests.cli.conftest import processes_of
from tests.waiting import await_until

pytestmark = pytest.mark.skipif(not os.path.isdir("/proc/self"), reason="looks into /proc")  # noqa: PTH112


@pytest.fixture
def open_marketplace(crowd):
    """A started group that is open."""

    def start(**overrides):
        command = crowd("serve", **overrides)
        await_until(
            lambda: "Ctrl-C ends it." in command.said() or command.process.poll() is not None, within=120
        )
        assert command.process.poll() is None, command.said()
        return command

    return start


def status(port):
    try:
        with urlopen(f"http://127.0.0.1:{port}/", timeout=10) as answer:
            return answer.status
    except HTTPError as error:
        return error.code
    except OSError:
        return None


def pid_of(environment, *words):
    found = [pid for pid, line in processes_of(environment).items() if all(word in line for word in words)]
    return min(found) if found else None


def test_one_ctrl_c_ends_everything_that_was_started(open_marketplace, environment, free_port, tmp_path):
    command = open_marketplace()
    assert f"The marketplace is open at http://127.0.0.1:{free_port}\n" in command.said()
    assert f"http://127.0.0.1:{free_port}/setup/" in command.said()
    assert status(free_port) is not None
    await_until(
        lambda: pid_of(environment, "worker.py", "slow") and pid_of(environment, "worker.py", "short")
    )
    assert pid_of(environment, "redis-server")
    command.process.send_signal(signal.SIGINT)
    assert command.process.wait(60) == 0
    assert processes_of(environment) == {}
    kept = [tmp_path / "var", *(tmp_path / "var").rglob("*")]
    assert not [path for path in kept if stat.S_IMODE(path.stat().st_mode) & 0o077]


def test_nothing_outlives_a_killed_supervisor(open_marketplace, environment):
    command = open_marketplace()
    await_until(lambda: pid_of(environment, "worker.py", "short"))
    command.process.kill()
    await_until(lambda: processes_of(environment) == {})


@pytest.mark.parametrize("words", [("granian",), ("redis-server",), ("worker.py", "short")])
def test_a_child_that_dies_is_started_again(open_marketplace, environment, free_port, words):
    open_marketplace()
    killed = await_until(lambda: pid_of(environment, *words))
    os.kill(killed, signal.SIGKILL)
    await_until(lambda: pid_of(environment, *words) not in {None, killed})
    await_until(lambda: status(free_port))


def test_a_second_start_on_the_same_data_says_who_has_it(open_marketplace, crowd, environment):
    holder = open_marketplace().process.pid
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        other_port = str(probe.getsockname()[1])
    code, said = crowd("serve", CROWD_PORT=other_port).end()
    assert code == 2
    assert said == (
        f"The data directory {environment['CROWD_DATA_DIR']} is in use already, by process {holder}. "
        "End that one, or set CROWD_DATA_DIR to another directory.\n"
    )
