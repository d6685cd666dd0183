"""Layer freezing: Yosinski, Clune, Bengio and Lipson, How transferable are features in deep neural networks?, 2014."""

from dataclasses import replace

from luthier.core.card import TrickCard
from luthier.core.declare import Range, hyperparameter
from luthier.core.errors import BadInput
from luthier.optim.groups import name_layer
from luthier.training.trick import Setup, StepContext, Trick


class LayerFreezing(Trick):
    """Leave the first layers as they are, for networks whose weights come from elsewhere.

    A layer is a module with parameters of its own, a norm as well, in the order in which the network lists them. The
    statistics of frozen batch norms still follow the data.
    """

    name = "layer-freezing"
    card = TrickCard(
        summary="Leaves the first layers as they are.",
        source="Yosinski, Clune, Bengio and Lipson, How transferable are features in deep neural networks?, 2014",
        cost="saves the backward pass below the first layer that learns",
        claim="first layers serve other data as they are; freezing deep ones costs accuracy",
    )

    layers: int = hyperparameter(
        1, bounds=Range(0), description="layers, from the input on, that do not learn; 0 lets all learn"
    )

    def setup(self, value: Setup, context: StepContext) -> Setup:
        layers = list(dict.fromkeys(name_layer(name) for name, _ in value.network.named_parameters()))
        if self.layers >= len(layers):
            raise BadInput(
                f"tricks.{self.name}.layers must leave a layer to learn, but is {self.layers} of {len(layers)}; "
                f"set it to {len(layers) - 1} or less"
            )
        frozen = set(layers[: self.layers])
        for name, parameter in value.network.named_parameters():
            if name_layer(name) in frozen:
                parameter.requires_grad_(False)
        return _without(frozen, value)


def _without(layers: set[str], value: Setup) -> Setup:
    """Take layers out of the groups, and remove groups that are then empty."""
    rest = [
        replace(
            group, parameters={n: parameter for n, parameter in group.parameters.items() if name_layer(n) not in layers}
        )
        for group in value.groups
    ]
    return replace(value, groups=tuple(group for group in rest if group.parameters))
