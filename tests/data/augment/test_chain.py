"""All augmentations together: repeated, resumed in mid-epoch to the bit, and without a trace where they are off."""

import warnings

import pytest

from luthier.core.errors import LuthierWarning
from luthier.data import Dataset
from luthier.data.augment import AUGMENTATIONS, Composer, Elastic, HorizontalFlip, Noise, Rotation
from luthier.testing.compare import require_same
from luthier.testing.material import Shade, pictures
from luthier.testing.training import check_repeats, check_resumes, prepared, start_training

OFF = [Rotation(degrees=0), Noise(std=0), Elastic(alpha=0), HorizontalFlip(probability=0)]


@pytest.mark.parametrize("channels", [1, 3])
def test_all_at_once(channels):
    def make():
        data = pictures(67, channels=channels)
        everything = [one() for one in AUGMENTATIONS]
        return prepared({"augment": everything, "model": "lenet5", "data": {"size": 14}}, dataset=data).trainer

    check_repeats(make, "all augmentations")
    check_resumes(make, "all augmentations")


def test_what_is_off_trains_as_if_it_were_not_there():
    plain, off = (start_training(lambda s=s: prepared({"augment": s}).trainer).advance() for s in ([], OFF))
    require_same(off.tree(), plain.tree(), "parts that are off")
    assert off.rows == plain.rows


def test_what_is_off_is_left_out():
    assert Composer((*OFF, Shade())).augmentations == (Shade(),)


def signs(name):
    one = pictures()
    return Dataset(name, one.inputs, one.labels, one.classes)


@pytest.mark.parametrize("name", ["digits", "kmnist", "mnist"])
@pytest.mark.parametrize("part", [HorizontalFlip(), Rotation(degrees=180)])
def test_a_warning_where_a_sign_may_become_another(name, part):
    message = (
        f"augment.{part.name} may make another sign of one in {name}, as a turned 6 is a 9, and keep its label; "
        "take it out unless it is meant"
    )
    with pytest.warns(LuthierWarning) as caught:
        prepared({"augment": [part]}, dataset=signs(name))
    assert [str(one.message) for one in caught] == [message]


@pytest.mark.parametrize(
    ("name", "part"),
    [("fashion-mnist", HorizontalFlip()), ("photos", HorizontalFlip()), ("mnist", Rotation()), ("mnist", OFF[3])],
)
def test_no_warning_elsewhere(name, part):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        prepared({"augment": [part]}, dataset=signs(name))
