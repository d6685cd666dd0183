"""Networks: architectures, their layers, initialisers and losses."""

from luthier.core.declare import Registry
from luthier.models.architecture import Architecture, Network, OwnModule, assemble
from luthier.models.cnn1d import CNN1d
from luthier.models.googlenet import GoogLeNet
from luthier.models.lenet import LeNet5
from luthier.models.lenet_1998 import LeNet51998
from luthier.models.mlp import MLP, SoftmaxRegression
from luthier.models.mobilenetv2 import MobileNetV2
from luthier.models.nin import NiN
from luthier.models.recurrent import GRU, LSTM, RNN, SequenceArchitecture
from luthier.models.resnet import ResNet18, ResNet20, ResNet32, ResNet34, ResNet50, ResNet56
from luthier.models.sequential import Sequential
from luthier.models.timm_model import TimmModel
from luthier.models.vgg import VGG11, VGG11BN, VGG13, VGG13BN, VGG16, VGG16BN, VGG19, VGG19BN, AlexNet

ARCHITECTURES = Registry(
    "architecture",
    Architecture,
    (
        AlexNet,
        CNN1d,
        GoogLeNet,
        GRU,
        LeNet5,
        LeNet51998,
        LSTM,
        MLP,
        MobileNetV2,
        NiN,
        ResNet18,
        ResNet20,
        ResNet32,
        ResNet34,
        ResNet50,
        ResNet56,
        RNN,
        Sequential,
        SoftmaxRegression,
        TimmModel,
        VGG11,
        VGG11BN,
        VGG13,
        VGG13BN,
        VGG16,
        VGG16BN,
        VGG19,
        VGG19BN,
    ),
)


__all__ = [
    "ARCHITECTURES",
    "GRU",
    "LSTM",
    "MLP",
    "RNN",
    "VGG11",
    "VGG11BN",
    "VGG13",
    "VGG13BN",
    "VGG16",
    "VGG16BN",
    "VGG19",
    "VGG19BN",
    "AlexNet",
    "Architecture",
    "CNN1d",
    "GoogLeNet",
    "LeNet5",
    "LeNet51998",
    "MobileNetV2",
    "Network",
    "NiN",
    "OwnModule",
    "ResNet18",
    "ResNet20",
    "ResNet32",
    "ResNet34",
    "ResNet50",
    "ResNet56",
    "SequenceArchitecture",
    "Sequential",
    "SoftmaxRegression",
    "TimmModel",
    "assemble",
]
