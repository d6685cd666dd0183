"""Networks of PyTorch Image Models: Wightman, PyTorch Image Models, 2019."""

import difflib

from torch import nn

from luthier.core.card import ArchitectureCard
from luthier.core.declare import hyperparameter
from luthier.core.errors import BadInput
from luthier.models.architecture import Architecture, Shape, check_outputs


class TimmModel(Architecture):
    """A network that timm makes, untrained; `timm:resnet18` in a recipe is short for this one with its `model`.

    >>> TimmModel(model="resnet10t").dump()
    {'name': 'timm', 'model': 'resnet10t'}
    """

    name = "timm"
    card = ArchitectureCard(
        summary="A network of PyTorch Image Models, untrained, by its name there; needs the package timm.",
        source="Wightman, PyTorch Image Models, 2019",
        paper_shape=(3, 224, 224),
    )
    shorthand = "model"

    model: str = hyperparameter("resnet18", description="name of the network in timm.list_models()")

    def build(self, shape: Shape, outputs: int) -> nn.Module:
        if len(shape) != 3:
            raise BadInput(f"timm needs pictures, but an example has shape {shape}; use --model mlp for rows")
        try:
            import timm
        except ImportError as error:
            raise BadInput(
                f"timm:{self.model} needs the package timm, but it cannot be imported ({error}); "
                "pip install luthier[timm], or name another architecture"
            ) from None
        known = timm.list_models()
        if self.model not in known:
            raise BadInput(
                f"timm:NAME must be the name of a network in timm.list_models(), but got {self.model!r}; "
                f"nearest: {', '.join(difflib.get_close_matches(self.model, known)) or 'none'}"
            )
        network: nn.Module = timm.create_model(self.model, num_classes=outputs, in_chans=shape[0])
        check_outputs(network, shape, outputs)
        return network
