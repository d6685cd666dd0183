"""Which settings of how data are read a data set does not follow, so that none stands in a recipe in vain."""

from collections.abc import Iterable, Iterator

from luthier.data.config import DataConfig
from luthier.data.dataset import Dataset

COLUMNS = {
    "group": "pass groups= from Python",
    "part": "give the parts as folders train and test, or as X_test and y_test",
    "target": "it is y of arrays, and the folders of pictures",
    "text": "save the texts as a table",
    "time": "pass times= from Python",
}
"""Settings that name a column, each with what to do for data that have none."""
OF_TABLES = (*COLUMNS, "dates", "header")
OF_PICTURES = ("bad", "fit", "size")
OF_ARRAYS = ("form", "units")
OF_ALL = ("columns", "extra", "fingerprint", "pseudo_labels", "source", "task", "unlabelled")


def find_unfollowed(data_config: DataConfig, dataset: Dataset) -> Iterator[str]:
    """Describe each setting that a data set was not, and cannot have been, read by."""
    yield from _other_columns(data_config, dataset) if dataset.table else _without_table(data_config, dataset)
    if data_config.form not in ("auto", dataset.form):
        yield (
            f"data.form must be what the data hold, but {dataset.name} holds {dataset.form}, not {data_config.form}; "
            "take data.form out of the recipe"
        )
    yield from check_stated_units(dataset, data_config)
    if dataset.is_picture:
        return
    if data_config.size:
        yield (
            f"data.size is a side of pictures, but {dataset.name} holds {dataset.form}; "
            "take data.size out of the recipe"
        )
    for name, value in _changed(data_config, ("bad", "fit")):
        yield (
            f"data.{name} = {value!r} is for pictures, but {dataset.name} holds {dataset.form}; "
            f"take data.{name} out of the recipe"
        )


def _changed(data_config: DataConfig, names: Iterable[str]) -> Iterator[tuple[str, object]]:
    """Yield the settings that are not what they are where nothing is said."""
    usual = DataConfig()
    for name in names:
        value = getattr(data_config, name)
        if value != getattr(usual, name):
            yield name, value


def check_stated_units(dataset: Dataset, data_config: DataConfig) -> list[str]:
    """Describe units that a recipe states and that cannot be followed: only pictures in arrays have any to state."""
    if data_config.units in ("auto", dataset.units):
        return []
    got = dataset.units if dataset.is_picture else dataset.form
    return [
        f"data.units says what the numbers of pictures in arrays are, but is {data_config.units!r}, and {dataset.name} "
        f"holds {got}; leave it out"
    ]


def _without_table(data_config: DataConfig, dataset: Dataset) -> Iterator[str]:
    for name, value in _changed(data_config, OF_TABLES):
        what = "names a column of" if name in COLUMNS else "says how to read"
        instead = f": {COLUMNS[name]}" if name in COLUMNS else ""
        yield (
            f"data.{name} = {value!r} {what} a table, but {dataset.name} is none; "
            f"take data.{name} out of the recipe{instead}"
        )


def _other_columns(data_config: DataConfig, dataset: Dataset) -> Iterator[str]:
    """Find columns that a table was read without, as when it was loaded before and given whole."""
    assert dataset.table is not None
    text = dataset.table.text.name if dataset.table.text else None
    for name, value, read in (
        ("target", data_config.target, dataset.table.target),
        ("text", data_config.text, text),
        ("group", data_config.group, None if dataset.group is None else data_config.group),
        ("time", data_config.time, None if dataset.time is None else data_config.time),
    ):
        if value not in (None, read):
            yield (
                f"data.{name} must be what a table was read by, but is {value!r}, and {dataset.name} was read "
                f"{f'by {read!r}' if read else 'without'}; give the path of the table, or load it with data.{name}"
            )
