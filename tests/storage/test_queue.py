"""What the queue does when Redis does not answer."""

from __future__ import annotations

import socket
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from crowd.storage.health import queue_health
from crowd.storage.queue import JobQueue


class SilentRedis:
    """Takes every connection, counts them, and never answers."""

    def __init__(self, path: Path) -> None:
        self.address, self.connection_count = f"unix://{path}", 0
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(str(path))
        self._listener.listen()
        self._held: list[socket.socket] = []
        self._thread = threading.Thread(target=self._accept)
        self._thread.start()

    def _accept(self) -> None:
        while True:
            try:
                connection = self._listener.accept()[0]
            except OSError:
                return
            self.connection_count += 1
            self._held.append(connection)

    def close(self) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._thread.join()
        for one in (self._listener, *self._held):
            one.close()


@pytest.fixture
def silent_redis() -> Iterator[SilentRedis]:
    with tempfile.TemporaryDirectory(prefix="crowd-test-") as directory:
        server = SilentRedis(Path(directory) / "redis.sock")
        yield server
        server.close()


def test_a_request_waits_only_once_for_a_silent_redis(silent_redis: SilentRedis) -> None:
    queue = JobQueue(silent_redis.address)
    assert not queue.push("some-job", is_slow=False)
    assert not queue.push("another-job", is_slow=False)
    assert silent_redis.connection_count == 1


def test_the_health_of_a_silent_redis_is_a_sentence_after_one_wait(silent_redis: SilentRedis) -> None:
    assert queue_health(JobQueue(silent_redis.address)).error
    assert silent_redis.connection_count == 1
