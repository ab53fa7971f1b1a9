"""What runs on strangers' media can reach nothing and outlive nothing."""

from __future__ import annotations

import socket
import sys
import time
from pathlib import Path

import pytest

from crowd.imports.confinement import Confinement, run_confined

SHELL = "/bin/sh"


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "source"
    path.write_bytes(b"given")
    return path


def run(command: list[str], source: Path, limits: Confinement) -> tuple[bool, bytes]:
    target = source.with_name("target")
    done = run_confined(command, source, target, source.parent, limits)
    return done, target.read_bytes()


def python(code: str) -> list[str]:
    return [sys.executable, "-I", "-S", "-c", code]


def test_program_gets_its_input_and_gives_its_output(source: Path) -> None:
    assert run([SHELL, "-c", "cat; pwd"], source, Confinement()) == (True, f"given{source.parent}\n".encode())


def test_program_sees_none_of_our_environment(source: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CROWD_SECRET_KEY", "hunter2")
    done, output = run(python("import os; print(os.environ)"), source, Confinement())
    assert done and b"hunter2" not in output


def test_late_program_dies_with_everything_it_started(source: Path) -> None:
    mark = source.with_name("outlived")
    code = f"(sleep 1; touch {mark}) & sleep 30"
    began = time.monotonic()
    done, _ = run(
        ["/usr/bin/env", "PATH=/usr/bin:/bin", SHELL, "-c", code], source, Confinement(wall_seconds=0.3)
    )
    assert not done
    time.sleep(max(0.0, 1.3 - (time.monotonic() - began)))
    assert not mark.exists()


def test_program_that_turns_without_end_is_stopped_by_its_cpu_time(source: Path) -> None:
    done, _ = run(python("while True: pass"), source, Confinement(cpu_seconds=1, wall_seconds=20))
    assert not done


def test_memory_and_files_are_limited(source: Path) -> None:
    limits = Confinement(memory_bytes=200 << 20, file_bytes=1 << 20)
    assert not run(python("bytearray(300 << 20)"), source, limits)[0]
    done, output = run(
        python("import sys\nfor _ in range(64): sys.stdout.write('x' * (1 << 16))"), source, limits
    )
    assert not done
    assert len(output) <= 1 << 20


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="network namespaces are Linux's")
def test_network_is_out_of_reach_where_the_kernel_lets_us(source: Path) -> None:
    namespaces = run(python("import os; print(os.readlink('/proc/self/ns/net'))"), source, Confinement())[
        1
    ].strip()
    if namespaces.decode() == str(Path("/proc/self/ns/net").readlink()):
        pytest.skip("this kernel gives us no network namespace")
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(0.2)
        code = f"import socket; socket.create_connection(('127.0.0.1', {listener.getsockname()[1]}), 1)"
        assert not run(python(code), source, Confinement())[0]
        with pytest.raises(TimeoutError):
            listener.accept()
