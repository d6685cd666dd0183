"""From raw data to batches: sources, the data set, its parts, the sampler, the loader."""

from luthier.data.config import DataConfig, Task
from luthier.data.dataset import Dataset
from luthier.data.load import SOURCES, load
from luthier.data.split import Split, split
from luthier.data.splitters import SPLITTERS, Splitter

__all__ = ["SOURCES", "SPLITTERS", "DataConfig", "Dataset", "Split", "Splitter", "Task", "load", "split"]
