"""Where data come from, one file each; `load` finds the right one."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from luthier.core.errors import BadInput, nearest
from luthier.data.config import DataConfig
from luthier.data.dataset import Dataset, Unlabelled, with_groups, with_times, with_weights
from luthier.data.extra import append_extra, with_pseudo_labels
from luthier.data.images import images
from luthier.data.sources import arrays, formats
from luthier.data.sources.named import NAMED, NamedSet, locate
from luthier.data.tables import Schema, is_table, table
from luthier.data.unlabelled import attach_unlabelled, of_arrays, of_dataset, of_path

DEFAULT = DataConfig()


SOURCES = {
    "digits": formats.CARD,
    **{name: one.card for name, one in NAMED.items()},
}


def load(
    data: Any,
    data_dir: Path | None = None,
    data_config: DataConfig = DEFAULT,
    weights: Any = None,
    *,
    groups: Any = None,
    times: Any = None,
    extra: Any = None,
    unlabelled: Any = None,
    quiet: bool = False,
    to_learn: bool = True,
    schema: Schema | None = None,
    channels: int | None = None,
) -> Dataset:
    """Read a data set and check it whole.

    data: a name, a path to a .csv, .parquet or .npz file, to a folder of class folders of pictures or a .zip of one, or
        to a folder of IDX files, arrays (X, y), or a Dataset.
    data_dir: folder where named sets are looked for first.
    data_config: how, as the recipe's `data` section says; its source and fingerprint do not count here.
    weights: how much each example counts in the training loss, one number at least 0 for each.
    groups: one number or text for each example, equal where examples must land in the same part.
    times: when each example was taken, numbers or dates, for splits by time.
    extra: further labelled examples in any of the forms of data, which join the training part alone; by default those
        that data_config names.
    unlabelled: further examples whose labels are unknown or not to be looked at: an array X, or any form of data
        but a pair of arrays; by default those that data_config names.
    quiet: no progress on stderr, of a download or of the decoding of pictures.
    to_learn: whether there must be enough to learn from; one example of one class will do for an evaluation.
    schema: what the columns of a table mean to a network that is there already; None to learn it.
    channels: those of a network that is there already, to which the pictures of a folder or .zip are brought where
        they are 1 or 3; None for 3, or 1 where all are grey. Extra examples are brought to those of the data.
    Raises BadInput with every problem that was found, and DownloadFailed where a named set cannot be had.

    >>> load("digits").inputs.shape
    (1797, 8, 8, 1)
    """
    dataset, task = _read(data, data_dir, data_config, quiet, _Use(to_learn, schema, channels)), data_config.task
    if task not in ("auto", dataset.task):
        raise BadInput(
            f"task {task} must be that of the data, but {dataset.name} is for {dataset.task}; leave task out"
        )
    known = ((with_weights, weights), (with_groups, groups), (with_times, times))
    for told, values in known:
        dataset = dataset if values is None else told(dataset, values)
    dataset = _with_extra(dataset, data_dir, data_config, extra, quiet)
    return _with_unlabelled(dataset, data_dir, data_config, unlabelled, quiet)


def _with_extra(dataset: Dataset, data_dir: Path | None, data_config: DataConfig, extra: Any, quiet: bool) -> Dataset:
    more = data_config.extra if extra is None else extra
    if more is None or (dataset.extra is not None and extra is None):
        return dataset
    if isinstance(more, str) and more == "arrays":
        raise BadInput(
            "the extra examples are needed again, but they were arrays that no file holds; pass them from Python as "
            "data=luthier.data.load((X, y), extra=(X_extra, y_extra))"
        )
    alike = data_config.model_copy(update={"task": dataset.task})
    use = _Use(False, dataset.table, dataset.shape[0] if dataset.form == "pictures" else None)
    return append_extra(dataset, _read(more, data_dir, alike, quiet, use))


class _Use(NamedTuple):
    """What data are read for; the arguments of `load` by these names."""

    to_learn: bool
    schema: Schema | None
    channels: int | None


def _with_unlabelled(
    dataset: Dataset, data_dir: Path | None, data_config: DataConfig, given: Any, quiet: bool
) -> Dataset:
    more = data_config.unlabelled if given is None else given
    if more is not None and (dataset.unlabelled is None or given is not None):
        if isinstance(more, str) and more == "arrays":
            raise BadInput(
                "the unlabelled examples are needed again, but they were arrays that no file holds; pass them from "
                "Python as data=luthier.data.load((X, y), unlabelled=X_unlabelled)"
            )
        dataset = attach_unlabelled(dataset, _unlabelled(more, dataset, data_dir, data_config, quiet), data_config.fit)
    if data_config.pseudo_labels is None or dataset.extra is not None:
        return dataset
    return with_pseudo_labels(dataset, Path(data_config.pseudo_labels))


def _unlabelled(more: Any, like: Dataset, data_dir: Path | None, data_config: DataConfig, quiet: bool) -> Unlabelled:
    if isinstance(more, Dataset):
        return of_dataset(more)
    if not isinstance(more, str | Path):
        return of_arrays(more, like)
    named = _named(str(more), data_dir, quiet)
    return of_dataset(named) if named else of_path(Path(more), like, data_config, quiet)


def _read(data: Any, data_dir: Path | None, data_config: DataConfig, quiet: bool, use: _Use) -> Dataset:
    if isinstance(data, Dataset):
        return data
    if isinstance(data, tuple) and len(data) == 2:
        return arrays.read(data, task=data_config.task, form=data_config.form, to_learn=use.to_learn)
    if not isinstance(data, str | Path):
        raise BadInput(
            f"data must be a name, a path or a pair of arrays (X, y), but got {type(data).__name__}; pass one of these"
        )
    if data == "":  # which Path takes for the folder that one is in
        raise BadInput(f"data must be a known name or an existing path, but got ''; {nearest('', SOURCES)}")
    return _named(str(data), data_dir, quiet) or _path(Path(data), data_config, quiet, use)


def _named(name: str, data_dir: Path | None, quiet: bool) -> Dataset | None:
    if name == "digits":
        return formats.read_digits()
    if name in NAMED:
        return NAMED[name].read(locate(name, data_dir, quiet=quiet), name, NAMED[name].classes)
    return None


def holds_pictures(path: Path) -> bool:
    """Whether a path is read as a folder or archive of pictures."""
    if path.is_dir():
        return not any(formats.find_idx(path, stem) for stem in formats.IDX_FILES)
    return path.suffix.lower() == ".zip" and path.is_file()


def _path(path: Path, data_config: DataConfig, quiet: bool, use: _Use) -> Dataset:
    with _named_in_problems(path):
        if path.suffix.lower() == ".npz" and path.is_file():
            return formats.read_npz(path, data_config.task, data_config.form, to_learn=use.to_learn)
        if is_table(path) and path.is_file():
            return table.read(path, data_config, use.schema)
        if path.is_dir() and any(formats.find_idx(path, stem) for stem in formats.IDX_FILES):
            return formats.read_idx(path, path.resolve().name, None, to_learn=use.to_learn)
    if holds_pictures(path):
        return images.read(path, data_config, quiet, to_learn=use.to_learn, channels=use.channels)
    if path.exists():
        raise BadInput(
            f"a data file must be a .csv, .parquet or .npz file or a .zip of pictures, but got {str(path)!r}; "
            "convert it, or pass arrays from Python"
        )
    raise BadInput(
        f"data must be a known name or an existing path, but got {str(path)!r}; {nearest(str(path), SOURCES)}"
    )


@contextmanager
def _named_in_problems(path: Path) -> Iterator[None]:
    """Let each problem say which file it is in: there may be others, with extra or unlabelled examples."""
    try:
        yield
    except BadInput as error:
        raise BadInput(*(line if str(path) in line else f"{path}: {line}" for line in error.problems)) from None


__all__ = ["NAMED", "SOURCES", "NamedSet", "holds_pictures", "load", "locate"]
