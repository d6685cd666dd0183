"""luthier bench: speed on this machine, compared with plain PyTorch and Pillow."""

from typing import Annotated, Any

import typer

from luthier.cli.options import Json, Quiet
from luthier.cli.output import emit, print_table
from luthier.core.console import print_stderr


def bench(
    rounds: Annotated[int, typer.Option(min=2, help="How often each contender is timed, in turn.")] = 8,
    examples: Annotated[int, typer.Option(min=128, help="Pictures per contender and round.")] = 12_800,
    augment: Annotated[bool, typer.Option("--augment", help="Time augmentation instead of training.")] = False,
    quiet: Quiet = False,
    json: Json = False,
) -> None:
    """Time training beside plain PyTorch, or augmentation beside Pillow.

    A LeNet-5, beside the two usual loops, interleaved in one run.

    Example: luthier bench --rounds 4
    """
    from luthier.testing.bench import bench as measure
    from luthier.testing.bench import bench_augment

    def watch(done: int) -> None:
        if not quiet:
            print_stderr(f"round {done}/{rounds * 2 if augment else rounds}")

    if augment:
        result = bench_augment(rounds, examples, watch)
    else:
        result = measure(rounds=rounds, examples=examples, watch=watch)
    if json:
        emit(result)
    elif augment:
        _print_augment(result)
    else:
        headings = ("loop", "examples/s (median)", "spread", "luthier / loop (95% interval)", "of the matrix product")
        print_table(headings, ((*_speeds(row), f"{row['fraction_of_product']:.1%}") for row in result["rows"]))


def _print_augment(result: dict[str, Any]) -> None:
    print_table(
        ("what", "examples/s (median)", "spread", "luthier / this (95% interval)"), map(_speeds, result["rows"])
    )
    for cost in result["costs"]:
        share, times = cost["share_of_step"], cost["times_pillow"]
        print(
            f"{'x'.join(map(str, cost['shape']))}: augmentation costs {share['estimate']:.1%} of a training step "
            f"(95% interval {share['low']:.1%} to {share['high']:.1%}), {times['estimate']:.1f} times less than Pillow "
            f"({times['low']:.1f} to {times['high']:.1f})"
        )


def _speeds(row: dict[str, Any]) -> tuple[str, ...]:
    """Make the cells that all tables begin with."""
    return (
        row["name"],
        f"{row['examples_per_second']:,.0f}",
        "{:,.0f} to {:,.0f}".format(*row["spread"]),
        "{estimate:.2f} ({low:.2f} to {high:.2f})".format(**row["ratio"]) if row["ratio"] else "-",
    )
