"""What training tells: rows for the history, and the step that was not finite."""

import math
from typing import Any, NoReturn

import torch

from luthier.core.errors import Diverged
from luthier.training.state import Trainer, TrainState, find_faults
from luthier.training.step import batch_bounds

Row = dict[str, Any]


READ_EVERY = 50


SHOWN = 10


def read(trainer: Trainer, run_state: TrainState) -> Row:
    """Fetch what gathered on the device since the last read and make one row of it.

    Raises Diverged with the first step that was not finite.
    """
    values = torch.stack(run_state.pending).cpu().double()
    first = run_state.step - len(values)
    bad = find_faults(values).nonzero()
    if len(bad):
        _raise(trainer, run_state, len(values) - int(bad[0, 0]), ("loss", "gradient")[int(bad[0, 1])])
    weights = float(torch.nn.utils.get_total_norm(trainer.parameters.values()))
    if not math.isfinite(weights):
        _raise(trainer, run_state, 1, "weights")
    run_state.pending.clear()
    applied = values[values[:, 2] == 0]
    gradient = float(applied[:, 1].mean()) if len(applied) else 0.0
    skipped = len(values) - len(applied)
    rate = trainer.schedule.factor(run_state.step - 1, trainer.training.total, run_state.scores) * trainer.rates[0]
    return {
        "kind": "train", "step": run_state.step, "epoch": run_state.epoch, "steps": run_state.step - first,
        "loss": float(values[:, 0].mean()),
        "gradient_norm": gradient, "weight_norm": weights, "learning_rate": rate,
        **({"skipped": skipped} if skipped else {}),
    }  # fmt: skip


def _raise(trainer: Trainer, run_state: TrainState, ago: int, what: str) -> NoReturn:
    assert run_state.order is not None
    step, position = run_state.step - ago, run_state.position - ago
    start, stop = batch_bounds(len(run_state.order), trainer.training.batch_size, position)
    examples = trainer.training.examples.indices[run_state.order[start:stop]].tolist()
    rate = trainer.schedule.factor(step, trainer.training.total, run_state.scores) * trainer.rates[0]
    shown = ", ".join(map(str, examples[:SHOWN])) + (", ..." if len(examples) > SHOWN else "")
    fate = "" if what == "weights" else "that step was not applied and "
    raise Diverged(
        f"loss, gradients and weights must stay finite, but step {step} (from 0) met non-finite values in the {what}, "
        f"at learning rate {rate:.3g} on examples {shown}; {fate}the last good checkpoint is kept; "
        "lower optimizer.learning_rate"
    )


def make_memory_row(run_state: TrainState) -> Row:
    """Make the row that says in what parts batches are sent through since memory ran out in the last step."""
    return {"kind": "memory", "step": run_state.step, "epoch": run_state.epoch, "micro_batch": run_state.micro_batch}


def make_validation_row(run_state: TrainState, metrics: dict[str, Any]) -> Row:
    """Make the row of an evaluation."""
    finite = {name: value if value is None or math.isfinite(value) else None for name, value in metrics.items()}
    return {"kind": "validation", "step": run_state.step, "epoch": run_state.epoch, **finite}
