"""Dates in the orders that people write, against Python's own calendar."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from luthier.data.tables.dates import DAY_FIRST, ISO, ORDERS, TWINS, find_orders, read_date

NOON = datetime(2020, 2, 1, tzinfo=UTC)
WRITTEN = {
    "iso": "2020-02-01", "d.m.Y": "01.02.2020", "d/m/Y": "1/2/2020", "m/d/Y": "02/01/2020", "d-m-Y": "01-02-2020",
    "m-d-Y": "2-1-2020", "Y/m/d": "2020/02/01", "Y.m.d": "2020.2.1", "d b Y": "1 February 2020",
    "d-b-Y": "01-Feb-2020", "b d, Y": "Feb 1, 2020",
}  # fmt: skip


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize(
    ("time", "more"),
    [("", timedelta()), (" 13:45", timedelta(hours=13, minutes=45)),
     (" 01:02:03.5", timedelta(hours=1, minutes=2, seconds=3.5))],
)  # fmt: skip
def test_every_order_with_a_time_and_without(order, time, more):
    time = time.replace(".5", ".500") if order == ISO else time
    assert read_date(WRITTEN[order] + time, order) == NOON + more


def test_only_twins_read_each_others_dates():
    read = {(one, other) for one in ORDERS for other in ORDERS if read_date(WRITTEN[one], other) is not None}
    assert read == {(one, one) for one in ORDERS} | set(TWINS.items())
    assert set(DAY_FIRST) <= set(TWINS)


@pytest.mark.parametrize(
    ("text", "order", "hour"),
    [("2/1/2020 12:00 AM", "m/d/Y", 0), ("2/1/2020 12:30 pm", "m/d/Y", 12), ("01.02.20 6:00PM", "d.m.Y", 18)],
)
def test_halves_of_the_day(text, order, hour):
    assert read_date(text, order).replace(minute=0) == NOON.replace(hour=hour)


def test_years_of_two_digits():
    assert [read_date(f"1/2/{year}", "d/m/Y").year for year in ("68", "69", "00", "99")] == [2068, 1969, 2000, 1999]


def test_a_zone_counts():
    assert read_date("2020-02-01T00:00:00+02:00", ISO) == NOON.astimezone(timezone(timedelta(hours=2))) - timedelta(
        hours=2
    )


@pytest.mark.parametrize(
    ("text", "order"),
    [("31/02/2020", "d/m/Y"), ("13/13/2020", "m/d/Y"), ("1/2/2020 25:00", "d/m/Y"), ("1/2/2020 13:00 pm", "d/m/Y"),
     ("1 Fed 2020", "d b Y"), ("1/2.2020", "d/m/Y"), ("1/2/020", "d/m/Y"), ("0/1/2020", "d/m/Y"), ("20/02/01", "Y/m/d"),
     ("soon", "iso"), ("1.2.20", "d.m.Y"), ("1-2-20", "m-d-Y"), ("01-02-0345", "d-m-Y"),
     ("1/2/2020 ", "d/m/Y"), ("\u0661/2/2020x", "d/m/Y"), ("20200201", ISO)],
)  # fmt: skip
def test_what_is_no_date(text, order):
    assert read_date(text, order) is None


def test_the_order_that_fits_all():
    assert find_orders(["01/02/2020"] * 9 + ["31/02/2020", "28/02/2020"]) == ["d/m/Y"]
    assert find_orders(["1/13/2020", "2/1/2020"]) == ["m/d/Y"]
    assert find_orders(["1/1/2020", "2/1/2020"]) == ["d/m/Y", "m/d/Y"]
    assert find_orders(["2020-01-01", "2020-02-30"]) == []
    assert find_orders([]) == []
