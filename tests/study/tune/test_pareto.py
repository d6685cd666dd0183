"""Which trials no other beats in everything."""

import random

from luthier.study.tune.result import find_front


def test_who_is_beaten_in_all_is_not_there():
    assert find_front({0: (1, 1), 1: (2, 2), 2: (0, 3)}) == [1, 2]
    assert find_front({0: (1, 1), 1: (1, 2), 2: (1, 2)}) == [1, 2]  # equals stay
    assert find_front({}) == [] and find_front({5: (1, 2)}) == [5]


def test_the_front_is_the_one_that_pairs_tell():
    chance = random.Random(0)
    for _ in range(30):
        points = {number: (chance.randrange(6), chance.randrange(6)) for number in range(12)}
        found = find_front(points)
        for number, (one, other) in points.items():
            beaten = any(a >= one and b >= other and (a, b) != (one, other) for a, b in points.values())
            assert (number in found) != beaten
        assert [points[number][0] for number in found] == sorted((points[number][0] for number in found), reverse=True)
