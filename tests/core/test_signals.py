"""The first signal is collected, the second ends the process at once."""

import os
import signal
import subprocess
import sys
import threading

import pytest

from luthier.core.signals import SIGNALS, catch_signals

WAIT = """
import time
from luthier.core.signals import catch_signals

try:
    with catch_signals() as signals:
        print("ready", flush=True)
        while signals.number is None:
            time.sleep(0.01)
        print(signals.number, flush=True)
        time.sleep(60)
finally:
    print("never said after a second signal", flush=True)
"""


def test_the_three_signals_by_which_processes_are_asked_to_stop():
    assert set(SIGNALS) == {signal.SIGINT, signal.SIGTERM, signal.SIGHUP}


@pytest.mark.parametrize("number", SIGNALS)
def test_the_first_signal_is_collected_and_the_block_goes_on(number):
    with catch_signals() as signals:
        assert signals.number is None
        os.kill(os.getpid(), number)
        assert signals.number == number


@pytest.mark.parametrize("first", SIGNALS)
@pytest.mark.parametrize("second", SIGNALS)
def test_the_second_signal_ends_the_process_at_once(first, second):
    with subprocess.Popen([sys.executable, "-c", WAIT], stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout.readline() == "ready\n"
            process.send_signal(first)
            assert process.stdout.readline() == f"{first.value}\n"
            process.send_signal(second)
            assert process.wait(timeout=30) == 128 + second
            assert process.stdout.read() == ""
        finally:
            process.kill()


def test_the_handlers_before_come_back():
    def own(number, frame):
        raise AssertionError("not called")

    before = signal.signal(signal.SIGTERM, own)
    others = {number: signal.getsignal(number) for number in SIGNALS if number != signal.SIGTERM}
    try:
        with pytest.raises(ZeroDivisionError), catch_signals() as signals:
            assert all(signal.getsignal(number) is signals for number in SIGNALS)
            raise ZeroDivisionError
        assert signal.getsignal(signal.SIGTERM) is own
        assert {number: signal.getsignal(number) for number in others} == others
    finally:
        signal.signal(signal.SIGTERM, before)


def test_other_threads_leave_signals_as_they_are():
    before = {number: signal.getsignal(number) for number in SIGNALS}
    seen = []

    def use():
        with catch_signals() as signals:
            seen.append((signals.number, {number: signal.getsignal(number) for number in SIGNALS}))

    thread = threading.Thread(target=use)
    thread.start()
    thread.join()
    assert seen == [(None, before)]
