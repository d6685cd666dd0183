"""A metric as a score, and its value alone beside the one with an interval."""

import numpy as np
import pytest
import torch

from luthier.stats.metrics import METRICS, REGRESSION, WORST

RNG = np.random.default_rng(0)


def test_score_is_larger_where_the_metric_is_better():
    assert METRICS["accuracy"].score(0.75) == 0.75
    assert METRICS["loss"].score(0.25) > METRICS["loss"].score(0.5)
    assert METRICS["r2"].score(-0.5) == -0.5 and METRICS["rmse"].score(3.0) == METRICS["mae"].score(3.0) == -3.0


def test_what_is_not_finite_scores_worst():
    assert METRICS["loss"].score(None) == METRICS["accuracy"].score(None) == WORST < METRICS["loss"].score(1e300)


@pytest.mark.parametrize("name", REGRESSION)
@pytest.mark.parametrize("outputs", [1, 3])
def test_a_value_alone_is_the_one_that_has_an_interval(name, outputs):
    values = RNG.normal(1000, 50, size=(97, outputs))
    answers = values + RNG.normal(size=(97, outputs)) * 7
    quick = METRICS[name].quick(torch.from_numpy(answers), torch.from_numpy(values))
    assert float(quick) == pytest.approx(METRICS[name].measure(answers, values).value, rel=1e-12)
