"""Arrays: what is taken, and every rule that bad input can break."""

import math
from decimal import Decimal

import numpy as np
import pytest
import torch

from luthier.core.errors import BadInput, LuthierWarning
from luthier.data.sources import arrays

N, C, H, W = 5, 3, 7, 11
LABELS = [1, 0, 1, 1, 0]
ROWS = np.arange(15.0).reshape(5, 3)


def refused(X=ROWS, y=LABELS, **others):
    """The problems found, after seeing that the message holds them all."""
    with pytest.raises(BadInput) as caught:
        arrays.read((X, y), **others)
    assert str(caught.value) == "\n".join(caught.value.problems)
    return list(caught.value.problems)


# What is taken


def test_rows_become_float32():
    dataset = arrays.read((ROWS, LABELS))
    assert dataset.inputs.dtype == np.float32
    assert not dataset.is_picture
    assert dataset.shape == (3,)
    np.testing.assert_array_equal(dataset.inputs, ROWS)
    np.testing.assert_array_equal(dataset.labels, LABELS)
    assert dataset.labels.dtype == np.int64
    assert dataset.classes == ("0", "1")
    assert dataset.official_test is None
    assert dataset.name == "arrays"


def test_bytes_of_rows_are_numbers_and_bytes_of_pictures_stay(rng):
    rows = rng.integers(0, 256, (N, 6), np.uint8)
    pictures = rng.integers(0, 256, (N, H, W, C), np.uint8)
    assert arrays.read((rows, LABELS)).inputs.dtype == np.float32
    dataset = arrays.read((pictures, LABELS))
    assert dataset.inputs.dtype == np.uint8
    assert dataset.shape == (C, H, W)
    np.testing.assert_array_equal(dataset.inputs, pictures)


def test_grey_pictures_get_their_channel(rng):
    pictures = rng.random((N, H, W))
    dataset = arrays.read((pictures, LABELS), form="pictures")
    assert dataset.shape == (1, H, W)
    assert dataset.inputs.dtype == np.float32
    np.testing.assert_array_equal(dataset.inputs[..., 0], pictures.astype(np.float32))


@pytest.mark.parametrize("channels", [1, 2, 3, 4])
def test_channels_first_and_channels_last_are_the_same_data(rng, channels):
    last = rng.integers(0, 256, (N, H, W, channels), np.uint8)
    first = np.ascontiguousarray(np.moveaxis(last, 3, 1))
    one, other = arrays.read((last, LABELS)), arrays.read((first, LABELS))
    np.testing.assert_array_equal(one.inputs, other.inputs)
    assert one.shape == (channels, H, W)
    assert one.fingerprint == other.fingerprint
    assert other.inputs.flags.c_contiguous


@pytest.mark.parametrize(
    ("y", "classes", "numbers"),
    [
        (LABELS, ("0", "1"), LABELS),
        ([7, 3, 7, 7, 3], ("3", "7"), LABELS),
        ([True, False, True, True, False], ("False", "True"), LABELS),
        (["yes", "no", "yes", "yes", "no"], ("no", "yes"), LABELS),
        (np.array(["yes", "no", "yes", "yes", "no"], object), ("no", "yes"), LABELS),
        (np.array(LABELS, object), ("0", "1"), LABELS),
        (np.array([10, "a", 10, 10, "a"], object), ("10", "a"), [0, 1, 0, 0, 1]),
        (np.array([Decimal("1.50"), "a"] * 2 + ["a"], object), ("1.50", "a"), [0, 1, 0, 1, 1]),
        (np.array([10, 2, 10, 10, 2], np.uint64), ("2", "10"), LABELS),
        (torch.tensor(LABELS), ("0", "1"), LABELS),
    ],
    ids=lambda value: type(value).__name__,
)
def test_labels_are_numbered_in_the_order_of_their_values(y, classes, numbers):
    dataset = arrays.read((ROWS, y))
    assert dataset.classes == classes
    assert dataset.labels.tolist() == numbers
    assert dataset.labels.dtype == np.int64


def test_given_classes_name_numbers_and_place_strings():
    assert arrays.read((ROWS, LABELS), classes=("no", "yes")).classes == ("no", "yes")
    by_name = arrays.read((ROWS, ["a", "b", "a", "a", "b"]), classes=("b", "a"))
    assert by_name.classes == ("b", "a")
    assert by_name.labels.tolist() == LABELS


def test_a_second_pair_is_the_official_test_part():
    dataset = arrays.read((ROWS, LABELS), test=(ROWS[:2] + 100, [1, 1]))
    assert dataset.official_test.tolist() == [False] * 5 + [True] * 2
    assert dataset.labels.tolist() == [*LABELS, 1, 1]
    np.testing.assert_array_equal(dataset.inputs[5:], ROWS[:2] + 100)


def test_the_callers_arrays_stay_as_they_are():
    X, y = ROWS.copy(), np.array(LABELS)
    arrays.read((X, y))
    np.testing.assert_array_equal(X, ROWS)
    np.testing.assert_array_equal(y, LABELS)


# What is refused: inputs


@pytest.mark.parametrize(
    ("X", "problem"),
    [
        (np.array([["a"]] * 5), "X must hold numbers, but got <U1; encode texts and objects first"),
        (np.full((5, 3), None), "X must hold numbers, but got object; encode texts and objects first"),
        (ROWS + 1j, "X must hold numbers, but got complex128; encode texts and objects first"),
        (
            [[1, 2], [3], [4], [5], [6]],
            "X must hold examples of one shape, but got a ragged list; pad or cut them to one, "
            "or set data.form = 'sequences' for a list of arrays (T, F)",
        ),
        (
            np.zeros(5),
            "X must be (N, F), (N, H, W), (N, H, W, C) or (N, C, H, W) and not empty, but got shape (5,); reshape it",
        ),
        (
            np.zeros((5, 2, 3, 7, 11)),
            "X must be (N, F), (N, H, W), (N, H, W, C) or (N, C, H, W) and not empty, "
            "but got shape (5, 2, 3, 7, 11); reshape it",
        ),
        (
            np.zeros((5, 0)),
            "X must be (N, F), (N, H, W), (N, H, W, C) or (N, C, H, W) and not empty, but got shape (5, 0); reshape it",
        ),
        (
            np.zeros((5, 3, 7, 3)),
            "pictures must have 1 to 4 channels on either axis 1 or axis 3, but got shape (5, 3, 7, 3); "
            "move the channels",
        ),
        (
            np.zeros((5, 7, 11, 13)),
            "pictures must have 1 to 4 channels on either axis 1 or axis 3, but got shape (5, 7, 11, 13); "
            "move the channels",
        ),
    ],
    ids=[
        "texts", "objects", "complex", "ragged", "flat", "five axes", "empty",
        "channels on both axes", "channels on neither axis",
    ],
)  # fmt: skip
def test_inputs_of_another_form(X, problem):
    assert refused(X=X) == [problem]


def test_no_examples_at_all():
    assert refused(X=np.zeros((0, 3)), y=[]) == [
        "X must be (N, F), (N, H, W), (N, H, W, C) or (N, C, H, W) and not empty, but got shape (0, 3); reshape it"
    ]


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf, 1e39, -1e300], ids=str)
@pytest.mark.parametrize("shape", [(5, 3), (5, 7, 7), (5, 3, 7, 11)], ids=str)
def test_inputs_that_are_not_finite_in_float32(value, shape):
    X = np.zeros(shape)
    X[3].flat[-1] = value
    assert refused(X=X, form="rows" if len(shape) == 2 else "pictures") == [
        "X must be finite in float32, but 1 examples are not, such as 3; mend or drop them"
    ]


def test_the_largest_float32_is_finite():
    X = ROWS.copy()
    X[0, 0] = np.finfo(np.float32).max
    assert arrays.read((X, LABELS)).inputs[0, 0] == np.finfo(np.float32).max


def test_five_of_many_bad_examples_are_shown():
    X, y = np.full((13, 3), np.nan), [0, 1] * 6 + [0]
    X[2] = 0
    assert refused(X=X, y=y) == [
        "X must be finite in float32, but 12 examples are not, such as 0, 1, 3, 4, 5, ...; mend or drop them"
    ]


# What is refused: labels


FORM = "use y.astype(int) or y.astype(str), or task regression where they are values to be predicted"


@pytest.mark.parametrize(
    ("y", "problem"),
    [
        (
            [[0, 1], [1, 0], [0, 1], [0, 1], [1, 0]],
            "y must be one label per example, but got shape (5, 2); pass class numbers, not one-hot rows",
        ),
        (np.eye(5), "y must be one label per example, but got shape (5, 5); pass class numbers, not one-hot rows"),
        (
            [1, -1, 0, -2, 1],
            "labels must not be negative, but 2 are, such as -1 in row 1; number classes from 0 or use strings",
        ),
        (
            [0.0, 1.0, 0.0, 1.0, 1.0],
            "labels must be whole numbers or strings, but got float64; " + FORM,
        ),
        (
            np.array([0, 1, 0, 1, 1], np.float32),
            "labels must be whole numbers or strings, but got float32; " + FORM,
        ),
        (
            np.array([0.0, 1, 0, 1, 1], object),
            "labels must be whole numbers or strings, but got float64; " + FORM,
        ),
        (
            np.array([b"a", b"b", b"a", b"b", b"b"]),
            "labels must be whole numbers or strings, but got |S1; " + FORM,
        ),
        (
            np.array([1j, 1, 1j, 1, 1]),
            "labels must be whole numbers or strings, but got complex128; " + FORM,
        ),
        (
            [{}, {}, {}, {}, {}],
            "labels must be whole numbers or strings, but got object; " + FORM,
        ),
        (
            [{}, "a", {}, "a", "a"],
            "labels must be whole numbers or strings, but got object; " + FORM,
        ),
        (
            [[0], [1, 0], [0], [1], [0]],
            "labels must be whole numbers or strings, but got object; " + FORM,
        ),
        (
            [2**70, 1, 2**70, 1, 1],
            "labels must be whole numbers or strings, but got object; " + FORM,
        ),
    ],
    ids=[
        "one-hot list", "one-hot array", "negative", "floats", "float32", "float objects", "bytes", "complex",
        "dictionaries", "dictionaries and texts", "ragged", "beyond 64 bits",
    ],
)  # fmt: skip
def test_labels_of_another_form(y, problem):
    assert refused(y=y) == [problem]


class NotAvailable:
    """Answers comparisons as pandas.NA does."""

    def __eq__(self, other):
        return self

    __ne__ = __eq__
    __hash__ = None

    def __bool__(self):
        raise TypeError("boolean value of NA is ambiguous")


@pytest.mark.parametrize(
    "missing", [None, math.nan, np.float32("nan"), np.datetime64("NaT"), NotAvailable()], ids=lambda v: type(v).__name__
)
@pytest.mark.parametrize("others", [(0, 1), ("no", "yes")], ids=["numbers", "texts"])
@pytest.mark.parametrize("boxed", [True, False], ids=["array", "list"])
def test_missing_labels(missing, others, boxed):
    y = [others[0], missing, others[1], others[0], missing]
    assert refused(y=np.array(y, object) if boxed else y) == [
        "labels must not be missing, but 2 are, such as rows 1, 4; drop such rows"
    ]


def test_missing_labels_among_floats():
    assert refused(y=np.array([0, 1, math.nan, 1, 0])) == [
        "labels must not be missing, but 1 are, such as rows 2; drop such rows"
    ]


def test_labels_without_end():
    assert refused(y=np.array([0, 1, -math.inf, 1, 0])) == [
        "labels must be finite, but 1 are not, such as rows 2; mend them"
    ]


@pytest.mark.parametrize("empty", ["", "  "])
def test_empty_texts_are_missing_labels(empty):
    assert refused(y=["no", "yes", empty, "yes", "no"]) == [
        "labels must not be missing, but 1 are, such as rows 2; drop such rows"
    ]


@pytest.mark.parametrize("odd", [1.5, -0.1])
def test_a_label_that_is_not_whole_among_many_makes_no_values(odd):
    y = np.arange(40.0) % 3
    y[7] = odd
    assert refused(X=np.zeros((40, 3)), y=y) == [
        f"y must hold classes or values, but 1 of its numbers are not whole among many that are, such as {odd} in row "
        "7; mend them, or set data.task = 'regression' where they are values"
    ]
    whole = np.arange(40.0) % 3
    assert refused(X=np.zeros((40, 3)), y=whole, test=(np.zeros((40, 3)), y))[0].startswith("y must hold classes or")
    assert not arrays.read((np.zeros((40, 3)), y), task="regression").classes
    y[:7] += 0.25
    assert not arrays.read((np.zeros((40, 3)), y), test=(np.zeros((40, 3)), whole)).classes


def test_many_different_whole_numbers_with_some_others_are_values():
    y = np.arange(40.0)
    y[7] = 1.5
    assert not arrays.read((np.zeros((40, 3)), y)).classes


def test_rows_of_the_test_part_are_its_own():
    test = (np.zeros((3, 4)), [0, 1, 7])
    assert refused(X=np.zeros((5, 4)), y=[0, 1, 0, 1, 0], test=test, classes=("no", "yes")) == [
        "labels must be below the number of classes 2, but 1 are not, such as 7 in row 2 of the test part; mend them"
    ]


def test_lengths_must_be_equal():
    assert refused(y=[0, 1, 0]) == ["X and y must have equal lengths, but got 5 and 3; pass one label per example"]


@pytest.mark.parametrize("y", [[0] * 5, ["a"] * 5])
def test_one_class_is_no_task(y):
    assert refused(y=y) == [
        f"training needs at least 2 classes, but got 1 ({y[0]}); add examples of another class"
    ]  # fmt: skip


def test_a_class_needs_two_training_examples():
    assert refused(y=["a", "b", "c", "c", "b"]) == [
        "every class needs at least 2 training examples, but too few are in a (1); add examples or drop the class"
    ]


def test_a_given_class_without_examples_is_told():
    assert refused(classes=("no", "yes", "maybe")) == [
        "every class needs at least 2 training examples, but too few are in maybe (0); add examples or drop the class"
    ]


def test_examples_of_the_test_part_do_not_count_for_training():
    test = (ROWS[:3], ["c", "c", "a"])
    assert refused(y=["a", "b", "a", "b", "b"], test=test) == [
        "every class needs at least 2 training examples, but too few are in c (0); add examples or drop the class"
    ]


def test_numbers_must_be_below_the_number_of_classes():
    assert refused(y=[0, 1, 2, 1, 7], classes=("no", "yes")) == [
        "labels must be below the number of classes 2, but 2 are not, such as 2 in row 2; mend them"
    ]


def test_strings_must_be_among_the_classes():
    y = ["yes", "no", "perhaps", "maybe", "no"]
    assert refused(y=y, classes=("no", "yes")) == [
        "labels must be among the classes, but got maybe, perhaps; add them to classes or mend them"
    ]


def test_class_names_must_differ():
    assert refused(classes=("yes", "no", "yes")) == ["class names must differ, but got yes twice; rename one"]


# Two pairs, and several problems


def test_both_parts_must_have_one_shape_and_be_in_one_unit(rng):
    train = rng.integers(0, 256, (N, H, W), np.uint8)
    shape, doubt = refused(X=train, test=(rng.random((4, H, 13)), [0, 1, 0, 1]), form="pictures")
    assert shape.startswith("training and test examples must have one shape, but got (7, 11, 1) and (7, 13, 1); bring")
    assert doubt.startswith("test part: X must hold bytes, 0 to 255, as the pictures of the training did, but its ")


@pytest.mark.parametrize("kind", [np.int64, np.uint16, np.float32, np.float64])
def test_the_test_part_is_read_in_the_units_of_the_training(rng, kind):
    train, test = rng.integers(0, 256, (2, N, H, W), np.uint8)
    found = arrays.read((train, LABELS), test=(test.astype(kind), LABELS), form="pictures")
    assert found.inputs.dtype == np.uint8 and found.units == "bytes"
    np.testing.assert_array_equal(found.inputs[N:, ..., 0], test)
    beyond = test.astype(kind)
    beyond[0, 0, 0] = 256
    found = arrays.read((train, LABELS), test=(beyond, LABELS), form="pictures")
    both = np.concatenate([train, beyond]).astype(np.float32)
    np.testing.assert_array_equal(found.inputs[..., 0], both / np.float32(255))


def test_labels_of_both_parts_must_be_of_one_kind():
    assert refused(test=(ROWS, ["0", "1", "0", "1", "1"])) == [
        "training and test labels must be of one kind, but got numbers and texts; convert one of them"
    ]


def test_problems_of_both_parts_are_told_at_once():
    X = ROWS.copy()
    X[1, 2] = np.nan
    test = (np.zeros((4, 0)), [0, -5, 0])
    assert refused(X=X, y=[1.0] * 4, test=test) == [
        "X must be finite in float32, but 1 examples are not, such as 1; mend or drop them",
        "test part: X must be (N, F), (N, H, W), (N, H, W, C) or (N, C, H, W) and not empty, but got shape (4, 0); "
        "reshape it",
        "labels must be whole numbers or strings, but got float64; " + FORM,
        "test part: labels must not be negative, but 1 are, such as -5 in row 1; number classes from 0 or use strings",
        "X and y must have equal lengths, but got 5 and 4; pass one label per example",
        "X and y must have equal lengths, but got 4 and 3; pass one label per example",
    ]


def test_pictures_in_whole_numbers_up_to_255_are_bytes_whatever_holds_them():
    bytes_ = np.arange(4 * 5 * 7).reshape(4, 5, 7).astype(np.uint8)
    dataset = arrays.read((bytes_.astype(np.int64), [0, 1, 0, 1]))
    assert dataset.inputs.dtype == np.uint8
    assert np.array_equal(dataset.inputs[..., 0], bytes_)
    assert dataset.units == "bytes"
    brighter = arrays.read((bytes_.astype(np.int64) + 200, [0, 1, 0, 1]))
    assert (brighter.inputs.dtype, brighter.units) == (np.float32, "plain")


@pytest.mark.parametrize(("factor", "kind"), [(16, np.int64), (1 / 4096, np.float64)])
def test_a_test_part_far_from_the_training_is_told(rng, factor, kind):
    X = rng.integers(0, 4096 if kind is np.float64 else 256, (N, H, W))
    with pytest.warns(LuthierWarning, match="the test part runs from .* to .*, but the pictures of the training from "):
        arrays.read((X, LABELS), test=((X * factor).astype(kind), LABELS), form="pictures")


@pytest.mark.parametrize(("units", "expected"), [("bytes", "bytes"), ("plain", "plain"), ("auto", "plain")])
def test_units_of_floats_can_be_stated(rng, units, expected):
    X = rng.integers(0, 256, (N, H, W)).astype(float)
    found = arrays.read((X, LABELS), form="pictures", units=units)
    assert found.units == expected and found.inputs.dtype == (np.uint8 if expected == "bytes" else np.float32)
    np.testing.assert_array_equal(found.inputs[..., 0], X)


@pytest.mark.parametrize("like", ["bytes", "unit", "plain", "either"])
def test_further_arrays_are_read_in_the_units_of_a_network(rng, like):
    X = rng.integers(0, 300, (N, H, W))
    if like == "unit":
        assert refused(X=X, like=like)[0].startswith("X must hold numbers from 0, black, to 1, white, as the pictures")
        X = X / 300
    found = arrays.read((X, LABELS), like=like)
    assert found.units == {"either": "bytes"}.get(like, like)
    np.testing.assert_allclose(found.inputs[..., 0], X / (1 if like in ("unit", "plain") else 255), rtol=1e-6)


@pytest.mark.parametrize(
    ("y", "kind"),
    [
        (LABELS, "int"),
        (np.array(LABELS, np.uint8), "int"),
        (np.array(LABELS, object), "int"),
        (torch.tensor(LABELS), "int"),
        (np.array(LABELS, bool), "bool"),
        ([True, False, True, True, False], "bool"),
        (np.array(["yes", "no", "yes", "yes", "no"]), "text"),
        (np.array([10, "a", 10, 10, "a"], object), "text"),
        (np.arange(5) / 2, "text"),
    ],
)
def test_what_the_labels_were_is_kept(y, kind):
    assert arrays.read((ROWS, y)).label_kind == kind


def test_masked_values_are_refused():
    (message,) = refused(np.ma.masked_greater(np.arange(12.0).reshape(4, 3), 10), [0, 1, 0, 1])
    assert message == "X must be whole, but is masked; fill what is missing, as with X.filled(0), or drop it"


def test_a_tensor_with_a_gradient_is_refused():
    (message,) = refused(torch.zeros(4, 3, requires_grad=True), [0, 1, 0, 1])
    assert message.startswith("X must be plain numbers, but is not (")
