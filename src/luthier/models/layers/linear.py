"""Full and sparse connections, and the layers between them: embedding, flatten, activation."""

from torch import nn

from luthier.core.card import Card
from luthier.core.declare import Range, Search, hyperparameter
from luthier.core.errors import BadInput
from luthier.models.activations import ActivationField, ReLU
from luthier.models.layers.layer import Layer, Shape
from luthier.models.modules import SparseLinear as Module
from luthier.models.modules import TokenEmbedding


class Linear(Layer):
    """Connect every unit with every value of the last axis: of a row (F,), or of each step of a sequence (T, F).

    Each row of pixels of a picture is taken by itself; with flatten before, every unit sees every pixel.

    >>> Linear(units=3).build((4,))
    Linear(in_features=4, out_features=3, bias=True)
    """

    name = "linear"
    card = Card(
        summary="Full connection: every unit sees every value.",
        source="Rumelhart, Hinton and Williams, Learning representations by back-propagating errors, 1986",
    )

    units: int = hyperparameter(128, bounds=Range(1), search=Search(16, 1024, log=True), description="number of units")

    def build(self, shape: Shape) -> nn.Module:
        return nn.Linear(shape[-1], self.units)


class SparseLinear(Layer):
    """Connect every unit with as many random values of the last axis as fan_in says; only those weights exist.

    Which ones follows from the recipe's seed and is saved with the network.

    >>> SparseLinear(units=3, fan_in=2).build((7,)).weight.shape
    torch.Size([3, 2])
    """

    name = "sparse-linear"
    card = Card(
        summary="Sparse connection: every unit sees a few random values.",
        source="Mocanu, Mocanu, Stone, Nguyen, Gibescu and Liotta, Scalable training of artificial neural networks "
        "with adaptive sparse connectivity inspired by network science, 2018",
    )

    units: int = hyperparameter(128, bounds=Range(1), search=Search(16, 1024, log=True), description="number of units")
    fan_in: int = hyperparameter(
        8,
        bounds=Range(1),
        search=Search(2, 64, log=True),
        description="values that each unit sees; all of them is linear",
    )

    def build(self, shape: Shape) -> nn.Module:
        if self.fan_in > shape[-1]:
            raise BadInput(
                f"{self.name}.fan_in must be at most the {shape[-1]} values that there are, but got {self.fan_in}; "
                f"set fan_in = {shape[-1]} or less"
            )
        return Module(shape[-1], self.units, self.fan_in)


class Embedding(Layer):
    """Replace each token number of a row (T,) by a learned vector, which makes a sequence (T, width).

    Where it comes first, the rows are not standardised.

    >>> import torch
    >>> Embedding(tokens=9, width=3).build((4,))(torch.tensor([[0.0, 8.0, 8.0, 1.0]])).shape
    torch.Size([1, 4, 3])
    """

    name = "embedding"
    card = Card(
        summary="Embedding: a learned vector for each token.",
        source="Bengio, Ducharme, Vincent and Jauvin, A neural probabilistic language model, 2003",
    )

    tokens: int = hyperparameter(
        10_000, bounds=Range(1), description="size of the vocabulary; tokens are numbers from 0 to one less"
    )
    width: int = hyperparameter(
        64, bounds=Range(1), search=Search(8, 512, log=True), description="numbers that stand for a token"
    )

    @property
    def vocabulary(self) -> int:
        return self.tokens

    def build(self, shape: Shape) -> nn.Module:
        if len(shape) != 1:
            remedy = "pictures hold none, so take it out" if len(shape) == 3 else "put it first, or take it out"
            raise BadInput(f"{self.name} needs rows of tokens (T,), but gets shape {shape}; {remedy}")
        return TokenEmbedding(self.tokens, self.width)


class Flatten(Layer):
    """Put all values of an example into one row (F,), the last axis fastest.

    >>> import torch
    >>> Flatten().build((3, 5, 7))(torch.zeros(2, 3, 5, 7)).shape
    torch.Size([2, 105])
    """

    name = "flatten"
    card = Card(summary="All values of an example in one row.", source="the usual form, as in PyTorch")

    def build(self, shape: Shape) -> nn.Module:
        return nn.Flatten()


class ActivationLayer(Layer):
    """Apply a function to every value; takes and keeps any shape.

    >>> from luthier.models.activations import Tanh
    >>> ActivationLayer(function=Tanh()).build((4,))
    Tanh()
    """

    name = "activation"
    card = Card(
        summary="A function of every value: what makes a stack of layers more than one linear map.",
        source="Rumelhart, Hinton and Williams, Learning representations by back-propagating errors, 1986",
    )

    function: ActivationField = hyperparameter(
        ReLU(), description="the function, by its name in the catalogue of activations"
    )

    def build(self, shape: Shape) -> nn.Module:
        return self.function.build()
