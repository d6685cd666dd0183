"""What a user asks of a search: the declared options, and what is said of wrong ones."""

import json
from typing import get_args

import numpy as np
import pytest

from luthier.core.errors import BadInput
from luthier.core.options import declared_options
from luthier.study.tune.options import CostName, PrunerName, SamplerName, TuneOptions
from luthier.study.tune.stages import PRUNERS
from luthier.study.tune.train_trial import COSTS
from luthier.study.tune.trial_sampler import QUASI_RANDOM, SAMPLERS


def test_names_that_are_declared_are_those_that_exist():
    assert get_args(SamplerName) == tuple(sorted((QUASI_RANDOM, *SAMPLERS)))
    assert get_args(PrunerName) == tuple(sorted(PRUNERS)) and get_args(CostName) == tuple(sorted(COSTS))


def test_every_field_is_a_declared_option():
    assert list(declared_options(TuneOptions)) == list(TuneOptions.__dataclass_fields__)


def test_everything_that_is_wrong_is_said_at_once():
    with pytest.raises(BadInput) as caught:
        TuneOptions(trials=1, workers=0, threads=0, top=0, race_seeds=-1, minutes=-1.0, sampler="a", pruner="b").check()
    assert len(caught.value.problems) == 8


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"trials": "3"}, "--trials must be a whole number at least 2 and at most 100000, but got '3'; "),
        ({"trials": 2.5}, "--trials must be a whole number at least 2 and at most 100000, but got 2.5; "),
        ({"trials": True}, "--trials must be a whole number at least 2 and at most 100000, but got True; "),
        ({"workers": 1.5}, "--workers must be a whole number at least 1 and at most 1024, but got 1.5; "),
        ({"threads": None}, "--threads must be a whole number at least 1 and at most 1024, but got None; "),
        ({"fresh_seeds": [2]}, "--fresh-seeds must be a whole number at least 0 and at most 1000, but got [2]; "),
        ({"minutes": "1"}, "--minutes must be a number above 0, but got '1'; "),
        ({"minutes": float("nan")}, "--minutes must be a number above 0, but got nan; "),
        ({"sampler": 3}, "--sampler must be one of gp, quasi-random, random, tpe, but got 3; "),
        ({"cost": ["flops"]}, "--cost must be one of flops, latency, parameters, but got ['flops']; "),
        ({"space": 5}, "--space must be a path, but got 5; "),
        ({"space": [1]}, "--space must be a path, but got [1]; "),
        ({"lr_only": "yes"}, "--lr-only must be true or false, but got 'yes'; "),
    ],
)
def test_values_of_other_types_are_refused(settings, words):
    with pytest.raises(BadInput) as caught:
        TuneOptions(**settings).check()
    assert [one[: len(words)] for one in caught.value.problems] == [words]


def test_numbers_of_numpy_are_numbers():
    options = TuneOptions(trials=np.int64(7), minutes=np.float32(1.5), workers=np.uint8(2), lr_only=np.bool_(False))
    options.check()
    assert options == TuneOptions(trials=7, minutes=1.5, workers=2) and json.dumps(vars(options))


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"trials": 1}, "--trials must be a whole number at least 2 and at most 100000, but got 1; trials of "
                        "the search; by default 24"),
        ({"race_seeds": -1}, "--race-seeds must be a whole number at least 0 and at most 1000, but got -1; "
                             "seeds under which the best "
                             "trials race (default 3)"),
        ({"sampler": "tpee"}, "--sampler must be one of gp, quasi-random, random, tpe, but got 'tpee'; did you mean "
                              "'tpe'? what proposes values, by default tpe"),
    ],
)  # fmt: skip
def test_a_message_says_the_rule_the_value_and_what_the_option_means(settings, words):
    with pytest.raises(BadInput) as caught:
        TuneOptions(**settings).check()
    (line,) = caught.value.problems
    assert line.startswith(words)


def test_options_that_do_not_go_together_are_told_beside_those_that_are_wrong_alone():
    with pytest.raises(BadInput) as caught:
        TuneOptions(threads=0, fresh_seeds=1, cost="flops", pruner="asha", lr_only=True, trials=1).check()
    assert [line.split(" must ")[0].split(" asks ")[0].split(" tries ")[0] for line in caught.value.problems] == [
        "--threads", "--trials", "--fresh-seeds", "--cost", "--lr-only", "--lr-only",
    ]  # fmt: skip
