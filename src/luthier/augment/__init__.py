"""Random changes to pictures: one contract, one composer, one file per augmentation."""

from luthier.augment.augmentation import Affine, Augmentation, Colour, Draw, Fill, Pixel
from luthier.augment.blur import Blur
from luthier.augment.color import Color
from luthier.augment.composer import Composer
from luthier.augment.elastic import Elastic
from luthier.augment.grayscale import Grayscale
from luthier.augment.horizontal_flip import HorizontalFlip
from luthier.augment.inversion import Inversion
from luthier.augment.noise import Noise
from luthier.augment.randaugment import RandAugment
from luthier.augment.random_crop import RandomCrop
from luthier.augment.random_erasing import RandomErasing
from luthier.augment.random_scale import RandomScale
from luthier.augment.rotation import Rotation
from luthier.augment.shear import Shear
from luthier.augment.squeeze import Squeeze
from luthier.augment.translation import Translation
from luthier.augment.trivialaugment import TrivialAugment
from luthier.augment.vertical_flip import VerticalFlip
from luthier.core.declare import Registry

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
