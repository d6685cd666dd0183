"""After the search: who races, who wins, and that what is said of the winner at the end is true.

The same world as in tests/stats/test_procedures.py, here with the seeds and the choices of a study itself.
"""

import math
from itertools import chain

import numpy as np
import pytest

from luthier.core.errors import LuthierError
from luthier.study.trial_log import TrialLog
from luthier.study.tune import confirmation as verdicts
from luthier.study.tune.budget import FRESH, RACE
from luthier.study.tune.confirmation import Replications, confirm_winner, stage_seeds
from luthier.study.tune.result import judge_winner
from luthier.study.tune.storage import open_storage
from luthier.study.tune.trial import Outcome, Trial, TrialJob
from luthier.study.worker_pool import MAX_RETRIES, Message

from .simulated import Foreman, Table, plan_of, queue_of, study_of

SPREAD, TRIALS, STUDIES = 0.5, 30, 1500


def trial_of(number, score, ended="finished"):
    scores = {1: score}
    return Trial(
        number, {}, "random", 0, [TrialJob(number, number, 1)], {number: Outcome(scores, ended, 1.0, 9, 1, {})}
    )


def runs(world, truth, asked=None):
    """The same trial under the same seed has the same score, as in a study."""

    def scores(stage, trials, seeds):
        if asked is not None:
            asked.append((stage, list(trials), list(seeds)))
        return [[truth[one] + np.random.default_rng((world, one, seed)).normal() for seed in seeds] for one in trials]

    return scores


def check_the_winner(higher):
    """That the fresh gain is true within .05, where the score of the search is more than 1 too good."""
    plan, rng = plan_of(monitor="accuracy" if higher else "loss"), np.random.default_rng(5)
    optimism, bias, sign = [], [], 1 if higher else -1
    for world in range(STUDIES):
        truth = SPREAD * rng.normal(size=TRIALS)
        found = truth + rng.normal(size=TRIALS)
        best = int(np.argmax(sign * found))
        optimism.append(sign * (found[best] - truth[best]))
        after = confirm_winner(plan, [trial_of(*one) for one in enumerate(found.tolist())], runs(world, truth))
        if after.fresh is not None:
            gain = sign * (np.mean(after.fresh[1]) - np.mean(after.fresh[0]))
            bias.append(gain - sign * (truth[after.winner] - truth[0]))
    assert len(bias) > 0.9 * STUDIES  # the default seldom wins
    assert np.mean(optimism) > 1
    assert abs(np.mean(bias)) < 0.05


@pytest.mark.parametrize("higher", [True, False])
def test_the_fresh_gain_is_true_where_the_search_is_optimistic(higher):
    check_the_winner(higher)


def test_with_the_seeds_of_the_race_again_it_would_not_be(monkeypatch):
    monkeypatch.setattr(verdicts, "FRESH", RACE)
    with pytest.raises(AssertionError):
        check_the_winner(True)


def test_no_seed_is_used_twice():
    plan = plan_of(race_seeds=30, fresh_seeds=30)
    trials = [plan.seed("trial", number) for number in range(100)]
    assert len({*chain(stage_seeds(plan, RACE), stage_seeds(plan, FRESH), trials), plan.recipe.seed}) == 161


def test_only_trials_that_were_trained_whole_race():
    ends = ["finished", "paused", "diverged", "failed", "finished", "finished"]
    trials = [trial_of(number, score, end) for number, (score, end) in enumerate(zip(range(6), ends, strict=True))]
    asked = []
    found = confirm_winner(plan_of(), trials, runs(0, [0.0, 0.0, 0.0, 0.0, 0.0, 9.0], asked))
    plan = plan_of()
    assert found.racing == (5, 4, 0) and found.winner == 5
    assert asked == [(RACE, [5, 4, 0], stage_seeds(plan, RACE)), (FRESH, [0, 5], stage_seeds(plan, FRESH))]


def test_a_default_that_wins_the_race_is_kept_without_more():
    asked = []
    found = confirm_winner(plan_of(), [trial_of(0, 0.1), trial_of(1, 0.2)], runs(0, [9.0, 0.0], asked))
    assert (found.winner, found.fresh) == (0, None) and [stage for stage, *_ in asked] == [RACE]
    assert judge_winner(plan_of(), found) is None


def test_without_a_race_the_best_of_the_search_meets_the_default():
    asked = []
    found = confirm_winner(plan_of(race_seeds=0), [trial_of(0, 0.1), trial_of(1, 0.2)], runs(0, [9.0, 0.0], asked))
    assert found.winner == 1 and found.race == [] and [stage for stage, *_ in asked] == [FRESH]


def test_a_default_that_diverges_fresh_is_counted():
    def scores(stage, trials, seeds):
        return [[math.nan if stage == FRESH and one == 0 and seed == seeds[0] else float(one) for seed in seeds]
                for one in trials]  # fmt: skip

    found = confirm_winner(plan_of(), [trial_of(0, 0.1), trial_of(1, 0.2)], scores)
    assert judge_winner(plan_of(), found).diverged == 1


class Rerunner(Foreman):
    """A pool that gives each replication its seed as score, after it has lost some workers."""

    def __init__(self, deaths=0):
        super().__init__(Table(), 9)
        self.deaths = deaths

    def give(self, key, job):
        self.running.append(key)
        self.jobs.append(job)

    def receive(self):
        key = self.running.pop()
        if self.deaths:
            self.deaths -= 1
            yield Message(key, lost="status -9")
        else:
            score = float(key.name.rpartition("-")[2])
            yield Message(key, outcome=Outcome({9: score}, "finished", 1.0, 9, 1, {}).dump())


@pytest.fixture
def study(tmp_path):
    with open_storage(tmp_path, None) as storage:
        found = study_of(tmp_path, plan_of(), TrialLog(storage, "study", "", plan_of()))
        found.trials.extend(Trial(number, {"model.width": 16 << number}, "random", 0) for number in range(3))
        yield found


def test_replications_train_whole_recipes_under_other_seeds_and_none_twice(study):
    pool = Rerunner()
    replications = Replications(study)
    assert replications.train(queue_of(study, pool), RACE, [2, 0], [5, 7]) == [[5.0, 7.0], [5.0, 7.0]]
    names = ["race-0002-seed-5", "race-0000-seed-5", "race-0002-seed-7", "race-0000-seed-7"]
    assert [job.directory for job in pool.jobs] == [str(study.root / name) for name in names]
    assert [(job.recipe["model"]["width"], job.recipe["seed"], job.until) for job in pool.jobs] == [
        (64, 5, 9), (16, 5, 9), (64, 7, 9), (16, 7, 9),
    ]  # fmt: skip
    again = Rerunner()
    found = Replications(study).train(queue_of(study, again), RACE, [0, 1], [7])
    assert found == [[7.0], [7.0]] and [job.directory for job in again.jobs] == [str(study.root / "race-0001-seed-7")]


def test_a_replication_that_loses_too_many_workers_ends_the_study(study):
    pool = Rerunner(MAX_RETRIES)
    assert Replications(study).train(queue_of(study, pool), FRESH, [0], [5]) == [[5.0]]
    assert len(pool.jobs) == MAX_RETRIES + 1
    with pytest.raises(
        LuthierError, match="fresh-0000-seed-7 could not be trained: its worker died 3 times, last with"
    ):
        Replications(study).train(queue_of(study, Rerunner(MAX_RETRIES + 1)), FRESH, [0], [7])
