"""In which order an epoch sees the training examples, one file per sampler."""

from luthier.core.declare import Family
from luthier.data.sampling.sampler import Sampler, Seen
from luthier.data.sampling.sequential import Sequential
from luthier.data.sampling.shuffled import Shuffled

SAMPLERS = Family("sampler", Sampler, (Sequential, Shuffled))

__all__ = ["SAMPLERS", "Sampler", "Seen", "Sequential", "Shuffled"]
