"""Of several transcripts the one most like the others."""

import pytest

from crowd.domain.aggregation.best_agreeing import aggregate

EVEN = dict.fromkeys("abcde", 0.8)


def test_the_transcript_most_like_the_others_wins():
    answers = [
        (1, "a", "the cat sat on the mat"),
        (1, "b", "the cat sat on a mat"),
        (1, "c", "the cat sat on the hat"),
        (1, "d", "buy cheap watches"),
    ]
    consensus = aggregate(answers, EVEN)[1]
    assert consensus.label == "the cat sat on the mat"
    assert consensus.posterior == {}


def test_case_and_punctuation_do_not_split_the_crowd():
    answers = [(1, "a", "Hello, world!"), (1, "b", "hello world"), (1, "c", "yellow world")]
    consensus = aggregate(answers, EVEN)[1]
    assert consensus.label == "Hello, world!"
    assert consensus.confidence == pytest.approx((0.64 + 0.8 + 0.4) / 2.4)


def test_trust_weighs_the_others_word():
    answers = [(1, "a", "nine"), (1, "b", "five"), (1, "c", "nine"), (1, "d", "five")]
    assert aggregate(answers, {"a": 0.9, "b": 0.6, "c": 0.9, "d": 0.6})[1].label == "nine"
    assert aggregate(answers, {"a": 0.6, "b": 0.9, "c": 0.6, "d": 0.9})[1].label == "five"


def test_between_two_the_more_trusted_is_believed():
    answers = [(1, "a", "nine"), (1, "b", "five")]
    assert aggregate(answers, {"a": 0.6, "b": 0.9})[1].label == "five"
    assert aggregate(answers, {"a": 0.9, "b": 0.6})[1].label == "nine"


def test_one_answer_alone_is_as_sure_as_its_worker_is_trusted():
    assert aggregate([(1, "a", "nine")], {"a": 0.73})[1].confidence == pytest.approx(0.73)


def test_two_that_contradict_each_other_are_less_sure_than_either():
    answers = [(1, "a", "nine"), (1, "b", "five")]
    assert aggregate(answers, {"a": 0.8, "b": 0.8})[1].confidence == pytest.approx(0.4)


def test_silence_agrees_with_silence():
    consensus = aggregate([(1, "a", ""), (1, "b", ""), (1, "c", "hello")], EVEN)[1]
    assert consensus.label == ""


def test_a_whole_crowd_nobody_trusts_still_gets_its_best_text():
    answers = [(1, "a", "nine"), (1, "b", "nine"), (1, "c", "five")]
    assert aggregate(answers, dict.fromkeys("abc", 0.0))[1].label == "nine"
