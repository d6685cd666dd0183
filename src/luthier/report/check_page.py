"""The report of a check as one page: no script, no network, light and dark as the reader has it."""

from pathlib import Path
from typing import Any

import numpy as np

from luthier.data.check.finding import Finding, name_example
from luthier.data.check.report import Report
from luthier.data.dataset import Dataset
from luthier.report.templates import render, thumbnail

TEMPLATE = Path(__file__).parent / "check.html"


MOST_CLASSES, MOST_PICTURES, MOST_FILES = 200, 8, 20
"""What is shown of many classes, of a finding's pictures, and of its files."""


def write_page(report: Report) -> str:
    """Write the page; every name is escaped, whatever it holds."""
    counts, firsts = report.counts, _firsts(report.dataset)
    shown = counts[:MOST_CLASSES] if report.dataset is not None else []
    return render(
        TEMPLATE,
        title=f"Check of {report.name}",
        stops=report.stops,
        summary=summarise(report),
        findings=[_finding(finding, report.dataset) for finding in report.findings],
        classes=[{**row, "picture": firsts.get(k)} for k, row in enumerate(shown)],
        parts=[key for key in counts[0] if key not in ("class", "n")] if counts else [],
        most=max((row["n"] for row in counts), default=0),
        more=len(counts) - len(shown),
    )


def summarise(report: Report) -> str:
    """Describe in one line what the data are and whether they stop a training."""
    counts = {kind: sum(finding.severity == kind for finding in report.findings) for kind in ("stop", "warn", "note")}
    verdict = "a training would stop" if report.stops else "nothing stops a training"
    size = "" if report.dataset is None else f"{len(report.dataset):,} examples, {_outputs(report.dataset)}; "
    return f"{size}{verdict}: {counts['stop']} to mend, {counts['warn']} to look at, {counts['note']} to know"


def _outputs(dataset: Dataset) -> str:
    return f"{len(dataset.classes)} classes" if dataset.classes else f"{dataset.outputs} values to predict"


def _finding(finding: Finding, dataset: Dataset | None) -> dict[str, Any]:
    return {
        "severity": finding.severity,
        "kind": finding.kind,
        "what": finding.what,
        "remedy": finding.remedy,
        "pictures": _pictures(finding, dataset),
        "files": list(dict.fromkeys((finding.files or ())[:MOST_FILES])),
    }


def _pictures(finding: Finding, dataset: Dataset | None) -> list[dict[str, Any]]:
    if dataset is None or not dataset.is_picture or not finding.examples:
        return []
    return [
        {"sources": [thumbnail(dataset.inputs[k])], "lines": [name_example(dataset, k), _label(dataset, k)]}
        for k in finding.examples[:MOST_PICTURES]
    ]


def _label(dataset: Dataset, example: int) -> str:
    label = dataset.labels[example]
    if not dataset.classes:
        return ", ".join(f"{value:.4g}" for value in label)
    return dataset.classes[label] if 0 <= label < len(dataset.classes) else f"label {label}"


def _firsts(dataset: Dataset | None) -> dict[int, str]:
    """Return a picture of each class, by its number."""
    if dataset is None or not dataset.is_picture:
        return {}
    numbers, first = np.unique(dataset.labels, return_index=True)
    shown_ones = list(zip(numbers.tolist(), first.tolist(), strict=True))[:MOST_CLASSES]
    return {k: thumbnail(dataset.inputs[example]) for k, example in shown_ones}
