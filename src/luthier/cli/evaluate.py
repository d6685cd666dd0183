"""luthier evaluate: the test result, class by class where there are classes."""

from typing import Annotated, Any

import typer

from luthier.cli.options import DataDir, Device, Json, RunPath, StatedUnits
from luthier.cli.output import describe_reads, describe_trivial, emit, format_cell, print_table, summarise


def evaluate(
    run: RunPath,
    data: Annotated[
        str | None,
        typer.Option(metavar="DATA", help="Other data with the same classes; by default the run's own test part."),
    ] = None,
    units: StatedUnits = None,
    data_dir: DataDir = None,
    device: Device = "auto",
    json: Json = False,
) -> None:
    """Test a run, class by class.

    On its own test part, or on other data; with the confusion matrix, or the errors of values.

    Example: luthier evaluate runs/20260101-120000-digits-lenet5
    """
    from luthier import api

    report = api.evaluate(run, data=data, units=units, device=device, data_dir=data_dir)
    if json:
        emit(report)
        return
    print(
        f"{report['part']}: {summarise(report)}; loss {format_cell(report['loss'])}; "
        f"{describe_reads(report['test_reads'])}"
    )
    for line in _describe_seen(report, data is not None):
        print(line)
    trivial = describe_trivial(report)
    if trivial:
        print(f"trivial: {trivial}")
    _print_metrics(report)
    if "per_class" in report:
        _print_classes(report)


def _describe_seen(report: dict[str, Any], other: bool) -> list[str]:
    """Describe what the run has seen of the examples; nothing where it has seen none. other: whether data were given.

    >>> _describe_seen({"n": 9, "trained_on": 9, "validated_on": 0, "others": None}, True)
    ['all 9 examples were trained on: these figures say nothing about new examples']
    """
    n, trained, validated, others = (report[key] for key in ("n", "trained_on", "validated_on", "others"))
    if trained is None:
        unknown = "how many of the examples were trained on cannot be known: the run is of an earlier version"
        return [unknown] if other else []
    told = [f"{trained} of the {n} examples were trained on"] if trained else []
    told += [f"{validated} of the {n} are of the validation part"] if validated else []
    if others:
        return [f"{' and '.join(told)}; the others alone: {summarise(others)}; loss {format_cell(others['loss'])}"]
    if trained == n:
        told = [f"all {n} examples were trained on"]
    return [f"{' and '.join(told)}: these figures say nothing about new examples"] if told else []


def _print_metrics(report: dict[str, Any]) -> None:
    rows = [[name, report[name], *_ends(one), report["methods"][name]] for name, one in report["intervals"].items()]
    print_table(("metric", "value", "from", "to", "95% interval by"), rows)
    for name, reason in report["undefined"].items():
        print(f"{name} is undefined: {reason}")


def _ends(interval: list[float] | None) -> list[float | None]:
    return [*interval] if interval else [None, None]


def _print_classes(report: dict[str, Any]) -> None:
    keys = ("class", "n", "precision", "recall", "f1")
    print_table(keys, ([row[key] for key in keys] for row in report["per_class"]))
    names = [row["class"] for row in report["per_class"]]
    print("confusion matrix: true class in rows, answer in columns")
    print_table(["", *names], ([name, *counts] for name, counts in zip(names, report["confusion"], strict=True)))
