"""The picture of a learning curve, read back as what it is: XML with places."""

import xml.etree.ElementTree as ET

import pytest

from luthier.charts.learning_curve import draw

SVG = "{http://www.w3.org/2000/svg}"


POINTS = [
    {"n": 10, "mean": 0.5, "interval": [0.4, 0.6]},
    {"n": 20, "mean": 0.75, "interval": [0.7, 0.8]},
    {"n": 40, "mean": 0.8, "interval": [0.79, 0.9]},
]


def places(root, name, attribute):
    return [tuple(map(float, one.split(","))) for one in root.find(SVG + name).get(attribute).split()]


def test_places_follow_from_the_numbers():
    root = ET.fromstring(draw(POINTS, "test accuracy", 3))
    middle = places(root, "polyline", "points")
    band = places(root, "polygon", "points")
    across = [x for x, _ in middle]
    assert across[1] - across[0] == pytest.approx(across[2] - across[1], abs=0.2)
    ticks = {one.text: float(one.get("y")) - 4 for one in root.iter(SVG + "text") if one.get("text-anchor") == "end"}
    assert list(ticks) == ["0.4", "0.5", "0.6", "0.7", "0.8", "0.9"]
    assert middle[0][1] == pytest.approx(ticks["0.5"], abs=0.1) and middle[2][1] == pytest.approx(ticks["0.8"], abs=0.1)
    assert [y for _, y in band[:3]] == sorted([y for _, y in band[:3]], reverse=True)
    assert band[2][1] == pytest.approx(ticks["0.9"], abs=0.1) and band[-1][1] == pytest.approx(ticks["0.4"], abs=0.1)
    assert root.find(SVG + "title").text == (
        "test accuracy by number of training examples; mean of 3 seeds, 95% interval"
    )


def test_words_are_escaped_and_gaps_left_out():
    points = [*POINTS, {"n": 80, "mean": None, "interval": None}]
    root = ET.fromstring(draw(points, "a < b & c", 2))
    assert root.find(SVG + "title").text.startswith("a < b & c")
    assert len(places(root, "polyline", "points")) == 3 and len(list(root.iter(SVG + "circle"))) == 3


@pytest.mark.parametrize("value", [0.0, 1.0, 123456.0])
def test_equal_points_can_be_drawn(value):
    ET.fromstring(draw([{"n": n, "mean": value, "interval": [value, value]} for n in (3, 6)], "loss", 2))
    ET.fromstring(draw([{"n": n, "mean": None, "interval": None} for n in (3, 6)], "loss", 2))
