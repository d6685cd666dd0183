"""From raw data to batches: sources, the data set, its parts, the sampler, the loader."""

from luthier.data.dataset import Dataset
from luthier.data.reading import DataConfig, Task
from luthier.data.sources import SOURCES, load
from luthier.data.split import Split, split
from luthier.data.splitting import SPLITTERS, Splitter

__all__ = ["SOURCES", "SPLITTERS", "DataConfig", "Dataset", "Split", "Splitter", "Task", "load", "split"]
