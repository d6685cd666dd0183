"""In which order an epoch sees the training examples, one file per sampler."""

from luthier.core.declare import Registry
from luthier.data.sampling.balanced import Balanced
from luthier.data.sampling.curriculum import Curriculum
from luthier.data.sampling.hard_examples import HardExamples
from luthier.data.sampling.sampler import Sampler, Seen
from luthier.data.sampling.sequential import Sequential
from luthier.data.sampling.shuffled import Shuffled
from luthier.data.sampling.square_root_balanced import SquareRootBalanced
from luthier.data.sampling.weighted import Weighted

SAMPLERS = Registry(
    "sampler", Sampler, (Balanced, Curriculum, HardExamples, Sequential, Shuffled, SquareRootBalanced, Weighted)
)

__all__ = [
    "SAMPLERS",
    "Balanced",
    "Curriculum",
    "HardExamples",
    "Sampler",
    "Seen",
    "Sequential",
    "Shuffled",
    "SquareRootBalanced",
    "Weighted",
]
