"""Real recorded crowds: trust from a tenth of the gold answers finds more truth than counting heads."""

import csv
import os
import random
from collections import defaultdict
from pathlib import Path

import pytest

from crowd.domain.aggregation import best_agreeing, majority, posterior
from crowd.domain.answers import KINDS
from crowd.domain.trust import posterior as trust_of

SHARED_DATA = Path(os.environ.get("CROWD_SHARED_DATA") or Path(__file__).parents[4] / "shared" / "data")


def recorded_crowd(name):
    folder = SHARED_DATA / "truth" / name
    if not folder.is_dir():
        pytest.skip(f"the recorded crowd {name} is not there; CROWD_SHARED_DATA says where to look")
    with (folder / "answers.csv").open(newline="", encoding="utf-8") as answers:
        judgments = [(row["task"], row["worker"], row["label"]) for row in csv.DictReader(answers)]
    with (folder / "gold.csv").open(newline="", encoding="utf-8") as gold:
        return judgments, {row["task"]: row["label"] for row in csv.DictReader(gold)}


def trust_from(judgments, gold, score):
    scores = defaultdict(list)
    for task, worker, label in judgments:
        scores[worker] += [score(label, [gold[task]], 0.0)] if task in gold else []
    return {worker: trust_of(sum(one), len(one), 4, 1).mean for worker, one in scores.items()}


def accuracy(consensus, gold, asked, score):
    return sum(score(consensus[task].label, [gold[task]], 0.0) for task in asked) / len(asked)


@pytest.mark.parametrize("name", ["rte", "temporal", "weather_amt"])
def test_trust_beats_counting_heads(name):
    judgments, gold = recorded_crowd(name)
    known = set(random.Random(1).sample(sorted(gold), len(gold) // 10))
    score = KINDS["choice"].score
    trust = trust_from(judgments, {task: gold[task] for task in known}, score)
    labels = sorted({label for _, _, label in judgments})
    asked = [task for task in gold if task not in known]
    weighed = accuracy(posterior.aggregate(judgments, trust, labels), gold, asked, score)
    counted = accuracy(majority.aggregate(judgments, {}, labels), gold, asked, score)
    assert weighed > counted > 0.8


def test_the_chosen_transcript_is_better_than_the_first_that_comes():
    judgments, gold = recorded_crowd("crowdspeech_dev-clean")
    tasks = sorted(gold)[:200]
    few = [judgment for judgment in judgments if judgment[0] in set(tasks)]
    score = KINDS["text"].score
    trust = dict.fromkeys({worker for _, worker, _ in few}, 0.8)
    first = {task: label for task, _, label in reversed(few)}
    chosen = accuracy(best_agreeing.aggregate(few, trust), gold, tasks, score)
    assert chosen > sum(score(first[task], [gold[task]], 0.0) for task in tasks) / len(tasks) + 0.03
