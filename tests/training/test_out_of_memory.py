"""Memory that runs out: the same batch in parts, told in the history, kept by a checkpoint."""

import pytest
import torch
from torch import nn

from luthier.api import train
from luthier.core.errors import LuthierWarning
from luthier.testing.compare import difference
from luthier.testing.material import rows
from luthier.testing.training import Trained, prepared, start_training
from luthier.training.checkpoint import open_checkpoint, restore, save
from luthier.training.tricks import SAM, GradientAccumulation

BATCH = {"training": {"epochs": 2, "batch_size": 22}}


def fake(batch):
    raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB.")


def real(batch):
    torch.empty(1 << 60)


def other(batch):
    raise RuntimeError("mat1 and mat2 shapes cannot be multiplied")


class Narrow(nn.Module):
    """Trains on a limited number of examples at once, in the second of its two calls or in any."""

    def __init__(self, limit=99, fails=fake, norm=False):
        super().__init__()
        self.norm = nn.BatchNorm1d(7) if norm else nn.Identity()
        self.full = nn.Linear(7, 3)
        nn.init.constant_(self.full.weight, 0.1)
        nn.init.zeros_(self.full.bias)
        self.limit, self.fails, self.sizes = limit, fails, []

    def forward(self, x):
        if self.training:
            self.sizes.append(len(x))
            if len(x) > self.limit:
                self.fails(x)
        return self.full(self.norm(x))


def make(limit=99, fails=fake, norm=False, tricks=(), **sections):
    values = {**BATCH, "tricks": list(tricks), **sections}
    return start_training(lambda: prepared(values, Narrow(limit, fails, norm), rows()).trainer)


def told(one, *sizes, stop=None):
    """Go on; what was said has these sizes."""
    with pytest.warns(LuthierWarning) as caught:
        one.advance(stop)
    assert [int(str(each.message).partition("parts of at most ")[2].split()[0]) for each in caught] == list(sizes)
    return one


@pytest.mark.parametrize("fails", [fake, real])
def test_the_batch_is_halved_until_it_fits_and_trains_as_the_whole(fails):
    plain, one = make().advance(), told(make(limit=5, fails=fails), 9, 5)
    assert one.state.micro_batch == 5
    network = one.trainer.network
    assert network.body.sizes[:6] == [17, 9, 5, 4, 4, 4] and max(network.body.sizes[2:]) == 5
    torch.testing.assert_close(dict(network.named_parameters()), dict(plain.trainer.network.named_parameters()))
    memory, *others = one.rows
    assert memory == {"kind": "memory", "step": 1, "epoch": 0, "micro_batch": 5}
    assert [row["kind"] for row in others] == [row["kind"] for row in plain.rows]


def test_what_is_said():
    with pytest.warns(LuthierWarning) as caught:
        make(limit=9).advance(1)
    assert str(caught[0].message) == (
        "memory ran out in step 0 (from 0) with 17 examples in a pass; batches are sent through in parts of at most 9 "
        "from here on, their gradients added up to that of the whole; to begin so, set "
        "tricks.gradient-accumulation.micro_batch, or lower training.batch_size = 22"
    )


def test_gradients_that_had_begun_to_fill_are_emptied():
    """The second part fails where the first has left its own."""
    plain, one = make(tricks=[GradientAccumulation(micro_batch=11)]).advance(1), make()
    one = make(tricks=[GradientAccumulation(micro_batch=11)])
    body, calls = one.trainer.network.body, iter([False, True])
    forward = body.full.forward
    body.full.forward = lambda x: fake(x) if next(calls, False) else forward(x)
    told(one, 9, stop=1)
    for first, second in zip(plain.trainer.network.parameters(), one.trainer.network.parameters(), strict=True):
        torch.testing.assert_close(second.grad, first.grad)


@pytest.mark.parametrize("tricks", [[SAM()], [SAM(), GradientAccumulation(micro_batch=11)]], ids=["sam", "both"])
def test_beside_tricks_that_wrap_the_passes(tricks):
    plain, one = make(tricks=tricks).advance(), make(limit=4, tricks=tricks)
    with pytest.warns(LuthierWarning):
        one.advance()
    found, expected = (dict(each.trainer.network.named_parameters()) for each in (one, plain))
    torch.testing.assert_close(found, expected, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize(("norm", "limit", "sizes"), [(False, 0, (9, 5, 3, 2, 1)), (True, 2, (9, 5, 3))])
def test_it_ends_where_parts_cannot_be_smaller(norm, limit, sizes):
    one = make(limit=limit, norm=norm)
    with pytest.warns(LuthierWarning) as caught, pytest.raises(torch.OutOfMemoryError):
        one.advance()
    assert len(caught) == len(sizes)
    assert (one.state.step, one.state.micro_batch) == (0, sizes[-1])


def test_other_errors_are_none_of_its_business():
    one = make(limit=3, fails=other)
    with pytest.raises(RuntimeError, match="mat1 and mat2"):
        one.advance()
    assert one.trainer.network.body.sizes[-1] == 17


def test_a_resumed_run_goes_on_in_parts(tmp_path):
    whole = told(make(limit=9), 9)
    first = told(make(limit=9), 9, stop=2)
    path = save(tmp_path, first.trainer, first.state, {})
    again = make(limit=9).trainer
    second = Trained(again, restore(open_checkpoint(path), again))
    second.advance()  # without a word
    assert max(again.network.body.sizes) == 9
    assert difference(second.tree()["network"], whole.tree()["network"]) is None


def test_the_further_attempt_draws_what_the_first_drew():
    class Dropping(Narrow):
        def forward(self, x):
            mask = torch.nn.functional.dropout(torch.ones(1, 7), 0.5, self.training)
            return super().forward(x * mask)

    def run(tricks, limit):
        values = {**BATCH, "tricks": tricks}
        return start_training(lambda: prepared(values, Dropping(limit), rows()).trainer)

    known = run([GradientAccumulation(micro_batch=11)], 99).advance(1)
    found = told(run([], 11), 9, stop=1)
    assert difference(*(dict(one.trainer.network.named_parameters()) for one in (known, found))) is None


def test_a_run_says_so_in_its_history_and_its_result(tmp_path, capsys):
    data = rows()
    with pytest.warns(LuthierWarning, match="memory ran out in step 0"):
        run = train((data.inputs, data.labels), Narrow(limit=12), **BATCH["training"], out=tmp_path / "run")
    assert run.result["micro_batch"] == 10
    assert [row for row in run.history if row["kind"] == "memory"] == [
        {"kind": "memory", "step": 1, "epoch": 0, "micro_batch": 10, "seconds": run.history[0]["seconds"]}
    ]
    assert "epoch 2/2" in capsys.readouterr().err
