"""The loop that one can read top to bottom."""

from collections.abc import Iterator

import torch

from luthier.core.errors import BadInput
from luthier.core.rng import fork_rng, generator
from luthier.data.samplers import Seen
from luthier.stats.metrics import METRICS
from luthier.training.diagnostics import Health
from luthier.training.evaluate import add_monitor, choose_network, evaluate
from luthier.training.history import READ_EVERY, Row, make_memory_row, make_validation_row, read
from luthier.training.state import Trainer, TrainState
from luthier.training.step import train_step
from luthier.training.trick import Report, StepContext


def start(trainer: Trainer) -> TrainState:
    """Make the state before the first step."""
    losses = torch.full((len(trainer.training.examples.labels),), torch.inf, device=trainer.device)
    state = TrainState(losses, torch.zeros((), dtype=torch.bool, device=trainer.device))
    for trick in trainer.tricks:
        context = StepContext(trainer.training, 0, 0, stream=f"{trick.name}/begin")
        with context.seed_draws():
            state.memory[trick.name] = trick.begin(trainer.network, context)
    return state


def train(trainer: Trainer, run_state: TrainState) -> Iterator[list[Row]]:
    """Go on from a state; after each step, yield the history rows that it brought, mostly none.

    At every yield the state is whole: it may be saved, and training may be left there; the caller's global random
    state is its own.
    Raises Diverged at the first read after a step that was not finite.
    """
    while run_state.epoch < trainer.training.epochs and not run_state.stopped:
        with fork_rng(trainer.device):
            rows = advance(trainer, run_state)
        yield rows


def advance(trainer: Trainer, run_state: TrainState) -> list[Row]:
    """Take one step; read the history and end the epoch where they are due, with a look at each layer's health."""
    if run_state.order is None:
        run_state.order = draw_order(trainer, run_state)
    before = run_state.micro_batch
    rows = (
        _last_step(trainer, run_state)
        if run_state.position + 1 == trainer.steps_per_epoch
        else _step(trainer, run_state)
    )
    return [make_memory_row(run_state), *rows] if run_state.micro_batch != before else rows


def _step(trainer: Trainer, run_state: TrainState) -> list[Row]:
    train_step(trainer, run_state)
    return [read(trainer, run_state)] if run_state.step % READ_EVERY == 0 else []


def _last_step(trainer: Trainer, run_state: TrainState) -> list[Row]:
    with Health(trainer.network, trainer.optimizer) as health:
        train_step(trainer, run_state)
    return [{**read(trainer, run_state), "health": health.figures()}, *end_epoch(trainer, run_state)]


def draw_order(trainer: Trainer, run_state: TrainState) -> torch.Tensor:
    """Ask the sampler for the order of the coming epoch."""
    examples = trainer.training.examples
    losses = run_state.losses.index_select(0, examples.indices)
    seen = Seen(examples.own_labels().cpu(), losses.cpu(), examples.own_weights().cpu())
    order = trainer.sampler.order(run_state.epoch, seen, generator(trainer.training.seed, "order", run_state.epoch))
    length = trainer.sampler.length(len(examples))
    if order.shape != (length,):
        raise BadInput(
            f"sampling.{trainer.sampler.name} must give an order of the length it declares, {length}, "
            f"but gave shape {tuple(order.shape)}; mend its `order` or its `length`"
        )
    return order.to(trainer.device)


def end_epoch(trainer: Trainer, run_state: TrainState) -> list[Row]:
    """Evaluate on the validation part and let tricks look at the result."""
    run_state.epoch, run_state.position, run_state.order = run_state.epoch + 1, 0, None
    trainer.clock.begin_evaluation()
    network = choose_network(trainer, run_state)
    rows, report = [], Report(network, None)
    if len(trainer.validation):
        metrics = add_monitor(evaluate(network, trainer.validation, trainer.loss), trainer.loss, trainer.monitor)
        score = METRICS[trainer.monitor].score(metrics[trainer.monitor])
        report = Report(network, score)
        run_state.scores.append(score)
        rows = [make_validation_row(run_state, metrics)]
    now = StepContext(trainer.training, run_state.step, run_state.epoch)
    for trick in trainer.hooks["after_epoch"]:
        context = now.of(f"{trick.name}/epoch")
        run_state.memory[trick.name], stops = trick.after_epoch(run_state.memory[trick.name], report, context)
        run_state.stopped = run_state.stopped or stops
    trainer.clock.ends("evaluation")
    return rows
