"""What the statistics promise, by simulation; each check is given a procedure, and must refuse the wrong ones."""

import math

import numpy as np
import pytest

from luthier.stats import best_first, judge, mean_interval, race_winner

# Numbers of one simulated world: runs have a noise of 1, configurations a true spread of half of it.
SPREAD, TRIALS, SEARCHES, RACED, RACE_SEEDS, PAIRS = 0.5, 30, 2000, 5, 3, 6


def monte_carlo_error(share, n):
    return math.sqrt(share * (1 - share) / n)


# The interval of few runs


def check_coverage(interval, draw, shares, n, studies=4000):
    """That so large a share of the intervals, within 3 Monte Carlo errors, holds the true mean of 0."""
    low, high = shares
    runs = draw(np.random.default_rng(n), (studies, n))
    found = [interval(row.tolist()) for row in runs]
    covered = float(np.mean([one[0] <= 0 <= one[1] for one in found]))
    assert low - 3 * monte_carlo_error(low, studies) <= covered <= high + 3 * monte_carlo_error(high, studies)


def students(runs):
    found = mean_interval(runs)
    return found.low, found.high


def percentile_bootstrap(runs, rng=np.random.default_rng(0)):  # noqa: B008 - one stream for all calls is meant
    means = rng.choice(runs, size=(200, len(runs))).mean(1)
    return tuple(np.quantile(means, (0.025, 0.975)))


def normal(rng, shape):
    return rng.normal(size=shape)


def heavy_tailed(rng, shape):
    return rng.standard_t(4, size=shape)


def skewed(rng, shape):
    return rng.exponential(size=shape) - 1


@pytest.mark.parametrize("n", [3, 5, 8, 10])
@pytest.mark.parametrize(
    ("draw", "shares"), [(normal, (0.95, 0.95)), (heavy_tailed, (0.95, 0.965)), (skewed, (0.875, 0.95))]
)
def test_the_interval_holds_the_truth_as_often_as_it_says(draw, shares, n):
    check_coverage(students, draw, shares, n)


@pytest.mark.parametrize("n", [3, 5, 8, 10])
def test_a_percentile_bootstrap_would_not(n):
    with pytest.raises(AssertionError):
        check_coverage(percentile_bootstrap, normal, (0.95, 0.95), n, studies=1000)


# The winner of a search


def search_and_race(rng, truth):
    """The search, its best five raced: who won, the scores it won by, and the search score of the first."""
    found = truth + rng.normal(size=TRIALS)
    raced = best_first(found.tolist(), RACED)
    scores = truth[raced, None] + rng.normal(size=(RACED, RACE_SEEDS))
    first = race_winner(scores.tolist())
    return raced[first], scores[first], found


def on_fresh_seeds(rng, truth):
    """Trial 0 is the default. Returns the search's gain of its best trial, the fresh gain, and the winner."""
    winner, _, found = search_and_race(rng, truth)
    default, again = (truth[who] + rng.normal(size=PAIRS) for who in (0, winner))
    return max(found), judge(default.tolist(), again.tolist(), share=False), winner, int(np.argmax(found))


def on_the_seeds_of_the_race(rng, truth):
    """The mistake: the winner is judged by the scores it won by."""
    winner, raced, found = search_and_race(rng, truth)
    default = truth[0] + rng.normal(size=RACE_SEEDS)
    return max(found), judge(default.tolist(), raced.tolist(), share=False), winner, int(np.argmax(found))


def check_the_winner(procedure):
    """That the fresh gain is true within .05 where the score of the search is more than 1 too good."""
    rng = np.random.default_rng(11)
    optimism, bias = [], []
    for _ in range(SEARCHES):
        truth = SPREAD * rng.normal(size=TRIALS)
        search_score, judged, winner, best = procedure(rng, truth)
        optimism.append(search_score - truth[best])
        bias.append(judged.gain.estimate - (truth[winner] - truth[0]))
    assert np.mean(optimism) > 1
    assert abs(np.mean(bias)) < 0.05


def test_the_fresh_gain_is_true_where_the_search_is_optimistic():
    check_the_winner(on_fresh_seeds)


def test_judged_on_the_seeds_of_the_race_it_would_not_be():
    with pytest.raises(AssertionError):
        check_the_winner(on_the_seeds_of_the_race)


# The fresh judgement


def pairs_of_runs(rng, gain, studies, pairs=PAIRS):
    """Scores of both arms: what a seed does to both is three times what it does to one."""
    seeds = 3 * rng.normal(size=(studies, pairs))
    return seeds + rng.normal(size=(studies, pairs)), seeds + gain + rng.normal(size=(studies, pairs))


def check_the_judgement(judged, studies=1500):
    """That its interval covers, that it calls few equal ones better, and that it finds most gains of three noises.

    80% power at six pairs is 1.44 standard deviations of the difference, so 2.0 of one run's noise; at 3.0 it is 98%.
    """
    rng = np.random.default_rng(2)
    nothing, much = (
        [judged(*(one.tolist() for one in pair)) for pair in zip(*pairs_of_runs(rng, gain, studies), strict=True)]
        for gain in (0.0, 3.0)
    )
    covered = np.mean([one.gain.low <= 0 <= one.gain.high for one in nothing])
    assert covered == pytest.approx(0.95, abs=3 * monte_carlo_error(0.95, studies))
    beats = [np.mean([one.verdict == "beats the default" for one in many]) for many in (nothing, much)]
    assert beats[0] <= 0.025 + 3 * monte_carlo_error(0.025, studies)
    assert beats[1] >= 0.95


def by_pairs(default, winner):
    return judge(default, winner, share=False)


def shuffled(default, winner):
    """The mistake: scores of different seeds are subtracted from one another."""
    return judge(default, winner[1:] + winner[:1], share=False)


def test_pairs_find_a_gain_that_the_seeds_hide():
    check_the_judgement(by_pairs)


def test_without_the_right_pairs_it_would_stay_hidden():
    with pytest.raises(AssertionError):
        check_the_judgement(shuffled)


def test_a_loss_of_delta_is_seldom_shipped():
    """What is promised to the user: 2.5% at most, and what comes of not knowing delta but from six runs."""
    rng = np.random.default_rng(3)
    default = rng.normal(size=(3000, PAIRS))
    winner = default - 0.5 + rng.normal(size=(3000, PAIRS))
    shipped = [judge(a.tolist(), b.tolist(), share=False).ships for a, b in zip(default, winner, strict=True)]
    assert np.mean(shipped) <= 0.025 + 3 * monte_carlo_error(0.025, 3000)
