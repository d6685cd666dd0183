"""Random changes to pictures: one contract, one composer, one file per augmentation."""

from luthier.core.declare import Registry
from luthier.data.augment.augmentation import Affine, Augmentation, Colour, Draw, Fill, Pixel
from luthier.data.augment.blur import Blur
from luthier.data.augment.color import Color
from luthier.data.augment.composer import Composer
from luthier.data.augment.elastic import Elastic
from luthier.data.augment.flip import HorizontalFlip, VerticalFlip
from luthier.data.augment.grayscale import Grayscale
from luthier.data.augment.inversion import Inversion
from luthier.data.augment.noise import Noise
from luthier.data.augment.randaugment import RandAugment
from luthier.data.augment.random_crop import RandomCrop
from luthier.data.augment.random_erasing import RandomErasing
from luthier.data.augment.random_scale import RandomScale
from luthier.data.augment.rotation import Rotation
from luthier.data.augment.shear import Shear
from luthier.data.augment.squeeze import Squeeze
from luthier.data.augment.translation import Translation
from luthier.data.augment.trivialaugment import TrivialAugment

AUGMENTATIONS: Registry[Augmentation] = Registry(
    "augmentation",
    Augmentation,
    (
        Blur,
        Color,
        Elastic,
        Grayscale,
        HorizontalFlip,
        Inversion,
        Noise,
        RandAugment,
        RandomCrop,
        RandomErasing,
        RandomScale,
        Rotation,
        Shear,
        Squeeze,
        Translation,
        TrivialAugment,
        VerticalFlip,
    ),
)


__all__ = [
    "AUGMENTATIONS",
    "Affine",
    "Augmentation",
    "Blur",
    "Color",
    "Colour",
    "Composer",
    "Draw",
    "Elastic",
    "Fill",
    "Grayscale",
    "HorizontalFlip",
    "Inversion",
    "Noise",
    "Pixel",
    "RandAugment",
    "RandomCrop",
    "RandomErasing",
    "RandomScale",
    "Rotation",
    "Shear",
    "Squeeze",
    "Translation",
    "TrivialAugment",
    "VerticalFlip",
]
