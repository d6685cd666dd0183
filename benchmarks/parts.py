"""What each activation, initialiser, loss and optimizer is worth to LeNet-5 after a fixed budget.

    python benchmarks/parts.py mnist --epochs 1 --seeds 5 --out runs/parts

Trains the default recipe with one part exchanged at a time, all settings of the part at their defaults, once per seed;
reads the validation part alone. What is finished is kept in --out, so that a later call goes on with what is missing.
"""

import argparse
import json
import multiprocessing
import os
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from functools import cache
from pathlib import Path
from typing import Any

KINDS = {"activations": "model.activation", "initialisers": "initialiser", "losses": "loss", "optimizers": "optimizer"}
LEFT_OUT = {"map-1998"}
"""Made for the outputs of one architecture, which are distances."""
HEAD = """# What each part is worth

LeNet-5 by the default recipe, with one part exchanged at a time and every setting of the part at its default, so a part
whose default rate does not suit it is shown as it comes. Validation accuracy after a fixed budget; 95% t intervals over
seeds.

Command: `{command}`, {epochs} epoch(s) of {examples:,} examples, {seeds} seeds, one thread per training.
Measured with PyTorch {torch} and Python {python} on {processor}.

| kind | part | validation accuracy | 95% interval | seeds |
| --- | --- | --- | --- | --- |
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", help="name or path of a data set of pictures")
    parser.add_argument("--epochs", type=int, default=1)
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--workers", type=int, default=os.cpu_count())
    parser.add_argument("--out", type=Path, required=True, help="directory for what was measured and for parts.md")
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    measure(options)
    report(options)


def measure(options: argparse.Namespace) -> None:
    """Train what is missing, each training in one thread."""
    os.environ["OMP_NUM_THREADS"] = "1"
    missing = [(kind, name, seed) for kind, name in parts() for seed in range(options.seeds)]
    missing = [one for one in missing if not place(options.out, *one).exists()]
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(options.workers, mp_context=context) as pool:
        jobs = {pool.submit(accuracy, options.data, options.epochs, *one): one for one in missing}
        for number, job in enumerate(as_completed(jobs), 1):
            place(options.out, *jobs[job]).write_text(json.dumps(job.result()))
            print(f"{number}/{len(jobs)}", *jobs[job], job.result()["accuracy"], flush=True)


def parts() -> Iterator[tuple[str, str]]:
    """Every part that can stand in the default recipe, kind by kind."""
    from luthier.recipe.catalogue import items

    for kind in KINDS:
        yield from ((kind, item["name"]) for item in items(kind) if item["name"] not in LEFT_OUT)


def place(out: Path, kind: str, name: str, seed: int) -> Path:
    """Where the result of one training lies."""
    return out / f"{kind}-{name}-{seed}.json"


def accuracy(data: str, epochs: int, kind: str, name: str, seed: int) -> dict[str, Any]:
    """Train once; return the validation accuracy and the number of training examples."""
    import torch

    from luthier.core.errors import Diverged
    from luthier.recipe.build import prepare
    from luthier.recipe.read import read_recipe
    from luthier.recipe.resolve import resolve
    from luthier.recipe.values import with_value
    from luthier.training import choose_final_network, evaluate, start, train

    values = {"model": "lenet5", "seed": seed, "training": {"epochs": epochs}}
    examples = dataset(data)
    recipe = resolve(read_recipe(with_value(values, KINDS[kind], name)), examples)
    trainer = prepare(recipe, examples, torch.device("cpu")).trainer
    state = start(trainer)
    try:
        for _ in train(trainer, state):
            pass
        found = evaluate(choose_final_network(trainer, state), trainer.validation, trainer.loss).metrics["accuracy"]
    except Diverged:
        found = None
    return {"accuracy": found, "examples": len(trainer.training.examples)}


@cache
def dataset(data: str) -> Any:
    """Read the data once in each process."""
    from luthier.data import load

    return load(data)


def report(options: argparse.Namespace) -> None:
    """Write the table, the best of each kind first."""
    from luthier.run.provenance import environment

    rows = {one: results(options, *one) for one in parts()}
    order = sorted(rows, key=lambda one: (one[0], -mean(rows[one])))
    examples = next(iter(rows.values()))[0]["examples"]
    command = f"python benchmarks/parts.py {options.data} --epochs {options.epochs} --seeds {options.seeds}"
    head = HEAD.format(command=command, epochs=options.epochs, seeds=options.seeds, examples=examples, **environment())
    lines = [f"| {kind} | `{name}` | {shown(rows[kind, name])} |" for kind, name in order]
    (options.out / "parts.md").write_text(head + "\n".join(lines) + "\n")


def results(options: argparse.Namespace, kind: str, name: str) -> list[dict[str, Any]]:
    """What was measured of one part."""
    return [json.loads(place(options.out, kind, name, seed).read_text()) for seed in range(options.seeds)]


def mean(found: list[dict[str, Any]]) -> float:
    """The mean accuracy; a training that diverged counts as 0."""
    return sum(one["accuracy"] or 0 for one in found) / len(found)


def shown(found: list[dict[str, Any]]) -> str:
    """Cells for the accuracy, its interval and the number of seeds."""
    from luthier.stats import mean_interval

    good = [one["accuracy"] for one in found if one["accuracy"] is not None]
    if len(good) < len(found):
        return f"diverged under {len(found) - len(good)} seeds | - | {len(found)}"
    one = mean_interval(good)
    return f"{one.estimate:.2%} | {one.low:.2%} to {one.high:.2%} | {one.n}"


if __name__ == "__main__":
    main()
