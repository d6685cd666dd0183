"""Loads data from wherever they are: `load` finds the source that can read them."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import KW_ONLY, dataclass, replace
from pathlib import Path
from typing import Any, NamedTuple

from luthier.core.errors import BadInput, LuthierWarning, raise_all, suggest_nearest
from luthier.data.config import DataConfig, Task
from luthier.data.dataset import Dataset, Unlabelled, with_groups, with_times, with_weights
from luthier.data.extra import append_extra, with_pseudo_labels
from luthier.data.followed import check_stated_units
from luthier.data.images import images
from luthier.data.sources import arrays, formats
from luthier.data.sources.named import NAMED, NamedSet, locate
from luthier.data.suffixes import TABLES, is_table, name_suffixes
from luthier.data.tables import Schema, has_columns, table
from luthier.data.units import KnownUnits, describe_misfit
from luthier.data.unlabelled import attach_unlabelled, read_arrays, read_dataset, read_path

DEFAULT = DataConfig()

OWN = (".csv", ".npz", ".parquet", ".tsv", ".zip")
"""How names of files of data end."""


class Purpose(NamedTuple):
    """What data are read for.

    to_learn: whether there must be enough to learn from; one example of one class will do for an evaluation.
    schema: what the columns of a table mean to a network that is there already; None to learn it.
    channels: those of a network that is there already, to which the pictures of a folder or .zip are brought where
        they are 1 or 3; None for 3, or 1 where all are grey. Extra examples are brought to those of the data.
    units: what the numbers of pictures are to a network that is there already; None to decide it.
    """

    to_learn: bool = True
    schema: Schema | None = None
    channels: int | None = None
    units: KnownUnits | None = None


TRAINING = Purpose()

SOURCES = {
    "digits": formats.CARD,
    **{name: one.card for name, one in NAMED.items()},
}


@dataclass(frozen=True, eq=False)
class DataArguments:
    """What a caller says of the data beside the recipe: gathered once, where Luthier is called, and handed on whole.

    source: a name, a path to a table (.csv, .tsv, .parquet) or .npz file, to a folder of class folders of pictures or a
        .zip of one, or to a folder of IDX files, arrays (X, y), columns by name (a DataFrame, a mapping) with the
        target among them, or a Dataset; None for the one that a stored recipe names.
    data_dir: folder where named sets are looked for first.
    task: classification or regression; auto leaves it to the recipe and the data.
    weights: how much each example counts in the training loss, one number at least 0 for each.
    groups: one number or text for each example, equal where examples must land in the same part.
    times: when each example was taken, numbers or dates, for splits by time.
    extra_data: further labelled examples in any of the forms of source, which join the training part alone; by default
        those that the recipe names.
    unlabelled: further examples whose labels are unknown or not to be looked at: an array X, or any form of source
        but a pair of arrays; by default those that the recipe names.
    quiet: no progress on stderr, of a download or of the decoding of pictures.
    """

    source: Any = None
    data_dir: Path | str | None = None
    _: KW_ONLY
    task: Task = "auto"
    weights: Any = None
    groups: Any = None
    times: Any = None
    extra_data: Any = None
    unlabelled: Any = None
    quiet: bool = False

    def section(self) -> dict[str, str]:
        """Return what the `data` section of a recipe says of these: where they are found again, and the task."""
        more = {"extra": self.extra_data, "unlabelled": self.unlabelled}
        named = {name: _name_source(one) for name, one in more.items() if one is not None}
        task = {} if self.task == "auto" else {"task": self.task}
        return {"source": _name_source(self.source), **named, **task}

    def load(self, data_config: DataConfig = DEFAULT, purpose: Purpose = TRAINING) -> Dataset:
        """Read the data as a recipe's `data` section says and check them whole.

        Raises BadInput with every problem that was found, and DownloadFailed where a named set cannot be had. Warns
        where a name is that of a file or folder too.
        """
        if isinstance(self.source, str):
            warn_of_namesakes(self.source)
        return self._load(data_config, purpose)

    def _load(self, data_config: DataConfig, purpose: Purpose) -> Dataset:
        raise_all(self._given_twice(data_config))
        dataset, task = _read(self.source, self, data_config, purpose), data_config.task
        raise_all(check_stated_units(dataset, data_config))
        if task not in ("auto", dataset.task):
            raise BadInput(
                f"task {task} must be that of the data, but {dataset.name} is for {dataset.task}; leave task out"
            )
        for attach, values in ((with_weights, self.weights), (with_groups, self.groups), (with_times, self.times)):
            dataset = dataset if values is None else attach(dataset, values)
        return _with_unlabelled(_with_extra(dataset, self, data_config), self, data_config)

    def _given_twice(self, data_config: DataConfig) -> Iterator[str]:
        for name, column, values in (
            ("groups", data_config.group, self.groups),
            ("times", data_config.time, self.times),
        ):
            if column is not None and values is not None:
                yield (
                    f"{name} must be given once, but data.{name[:-1]} = {column!r} names a column of them and {name}= "
                    "has others; leave one of them out"
                )

    def load_again(self, data_config: DataConfig, purpose: Purpose = TRAINING) -> Dataset:
        """Read the data of a stored recipe again, from where it says unless a source is given.

        Raises as `load`, and BadInput where they were arrays and are not given.
        """
        if self.source is None and data_config.source == "arrays":
            raise BadInput(
                "a run needs its data again, but it was trained on arrays that no file holds; "
                "pass them from Python as data=(X, y)"
            )
        found = self if self.source is not None else replace(self, source=data_config.source)
        return found._load(data_config, purpose)


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
    """Read a data set and check all of it.

    data, data_dir, weights, groups, times, extra, unlabelled, quiet: as `source` and the others of `DataArguments`.
    data_config: how, as the recipe's `data` section says; its source and fingerprint do not count here.
    to_learn, schema, channels: as in `Purpose`.
    Raises BadInput with every problem that was found, and DownloadFailed where a named set cannot be had.

    >>> load("digits").inputs.shape
    (1797, 8, 8, 1)
    """
    given = DataArguments(
        data,
        data_dir,
        weights=weights,
        groups=groups,
        times=times,
        extra_data=extra,
        unlabelled=unlabelled,
        quiet=quiet,
    )
    return given.load(data_config, Purpose(to_learn, schema, channels))


def warn_of_namesakes(name: str) -> None:
    """Warn where a known data set is taken by its name, and a folder or a file of data here has that name too."""
    if name not in SOURCES:
        return
    here = [place for place in (name, *(f"{name}{suffix}" for suffix in OWN)) if Path(place).exists()]
    if here:
        kind = "a folder" if Path(here[0]).is_dir() else "a file"
        warnings.warn(
            f"{name} is taken for the known data set of that name, but there is {kind} ./{here[0]} too; "
            f"to read that instead, write ./{here[0]}",
            LuthierWarning,
            stacklevel=4,
        )


def _name_source(data: Any) -> str:
    """Return how a recipe names data: a path in full, so that it is found from anywhere."""
    name = data.name if isinstance(data, Dataset) else str(data) if isinstance(data, str | Path) else ""
    if name in SOURCES and not _is_path(data):
        return name
    if not isinstance(data, str | Path):
        return "arrays"
    source = str(Path(data).resolve()) if Path(data).exists() else name
    if source.encode(errors="ignore").decode() != source:
        raise BadInput(f"a path must be Unicode to stand in a recipe, but got {source!r}; rename the file or folder")
    return source


def _with_extra(dataset: Dataset, arguments: DataArguments, data_config: DataConfig) -> Dataset:
    more = data_config.extra if arguments.extra_data is None else arguments.extra_data
    if more is None or (dataset.extra is not None and arguments.extra_data is None):
        return dataset
    if isinstance(more, str) and more == "arrays":
        raise BadInput(
            "the extra examples are needed again, but they were arrays that no file holds; pass them from Python as "
            "data=luthier.data.load((X, y), extra=(X_extra, y_extra))"
        )
    alike = data_config.model_copy(update={"task": dataset.task})
    pictures = (dataset.shape[0], dataset.units) if dataset.is_picture else ()
    return append_extra(dataset, _read(more, arguments, alike, Purpose(False, dataset.table, *pictures)))


def _with_unlabelled(dataset: Dataset, arguments: DataArguments, data_config: DataConfig) -> Dataset:
    more = data_config.unlabelled if arguments.unlabelled is None else arguments.unlabelled
    if more is not None and (dataset.unlabelled is None or arguments.unlabelled is not None):
        if isinstance(more, str) and more == "arrays":
            raise BadInput(
                "the unlabelled examples are needed again, but they were arrays that no file holds; pass them from "
                "Python as data=luthier.data.load((X, y), unlabelled=X_unlabelled)"
            )
        dataset = attach_unlabelled(dataset, _unlabelled(more, dataset, arguments, data_config), data_config.fit)
    if data_config.pseudo_labels is None or dataset.extra is not None:
        return dataset
    return with_pseudo_labels(dataset, Path(data_config.pseudo_labels))


def _unlabelled(more: Any, like: Dataset, arguments: DataArguments, data_config: DataConfig) -> Unlabelled:
    if isinstance(more, Dataset):
        return read_dataset(more)
    if not isinstance(more, str | Path):
        return read_arrays(more, like, data_config.units)
    named = _named(str(more), arguments)
    return read_dataset(named) if named else read_path(Path(more), like, data_config, arguments.quiet)


def _read(source: Any, arguments: DataArguments, data_config: DataConfig, purpose: Purpose) -> Dataset:
    """Read one source. arguments: say where named sets are looked for, and whether progress is shown."""
    dataset = source if isinstance(source, Dataset) else _read_source(source, arguments, data_config, purpose)
    if purpose.units and dataset.is_picture:
        raise_all(describe_misfit(purpose.units, dataset.units, dataset.name))
    return dataset


def _read_source(source: Any, arguments: DataArguments, data_config: DataConfig, purpose: Purpose) -> Dataset:
    if has_columns(source):
        return table.read(source, data_config, purpose.schema)
    if isinstance(source, tuple) and len(source) == 2:
        return arrays.read(
            source,
            task=data_config.task,
            form=data_config.form,
            to_learn=purpose.to_learn,
            units=data_config.units,
            like=purpose.units,
        )
    if not isinstance(source, str | Path):
        raise BadInput(
            "data must be a name, a path, columns by name or a pair of arrays (X, y), "
            f"but got {type(source).__name__}; pass one of these"
        )
    if source == "":  # which Path takes for the folder that one is in
        raise BadInput(f"data must be a known name or an existing path, but got ''; {suggest_nearest('', SOURCES)}")
    named = None if _is_path(source) else _named(str(source), arguments)
    return named or _apart(_path(Path(source), data_config, arguments.quiet, purpose), Path(source))


def _is_path(source: Any) -> bool:
    """Return whether a source can only be a path: an object of that kind, with something there."""
    return isinstance(source, Path) and source.exists()


def _apart(dataset: Dataset, path: Path) -> Dataset:
    """Give data of the user's own that are called like a known data set a name that is not that of the set."""
    return replace(dataset, name=f"./{path.name}") if dataset.name in SOURCES else dataset


def _named(name: str, arguments: DataArguments) -> Dataset | None:
    if name == "digits":
        return formats.read_digits()
    if name in NAMED:
        folder = None if arguments.data_dir is None else Path(arguments.data_dir)
        return NAMED[name].read(locate(name, folder, quiet=arguments.quiet), name, NAMED[name].classes)
    return None


def holds_pictures(path: Path) -> bool:
    """Return whether a path is read as a folder or archive of pictures."""
    if path.is_dir():
        return not any(formats.find_idx(path, stem) for stem in formats.IDX_FILES)
    return path.suffix.lower() == ".zip" and path.is_file()


def _path(path: Path, data_config: DataConfig, quiet: bool, purpose: Purpose) -> Dataset:
    with _named_in_problems(path):
        if path.suffix.lower() == ".npz" and path.is_file():
            return formats.read_npz(
                path, data_config.task, data_config.form, to_learn=purpose.to_learn, units=data_config.units,
                like=purpose.units,
            )  # fmt: skip
        if is_table(path) and path.is_file():
            return table.read(path, data_config, purpose.schema)
        if path.is_dir() and any(formats.find_idx(path, stem) for stem in formats.IDX_FILES):
            return formats.read_idx(path, path.resolve().name, None, to_learn=purpose.to_learn)
    if holds_pictures(path):
        return images.read(path, data_config, quiet, to_learn=purpose.to_learn, channels=purpose.channels)
    if path.exists():
        raise BadInput(
            f"a data file must be a {name_suffixes(*TABLES, '.npz')} file or a .zip of pictures, but got "
            f"{str(path)!r}; convert it, or pass arrays from Python"
        )
    raise BadInput(
        f"data must be a known name or an existing path, but got {str(path)!r}; {suggest_nearest(str(path), SOURCES)}"
    )


@contextmanager
def _named_in_problems(path: Path) -> Iterator[None]:
    """Name the file in each problem: there may be others, with extra or unlabelled examples."""
    try:
        yield
    except BadInput as error:
        raise BadInput(*(line if str(path) in line else f"{path}: {line}" for line in error.problems)) from None


__all__ = ["NAMED", "SOURCES", "DataArguments", "NamedSet", "Purpose", "holds_pictures", "load", "locate"]
