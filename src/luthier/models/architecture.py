"""The contract of an architecture, and the network that is trained.

Standardisation comes first, then the architecture, then, where values are predicted, the user's units.
"""

import copy
from collections import OrderedDict
from collections.abc import Callable
from contextlib import suppress
from typing import Any, ClassVar

import torch
from torch import Tensor, nn

from luthier.core.batch import Text
from luthier.core.card import ArchitectureCard
from luthier.core.declare import Part, hyperparameter
from luthier.core.errors import BadInput
from luthier.core.rng import fork_rng, seed_global
from luthier.models.initialisers import Initialiser, initialise_
from luthier.models.modules import Rescale, Standardise

Shape = tuple[int, ...]


class Architecture(Part):
    """Declares a network; `build` makes it for given shapes."""

    card: ClassVar[ArchitectureCard]
    tasks: ClassVar[tuple[str, ...]] = ("classification", "regression")

    @property
    def vocabulary(self) -> int | None:
        """Size of the vocabulary, where rows hold token numbers, which must reach the network unchanged."""
        return None

    def build(self, shape: Shape, outputs: int) -> nn.Module:
        """Make the network without its standardisation.

        shape: of one example, (C, H, W), (T, F) or (F,). outputs: number of classes, or of values.
        Raises BadInput where the shape cannot be used.
        """
        raise NotImplementedError

    def body(self, shape: Shape, outputs: int, text: Text | None = None) -> nn.Module:
        """Make the layers after the standardisation. text: how an example holds a text, None where there is none."""
        if text is not None:
            raise BadInput(f"{self.name} reads no texts, but the data hold one; use --model gru")
        return self.build(shape, outputs)


class OwnModule(Architecture):
    """Stands in a recipe for a module that the user passed from Python; a file cannot hold the module itself."""

    name = "own-module"
    card = ArchitectureCard(summary="A module passed from Python.", source="the user's own program")

    type: str = hyperparameter("", description="class of the module, to recognise it again")
    layout: str = hyperparameter("", description="hash of its parameter names and shapes")


class Network(nn.Sequential):
    """What is trained, saved and exported: `standardise`, then `body`, then for regression `rescale`."""

    standardise: Standardise
    body: nn.Module
    rescale: Rescale

    def __init__(self, standardise: Standardise, body: nn.Module, rescale: Rescale | None = None) -> None:
        last = {} if rescale is None else {"rescale": rescale}
        super().__init__(OrderedDict(standardise=standardise, body=body, **last))


def assemble(
    architecture: Architecture,
    initialiser: Initialiser,
    standardise: Standardise,
    shape: Shape,
    outputs: int,
    *,
    seed: int,
    rescale: Rescale | None = None,
    text: Text | None = None,
) -> Network:
    """Build and initialise a catalogue network; each parameter draws from a stream of its own name.

    What the initialiser leaves as built (norms, unknown layers) follows from the seed too.
    """
    cpu = torch.device("cpu")
    with fork_rng(cpu):
        seed_global(seed, "build", 0, cpu)
        body = architecture.body(shape, outputs, text)
    initialise_(body, initialiser, seed)
    return Network(standardise, body, rescale)


def check_outputs(network: nn.Module, shape: Shape, outputs: int) -> Tensor:
    """Send two empty examples through and return the outputs; raise BadInput where they are not (2, outputs)."""
    was_training = network.training
    try:
        with torch.enable_grad():
            answer = network.eval()(torch.zeros(2, *shape))
    except Exception as error:  # whatever a network of the user's own may do
        reason = f"{type(error).__name__}: {error}".splitlines()[0]
        raise BadInput(
            f"the network must accept examples of shape {shape}, but fails ({reason}); "
            "change its input layer or data.size"
        ) from None
    finally:
        network.train(was_training)
    if not isinstance(answer, Tensor) or tuple(answer.shape) != (2, outputs):
        got = tuple(answer.shape) if isinstance(answer, Tensor) else type(answer).__name__
        raise BadInput(
            f"the network must answer with one number per class or value, shape (2, {outputs}) for two examples, "
            f"but gave {got}; change its last layer"
        )
    if not answer.requires_grad:
        raise BadInput(
            "the network's answer must depend on its parameters, but its gradient is cut off; "
            "take detach, no_grad and the like out of its forward"
        )
    return answer


def find_lone_norm(network: nn.Module, shape: Shape) -> str | None:
    """Name the first batch norm that gets a single value per channel from a batch of one; None where none does."""
    return _first_lone(network, shape, nn.modules.batchnorm._BatchNorm, lambda norm, inputs: inputs.shape[1])


def find_lone_group(network: nn.Module, shape: Shape) -> str | None:
    """Name the first group norm whose groups hold a single value of an example; None where none does."""
    return _first_lone(network, shape, nn.GroupNorm, lambda norm, inputs: norm.num_groups)


def _first_lone(
    network: nn.Module, shape: Shape, kind: type[nn.Module], sets: Callable[[Any, Tensor], int]
) -> str | None:
    """Name the first norm of a kind that normalises each value of an example by itself.

    sets: how many sets of values a norm forms from its inputs.
    """
    if not any(isinstance(module, kind) for module in network.modules()):
        return None
    network, found = copy.deepcopy(network).eval(), []

    def note(name: str, module: nn.Module, inputs: Tensor) -> None:
        if inputs.numel() == sets(module, inputs):
            found.append(name)

    for name, module in network.named_modules():
        if isinstance(module, kind):
            module.register_forward_pre_hook(lambda module, args, name=name: note(name, module, args[0]))
    device = next(network.parameters()).device
    with torch.inference_mode(), suppress(ValueError):  # a norm may refuse single values, but is noted by then
        network(torch.zeros(1, *shape, device=device))
    return found[0] if found else None


__all__ = [
    "Architecture",
    "Network",
    "OwnModule",
    "Shape",
    "assemble",
    "check_outputs",
    "find_lone_group",
    "find_lone_norm",
]
