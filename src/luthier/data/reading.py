"""What a recipe says of its data: where they come from and how they are read."""

from typing import Literal

from luthier.core.declare import Declared, Range, hyper
from luthier.decoding.fit import Fit

Task = Literal["auto", "classification", "regression"]


class Data(Declared):
    """Which data, and how their pictures are brought to the network's size."""

    source: str = hyper("digits", says="name or path of the data; not part of the hash, the fingerprint is")
    task: Task = hyper(
        "auto",
        says="what y holds: classes, or for regression values; auto takes numbers that are not all whole for values",
    )
    fingerprint: str | None = hyper(None, says="SHA-256 of the data, filled in when they are read")
    size: int | None = hyper(
        None,
        legal=Range(1, 4096),
        says="side in pixels that pictures are brought to; the architecture's own by default",
    )
    fit: Fit = hyper("resize", says="how: stretch both sides, pad with zeros, or crop the centre")
    bad: Literal["stop", "skip"] = hyper(
        "stop", says="pictures that cannot be used: all listed and an end, or left out where they are at most 1%"
    )
