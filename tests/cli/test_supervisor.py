"""The whole group, really started."""

import os
import signal
import socket
import stat
import threading
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest

from tests.cli.conftest import processes_of, said_in_the_end
from tests.waiting import await_until

pytestmark = pytest.mark.skipif(not os.path.isdir("/proc/self"), reason="looks into /proc")  # noqa: PTH112


@pytest.fixture
def open_marketplace(crowd):
    """A started group, and the lines that it printed until it was open."""

    def start(*arguments, **overrides):
        process = crowd(*(arguments or ("serve",)), **overrides)
        lines, is_open = [], threading.Event()

        def read():
            for line in process.stdout:
                lines.append(line.strip())
                if line.startswith("Ctrl-C ends it."):
                    is_open.set()

        reader = threading.Thread(target=read)
        reader.start()
        await_until(lambda: is_open.is_set() or process.poll() is not None, within=120)
        process.communicate = lambda: reader.join(60)  # the thread reads to the end
        assert is_open.is_set(), lines
        return process, lines

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
    process, lines = open_marketplace()
    assert f"The marketplace is open at http://127.0.0.1:{free_port}" in lines
    assert any(f"http://127.0.0.1:{free_port}/setup/" in line for line in lines)
    assert status(free_port) is not None
    await_until(
        lambda: pid_of(environment, "worker.py", "slow") and pid_of(environment, "worker.py", "short")
    )
    assert pid_of(environment, "redis-server")
    process.send_signal(signal.SIGINT)
    assert process.wait(60) == 0
    assert processes_of(environment) == {}
    kept = [tmp_path / "var", *(tmp_path / "var").rglob("*")]
    assert not [path for path in kept if stat.S_IMODE(path.stat().st_mode) & 0o077]


def test_nothing_outlives_a_killed_supervisor(open_marketplace, environment):
    process, _ = open_marketplace()
    await_until(lambda: pid_of(environment, "worker.py", "short"))
    process.kill()
    process.wait()
    await_until(lambda: processes_of(environment) == {})


@pytest.mark.parametrize("words", [("granian",), ("redis-server",), ("worker.py", "short")])
def test_a_child_that_dies_is_started_again(open_marketplace, environment, free_port, words):
    open_marketplace()
    killed = await_until(lambda: pid_of(environment, *words))
    os.kill(killed, signal.SIGKILL)
    await_until(lambda: pid_of(environment, *words) not in {None, killed})
    await_until(lambda: status(free_port))


def test_a_second_start_on_the_same_data_says_who_has_it(open_marketplace, crowd, environment):
    process, _ = open_marketplace()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        other_port = str(probe.getsockname()[1])
    code, said = said_in_the_end(crowd("serve", CROWD_PORT=other_port))
    assert code == 2
    assert said == (
        f"The data directory {environment['CROWD_DATA_DIR']} is in use already, by process {process.pid}. "
        "End that one, or set CROWD_DATA_DIR to another directory.\n"
    )
