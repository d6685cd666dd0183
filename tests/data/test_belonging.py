"""Groups and times: what is taken, what is refused, what belongs together."""

import dataclasses
import re

import numpy as np
import pytest

from luthier.core.errors import BadInput
from luthier.data import load
from luthier.data.dataset import with_groups, with_times
from luthier.testing.material import rows


def test_groups_may_be_texts_or_numbers():
    for given in (["b", "a", "b", "c", "a"], [7, -2, 7, 9, -2], np.array(["b", "a", "b", "c", "a"], object)):
        group = with_groups(rows(5), given).group
        assert group.dtype == np.int64 and len(set(group.tolist())) == 3
        assert group[0] == group[2] != group[1] == group[4]


def test_what_is_linked_step_by_step_belongs_together():
    """0 equals 4, 4 is in a group with 2, 2 equals 6; 1 and 3 are a group; 5 is alone."""
    dataset = rows(7)
    inputs = dataset.inputs.copy()
    inputs[4], inputs[6] = inputs[0], inputs[2]
    dataset = with_groups(dataclasses.replace(dataset, inputs=inputs), [0, 1, 2, 1, 2, 5, 6])
    assert dataset.duplicates.tolist() == [0, 1, 2, 3, 0, 5, 2]
    assert dataset.groups.tolist() == [0, 1, 0, 1, 0, 5, 0]


def test_times_are_numbers_or_dates():
    assert with_times(rows(3), [2, 1.5, -7]).time.tolist() == [2.0, 1.5, -7.0]
    days = with_times(rows(3), np.array(["2024-02-01", "2024-01-31", "2023-12-31"], "datetime64[D]")).time
    assert days.argsort().tolist() == [2, 1, 0] and days[0] - days[1] == 86_400e6


REFUSED = [
    (
        with_groups,
        [1, 2],
        "groups must be 3 values, one for each example, but got shape (2,); pass a list as long as X",
    ),
    (with_groups, [0.5, 1, 2], "groups must be whole numbers or texts, but got float64; name each group"),
    (with_times, [1, np.nan, 2], "times must be finite, but got nan in row 1; mend or drop such rows"),
    (with_times, np.array(["2024-01-01", "NaT", "NaT"], "datetime64[D]"), "times must be finite, but got NaT in row 1"),
    (with_times, ["a", "b", "c"], "times must be numbers or dates, but got <U1; pass for example np.datetime64"),
    (with_times, [[1, 2, 3]], "times must be 3 values, one for each example, but got shape (1, 3)"),
]


@pytest.mark.parametrize(("tell", "given", "problem"), REFUSED)
def test_what_is_neither_is_refused(tell, given, problem):
    with pytest.raises(BadInput, match=re.escape(problem)):
        tell(rows(3), given)


def test_the_fingerprint_knows_each_column_by_its_name():
    dataset, mask = rows(5), np.array([True, False, False, True, False])
    made = [
        dataset,
        with_groups(dataset, [0, 0, 1, 1, 2]),
        with_times(dataset, [0, 0, 1, 1, 2]),
        dataclasses.replace(dataset, official_test=mask),
        dataclasses.replace(dataset, official_validation=mask),
    ]
    assert len({one.fingerprint for one in made}) == 5


def test_groups_and_times_come_with_arrays_and_files(tmp_path):
    data = rows(6)
    X, y, groups, times = data.inputs, data.labels, ["a", "b", "a", "b", "c", "c"], [6, 5, 4, 3, 2, 1]
    np.savez(tmp_path / "data.npz", X=X, y=y, groups=groups, times=times)
    for one in (load((X, y), groups=groups, times=times), load(tmp_path / "data.npz")):
        assert one.group.tolist() == [0, 1, 0, 1, 2, 2] and one.time.tolist() == times
