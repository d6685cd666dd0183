"""Checks whatever a training would be given: a name, a file, a folder."""

import warnings
from pathlib import Path

from luthier.core.errors import BadInput, LuthierWarning, raise_all
from luthier.data.check import files
from luthier.data.check.finding import Finding, Rule, worst_first
from luthier.data.check.report import Report, check
from luthier.data.check.scan import make_dataset, scan_files
from luthier.data.config import DataConfig
from luthier.data.followed import find_unfollowed
from luthier.data.images.listing import list_pictures
from luthier.data.loading import DEFAULT, SOURCES, holds_pictures, load


def examine(
    data: str, data_dir: Path | None = None, data_config: DataConfig = DEFAULT, *, quiet: bool = True
) -> Report:
    """Look at all of the data, and report everything at once.

    data: what `luthier train` takes. data_dir: where named sets are looked for first. quiet: no progress on stderr.
    data_config: how tables and arrays are read, and whether bad pictures are left out: the recipe's `data` section.
    Raises BadInput where there is nothing of that name to look at.

    >>> examine("digits").stops
    False
    """
    path = Path(data)
    if data not in SOURCES and data and holds_pictures(path):
        return _pictures(path, quiet, data_config)
    try:
        with warnings.catch_warnings(record=True) as told:
            warnings.simplefilter("always", LuthierWarning)
            dataset = load(data, data_dir, data_config, quiet=quiet)
    except BadInput as error:
        if data in SOURCES or not data or not path.exists():
            raise
        stops = [finding for line in error.problems for finding in _as_finding("unusable", line)]
        return Report(path.stem, (*stops, *_as_notes(told)))
    raise_all(find_unfollowed(data_config, dataset))
    report = check(dataset, published=data in SOURCES)
    return Report(report.name, worst_first([*report.findings, *_as_notes(told)]), dataset)


def _pictures(path: Path, quiet: bool, data_config: DataConfig) -> Report:
    scan = scan_files(list_pictures(path), quiet)
    dataset = make_dataset(scan)
    raise_all(find_unfollowed(data_config, dataset) if dataset else ())
    findings = files.find_file_faults(scan, skip=data_config.bad == "skip")
    if dataset is None:
        nothing = Rule("no-pictures", "stop", "add some in class folders").met(
            f"{path} must hold pictures, but holds none"
        )
        return Report(path.resolve().stem, worst_first([*nothing, *findings]))
    return Report(dataset.name, worst_first([*findings, *check(dataset).findings]), dataset)


def _as_notes(told: list[warnings.WarningMessage]) -> list[Finding]:
    return [finding for each in told for finding in _as_finding("reading", str(each.message))]


def _as_finding(kind: str, line: str) -> list[Finding]:
    what, _, remedy = line.rpartition("; ")
    return Rule(kind, "stop" if kind == "unusable" else "note", remedy if what else "see to it").met(what or line)
