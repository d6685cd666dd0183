"""Workers and what they say."""

import time

import pytest

from luthier.tune import crew as crews
from luthier.tune.crew import hired, work
from luthier.tune.worker import Errand, Setting

HASTY = """
import sys
for number, line in enumerate(sys.stdin):
    if number:  # after the setting
        sys.stdout.write('{"epoch": 1, "score": 0.5}\\n{"epoch": 2, "score": 0.75}\\n{"run": "there"}\\n')
        sys.stdout.flush()
"""
SLOW = """
import sys, time
for number, line in enumerate(sys.stdin):
    for letter in '{"run": "there"}\\n' * (number > 0):
        sys.stdout.write(letter)
        sys.stdout.flush()
        time.sleep(0.01)
"""


def in_time():
    """What ends a work that would never end."""
    limit = time.monotonic() + 20

    def check():
        assert time.monotonic() < limit

    return check


@pytest.mark.parametrize(("script", "epochs"), [(HASTY, [1, 2, None]), (SLOW, [None])], ids=["hasty", "slow"])
def test_lines_that_come_at_once_or_in_pieces_are_all_heard(script, epochs, monkeypatch):
    monkeypatch.setattr(crews, "MODULE", ("-c", script))
    waiting, said = list(range(3)), []
    with hired(2, 1) as crew:
        crew.check = in_time()
        crew.open(Setting("", "cpu", 1, ()))
        work(crew, lambda: (waiting[0], Errand({}, str(waiting.pop(0)), 1)) if waiting else None, said.append)
    for errand in range(3):
        assert [one.epoch for one in said if one.key == errand] == epochs
    assert all(one.run == "there" for one in said if one.ended)
