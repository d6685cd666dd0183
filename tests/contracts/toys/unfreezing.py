"""Gradual unfreezing, as a toy: the last layers learn first."""

from collections.abc import Iterable

from torch import Tensor

from luthier.core.card import TrickCard
from luthier.core.declare import Range, hyper
from luthier.tricks import Memory, Moment, Trick


def thawed(names: Iterable[str], count: int) -> set[str]:
    """The parameters, given in the order of the network, of its last count layers."""
    names = list(names)
    layers = list(dict.fromkeys(name.rpartition(".")[0] for name in names))
    return {name for name in names if name.rpartition(".")[0] in layers[-count:]}


class Unfreezing(Trick):
    """Updates `pace` more layers in each epoch, from the last layer on."""

    name = "unfreezing"
    card = TrickCard(
        summary="Lets the last layers learn first.",
        source="Howard and Ruder, Universal language model fine-tuning, 2018, arXiv 1801.06146",
    )

    pace: int = hyper(1, legal=Range(0), says="layers that begin to learn in each epoch; 0 lets all learn at once")

    def edit_grads(self, grads: dict[str, Tensor], memory: Memory, at: Moment) -> dict[str, Tensor]:
        if self.pace == 0:
            return grads
        names = [name for name, _ in at.training.network.named_parameters()]
        learning = thawed(names, self.pace * (at.epoch + 1))
        return {name: grad for name, grad in grads.items() if name in learning}
