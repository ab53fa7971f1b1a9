"""The contract that every aggregation method keeps."""

import random
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import crowd.domain.aggregation
from crowd.domain.aggregation import METHODS, methods_for
from crowd.domain.answers import KINDS
from crowd.domain.judgments import Judgments

LABELS = ("cat", "cow", "dog")
every_method = pytest.mark.parametrize("method", METHODS.values(), ids=list(METHODS))
every_label_method = pytest.mark.parametrize("method", methods_for("choice"), ids=lambda one: one.name)

trusts = st.fixed_dictionaries({worker: st.floats(0.0, 1.0) for worker in range(6)})
crowds = st.lists(
    st.tuples(st.integers(0, 4), st.integers(0, 5), st.sampled_from(LABELS)),
    max_size=24,
    unique_by=lambda judgment: judgment[:2],
)


def test_every_file_in_the_folder_is_a_method_of_a_known_kind():
    folder = Path(crowd.domain.aggregation.__file__).parent
    files = {path.stem for path in folder.glob("*.py") if not path.stem.startswith("_")}
    assert files == set(METHODS) >= {"majority", "posterior", "best_agreeing"}
    for method in METHODS.values():
        assert method.kinds
        assert method.kinds <= set(KINDS)


def test_every_compared_kind_has_a_method():
    assert {method.name for method in methods_for("choice")} >= {"majority", "posterior"}
    assert {method.name for method in methods_for("text")} >= {"best_agreeing"}
    assert methods_for("nothing") == ()


@every_method
@given(crowd_=crowds, trust=trusts)
def test_every_task_gets_one_of_its_own_answers_with_a_probability(method, crowd_, trust):
    consensus = method.aggregate(crowd_, trust, LABELS)
    answers = {task: [label for one, _, label in crowd_ if one == task] for task, _, _ in crowd_}
    assert set(consensus) == set(answers)
    for task, one in consensus.items():
        assert one.label in answers[task]
        assert one.answer_count == len(answers[task])
        assert 0.0 <= one.confidence <= 1.0
        assert one.method == method.name
        if one.posterior:
            assert tuple(one.posterior) == LABELS
            assert sum(one.posterior.values()) == pytest.approx(1.0)
            assert one.confidence == one.posterior[one.label] == max(one.posterior.values())


@every_method
@given(workers=st.integers(1, 6), label=st.sampled_from(LABELS), trust=trusts)
def test_unanimous_answers_win_whatever_their_workers_are_worth(method, workers, label, trust):
    consensus = method.aggregate([("task", worker, label) for worker in range(workers)], trust, LABELS)
    assert consensus["task"].label == label


@every_method
def test_one_more_trusted_answer_of_the_same_kind_makes_no_less_sure(method):
    trust = dict.fromkeys(range(6), 0.8)
    sure = [
        method.aggregate([(0, worker, "cat") for worker in range(count)], trust, LABELS)[0].confidence
        for count in range(1, 7)
    ]
    assert sure == sorted(sure)


@every_method
@given(crowd_=crowds, trust=trusts, seed=st.integers(0, 9))
def test_order_of_judgments_never_matters_to_the_last_bit(method, crowd_, trust, seed):
    shuffled = random.Random(seed).sample(crowd_, len(crowd_))
    assert method.aggregate(shuffled, trust, LABELS) == method.aggregate(crowd_, trust, LABELS)


@every_method
@given(crowd_=crowds, trust=trusts)
def test_columns_and_triples_are_the_same(method, crowd_, trust):
    columns = Judgments.from_triples(crowd_)
    assert method.aggregate(columns, trust, LABELS) == method.aggregate(crowd_, trust, LABELS)


@every_method
@given(crowd_=crowds, trust=trusts)
def test_tasks_do_not_touch_each_other(method, crowd_, trust):
    together = method.aggregate(crowd_, trust, LABELS)
    alone = {}
    for task in together:
        alone |= method.aggregate([one for one in crowd_ if one[0] == task], trust, LABELS)
    for task, one in together.items():
        assert (alone[task].label, alone[task].answer_count) == (one.label, one.answer_count)
        assert alone[task].confidence == pytest.approx(one.confidence)


@every_method
@given(crowd_=crowds, trust=trusts)
def test_new_names_for_labels_tasks_and_workers_only_rename(method, crowd_, trust):
    new = dict(zip(LABELS, ("katze", "kuh", "pudel"), strict=True))
    renamed = [(f"task {task}", f"worker {worker}", new[label]) for task, worker, label in crowd_]
    new_trust = {f"worker {worker}": value for worker, value in trust.items()}
    before = method.aggregate(crowd_, trust, LABELS)
    after = method.aggregate(renamed, new_trust, tuple(new.values()))
    for task, one in before.items():
        assert after[f"task {task}"].label == new[one.label]
        assert after[f"task {task}"].confidence == one.confidence


@every_method
def test_no_judgments_give_no_consensus(method):
    assert method.aggregate([], {}, LABELS) == {}
    assert method.aggregate([], {}, ()) == {}


@every_method
def test_a_single_worker_gives_the_answers_alone(method):
    consensus = method.aggregate([(0, 0, "dog"), (1, 0, "cat"), (2, 0, "dog")], {0: 0.9}, LABELS)
    assert {task: one.label for task, one in consensus.items()} == {0: "dog", 1: "cat", 2: "dog"}


@every_method
def test_a_tie_falls_to_the_same_label_every_time(method):
    tied = [(0, 0, "dog"), (0, 1, "cat"), (0, 2, "cow")]
    for seed in range(6):
        shuffled = random.Random(seed).sample(tied, 3)
        assert method.aggregate(shuffled, dict.fromkeys(range(3), 0.7), LABELS)[0].label == "cat"


@every_method
def test_many_rows_are_no_trouble(method):
    rng = np.random.default_rng(3)
    tasks = 20_000 if "choice" in method.kinds else 2_000
    truth = rng.integers(3, size=tasks)
    crowd_ = [
        (task, int(worker), LABELS[truth[task]] if rng.random() < 0.8 else LABELS[rng.integers(3)])
        for task in range(tasks)
        for worker in rng.choice(50, 5, replace=False)
    ]
    consensus = method.aggregate(crowd_, dict.fromkeys(range(50), 0.85), LABELS)
    right = sum(consensus[task].label == LABELS[truth[task]] for task in range(tasks))
    assert right / tasks > 0.95


@every_label_method
def test_a_label_outside_the_set_is_an_error(method):
    with pytest.raises(ValueError, match="'pig' is not in the set of labels"):
        method.aggregate([(0, 0, "pig")], {0: 0.9}, LABELS)


@every_label_method
@given(crowd_=crowds, trust=trusts, order=st.permutations(LABELS))
def test_order_of_the_label_set_changes_no_probability(method, crowd_, trust, order):
    before = method.aggregate(crowd_, trust, LABELS)
    after = method.aggregate(crowd_, trust, order)
    for task, one in before.items():
        assert after[task].posterior == pytest.approx(one.posterior)


@every_label_method
def test_a_set_of_one_label_is_certain(method):
    assert method.aggregate([(0, 0, "cat")], {0: 0.2}, ["cat"])[0].confidence == 1.0
