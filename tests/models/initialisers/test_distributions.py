"""The initialisers that draw each weight by itself, against the distributions of SciPy."""

import math

import pytest
import torch
from scipy import stats

from luthier.core.rng import generator
from luthier.models.initialisers import (
    Constant,
    HeNormal,
    HeUniform,
    LeCunNormal,
    LeCunUniform,
    Normal,
    TruncatedNormal,
    Uniform,
    XavierNormal,
    XavierUniform,
    Zeros,
)

INTO, OUT = 37, 91


def uniform(variance):
    """Uniform around 0 with this variance."""
    limit = math.sqrt(3 * variance)
    return stats.uniform(-limit, 2 * limit)


def normal(variance):
    return stats.norm(0, math.sqrt(variance))


def cut(std, at):
    """Normal cut at so many standard deviations, then scaled to std."""
    plain = stats.truncnorm(-at, at)
    return stats.truncnorm(-at, at, scale=std / plain.std())


LAWS = {
    "uniform": (Uniform(limit=0.3), uniform(0.09 / 3)),
    "normal": (Normal(std=0.2), normal(0.04)),
    "truncated-normal": (TruncatedNormal(std=0.2), cut(0.2, 2)),
    "truncated-normal cut early": (TruncatedNormal(std=0.2, cut=0.5), cut(0.2, 0.5)),
    "truncated-normal cut late": (TruncatedNormal(std=0.2, cut=8.0), normal(0.04)),
    "lecun-uniform": (LeCunUniform(), uniform(1 / INTO)),
    "lecun-normal": (LeCunNormal(), normal(1 / INTO)),
    "xavier-uniform": (XavierUniform(), uniform(2 / (INTO + OUT))),
    "xavier-normal": (XavierNormal(), normal(2 / (INTO + OUT))),
    "he-uniform": (HeUniform(), uniform(2 / INTO)),
    "he-uniform out": (HeUniform(fan="out"), uniform(2 / OUT)),
    "he-normal": (HeNormal(), normal(2 / INTO)),
    "he-normal out": (HeNormal(fan="out"), normal(2 / OUT)),
}


@pytest.mark.parametrize("name", LAWS)
def test_law(name):
    initialiser, law = LAWS[name]
    drawn = initialiser.draw(torch.Size((150, 200)), INTO, OUT, generator(0, "law")).double().flatten().numpy()
    assert drawn.std() == pytest.approx(law.std(), rel=0.02)
    assert abs(drawn.mean()) < 5 * law.std() / math.sqrt(len(drawn))
    assert stats.kstest(drawn, law.cdf).statistic < 1.63 / math.sqrt(len(drawn)) * 1.2
    low, high = law.support()
    assert low * 1.00001 <= drawn.min() and drawn.max() <= high * 1.00001


@pytest.mark.parametrize("initialiser", [one for one, _ in LAWS.values()], ids=repr)
def test_tensors_of_fans_count_weight_by_weight(initialiser):
    fans = torch.tensor([9.0, 25.0, 49.0]).view(3, 1, 1)
    shape, rng = torch.Size((3, 7, 5)), "fans"
    together = initialiser.draw(shape, fans, fans + 1, generator(0, rng))
    for row, fan in enumerate(fans.flatten().tolist()):
        alone = initialiser.draw(shape, fan, fan + 1, generator(0, rng))
        torch.testing.assert_close(together[row], alone[row])


@pytest.mark.parametrize(("initialiser", "value"), [(Zeros(), 0.0), (Constant(), 0.05), (Constant(value=-0.5), -0.5)])
def test_one_number(initialiser, value):
    assert torch.equal(initialiser.draw(torch.Size((3, 5)), 5, 3, generator(0, "x")), torch.full((3, 5), value))
