"""The constant schedule."""

from luthier.optim.schedules import Constant


def test_it_stays():
    assert [Constant().factor(step, 7, (0.1, 0.2)) for step in range(7)] == [1.0] * 7
