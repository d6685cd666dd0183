"""Batch sizes: which are tried, which fit, which is the fastest, and that nothing but training examples is read."""

from dataclasses import replace

import pytest
import torch

from luthier.core.errors import BadInput, LuthierError
from luthier.data import DataArguments
from luthier.recipe.build import prepare
from luthier.recipe.read import read_recipe
from luthier.recipe.resolve import load_and_resolve
from luthier.study.tune import batch_size, find_batch_size
from luthier.study.tune.batch_size import BatchRow, fastest
from luthier.study.tune.batch_size_worker import Probe, Steps, available, forget_peak, peak
from luthier.testing.material import rows

DATA = rows(160)
CPU = torch.device("cpu")
MB = 1_000_000


def recipe(**settings):
    return load_and_resolve(DataArguments(DATA), None, None, {"model": {"name": "mlp", "width": 16}, **settings})[0]


class Untouchable:
    """A part that must not be read."""

    def __getattr__(self, name):
        raise AssertionError(f"{name} was read")


def steps(**settings):
    prepared = prepare(recipe(**settings), DATA, CPU)
    closed = replace(prepared.trainer, validation=Untouchable())
    return Steps(replace(prepared, trainer=closed, test=Untouchable()))


def test_steps_have_exactly_the_size_and_teach_nothing():
    one, seen = steps(batch_size=64), []
    network = one.trainer.network
    before = [value.clone() for value in network.parameters()]
    network.register_forward_pre_hook(lambda module, inputs: seen.append(len(inputs[0])))
    found = one.probe(Probe(33, 0.0))
    assert found["fits"] and len(found["seconds"]) == 1 and found["seconds"][0] > 0
    assert seen == [2, 2, 33, 33]
    assert all(torch.equal(*pair) for pair in zip(before, network.parameters(), strict=True))
    assert len(one.probe(Probe(8, 0.05))["seconds"]) > 1, "it goes on for the seconds that it is given"


@pytest.mark.parametrize(("size", "fits"), [(48, True), (49, False)])
def test_a_batch_that_does_not_fit_as_a_whole_does_not_fit(size, fits, monkeypatch):
    """The loop goes on with parts of a batch; what it says of memory is the same as that of PyTorch."""
    one = steps()

    def narrow(module, inputs):
        if len(inputs[0]) > 48:
            raise RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried to allocate 9 bytes")

    one.trainer.network.register_forward_pre_hook(narrow)
    with pytest.warns(match="memory ran out in step") if not fits else monkeypatch.context():
        assert one.probe(Probe(size, 0.0))["fits"] is fits


def test_memory_that_runs_out_outside_of_a_batch_is_an_answer_and_a_fault_is_not(monkeypatch):
    def failing(error):
        def fail(a, s):
            raise error

        monkeypatch.setattr("luthier.study.tune.batch_size_worker.train_step", fail)

    failing(RuntimeError("CUDA out of memory."))
    assert steps().probe(Probe(8, 0.0)) == {"fits": False}
    failing(RuntimeError("shapes differ"))
    with pytest.raises(RuntimeError, match="shapes differ"):
        steps().probe(Probe(8, 0.0))


def test_the_peak_is_that_of_what_was_done_since_it_was_forgotten():
    torch.ones(200 * MB, dtype=torch.uint8)
    high = peak(CPU)
    forget_peak(CPU)
    low = peak(CPU)
    assert low < high - 100 * MB
    torch.ones(60 * MB, dtype=torch.uint8)
    assert 50 * MB < peak(CPU) - low < 90 * MB
    assert 100 * MB < available(CPU) < 1 << 50


class Script:
    """Answers as a process would: of `fits` bytes a batch may take `each` for every example."""

    def __init__(self, free=10_000 * MB, each=MB, largest=1 << 30, second=1e-6):
        self.free, self.each, self.largest, self.second, self.asked = free, each, largest, second, []

    def visit(self, size, seconds):
        self.asked.append(size)
        if size > self.largest:
            return {"fits": False, "why": "its process ended with status -9"}
        grown = size * self.each
        return {
            "fits": True,
            "seconds": [size * self.second],
            "before": 7 * MB,
            "peak": 7 * MB + grown,
            "free": self.free,
        }


@pytest.mark.parametrize(
    ("script", "examples", "sizes", "why"),
    [
        (Script(), 40, [8, 16, 32], "the training part has 40 examples"),
        (Script(), 5, [5], "the training part has 5 examples"),
        (Script(), 1 << 20, [8 << k for k in range(14)], "65536 are the most to be tried"),
        (Script(largest=20), 99, [8, 16], "batches of 32 do not fit: its process ended with status -9"),
        (Script(free=39 * MB), 99, [8, 16], "batches of 32 were not tried: they would take about 32 MB, and 39 MB are"),
        (Script(free=41 * MB), 99, [8, 16, 32], "batches of 64 were not tried: they would take about 64 MB, and 41 MB"),
        (Script(second=0.2), 99, [8, 16], "batches of 32 were not tried: a step would take about 6 s"),
    ],
    ids=["examples", "few examples", "most", "killed", "foreseen", "not foreseen", "slow"],
)
def test_sizes_double_until_something_ends_it(script, examples, sizes, why):
    if "most" in why:
        script.each = 1
    memory, said = batch_size._find_fitting(script, examples, quiet=True)
    assert list(memory) == sizes and memory[sizes[-1]] == 7 * MB + sizes[-1] * script.each
    assert said.startswith(why)
    assert [one for one in script.asked if one <= script.largest] == sizes, "what is foreseen is not tried"


def test_where_nothing_fits_it_says_so():
    with pytest.raises(LuthierError, match="batches of 8 must fit into memory, but do not: its process"):
        batch_size._find_fitting(Script(largest=7), 99, quiet=True)


def test_sizes_take_turns_and_those_that_fit_no_more_are_left_out():
    script = Script()
    found = batch_size._time_sizes(script, [8, 16, 32])
    assert script.asked == [8, 16, 32] * 5
    assert {size: len(one) for size, one in found.items()} == {8: 5, 16: 5, 32: 5}
    assert list(batch_size._time_sizes(Script(largest=16), [8, 16, 32])) == [8, 16]
    with pytest.raises(LuthierError, match="batches of 8 fitted into memory, and then did not"):
        batch_size._time_sizes(Script(largest=7), [8, 16])


@pytest.mark.parametrize(
    ("speeds", "expected"),
    [([50, 96, 100], 32), ([50, 97, 100], 16), ([98, 90, 100], 8), ([100, 60, 30], 8), ([1, 2, 3], 32)],
)
def test_the_smallest_of_those_that_are_nearly_as_fast_as_the_fastest(speeds, expected):
    assert fastest([BatchRow(8 << k, 5, 1 / one, one, 0) for k, one in enumerate(speeds)]) == expected


def test_a_process_that_is_killed_is_an_answer_and_another_goes_on():
    with batch_size._open_sizes(recipe(), DATA, "cpu", 1) as sizes:
        sizes.worker.process.kill()
        sizes.worker.process.wait()
        died = sizes.visit(8, 0.0)
        assert not died["fits"] and died["why"].startswith("its process ended with status -9")
        assert sizes.visit(8, 0.0)["fits"]
        process = sizes.worker.process
    assert process.poll() is not None, "none is left behind"


def test_what_is_wrong_with_the_recipe_is_told_as_by_train():
    turned = read_recipe({"augment": {"rotation": {"degrees": 5.0}}}).augment
    bad = recipe().model_copy(update={"augment": turned})  # as if nobody had asked whether it suits the data
    with (
        batch_size._open_sizes(bad, DATA, "cpu", 1) as sizes,
        pytest.raises(BadInput, match="augmentations change pictures"),
    ):
        sizes.visit(8, 0.0)


@pytest.mark.parametrize("threads", [0, -2])
def test_threads_are_at_least_one(threads):
    with pytest.raises(
        BadInput, match=f"--threads must be a whole number at least 1 and at most 1024, but got {threads}"
    ):
        find_batch_size("digits", threads=threads)
