"""Colours changed a little."""

import torch

from luthier.core.card import TipCard
from luthier.core.declare import Range, Search, hyperparameter
from luthier.data.augment import pixel_operations
from luthier.data.augment.augmentation import Augmentation, Colour, Draw, Size
from luthier.data.augment.geometric import draw_uniform

FACTOR = "factors are drawn between 1 - this and 1 + this; 0 changes nothing"


class Color(Augmentation):
    """Change brightness, contrast, saturation and hue, in this order, as one matrix; values beyond 0 and 1 are cut off.

    Contrast is taken about mid-grey, 0.5, not about each picture's mean as in Pillow, so that it is a matrix.

    >>> Color(brightness=0, contrast=0, saturation=0, hue=0).off
    True
    """

    name = "color"
    card = TipCard(
        summary="Changes brightness, contrast, saturation and hue of each picture by draws of its own.",
        source="Howard, Some improvements on deep convolutional neural network based image classification, 2013; the "
        "usual form is torchvision's ColorJitter",
        cost="a matrix more in the one colour product that all colours of a recipe share",
        claim="at full strength in place of an eighth SimCLR's linear evaluation on ImageNet from 59.6% to 63.2% "
        "accuracy; a supervised ResNet-50 from 77.0% to 75.7%",
    )

    brightness: float = hyperparameter(
        0.2, bounds=Range(0, 1), search=Search(0, 0.5), description=f"brightness: {FACTOR}, 1 is from black to double"
    )
    contrast: float = hyperparameter(
        0.2, bounds=Range(0, 1), search=Search(0, 0.5), description=f"contrast: {FACTOR}, 1 is from even grey to double"
    )
    saturation: float = hyperparameter(
        0.2,
        bounds=Range(0, 1),
        search=Search(0, 0.5),
        description=f"saturation, without effect on one channel: {FACTOR}, 1 is from grey to double",
    )
    hue: float = hyperparameter(
        0.02,
        bounds=Range(0, 0.5),
        search=Search(0, 0.1),
        description="largest turn of red, green and blue either way, as a share of the circle; 0 changes nothing, 0.5 "
        "is any "
        "colour; without effect on other channels",
    )

    @property
    def off(self) -> bool:
        return self.brightness == self.contrast == self.saturation == self.hue == 0

    def draw(self, size: Size, rng: torch.Generator) -> Draw:
        count, channels = size[:2]
        factors = [
            draw_uniform(count, 1 - most, 1 + most, rng) for most in (self.brightness, self.contrast, self.saturation)
        ]
        brighter, starker, fuller = factors
        turned = pixel_operations.hue(draw_uniform(count, -self.hue, self.hue, rng), channels)
        fuller, starker = pixel_operations.saturation(fuller, channels), pixel_operations.contrast(starker, channels)
        return Colour(turned @ fuller @ starker @ pixel_operations.brightness(brighter, channels))
