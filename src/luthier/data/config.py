"""What a recipe states about its data: where they come from and how they are read."""

from typing import Literal

from luthier.core.declare import Declared, Range, hyperparameter
from luthier.data.images.fit import Fit
from luthier.data.units import StatedUnits

Task = Literal["auto", "classification", "regression"]


DateOrder = Literal["auto", "day-first", "month-first"]


Header = bool | Literal["auto"]


ArrayForm = Literal["auto", "rows", "pictures", "sequences"]


class DataConfig(Declared):
    """Which data, how they are read, and how their pictures are brought to the network's size."""

    source: str = hyperparameter(
        "digits", description="name or path of the data; not part of the hash, the fingerprint is"
    )
    extra: str | None = hyperparameter(
        None,
        description="name or path of further labelled examples, which join the training part alone; none by default",
    )
    unlabelled: str | None = hyperparameter(
        None,
        description="name or path of examples without labels, for the tricks that learn from such; none by default",
    )
    pseudo_labels: str | None = hyperparameter(
        None,
        description="file of the labels that an earlier network gave to these, as rounds of pseudo-labels write it",
    )
    task: Task = hyperparameter(
        "auto",
        description="what y holds: classes, or for regression values; auto takes numbers that are not all whole for "
        "values",
    )
    fingerprint: str | None = hyperparameter(None, description="SHA-256 of the data, filled in when they are read")
    columns: tuple[str, ...] | None = hyperparameter(
        None, description="names of the columns that are read, in their order, filled in when a table is read"
    )
    size: int | None = hyperparameter(
        None,
        bounds=Range(1, 4096),
        description="side in pixels that pictures are brought to; the architecture's own by default",
    )
    fit: Fit = hyperparameter("resize", description="how: stretch both sides, pad with zeros, or crop the centre")
    bad: Literal["stop", "skip"] = hyperparameter(
        "stop", description="pictures that cannot be used: all listed and an end, or left out where they are at most 1%"
    )
    form: ArrayForm = hyperparameter(
        "auto",
        description="what arrays hold: rows (N, F), pictures, or sequences (N, T, F); auto takes what has lengths, or "
        "lists "
        "float arrays that differ in length, for sequences, and other arrays (N, H, W) for grey pictures",
    )
    units: StatedUnits = hyperparameter(
        "auto",
        description="what the numbers of pictures in arrays are: bytes from 0 to 255, unit from 0 to 1, or plain ones; "
        "auto takes whole numbers up to 255 for bytes and floats from 0 to 1 for unit",
    )
    dates: DateOrder = hyperparameter(
        "auto",
        description="what stands first in a table's dates such as 1/2/2020; auto goes by a day above 12, and refuses "
        "dates that can all be read both ways",
    )
    header: Header = hyperparameter(
        "auto",
        description="whether the first row of a table as text holds the names of its columns; auto takes a row that "
        "looks like the others for one of them, and names the columns column_0 and so on",
    )
    target: str | None = hyperparameter(
        None, description="a table's column to predict; by default the one named target, label, class or y"
    )
    text: str | None = hyperparameter(
        None,
        description="a table's column to read as words; by default one with more than 64 values of three words and "
        "more",
    )
    part: str | None = hyperparameter(
        None,
        description="a table's column that says train, valid or test; by default one named part or split that does",
    )
    group: str | None = hyperparameter(
        None, description="a table's column that names what belongs together, which stays in one part"
    )
    time: str | None = hyperparameter(None, description="a table's column that says when, a number or a date")
