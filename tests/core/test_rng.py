"""Streams depend on seed, name and step alone, and what splits rest on never changes."""

import hashlib
import os
import signal
import threading
import warnings

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from luthier.core.rng import fork_rng, generator, hash_order, seed_global, stream_seed

CPU = torch.device("cpu")


def draws(seed=0, name="a", step=0):
    return torch.rand(7, generator=generator(seed, name, step)).tolist()


def test_the_same_stream_gives_the_same_draws_whatever_else_was_drawn():
    first = draws(3, "order", 5)
    torch.rand(11, generator=generator(3, "other", 5))
    torch.rand(11)
    assert draws(3, "order", 5) == first


def test_seed_name_and_step_each_make_another_stream():
    streams = [draws(), draws(seed=1), draws(name="b"), draws(step=1), draws(seed=1, name="b", step=1)]
    assert len({tuple(one) for one in streams}) == len(streams)


def test_names_cannot_be_confused_with_seeds_or_steps():
    assert stream_seed(1, "1/2", 3) != stream_seed(1, "1", 23)
    assert stream_seed(1, "a/1", 2) != stream_seed(1, "a", 12)


@given(st.integers(0, 2**63 - 1), st.text(), st.integers(0, 2**40))
def test_stream_seeds_fit_every_generator(seed, name, step):
    value = stream_seed(seed, name, step)
    assert 0 <= value < 2**63
    assert value == int(hashlib.blake2b(f"{seed}/{name}/{step}".encode(), digest_size=8).hexdigest(), 16) // 2


def test_golden_stream_seeds():
    """A change here moves every result of every recipe."""
    assert [stream_seed(0, "order"), stream_seed(7, "initialise/conv1.weight", 0), stream_seed(0, "order", 3)] == [
        1829853113658518448,
        6255177839730183094,
        228291028133782092,
    ]


def test_golden_orders():
    """A change here moves the test part of every data set."""
    assert hash_order(13, "test/abc").tolist() == [3, 8, 11, 9, 4, 1, 0, 10, 6, 5, 7, 2, 12]
    assert hash_order(7, "validation/0").tolist() == [5, 3, 2, 6, 0, 1, 4]
    assert hash_order(100_003, "test/abc")[:5].tolist() == [78511, 64243, 11904, 31174, 34672]


@given(st.integers(0, 300), st.text(st.characters(codec="ascii"), max_size=9))
def test_shuffled_is_a_permutation(count, key):
    order = hash_order(count, key)
    assert sorted(order.tolist()) == list(range(count))
    assert order.tolist() == hash_order(count, key).tolist()


def test_shuffled_differs_by_key_and_agrees_with_plain_integers():
    assert hash_order(50, "a").tolist() != hash_order(50, "b").tolist()

    def mixed(number):
        word = 2**64 - 1
        z = (number + stream_seed(0, "a")) * 0x9E3779B97F4A7C15 & word
        z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9 & word
        z = (z ^ z >> 27) * 0x94D049BB133111EB & word
        return z ^ z >> 31

    assert hash_order(50, "a").tolist() == sorted(range(50), key=mixed)


def test_shuffled_leaves_the_callers_numpy_alone():
    np.random.seed(5)
    expected = np.random.random(3).tolist()
    np.random.seed(5)
    hash_order(11, "a")
    assert np.random.random(3).tolist() == expected


def test_global_seeding_points_at_the_named_stream():
    with fork_rng(CPU):
        seed_global(3, "forward", 5, CPU)
        got = torch.rand(7).tolist()
    assert got == draws(3, "forward", 5)


def test_forked_gives_the_state_back():
    torch.manual_seed(11)
    expected = torch.rand(3).tolist()
    torch.manual_seed(11)
    with fork_rng(CPU):
        seed_global(0, "x", 0, CPU)
        torch.rand(13)
    assert torch.rand(3).tolist() == expected


def test_forked_gives_the_state_back_after_an_exception():
    torch.manual_seed(11)
    expected = torch.rand(3).tolist()
    torch.manual_seed(11)
    with pytest.raises(ZeroDivisionError), fork_rng(CPU):
        torch.rand(13)
        raise ZeroDivisionError
    assert torch.rand(3).tolist() == expected


def test_threads_take_turns_and_each_draws_what_it_would_alone():
    def draw(seed, found):
        with fork_rng(CPU):
            seed_global(seed, "turns", 0, CPU)
            first = torch.rand(1)
            waiting.wait(0.05)  # gives another thread every chance to draw in between
            found[seed] = [float(first), float(torch.rand(1))]

    waiting = threading.Event()
    alone: dict[int, list[float]] = {}
    together: dict[int, list[float]] = {}
    for seed in range(3):
        draw(seed, alone)
    threads = [threading.Thread(target=draw, args=(seed, together)) for seed in range(3)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert together == alone


def test_a_thread_that_has_the_turn_may_ask_again():
    with fork_rng(CPU), fork_rng(CPU):
        assert torch.rand(1).shape == (1,)


def test_a_forked_process_does_not_wait_for_a_thread_that_it_has_not():
    inside, done = threading.Event(), threading.Event()

    def hold():
        with fork_rng(CPU):
            inside.set()
            done.wait(60)

    holder = threading.Thread(target=hold)
    holder.start()
    assert inside.wait(60)
    with warnings.catch_warnings(action="ignore"):  # of forking beside threads, which is what is tried
        child = os.fork()
    if child == 0:
        signal.alarm(20)
        with fork_rng(CPU):
            os._exit(0)
    done.set()
    holder.join()
    assert os.waitpid(child, 0)[1] == 0
