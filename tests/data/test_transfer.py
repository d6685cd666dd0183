"""Progress of a download goes to stderr, where somebody wants it."""

import pytest

from luthier.data import download as module
from luthier.data.download import transfer


def test_plain_lines_come_now_and_then(monkeypatch, capsys):
    clock = iter([0.0, 1.0, 2.0, 11.0, 12.0, 31.0])
    monkeypatch.setattr(module.time, "monotonic", lambda: next(clock))
    with transfer("set.gz", 30_000_000, False) as advance:
        for done in (5_000_000, 6_000_000, 10_000_000, 11_000_000, 25_000_000):
            advance(done)
    assert capsys.readouterr() == (
        "",
        "set.gz  10.0 MB of 30.0 MB  0.5 MB/s  40 s left\nset.gz  25.0 MB of 30.0 MB  0.7 MB/s  8 s left\n",
    )


def test_quiet_is_quiet(monkeypatch, capsys):
    monkeypatch.setattr(module, "EVERY", -1.0)
    monkeypatch.setattr(module, "on_terminal", lambda: True)
    with transfer("set.gz", 10, True) as advance:
        for done in range(10):
            advance(done)
    assert capsys.readouterr() == ("", "")


def test_a_bar_on_a_terminal(monkeypatch, capsys):
    monkeypatch.setattr(module, "on_terminal", lambda: True)
    with transfer("set[bold].gz", 10, False) as advance:
        advance(10)
    out, err = capsys.readouterr()
    assert out == ""
    assert "set[bold].gz" in err


@pytest.mark.parametrize(("count", "text"), [(0, "0.0 MB"), (4_542, "0.0 MB"), (170_052_171, "170.1 MB")])
def test_megabytes(count, text):
    assert module.megabytes(count) == text
