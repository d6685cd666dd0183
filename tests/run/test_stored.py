"""What the header of a model file says of one network must go together."""

import json
from pathlib import Path

import pytest

from luthier.core.errors import DamagedFile
from luthier.run.stored import parse_header

HEADER = {"classes": ["a", "b", "c"], "format": 1, "outputs": 3, "recipe_hash": "0" * 64, "shape": [7]}


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"shape": [2, 3, 5, 7]}, "must say the shape of an example, but it has 4 dimensions"),
        ({"shape": []}, "must say the shape of an example, but it has 0 dimensions"),
        ({"outputs": 2}, "must name each of its 2 classes, but names 3"),
        ({"classes": ["a"], "outputs": 1}, "must name each of its 1 classes, but names 1"),
    ],
)
def test_a_header_that_disagrees_with_itself_is_damage(change, problem):
    assert parse_header(json.dumps(HEADER), Path("model"))["shape"] == [7]
    with pytest.raises(DamagedFile) as caught:
        parse_header(json.dumps({**HEADER, **change}), Path("model"))
    assert problem in str(caught.value)


def test_values_need_no_classes():
    assert parse_header(json.dumps({**HEADER, "classes": [], "outputs": 1}), Path("model"))["outputs"] == 1
