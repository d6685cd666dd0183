"""Samples of each class as the network sees them."""

import base64
import io

import numpy as np
from PIL import Image

from luthier.recipe.read import read_recipe
from luthier.recipe.resolve import resolve
from luthier.report.run_sections import DRAWS, MOST_CLASSES, show_samples
from luthier.testing.material import pictures, rows


def opened(source):
    return np.asarray(Image.open(io.BytesIO(base64.b64decode(source.partition(",")[2]))))


def recipe(dataset, **sections):
    return resolve(read_recipe({"model": {"name": "lenet5"}, "data": {"size": 15}, **sections}), dataset)


def test_each_class_has_its_picture_and_draws_of_it():
    dataset = pictures(67)
    found = show_samples(dataset, recipe(dataset, augment={"rotation": {"degrees": 90}}))
    assert [case.lines for case in found] == [["0"], ["1"], ["2"]]
    for case in found:
        plain, *drawn = map(opened, case.sources)
        assert plain.shape == (15, 15) and len(drawn) == DRAWS
        assert all((plain != one).any() for one in drawn) and (drawn[0] != drawn[1]).any()


def test_without_augmentations_each_is_shown_as_it_is():
    dataset = pictures(67)
    assert [len(case.sources) for case in show_samples(dataset, recipe(dataset))] == [1, 1, 1]


def test_of_many_classes_some_are_shown():
    dataset = pictures(400, classes=MOST_CLASSES + 5)
    assert len(show_samples(dataset, recipe(dataset))) == MOST_CLASSES


def test_rows_are_no_pictures():
    dataset = rows()
    assert show_samples(dataset, resolve(read_recipe({}), dataset)) == []
