"""What happens where memory runs out: the same batch in smaller parts."""

import warnings
from collections.abc import Callable

import torch

from luthier.core.errors import LuthierWarning, ran_out_of_memory
from luthier.core.rng import seed_global
from luthier.models.architecture import find_lone_norm
from luthier.training.state import Trainer, TrainState
from luthier.training.trick import LEAST, Outcome


def within_memory(trainer: Trainer, run_state: TrainState, count: int, attempt: Callable[[], Outcome]) -> Outcome:
    """Try the passes of a batch of `count` examples, and again in parts of half the size where memory runs out.

    The state keeps the size, so that the steps that follow, and a resumed run, begin with it. A further attempt draws
    what the first one drew. Batch norm sees parts alone from then on, and a failed attempt may have moved its
    statistics once more.
    Raises the error of the last attempt where parts cannot be smaller.
    """
    while True:
        try:
            return attempt()
        except (MemoryError, RuntimeError, TypeError) as error:
            if not ran_out_of_memory(error) or not _halve(trainer, run_state, count):
                raise
        release(trainer.device)  # only here: until the error is gone, it holds what the attempt had made
        seed_global(trainer.training.seed, "forward", run_state.step, trainer.device)


def _halve(trainer: Trainer, run_state: TrainState, count: int) -> bool:
    """Halve the parts of a batch and say so; False where they are as small as they can be."""
    size = min(run_state.micro_batch or count, count)
    smaller = max(-(-size // 2), _least(trainer))
    if smaller >= size:
        return False
    run_state.micro_batch = smaller
    warnings.warn(
        f"memory ran out in step {run_state.step} (from 0) with {size} examples in a pass; batches are sent through in "
        f"parts of at most {smaller} from here on, their gradients added up to that of the whole; to begin so, set "
        f"tricks.gradient-accumulation.micro_batch, or lower training.batch_size = {trainer.training.batch_size}",
        LuthierWarning,
        stacklevel=2,
    )
    return True


def _least(trainer: Trainer) -> int:
    """Return the smallest part that can be trained on: a batch norm of rows needs two examples in each."""
    inputs = trainer.training.examples.batch(torch.zeros(1, dtype=torch.long, device=trainer.device)).inputs
    assert isinstance(inputs, torch.Tensor)
    return LEAST if find_lone_norm(trainer.network, tuple(inputs.shape[1:])) else 1


def release(device: torch.device) -> None:
    """Give back what an accelerator holds in reserve, so that other sizes find room."""
    if device.type == "cuda":
        torch.cuda.empty_cache()
    elif device.type == "mps":
        torch.mps.empty_cache()
