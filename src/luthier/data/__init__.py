"""From raw data to batches: sources, the data set, its parts, the sampler, the loader."""

from typing import TYPE_CHECKING

from luthier.core.lazy import lazy_face

if TYPE_CHECKING:
    from luthier.data.config import DataConfig, Task
    from luthier.data.dataset import Dataset
    from luthier.data.loading import SOURCES, DataArguments, Purpose, load
    from luthier.data.split import Split
    from luthier.data.splitters import SPLITTERS, Splitter

__all__ = [
    "SOURCES",
    "SPLITTERS",
    "DataArguments",
    "DataConfig",
    "Dataset",
    "Purpose",
    "Split",
    "Splitter",
    "Task",
    "load",
]

__getattr__, __dir__ = lazy_face(
    __name__,
    {
        "DataArguments": "luthier.data.loading",
        "DataConfig": "luthier.data.config",
        "Dataset": "luthier.data.dataset",
        "Purpose": "luthier.data.loading",
        "Split": "luthier.data.split",
        "SOURCES": "luthier.data.loading",
        "SPLITTERS": "luthier.data.splitters",
        "Splitter": "luthier.data.splitters",
        "Task": "luthier.data.config",
        "load": "luthier.data.loading",
    },
)
