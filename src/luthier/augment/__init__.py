"""Random changes to pictures: one contract, one composer, one file per augmentation."""

from luthier.augment.augmentation import Affine, Augmentation, Colour, Draw, Pixel
from luthier.augment.composer import Composer
from luthier.core.declare import Family

AUGMENTATIONS: Family[Augmentation] = Family("augmentation", Augmentation, ())

__all__ = ["AUGMENTATIONS", "Affine", "Augmentation", "Colour", "Composer", "Draw", "Pixel"]
