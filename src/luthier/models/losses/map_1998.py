"""The maximum a posteriori criterion of LeNet-5, equation 9 of the paper."""

import torch
from torch import Tensor

from luthier.core.card import Card
from luthier.core.declare import Range, Search, hyperparameter
from luthier.models.losses.loss import Loss


class Map1998(Loss):
    """Penalty of the true class plus log(exp(-j) + sum of exp(-penalty)), a penalty being minus a logit.

    It pulls the true penalty down and pushes the others up, those of classes beyond j no further.

    >>> Map1998(rejection=0.0).per_example(torch.zeros(1, 4), torch.eye(4)[:1])
    tensor([1.6094])
    """

    name = "map-1998"
    card = Card(
        summary="Maximum a posteriori criterion with a class for rubbish, for outputs that are distances.",
        source="LeCun, Bottou, Bengio and Haffner, Gradient-based learning applied to document recognition, 1998, "
        "equation 9",
    )

    rejection: float = hyperparameter(
        20.0, bounds=Range(0), search=Search(1, 100, log=True),
        description="j, the penalty of the rubbish class; the larger, the less already large penalties are pushed up",
    )  # fmt: skip

    def per_example(self, logits: Tensor, target: Tensor) -> Tensor:
        rubbish = torch.full_like(logits[:, :1], -self.rejection)
        return torch.cat((logits, rubbish), 1).logsumexp(1) - (target * logits).sum(1)
