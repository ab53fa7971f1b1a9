import os
import sys

import pytest

from crowd.cli.checks import OLDEST_REDIS
from crowd.cli.children import GIVE_UP_AFTER, Child, GivenUp
from crowd.cli.data_dir import only_instance
from crowd.cli.errors import CommandError
from tests.waiting import await_until


@pytest.fixture
def child(tmp_path):
    def make(code):
        return Child("the thing", [sys.executable, "-c", code], dict(os.environ), tmp_path / "thing.log")

    return make


def test_a_child_that_dies_again_and_again_is_given_up_with_its_last_words(child):
    dying = child("import sys; sys.exit('the disk is full')")
    dying.start()
    with pytest.raises(GivenUp) as caught:
        while True:
            dying.start_at = 0.0  # no pause in a test
            dying.watch()
    assert f"the thing ended {GIVE_UP_AFTER} times in a row" in str(caught.value)
    assert str(caught.value).endswith("the disk is full")


def test_only_warnings_of_a_log_are_shown_and_each_once(child):
    speaking = child(
        "print('2026-01-01 10:00:00,000 INFO a: quiet');"
        "print('2026-01-01 10:00:00,000 ERROR b: loud');"
        "print('Traceback (most recent call last):')"
    )
    speaking.start()
    shown = await_until(speaking.warnings)
    assert shown == ["2026-01-01 10:00:00,000 ERROR b: loud"]
    speaking.process.wait()
    assert speaking.warnings() == []


def test_a_long_log_is_put_aside(child, monkeypatch):
    monkeypatch.setattr("crowd.cli.children.LARGEST_LOG", 10)
    speaking = child("print('more than ten bytes')")
    speaking.start()
    speaking.process.wait()
    speaking.trim_log()
    assert speaking.log.read_text() == ""
    assert speaking.log.with_suffix(".log.1").read_text() == "more than ten bytes\n"


def test_a_data_directory_serves_one_at_a_time(tmp_path):
    refused = pytest.raises(CommandError, match=f"by process {os.getpid()}")
    with only_instance(tmp_path), refused, only_instance(tmp_path):
        pass
    with only_instance(tmp_path):
        pass


def test_the_oldest_redis_is_the_one_that_the_queue_needs():
    assert OLDEST_REDIS == (6, 2)  # LPOS and BLMOVE
