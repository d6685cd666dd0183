"""What training tells: rows for the history, and the step that was not finite."""

import math
from typing import Any, NoReturn

import torch

from luthier.core.errors import Diverged
from luthier.engine.assembly import Assembly
from luthier.engine.batches import bounds
from luthier.engine.state import TrainState, faults

Row = dict[str, Any]
READ_EVERY = 50
SHOWN = 10


def read(a: Assembly, s: TrainState) -> Row:
    """Fetch what gathered on the device since the last read and make one row of it.

    Raises Diverged with the first step that was not finite.
    """
    values = torch.stack(s.pending).cpu().double()
    first = s.step - len(values)
    bad = faults(values).nonzero()
    if len(bad):
        _raise(a, s, len(values) - int(bad[0, 0]), ("loss", "gradient")[int(bad[0, 1])])
    weights = float(torch.nn.utils.get_total_norm(a.parameters.values()))
    if not math.isfinite(weights):
        _raise(a, s, 1, "weights")
    s.pending.clear()
    applied = values[values[:, 2] == 0]
    gradient = float(applied[:, 1].mean()) if len(applied) else 0.0
    skipped = len(values) - len(applied)
    rate = a.schedule.factor(s.step - 1, a.training.total, s.scores) * a.rates[0]
    return {
        "kind": "train", "step": s.step, "epoch": s.epoch, "steps": s.step - first,
        "loss": float(values[:, 0].mean()),
        "gradient_norm": gradient, "weight_norm": weights, "learning_rate": rate,
        **({"skipped": skipped} if skipped else {}),
    }  # fmt: skip


def _raise(a: Assembly, s: TrainState, ago: int, what: str) -> NoReturn:
    assert s.order is not None
    step, position = s.step - ago, s.position - ago
    start, stop = bounds(len(s.order), a.training.batch_size, position)
    examples = a.training.examples.members[s.order[start:stop]].tolist()
    rate = a.schedule.factor(step, a.training.total, s.scores) * a.rates[0]
    shown = ", ".join(map(str, examples[:SHOWN])) + (", ..." if len(examples) > SHOWN else "")
    fate = "" if what == "weights" else "that step was not applied and "
    raise Diverged(
        f"loss, gradients and weights must stay finite, but step {step} (from 0) met non-finite values in the {what}, "
        f"at learning rate {rate:.3g} on examples {shown}; {fate}the last good checkpoint is kept; "
        "lower optimizer.learning_rate"
    )


def memory_row(s: TrainState) -> Row:
    """Make the row that says in what parts batches are sent through since memory ran out in the last step."""
    return {"kind": "memory", "step": s.step, "epoch": s.epoch, "micro_batch": s.micro_batch}


def validation_row(s: TrainState, metrics: dict[str, Any]) -> Row:
    """Make the row of an evaluation."""
    finite = {name: value if value is None or math.isfinite(value) else None for name, value in metrics.items()}
    return {"kind": "validation", "step": s.step, "epoch": s.epoch, **finite}
