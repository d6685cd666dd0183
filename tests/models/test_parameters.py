"""The exact number of parameters of each architecture, as published or as in today's reference implementations."""

import pytest
import torch

from luthier.models import (
    ARCHITECTURES,
    GRU,
    LSTM,
    MLP,
    RNN,
    VGG11,
    VGG11BN,
    VGG13,
    VGG13BN,
    VGG16,
    VGG16BN,
    VGG19,
    VGG19BN,
    AlexNet,
    CNN1d,
    GoogLeNet,
    LeNet5,
    LeNet51998,
    MobileNetV2,
    NiN,
    ResNet18,
    ResNet20,
    ResNet32,
    ResNet34,
    ResNet50,
    ResNet56,
    Sequential,
    SoftmaxRegression,
    TimmModel,
)

LARGE, SMALL = (3, 224, 224), (3, 32, 32)
TABLE = [
    (AlexNet(), LARGE, 1000, 61_100_840),
    (VGG11(), LARGE, 1000, 132_863_336),
    (VGG11BN(), LARGE, 1000, 132_868_840),
    (VGG13(), LARGE, 1000, 133_047_848),
    (VGG13BN(), LARGE, 1000, 133_053_736),
    (VGG16(), LARGE, 1000, 138_357_544),
    (VGG16BN(), LARGE, 1000, 138_365_992),
    (VGG19(), LARGE, 1000, 143_667_240),
    (VGG19BN(), LARGE, 1000, 143_678_248),
    (GoogLeNet(), LARGE, 1000, 6_624_904),
    (ResNet18(), LARGE, 1000, 11_689_512),
    (ResNet34(), LARGE, 1000, 21_797_672),
    (ResNet50(), LARGE, 1000, 25_557_032),
    (MobileNetV2(), LARGE, 1000, 3_504_872),
    (ResNet20(), SMALL, 10, 269_722),
    (ResNet20(shortcut="projection"), SMALL, 10, 272_474),
    (ResNet32(), SMALL, 10, 464_154),
    (ResNet56(), SMALL, 10, 853_018),
    (NiN(), SMALL, 10, 966_986),
    (LeNet5(), (1, 28, 28), 10, 61_706),
    (SoftmaxRegression(), (1, 28, 28), 10, 7_850),
    (MLP(), (1, 28, 28), 10, 118_282),
]


@pytest.mark.parametrize(("architecture", "shape", "classes", "count"), TABLE, ids=lambda one: str(one)[:40])
def test_the_number_of_parameters(architecture, shape, classes, count):
    with torch.device("meta"):
        network = architecture.build(shape, classes)
    assert sum(one.numel() for one in network.parameters()) == count


COUNTED_ELSEWHERE = {CNN1d, GRU, LeNet51998, LSTM, RNN, Sequential, TimmModel}


def test_the_table_is_whole():
    assert {type(row[0]) for row in TABLE} == set(ARCHITECTURES) - COUNTED_ELSEWHERE
