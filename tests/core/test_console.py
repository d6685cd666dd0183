"""Words on stderr, also where nobody listens."""

import os
import sys

import pytest

from luthier.core.console import on_terminal, print_stderr


def test_a_line_goes_to_stderr_at_once(capsys):
    print_stderr("épée")
    assert capsys.readouterr() == ("", "épée\n")
    assert not on_terminal()


def broken():
    reading, writing = os.pipe()
    os.close(reading)
    return os.fdopen(writing, "w", buffering=1)


def closed():
    stream = open(os.devnull, "w")
    stream.close()
    return stream


@pytest.mark.parametrize("stream", [broken, closed, lambda: None])
def test_where_nobody_listens_it_is_silent(monkeypatch, capsys, stream):
    given = stream()
    with monkeypatch.context() as patch:
        patch.setattr(sys, "stderr", given)
        print_stderr("unheard")
        assert not on_terminal()
    assert capsys.readouterr() == ("", "")
    if given is not None and not given.closed:
        with pytest.raises(BrokenPipeError):
            given.close()
