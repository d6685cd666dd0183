"""From a recipe to its network: a declared architecture is built, a module of the user's own is copied."""

import copy
import hashlib
import warnings

import numpy as np
import torch
from torch import Tensor, nn

from luthier.core.batch import Text
from luthier.core.errors import BadInput, LuthierWarning
from luthier.core.rng import fork_rng
from luthier.data.loader import resize_pictures
from luthier.data.units import KnownUnits, hold_as_trained, match_types
from luthier.models import Network, OwnModule, assemble
from luthier.models.architecture import Shape, check_outputs
from luthier.models.losses import MSE, Huber, Loss, Standardised
from luthier.models.modules.standardise import Rescale, Standardise
from luthier.recipe.recipe import Recipe


def network_shape(recipe: Recipe, shape: Shape) -> Shape:
    """Return the shape of one example when it reaches the network."""
    return (shape[0], recipe.data.size, recipe.data.size) if recipe.data.size else shape


def resize_inputs(recipe: Recipe, inputs: np.ndarray) -> np.ndarray:
    """Bring pictures (N, H, W, C) to the size that a recipe says; where it says none, inputs stay as they are."""
    return resize_pictures(inputs, recipe.data.size, recipe.data.fit) if recipe.data.size else inputs


def resize_further(recipe: Recipe, inputs: np.ndarray, units: KnownUnits) -> np.ndarray:
    """Bring further inputs to the size that a recipe says, as if each had stood among the training's.

    units: those of the network.
    """
    parts = hold_as_trained(inputs, units)
    resized = match_types([resize_inputs(recipe, part) for _, part in parts])
    if len(parts) == 1:
        return resized[0]
    result = np.empty((len(inputs), *resized[0].shape[1:]), resized[0].dtype)
    for (chosen, _), part in zip(parts, resized, strict=True):
        result[chosen] = part
    return result


def make_network(
    recipe: Recipe,
    standardise: Standardise,
    shape: Shape,
    outputs: int,
    module: nn.Module | None,
    *,
    rescale: Rescale | None = None,
    text: Text | None = None,
) -> Network:
    """Build the recipe's network, or put the user's own behind the standardisation; rescale ends one for regression.

    text: how an example holds a text, None where there is none.
    """
    if not isinstance(recipe.model, OwnModule):
        return assemble(
            recipe.model, recipe.initialiser, standardise, shape, outputs, seed=recipe.seed, rescale=rescale, text=text
        )
    if module is None or describe_module(module) != recipe.model:
        got = "none was passed" if module is None else f"got {describe_module(module)!r}"
        raise BadInput(
            f"the recipe needs the user's own module {recipe.model!r}, but {got}; pass it from Python as model="
        )
    body = _copy(module)
    check_outputs(
        Network(standardise, body), shape, outputs
    )  # without the units, which would spread one answer over several
    return Network(standardise, body, rescale)


OF_OUTPUTS = (MSE.name, Huber.name)
"""Losses that compare the outputs themselves, so that these may be probabilities; all others take logits."""

SQUASHING = (nn.Sigmoid, nn.Softmax)

TOLERANCE = 1e-5
"""How far a sum of probabilities may be from 1."""


def warn_of_squashing(network: Network, loss: Loss, shape: Shape, outputs: int) -> None:
    """Warn where a network answers with probabilities, and the loss takes them for logits.

    It is known by its last layer, or by what it answers to empty examples.
    """
    if loss.name in OF_OUTPUTS or outputs < 2:
        return
    given: list[Tensor] = []
    layers = [one for one in network.body.modules() if isinstance(one, SQUASHING)]
    handles = [one.register_forward_hook(lambda layer, args, output: given.append(output)) for one in layers]
    with fork_rng(torch.device("cpu")):
        answer = check_outputs(network, shape, outputs)
    for handle in handles:
        handle.remove()
    sums = bool((answer >= 0).all() and ((answer.sum(1) - 1).abs() < TOLERANCE).all())
    if sums or any(one is answer for one in given):
        warnings.warn(
            f"the network ends in a softmax or sigmoid, but loss {loss.name} takes logits and makes probabilities of "
            "them itself, so that it hardly learns; take that layer out, or set loss.name = 'mse', which compares "
            "the probabilities",
            LuthierWarning,
            stacklevel=2,
        )


def _copy(module: nn.Module) -> nn.Module:
    try:
        copied = copy.deepcopy(module)
    except Exception as error:  # whatever a module of the user's own holds
        reason = f"{type(error).__name__}: {error}".splitlines()[0]
        raise BadInput(f"the network must be one that can be copied, but is not ({reason}); mend it") from None
    if not all(one.is_leaf for one in copied.parameters()):
        raise BadInput("the network's parameters must be trainable after a copy, but are not; pass it before scripting")
    return copied


def make_criterion(loss: Loss, network: Network) -> Loss:
    """Make the loss as training takes it: of values in standard deviations, whatever the user's units."""
    return Standardised(loss=loss, rescale=network.rescale) if hasattr(network, "rescale") else loss


def describe_module(module: nn.Module) -> OwnModule:
    """Describe a module so that it is recognised again: its class, its parameters' names and shapes.

    Raises BadInput where it has none yet to train.
    """
    if any(nn.parameter.is_lazy(one) for one in (*module.parameters(), *module.buffers())):
        raise BadInput(
            "the network must be whole, but has lazy layers; call it once on an example, network(torch.zeros(1, ...))"
        )
    if not any(one.requires_grad for one in module.parameters()):
        raise BadInput(
            f"the network must have parameters to train, but {type(module).__name__} has none; "
            "add a layer that has, or leave requires_grad on"
        )
    layout = ";".join(f"{name}{tuple(one.shape)}" for name, one in module.state_dict().items())
    return OwnModule(
        type=f"{type(module).__module__}.{type(module).__qualname__}",
        layout=hashlib.sha256(layout.encode()).hexdigest()[:16],
    )
