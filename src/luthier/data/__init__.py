"""From raw data to batches: sources, the data set, its parts, the sampler, the loader."""

from luthier.data.dataset import Dataset
from luthier.data.reading import Data, Task
from luthier.data.sources import SOURCES, load
from luthier.data.split import Parts, split

__all__ = ["SOURCES", "Data", "Dataset", "Parts", "Task", "load", "split"]
