"""What commands print: JSON for scripts on stdout, words and tables for people."""

import json
import shlex
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from luthier.core.console import count_noun, format_number, print_stderr
from luthier.core.errors import escape_name

if TYPE_CHECKING:
    from luthier.run import Run


PIPE_WIDTH = 1000


REGRESSION = ("r2", "rmse", "mae")


def emit(value: dict[str, Any]) -> None:
    """Print one JSON object on stdout."""
    print(json.dumps(value, allow_nan=False))


def print_table(headings: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Print a table on stdout, as wide as its content where the output is no terminal."""
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    on_terminal = sys.stdout is not None and sys.stdout.isatty()
    grid = Table(box=box.SIMPLE_HEAD if on_terminal else None)
    for heading in headings:
        grid.add_column(Text(escape_name(heading)))
    for row in rows:
        grid.add_row(*(Text(format_cell(cell)) for cell in row))
    Console(width=None if on_terminal else PIPE_WIDTH).print(grid)


def format_cell(value: Any) -> str:
    """Format one cell: a dash for undefined, numbers as people read them, no sign that controls a terminal."""
    if isinstance(value, float):
        return format_number(value)
    return "-" if value is None else escape_name(str(value))


def describe_reads(count: int | None) -> str:
    """Describe how often a test part was read.

    >>> describe_reads(1), describe_reads(3)
    ('read 1 time so far on this machine', 'read 3 times so far on this machine')
    """
    if count is None:
        return "reads not counted"
    return f"read {count} time{'s' if count > 1 else ''} so far on this machine"


def summarise(metrics: dict[str, Any], monitor: str | None = None) -> str:
    """Describe the result on a part: the accuracy, or the errors of values, with intervals and n.

    >>> summarise(
    ...     {"r2": 0.9, "rmse": 2.0, "mae": 1.5, "n": 9, "intervals": {"r2": None, "rmse": None, "mae": [1, 2.25]}}
    ... )
    'r2 0.9, rmse 2, mae 1.5 (95% interval 1 to 2.25), n = 9'
    """
    names = ("accuracy",) if "accuracy" in metrics else REGRESSION
    if monitor is not None and monitor not in names:
        interval = _within(metrics["intervals"].get(monitor))
        return f"{monitor} {format_cell(metrics[monitor])}{interval}; {summarise(metrics)}"
    if "accuracy" in metrics:
        return format_accuracy(metrics)
    figures = [f"{name} {format_cell(metrics[name])}{_within(metrics['intervals'][name])}" for name in REGRESSION]
    undefined = " (r2 is undefined where the true values do not differ)" if metrics["r2"] is None else ""
    return f"{', '.join(figures)}, n = {metrics['n']}{undefined}"


def describe_trivial(metrics: dict[str, Any], monitor: str | None = None) -> str:
    """Describe what the trivial answer scores on a part, by what tells a result from it; empty where none is known.

    >>> describe_trivial({"trivial": {"accuracy": 0.7, "log-loss": 0.6109, "ece": 0.0}})
    'accuracy 70.00%, log-loss 0.6109: the largest class, and the share of each, for all examples'
    """
    found = metrics.get("trivial")
    if not found:
        return ""
    classes = "accuracy" in found
    names = ("accuracy", "log-loss") if classes else REGRESSION
    if monitor in found and monitor not in names:
        names = (monitor, *names)
    figures = ", ".join(f"{name} {_format_metric(name, found[name])}" for name in names)
    how = "the largest class, and the share of each," if classes else "the mean of the training part"
    return f"{figures}: {how} for all examples"


def _format_metric(name: str, value: float | None) -> str:
    return "undefined" if value is None else f"{value:{_form(name)}}"


def _within(interval: Sequence[float] | None) -> str:
    return f" (95% interval {format_number(interval[0])} to {format_number(interval[1])})" if interval else ""


def format_accuracy(metrics: dict[str, Any]) -> str:
    """Write an accuracy with its interval and n.

    >>> format_accuracy({"accuracy": 0.98, "interval": [0.96, 0.99], "n": 359})
    'accuracy 98.00% (95% interval 96.00% to 99.00%, n = 359)'
    """
    low, high = metrics["interval"]
    return f"accuracy {metrics['accuracy']:.2%} (95% interval {low:.2%} to {high:.2%}, n = {metrics['n']})"


Page = Callable[[], str | None]
"""Makes or finds a page and says where it lies; None where there is none."""


def print_run(run: "Run", json: bool, page: Page) -> None:
    """Print the result of a run, for people, before its page is made."""
    result = run.result
    if json:
        emit({"run": str(run.path), "report": page(), **result})
        return
    if result["validation"]:
        print(f"validation  {summarise(result['validation'], run.recipe.training.monitor)}")
    print(
        f"test        {summarise(result['test'], run.recipe.training.monitor)}; {describe_reads(result['test_reads'])}"
    )
    trivial = describe_trivial(result["test"], run.recipe.training.monitor)
    if trivial:
        print(f"trivial     {trivial}")
    if result.get("calibration"):
        print_calibration(result["calibration"])
    speed = f"{result['seconds']:.1f} s, {result['examples_per_second']:,.0f} examples/s"
    print(f"{result['parameters']:,} parameters, {count_noun(result['epochs'], 'epoch')}, {speed}")
    for sentence in result.get("diagnosis", {}).values():  # earlier versions had none
        print(sentence)
    print_page(page)
    print(f"run: {run.path}")


def print_calibration(calibration: dict[str, Any]) -> None:
    """Print the temperature and its effect on the test part."""
    before, after = (format_cell(calibration["test"][when]["ece"]) for when in ("before", "after"))
    print(f"calibration temperature {format_cell(calibration['temperature'])}: test ece {before} before, {after} after")


def print_study(study: dict[str, Any], json: bool, page: Page) -> None:
    """Print the result of a study, for people, before its page is made."""
    if json:
        emit({**study, "report": page()})
        return
    metric = study["metric"]
    _print_study_points(study, metric)
    if study.get("trivial") is not None:
        print(f"trivial {metric}, the same answer for all examples: {_format_metric(metric, study['trivial'])}")
    print_page(page)
    print(f"study: {study['study']}")


def _print_study_points(study: dict[str, Any], metric: str) -> None:
    if "points" in study:
        for point in study["points"]:
            print(f"{point['n']} examples: test {metric}, mean of {point['seeds']} seeds: {_mean(point, metric)}")
        print(f"picture: {study['picture']}")
    elif "by_round" in study:
        for one in study["by_round"]:
            figure = _mean(one, metric) if one["n"] > 1 else f"{one['mean']:{_form(metric)}}"
            print(f"round {one['round']}: test {metric}, {one['n']} seed{'s' * (one['n'] > 1)}: {figure}")
    else:
        over = "folds" if "folds" in study else "seeds"
        print(f"test {metric}, mean of {study['test']['n']} {over}: {_mean(study['test'], metric)}")


def write_page(path: Path | str, data_dir: Path | None) -> str | None:
    """Write the page of what was just trained and print its path; where that fails, warn and leave the result."""
    import warnings

    from luthier.core.errors import LuthierWarning
    from luthier.report.report import report

    try:
        with warnings.catch_warnings(action="ignore", category=LuthierWarning):  # the training said it all
            return str(report(path, data_dir=data_dir, quiet=True))
    except (Exception, KeyboardInterrupt) as error:  # whatever it is, what was trained is not lost for it
        why = f"{type(error).__name__}: {error}".rstrip(": ")
        remedy = shlex.join(["luthier", "report", str(path)])
        print_stderr(
            f"luthier: warning: the page could not be written ({why}); the result is kept; write it with: {remedy}"
        )
    return None


def find_page(path: Path | str) -> str | None:
    """Return the path of the page of a finished run; None where none was written since there is a result."""
    from luthier.run import RunPaths

    paths = RunPaths(Path(path))
    known = paths.report.is_file() and paths.report.stat().st_mtime_ns >= paths.result.stat().st_mtime_ns
    return str(paths.report) if known else None


def print_page(page: Page) -> None:
    """Make a page and print its path, after all other results."""
    sys.stdout.flush()  # what was printed so far is safe, whatever happens to the page
    path = page()
    if path:
        print(f"report: {path}")


def _mean(result: dict[str, Any], metric: str) -> str:
    """Write a mean with its interval."""
    if result["interval"] is None:
        return "not defined in all runs"
    low, high = result["interval"]
    form = _form(metric)
    return f"{result['mean']:{form}} (95% interval {low:{form}} to {high:{form}})"


def _form(metric: str) -> str:
    from luthier.stats.metrics import METRICS

    return ".2%" if METRICS[metric].share else ".4g"


def print_result(result: dict[str, Any], json: bool) -> None:
    """Print the result of a study."""

    if json:
        emit({**result, "trials": len(result["trial_list"]), "report": write_page(result["study"], None)})
        return
    for line in describe_result(result):
        print(line)
    print_page(lambda: write_page(result["study"], None))
    print(f"run: {result['run']}")


def describe_result(result: dict[str, Any]) -> Iterator[str]:
    """Describe line by line what was found, whether it was confirmed, and what is kept."""
    from luthier.study.tune.budget import describe_finder

    best, trials = result["best"], result["trial_list"]
    if result["finder"] is not None:
        yield describe_finder(result["finder"], result["proposals"])
    doubt = " (optimistic: it was chosen for it)" if best["optimistic"] else ""
    yield f"best of {len(trials)} trials: trial {best['trial']}, {result['metric']} {best['search_score']:.4f}{doubt}"
    yield from (f"  {path} = {value}" for path, value in trials[best["trial"]]["params"].items())
    yield from (f"  {setting['path']} is at the {setting['end']} end of its range" for setting in result["boundary"])
    yield describe_confirmation(result["metric"], result["fresh"])
    yield f"kept: the {'winner' if result['shipped'] == 'best' else 'default'}; test {summarise(result['test'])}"
    trivial = describe_trivial(result["test"])
    yield from [f"trivial: {trivial}"] if trivial else []


def describe_confirmation(metric: str, fresh: dict[str, Any]) -> str:
    """Describe the result of the confirmation.

    >>> describe_confirmation("accuracy", {"difference": None, "verdict": "not asked"})
    'fresh: not asked'
    """
    if fresh["difference"] is None:
        return f"fresh: {fresh['verdict']}"
    low, high = fresh["interval"]
    further = f"; about {fresh['further_pairs']} more pairs would tell" if fresh["further_pairs"] else ""
    diverged = f"; {fresh['diverged']} of the runs diverged, each counts as the worst" if fresh["diverged"] else ""
    return (
        f"fresh: {metric} {fresh['best']['mean']:.4f} beside {fresh['default']['mean']:.4f} of the default, difference "
        f"{fresh['difference']:+.4f} (95% interval {low:+.4f} to {high:+.4f}, n = {fresh['n']} pairs): "
        f"{fresh['verdict']}{further}{diverged}"
    )
