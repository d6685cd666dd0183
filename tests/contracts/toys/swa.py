"""Stochastic weight averaging, as a toy: batch norm is estimated anew for the average."""

import copy

import torch
from torch import Tensor, nn

from luthier.core.card import TrickCard
from luthier.core.declare import Range, hyper
from luthier.tricks import Memory, Moment, Report, Trick

NORMS = nn.modules.batchnorm._BatchNorm


def parameters(network: nn.Module) -> dict[str, Tensor]:
    """A copy of the parameters by name."""
    return {name: one.detach().clone() for name, one in network.named_parameters()}


def re_estimate_(network: nn.Module, at: Moment) -> None:
    """Set the statistics of batch norm to their plain mean over one pass through the training examples."""
    norms = [one for one in network.modules() if isinstance(one, NORMS)]
    if not norms:
        return
    for one in norms:
        one.reset_running_stats()
        one.momentum = None
    with torch.no_grad():
        network.train()
        for batch in at.batches():
            network(batch.inputs)


class Swa(Trick):
    """Averages the weights of the later epochs."""

    name = "swa"
    card = TrickCard(
        summary="Averages the weights of the later epochs.",
        source="Izmailov, Podoprikhin, Garipov, Vetrov and Wilson, Averaging weights, 2018, arXiv 1803.05407",
        conflicts={"ema": "both choose the weights that are kept"},
    )

    start: float = hyper(0.3, legal=Range(0, 1), says="share of the epochs before averaging begins; 1 never averages")

    def begin(self, network: nn.Module, at: Moment) -> Memory:
        return {"count": 0, "mean": {}}

    def after_epoch(self, memory: Memory, report: Report, at: Moment) -> tuple[Memory, bool]:
        if at.epoch <= self.start * at.training.epochs:
            return memory, False
        now, count = parameters(at.training.network), memory["count"] + 1
        before = memory["mean"] or now
        return {"count": count, "mean": {name: before[name].lerp(now[name], 1 / count) for name in now}}, False

    def eval_model(self, network: nn.Module, memory: Memory, at: Moment) -> nn.Module:
        if memory["count"] == 0:
            return network
        average = copy.deepcopy(network)
        average.load_state_dict(memory["mean"], strict=False)
        re_estimate_(average, at)
        return average
