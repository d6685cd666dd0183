"""Sequences: their forms, their ends, and what is wrong with them."""

import numpy as np
import pytest

from luthier.core.errors import BadInput, LuthierWarning
from luthier.data import DataConfig, load
from luthier.data.sources import formats
from luthier.data.sources.sequences import are_ragged, read_sequences

Y = [0, 1, 0, 1]
LENGTHS = [2, 5, 1, 3]


@pytest.fixture
def listed(rng):
    return [rng.normal(size=(steps, 3)).astype(np.float32) for steps in LENGTHS]


@pytest.fixture
def padded(listed):
    array = np.full((4, 7, 3), 9.0, np.float32)
    for row, one in zip(array, listed, strict=True):
        row[: len(one)] = one
    return array


SEQUENCES = DataConfig(form="sequences")


def problems_of(X, lengths=None):
    problems = []
    read_sequences(X, lengths, problems)
    return problems


def test_all_forms_of_the_same_sequences_are_the_same_data(listed, padded, tmp_path):
    """A list, an array with lengths, an array with NaN behind the ends; whatever stands behind an end."""
    np.savez(tmp_path / "s.npz", X=padded, y=Y, lengths=LENGTHS)
    marked = padded.copy()
    for row, steps in zip(marked, LENGTHS, strict=True):
        row[steps:] = np.nan
    found = [load((listed, Y)), load(tmp_path / "s.npz"), load((marked, Y), data_config=SEQUENCES)]
    assert {one.fingerprint for one in found} == {found[0].fingerprint}
    assert found[0].inputs.shape == (4, 5, 3) and found[0].inputs.dtype == np.float32
    assert (found[0].form, found[0].shape) == ("sequences", (5, 3))
    for row, one in zip(found[0].inputs, listed, strict=True):
        np.testing.assert_array_equal(row[: len(one)], one)
        assert np.isnan(row[len(one) :]).all()


def test_three_axes_stay_pictures_unless_something_says_otherwise(rng, tmp_path):
    X = rng.random((4, 5, 3))
    with pytest.warns(LuthierWarning, match=r"X of shape \(4, 5, 3\) is taken for grey pictures; set data.form = 'seq"):
        assert load((X, Y)).form == load((list(X), Y)).form == "pictures"
    assert load((X, Y), data_config=SEQUENCES).form == "sequences"
    np.savez(tmp_path / "p.npz", X=X, y=Y)
    np.savez(tmp_path / "s.npz", X=X, y=Y, lengths=[5, 5, 5, 5])
    assert load(tmp_path / "p.npz", data_config=DataConfig(form="pictures")).form == "pictures"
    assert load(tmp_path / "s.npz").form == "sequences"
    assert load(tmp_path / "p.npz", data_config=SEQUENCES).fingerprint == load(tmp_path / "s.npz").fingerprint


@pytest.mark.parametrize("shape", [(4, 5, 3), (4, 5, 5), (4, 28, 28)])
def test_floats_on_three_axes_are_told_to_be_taken_for_pictures_squares_too(rng, shape):
    X = rng.random(shape)
    with pytest.warns(LuthierWarning) as caught:
        load((X, Y))
    (one,) = caught
    assert str(one.message) == (
        f"X of shape {shape} is taken for grey pictures; set data.form = 'sequences' if it holds sequences "
        "(N, T, F), or data.form = 'pictures'"
    )
    load((X, Y), data_config=DataConfig(form="pictures"))
    load(((X * 255).astype(np.uint8), Y))


def test_whole_numbers_are_kept_as_they_are():
    X = np.arange(4 * 5 * 3).reshape(4, 5, 3)
    np.testing.assert_array_equal(load((X, Y), data_config=SEQUENCES).inputs, X.astype(np.float32))


def test_only_float_arrays_of_two_axes_that_differ_in_length_are_taken_for_sequences():
    ragged = [np.zeros((2, 3)), np.zeros((4, 3))]
    assert are_ragged(ragged) and are_ragged(tuple(ragged))
    assert not are_ragged([one.astype(np.uint8) for one in ragged])
    assert not are_ragged([one.tolist() for one in ragged])
    assert not are_ragged([np.zeros((2, 3)), np.zeros((2, 4))])
    assert not are_ragged([np.zeros(2), np.zeros(4)])


def test_a_test_part_of_other_lengths(listed, tmp_path):
    X = np.zeros((2, 9, 3), np.float32)
    np.savez(tmp_path / "s.npz", X=X[:, :4], y=[0, 1], X_test=X, y_test=[1, 0], lengths=[4, 4], lengths_test=[8, 1])
    with pytest.raises(BadInput, match="every class needs at least 2"):
        formats.read_npz(tmp_path / "s.npz")
    np.savez(tmp_path / "s.npz", X=np.tile(X[:, :4], (2, 1, 1)), y=Y, X_test=X, y_test=[1, 0],
             lengths=[4, 4, 2, 1], lengths_test=[8, 1])  # fmt: skip
    dataset = formats.read_npz(tmp_path / "s.npz")
    assert dataset.inputs.shape == (6, 8, 3)
    assert (~np.isnan(dataset.inputs).all(2)).sum(1).tolist() == [4, 4, 2, 1, 8, 1]
    assert dataset.official_test.tolist() == [False] * 4 + [True] * 2


def test_lengths_of_0_and_beyond_are_refused_all_at_once(padded):
    assert problems_of(padded, [0, 5, 8, -1]) == [
        "lengths must be at most the 7 steps of X, but 2 are not, such as 8 in row 2; mend them",
        "sequences must have at least one step, but 2 have none, such as rows 0, 3; drop them",
    ]


@pytest.mark.parametrize(
    ("lengths", "got"), [([2, 5], "int64 of shape (2,)"), ([2.0, 5, 1, 3], "float64 of shape (4,)")]
)
def test_lengths_of_another_form_are_refused(padded, lengths, got):
    assert problems_of(padded, lengths) == [
        f"lengths must be 4 whole numbers, one for each sequence, but got {got}; pass one for each"
    ]


def test_what_is_not_finite_before_an_end_is_refused(padded, listed):
    padded[1, 2, 0], padded[3, 6, 1] = np.inf, np.nan  # the second stands behind an end
    rule = "sequences must be finite in float32 up to their ends, but 1 are not, such as rows 1; mend or drop them"
    assert problems_of(padded, LENGTHS) == [rule]
    listed[1][4] = np.nan  # in a list an end is where the array ends
    assert problems_of(listed) == [rule]
    listed[1][4] = 1
    assert problems_of([listed[0], listed[1] * np.float64(1e300), *listed[2:]]) == [rule]


@pytest.mark.parametrize(
    ("X", "problem"),
    [
        (np.zeros((4, 3)), "sequences must be numbers (N, T, F) and not empty, but got shape (4, 3); "),
        (np.zeros((4, 0, 3)), "sequences must be numbers (N, T, F) and not empty, but got shape (4, 0, 3); "),
        (np.full((4, 5, 3), "a"), "sequences must be numbers (N, T, F) and not empty, but got <U1; "),
        ([np.zeros((2, 3)), np.zeros((2, 4))], "a list of sequences must hold arrays (T, F) of one F, but got (2, 3),"),
        ([np.zeros(2), np.zeros((2, 4))], "a list of sequences must hold arrays (T, F) of one F, but got (2,), (2, 4)"),
        ([np.full((2, 3), "a"), np.full((1, 3), "a")], "sequences must hold numbers, but some hold texts or objects; "),
    ],
    ids=["rows", "no steps", "texts", "other features", "a row", "texts in a list"],
)  # fmt: skip
def test_other_forms_are_refused(X, problem):
    assert problems_of(X)[0].startswith(problem)


def test_lengths_and_forms_that_contradict_each_other(listed, padded, tmp_path):
    assert problems_of(listed, LENGTHS) == [
        "a list of sequences has their lengths, but got lengths as well; leave them out"
    ]
    np.savez(tmp_path / "s.npz", X=padded, y=Y, lengths=LENGTHS)
    with pytest.raises(BadInput, match=r"lengths belong to sequences, but data.form is pictures; leave one out"):
        load(tmp_path / "s.npz", data_config=DataConfig(form="pictures"))
    with pytest.raises(BadInput, match=r"data.form is rows, but X has shape \(4, 7, 3\), which is no such thing"):
        load((padded, Y), data_config=DataConfig(form="rows"))
    with pytest.raises(BadInput, match=r"data.form is pictures, but X has shape \(4, 7\)"):
        load((padded[:, :, 0], Y), data_config=DataConfig(form="pictures"))
