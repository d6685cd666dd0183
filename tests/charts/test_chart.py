"""Charts as the templates draw them: places follow from the numbers, words from the axis."""

import math

import pytest

from luthier.charts.chart import (
    BOTTOM,
    HEIGHT,
    INSET,
    LEFT,
    MOST_POINTS,
    MOST_SPOTS,
    RIGHT,
    TOP,
    WIDTH,
    Chart,
    Line,
    Spots,
    choose_decades,
)


def places(path):
    return [tuple(map(float, one.split(","))) for one in path.split()]


def test_places_lie_on_their_ticks():
    chart = Chart("Loss", "epochs", [Line("a", [(0, 0.0), (2, 1.0), (8, 4.0)])])
    (line,) = chart.lines
    upward = {tick.text: tick.at for tick in chart.upward_ticks}
    across = {tick.text: tick.at for tick in chart.across_ticks}
    assert places(line.path) == [(across["0"], upward["0"]), (across["2"], upward["1"]), (across["8"], upward["4"])]
    assert (across["0"], across["8"]) == (LEFT, WIDTH - RIGHT) and (upward["0"], upward["4"]) == (HEIGHT - BOTTOM, TOP)
    assert line.labels == ["0 at 0", "1 at 2", "4 at 8"] and line.dots == places(line.path)


def test_shares_are_percentages_and_bands_are_told():
    chart = Chart("Right", "n", [Line("a", [(1, 0.5), (3, 0.75)], [(0.25, 0.625), (0.6, 0.8)])], share=True)
    (line,) = chart.lines
    assert line.labels == ["50% (25% to 62.5%) at 1", "75% (60% to 80%) at 3"]
    upward = {tick.text: tick.at for tick in chart.upward_ticks}
    corners = places(line.band)
    assert [x for x, _ in corners] == [LEFT, WIDTH - RIGHT, WIDTH - RIGHT, LEFT]
    assert corners[1][1] == upward["80%"] and corners[2][1] == upward["60%"]


def test_powers_of_ten_are_evenly_spaced_and_zeros_left_out():
    chart = Chart("Gradient", "epochs", [Line("a", [(1, 1e-6), (2, 0.0), (3, 1e-2)]), Line("b", [(1, 0.0)])], log=True)
    (line,) = chart.lines
    assert line.name == "a" and len(places(line.path)) == 2
    heights = [tick.at for tick in chart.upward_ticks]
    assert heights[0] - heights[1] == pytest.approx(heights[1] - heights[2], abs=0.2)


def test_a_logarithmic_axis_has_its_points_for_ticks():
    chart = Chart("Right", "examples", [Line("a", [(10, 1.0), (20, 2.0), (40, 3.0)])], log_across=True)
    first, second, third = chart.across_ticks
    assert (first.text, third.text) == ("10", "40") and second.at - first.at == pytest.approx(
        third.at - second.at, abs=0.2
    )


def test_a_long_line_is_drawn_as_means_of_neighbours():
    points = [(k, float(k % 3)) for k in range(3 * MOST_POINTS)]
    (line,) = Chart("Loss", "epochs", [Line("a", points)]).lines
    assert line.name == "a (means of 3)" and len(places(line.path)) == MOST_POINTS
    assert line.labels[0] == "1 at 1" and line.dots == []


@pytest.mark.parametrize("value", [0.0, 1.0, -3.0, 123456.0, 1e-12])
@pytest.mark.parametrize("log", [False, True])
def test_a_single_point_can_be_drawn(value, log):
    chart = Chart("Loss", "epochs", [Line("a", [(1, value)])], log=log)
    numbers = [n for line in chart.lines for place in places(line.path) for n in place]
    assert all(map(math.isfinite, [*numbers, *(tick.at for tick in chart.upward_ticks + chart.across_ticks)]))


def test_more_lines_than_colours_go_from_the_first_to_the_last():
    few, many = (Chart("a", "b", [Line(str(k), [(1, k)]) for k in range(n)]).lines for n in (8, 21))
    assert [line.colour for line in few] == [f"c{k}" for k in range(8)]
    assert [many[k].colour for k in (0, 1, 2, 10, 20)] == ["r0", "r0", "r1", "r5", "r10"]


def test_spots_are_joined_by_nothing_and_keep_their_labels():
    spots = Spots("stopped", [(3, 2.0), (1, 4.0), (2, -1.0)], ["a", "b", "c"], "ring", colour=7)
    chart = Chart("Loss", "trial", [Line("best", [(1, 4.0), (3, 2.0)]), spots], log=True)
    line, drawn = chart.lines
    assert drawn.labels == ["a", "b"] and drawn.dots == places(drawn.path) and len(drawn.dots) == 2
    assert drawn.dots[0] == places(line.path)[1] and line.dots == []  # which would be taken for spots
    assert chart.key == [("best", "c0", ""), ("stopped", "c7", "ring")]


def test_lines_of_one_key_and_colour_share_an_entry_and_a_long_one_keeps_it():
    points = [(k, 1.0) for k in range(MOST_POINTS + 1)]
    lines = [Line(f"trial {k}", points, key="finished", colour=2) for k in range(9)]
    chart = Chart("a", "b", lines)
    assert chart.key == [("finished", "c2", "")] and chart.lines[3].name == "trial 3 (means of 2)"


def test_names_stand_in_the_middle_of_their_room_and_are_cut():
    spots = Spots("a", [(0, 1.0), (2, 3.0)], ["p", "q"])
    chart = Chart("a", "b", [spots, Line("c", [(0, 1.0), (2, 2.0)])], names=("relu", "x" * 99, "tanh"))
    first, second, third = chart.across_ticks
    room = third.at - second.at
    assert second.at == pytest.approx((LEFT + WIDTH - RIGHT) / 2) and third.at - first.at == pytest.approx(2 * room)
    assert first.at - LEFT == pytest.approx(room / 2, abs=0.1)
    assert (first.text, second.text) == ("relu", "x" * 17 + "…")
    assert [x for x, _ in chart.lines[0].dots] == [first.at, third.at]
    assert chart.lines[1].labels == ["1 at relu", "2 at tanh"]


def test_what_lies_outside_a_range_is_shaded_and_an_edge_that_was_hit_marked():
    spots = Spots("a", [(0.001, 1.0), (1.0, 2.0)], ["p", "q"])
    chart = Chart("a", "rate", [spots], log_across=True, edges=(0.001, 0.1), hits=["high"])
    low, high = chart.walls
    assert (low.left, low.right, low.hit) == (LEFT, low.edge, False)
    assert (high.left, high.right, high.hit) == (high.edge, WIDTH - RIGHT, True)
    assert low.edge == chart.lines[0].dots[0][0] > LEFT and high.edge < chart.lines[0].dots[1][0] < WIDTH - RIGHT
    ticks = {tick.text: tick.at for tick in chart.across_ticks}
    assert list(ticks) == ["0.001", "0.01", "0.1", "1"] and ticks["0.1"] == high.edge
    assert Chart("a", "b", [spots]).walls == []


def test_a_range_reaches_as_far_as_it_was_searched():
    (low, high) = Chart("a", "rate", [Spots("a", [(3, 1.0)], ["p"])], edges=(1, 9)).walls
    assert (low.edge - low.left, high.right - high.edge) == (INSET, INSET)


@pytest.mark.parametrize(
    ("low", "high", "marks"),
    [
        (1e-5, 1e-1, [1e-5, 1e-4, 1e-3, 1e-2, 1e-1]),
        (16, 512, [20, 50, 100, 200, 500]),
        (1e-9, 1.0, [1e-9, 1e-7, 1e-5, 1e-3, 1e-1]),
        (3, 4, [3, 4]),
        (1.5, 1.5, [1.5, 1.5]),
    ],
)
def test_marks_of_a_logarithmic_range_are_round_and_within(low, high, marks):
    assert choose_decades(low, high) == pytest.approx(marks)


def test_a_single_point_lies_in_the_middle():
    (line,) = Chart("Loss", "epochs", [Line("a", [(1, 2.0)])]).lines
    assert places(line.path)[0][0] == (LEFT + WIDTH - RIGHT) / 2


def test_ticks_of_epochs_lie_at_whole_ones_where_there_are_any():
    ticks = [Chart("Loss", "epochs", [Line("a", [(x, 1.0) for x in xs])]).across_ticks for xs in ((1, 3), (0.2, 0.4))]
    assert [tick.text for tick in ticks[0]] == ["1", "2", "3"] and len(ticks[1]) > 1


def test_very_many_spots_are_thinned_by_leaving_out():
    points = [(k, float(k % 3)) for k in range(3 * MOST_SPOTS)]
    labels = [str(k) for k in range(len(points))]
    few, many = (Chart("a", "b", [Spots("a", points[:end], labels[:end])]).lines[0] for end in (50, None))
    assert few.name == "a" and len(few.dots) == 50
    assert many.name == "a (one of 3)" and many.labels[1] == "3" and len(many.dots) == MOST_SPOTS


def test_large_numbers_are_written_out():
    chart = Chart("Answers", "true", [Line("a", [(1, 12000.0), (20000, 28000.0)])])
    assert [tick.text for tick in chart.upward_ticks][-1] == "30,000" and chart.across_ticks[-1].text == "20,000"
