"""Networks: architectures, their layers, initialisers and losses."""

from luthier.core.declare import Family
from luthier.models.architecture import Architecture, Network, OwnModule, assemble
from luthier.models.cnn1d import CNN1d
from luthier.models.gru import GRU
from luthier.models.lenet import LeNet5
from luthier.models.lenet_1998 import LeNet51998
from luthier.models.lstm import LSTM
from luthier.models.mlp import MLP
from luthier.models.rnn import RNN
from luthier.models.sequential import Sequential

ARCHITECTURES = Family("architecture", Architecture, (CNN1d, GRU, LeNet5, LeNet51998, LSTM, MLP, RNN, Sequential))

__all__ = [
    "ARCHITECTURES",
    "GRU",
    "LSTM",
    "MLP",
    "RNN",
    "Architecture",
    "CNN1d",
    "LeNet5",
    "LeNet51998",
    "Network",
    "OwnModule",
    "Sequential",
    "assemble",
]
