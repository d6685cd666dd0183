"""Weights from the principal components of what each layer sees."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from luthier.core.card import Card
from luthier.models.initialisers.initialiser import (
    ROUNDING,
    Fan,
    Initialiser,
    initialise_by_layer,
    safe_deviation,
    scale_,
)

PATCHES = 2000
"""Input patches that a layer's components are taken from, at most; drawn at random where there are more."""


LEAST = 1e-4
"""Share of the largest variance below which a component is noise: scaled to variance 1, it would be all that counts."""


Convolution = nn.Conv1d | nn.Conv2d | nn.Conv3d


class PCA(Initialiser):
    """Layer after layer, the weights become the principal components of the layer's inputs on training data.

    A convolution's inputs are the patches under its kernel, each group's for itself. Every unit is scaled to variance
    1 and its bias takes the mean away. Units beyond the components that carry any variance keep random directions
    (normal), scaled alike. Layers of other kinds keep their draws, scaled as a whole. The paper's second half, which
    evens out the layers' rates of change, is left out.

    >>> from luthier.core.rng import generator
    >>> layer, inputs = nn.Linear(3, 3), torch.randn(50, 3, generator=generator(0, "x"))
    >>> PCA().adapt(layer, inputs, generator(0, "adapt"))
    >>> layer(inputs).T.cov(correction=0).detach().round(decimals=3).abs()
    tensor([[1., 0., 0.],
            [0., 1., 0.],
            [0., 0., 1.]])
    """

    name = "pca"
    card = Card(
        summary="Principal components of each layer's inputs on training data, scaled to outputs of variance 1.",
        source="Krahenbuhl, Doersch, Donahue and Darrell, Data-dependent initializations of convolutional neural "
        "networks, 2015, arXiv 1511.06856",
    )

    def draw(self, shape: torch.Size, fan_in: Fan, fan_out: Fan, rng: torch.Generator) -> Tensor:
        return torch.randn(shape, generator=rng) * torch.as_tensor(fan_in).rsqrt()

    def adapt(self, network: nn.Module, inputs: Tensor, rng: torch.Generator) -> None:
        def start(layer: nn.Module, seen: Tensor) -> None:
            if not isinstance(layer, nn.Linear | Convolution):
                scale_(layer, seen)
                return
            _set_components(layer, _patches(layer, seen, rng))
            _normalise(layer, seen)

        initialise_by_layer(network, inputs, start)


def _set_components(layer: nn.Linear | Convolution, patches: Tensor) -> None:
    """Put the components of each group's patches (G, N, D) into the group's first rows."""
    groups, _, inputs = patches.shape
    rows = layer.weight.data.view(groups, -1, inputs)
    for own, seen in zip(rows, patches, strict=True):
        directions = principal_components(seen, len(own))
        own[: len(directions)] = directions.to(own)


def principal_components(seen: Tensor, count: int) -> Tensor:
    """Return directions of largest variance of rows (N, D), at most count (M, D): length 1, largest entry above 0."""
    values = seen.cpu().double()
    centred = values - values.mean(0)
    wide = centred.shape[0] < centred.shape[1]
    variances, vectors = torch.linalg.eigh(centred @ centred.T if wide else centred.T @ centred)
    noise = max(LEAST * variances[-1], ROUNDING**2 * values.square().sum())
    rows = vectors.T[variances > noise].flip(0)[:count]
    kept = F.normalize(rows @ centred) if wide else rows
    largest = kept.gather(1, kept.abs().argmax(1, keepdim=True))
    return torch.mul(kept, largest.sign())


def _patches(layer: nn.Linear | Convolution, seen: Tensor, rng: torch.Generator) -> Tensor:
    """Return the values that units are multiplied with, by group, place and input (G, N, D)."""
    if isinstance(layer, nn.Linear):
        windows, places, groups = seen, seen.shape[:-1], 1
    else:
        windows, groups = _windows(layer, seen), layer.groups
        places = windows.shape[: 1 + len(layer.kernel_size)]
    chosen = torch.randperm(places.numel(), generator=rng)[:PATCHES].to(seen.device)
    return windows[torch.unravel_index(chosen, places)].reshape(len(chosen), groups, -1).transpose(0, 1)


def _windows(layer: Convolution, seen: Tensor) -> Tensor:
    """View (B, C, ...) as the values under the kernel at each place, (B, places along each axis, C, kernel)."""
    mode = "constant" if layer.padding_mode == "zeros" else layer.padding_mode
    windows = F.pad(seen, layer._reversed_padding_repeated_twice, mode=mode)  # the layer's own padding, in F.pad's form
    axes = zip(layer.kernel_size, layer.stride, layer.dilation, strict=True)
    for axis, (kernel, stride, dilation) in enumerate(axes, start=2):
        windows = windows.unfold(axis, dilation * (kernel - 1) + 1, stride)[..., ::dilation]
    return windows.movedim(1, 1 + len(layer.kernel_size))


def _normalise(layer: nn.Linear | Convolution, seen: Tensor) -> None:
    """Give each unit variance 1 over examples and places, and mean 0 where it has a bias."""
    if layer.bias is not None:
        layer.bias.data.zero_()
    outputs = layer.forward(seen).movedim(-1 if isinstance(layer, nn.Linear) else 1, 0).flatten(1)
    spread, mean = torch.std_mean(outputs, 1, correction=0)
    spread = safe_deviation(spread, mean)
    layer.weight.data.div_(spread.view(-1, *[1] * (layer.weight.ndim - 1)))
    if layer.bias is not None:
        layer.bias.data.copy_(-mean / spread)
