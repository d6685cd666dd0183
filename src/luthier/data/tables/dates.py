"""Dates in the orders that people write: the year, the month or the day first, a name for the month, a time or none."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

ISO = "iso"


ORDERS = (ISO, "d.m.Y", "d/m/Y", "m/d/Y", "d-m-Y", "m-d-Y", "Y/m/d", "Y.m.d", "d b Y", "d-b-Y", "b d, Y")
"""Orders of day, month and year with what stands between; b is the English name of a month or its first letters.

ISO is what ISO 8601 writes, with a zone or without."""


TWINS = {"d/m/Y": "m/d/Y", "m/d/Y": "d/m/Y", "d-m-Y": "m-d-Y", "m-d-Y": "d-m-Y"}
"""Orders that the same text may follow, where its day is at most 12."""


DAY_FIRST = ("d/m/Y", "d-m-Y")


MONTHS = (
    "january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november",
    "december",
)  # fmt: skip


PIVOT = 69
"""Years of two digits from here on are of the last century, as POSIX reads them."""


PLACES = {
    "d": r"(?P<d>\d{1,2})",
    "m": r"(?P<m>\d{1,2})",
    "b": r"(?P<b>[A-Za-z]{3,9})\.?",
    "Y": r"(?P<Y>[12]\d{3}|\d{2})",
    ",": ",?",
    " ": r"\s+",
    ".": r"\.",
}


TIME = (
    r"(?:[ T]+(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2})(?:\.(?P<part>\d{1,9}))?)?"
    r"\s*(?P<half>[AaPp][Mm])?)?"
)


NO_VERSION = r"(?=\d\d\D\d\d\D|\d+\D\d+\D\d{4})"
"""What 1.2.10 is not: a day and a month of two digits, or a year of four."""


def _compile(order: str) -> re.Pattern[str]:
    places = PLACES | ({"Y": r"(?P<Y>[12]\d{3})"} if order.startswith("Y") else {})
    begin = NO_VERSION if order in ("d.m.Y", "d-m-Y", "m-d-Y") else ""
    return re.compile(begin + "".join(places.get(sign, re.escape(sign)) for sign in order) + TIME)


FORMS = {order: _compile(order) for order in ORDERS if order != ISO}


def read_date(text: str, order: str) -> datetime | None:
    """Read a date in an order of `ORDERS`, in UTC where it names no zone; None where it is none.

    >>> read_date("31/12/2020 6:30 pm", "d/m/Y").isoformat(), read_date("31/12/2020", "m/d/Y")
    ('2020-12-31T18:30:00+00:00', None)
    """
    try:
        if order == ISO:  # which takes many a long number for a date
            date = None if text.isdecimal() else datetime.fromisoformat(text)
        else:
            date = _compose(text, order)
    except (ValueError, OverflowError):
        return None
    return date if date is None or date.tzinfo else date.replace(tzinfo=UTC)


def _compose(text: str, order: str) -> datetime | None:
    found = FORMS[order].fullmatch(text)
    if found is None:
        return None
    part = found.groupdict()
    month = int(part["m"]) if "m" in part else _month(part["b"])
    year = int(part["Y"]) + (0 if len(part["Y"]) > 2 else 1900 if int(part["Y"]) >= PIVOT else 2000)
    hour = int(part["hour"] or 0)
    if part["half"]:
        hour = 99 if not 1 <= hour <= 12 else hour % 12 + (12 if part["half"].lower() == "pm" else 0)
    micro = int((part["part"] or "0").ljust(6, "0")[:6])
    return datetime(year, month, int(part["d"]), hour, int(part["minute"] or 0), int(part["second"] or 0), micro)


def _month(name: str) -> int:
    """Return the number of a month by its name or its first letters, 0 for another word."""
    return next((number for number, full in enumerate(MONTHS, 1) if full.startswith(name.lower())), 0)


NINE_IN_TEN = 10
"""A column holds dates of an order where at most one value in so many is none."""


def find_orders(texts: Iterable[str]) -> list[str]:
    """Find the orders that most of the texts follow, all those that as many follow; none where nine in ten follow none.

    >>> find_orders(["31/12/2020", "01/02/2020"]), find_orders(["02/12/2020"]), find_orders(["soon"])
    (['d/m/Y'], ['d/m/Y', 'm/d/Y'], [])
    """
    counts = Counter(texts)
    read = {order: _count_dates(counts, order) for order in ORDERS}
    most = max(read.values())
    return [order for order in ORDERS if read[order] == most] if most else []


def _count_dates(counts: Counter[str], order: str) -> int:
    """Count the dates of an order; 0 where more than one text in ten is none."""
    others, allowed = 0, counts.total() // NINE_IN_TEN
    for text, count in counts.items():
        if read_date(text, order) is None:
            others += count
            if others > allowed:
                return 0
    return counts.total() - others


def find_mixed(texts: Sequence[str]) -> tuple[int, int] | None:
    """Find two dates that follow no common order, by their places; None where most texts are no dates, or all agree.

    >>> find_mixed(["01/31/2020", "05/06/2020", "31/01/2020"]), find_mixed(["a", "b"])
    ((0, 2), None)
    """
    others, allowed = 0, len(texts) // NINE_IN_TEN
    first, shared, apart = 0, set[str](), None
    for place, text in enumerate(texts):
        orders = {order for order in ORDERS if read_date(text, order) is not None}
        others += not orders
        if others > allowed:
            return None
        if orders and not shared:
            first, shared = place, orders
        elif orders and not shared & orders and apart is None:
            apart = place
        elif orders and apart is None:
            first, shared = (place, shared & orders) if len(shared & orders) < len(shared) else (first, shared)
    return None if apart is None else (first, apart)
