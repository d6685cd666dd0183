"""The loop that one can read top to bottom."""

from collections.abc import Iterator

import torch

from luthier.core.errors import BadInput
from luthier.core.rng import forked, generator
from luthier.data.sampling import Seen
from luthier.engine.assembly import Assembly
from luthier.engine.evaluate import deciding, evaluate, evaluation_network
from luthier.engine.health import Health
from luthier.engine.history import READ_EVERY, Row, memory_row, read, validation_row
from luthier.engine.state import TrainState
from luthier.engine.step import train_step
from luthier.models.metrics import score
from luthier.tricks import Moment, Report


def start(a: Assembly) -> TrainState:
    """The state before the first step."""
    losses = torch.full((len(a.training.examples.labels),), torch.inf, device=a.device)
    state = TrainState(losses, torch.zeros((), dtype=torch.bool, device=a.device))
    for trick in a.tricks:
        at = Moment(a.training, 0, 0, stream=f"{trick.name}/begin")
        with at.seeded():
            state.memory[trick.name] = trick.begin(a.network, at)
    return state


def train(a: Assembly, s: TrainState) -> Iterator[list[Row]]:
    """Go on from a state; after each step, yield the history rows that it brought, mostly none.

    At every yield the state is whole: it may be saved, and training may be left there; the caller's global random
    state is its own.
    Raises Diverged at the first read after a step that was not finite.
    """
    while s.epoch < a.training.epochs and not s.stopped:
        with forked(a.device):
            rows = advance(a, s)
        yield rows


def advance(a: Assembly, s: TrainState) -> list[Row]:
    """Take one step; read the history and end the epoch where they are due, with a look at each layer's health."""
    if s.order is None:
        s.order = epoch_order(a, s)
    before = s.micro_batch
    rows = _last_step(a, s) if s.position + 1 == a.steps_per_epoch else _step(a, s)
    return [memory_row(s), *rows] if s.micro_batch != before else rows


def _step(a: Assembly, s: TrainState) -> list[Row]:
    train_step(a, s)
    return [read(a, s)] if s.step % READ_EVERY == 0 else []


def _last_step(a: Assembly, s: TrainState) -> list[Row]:
    with Health(a.network, a.optimizer) as health:
        train_step(a, s)
    return [{**read(a, s), "health": health.figures()}, *end_epoch(a, s)]


def epoch_order(a: Assembly, s: TrainState) -> torch.Tensor:
    """Ask the sampler for the order of the coming epoch."""
    examples = a.training.examples
    losses = s.losses.index_select(0, examples.members)
    seen = Seen(examples.own_labels().cpu(), losses.cpu(), examples.own_weights().cpu())
    order = a.sampler.order(s.epoch, seen, generator(a.training.seed, "order", s.epoch))
    length = a.sampler.length(len(examples))
    if order.shape != (length,):
        raise BadInput(
            f"sampling.{a.sampler.name} must give an order of the length it declares, {length}, "
            f"but gave shape {tuple(order.shape)}; mend its `order` or its `length`"
        )
    return order.to(a.device)


def end_epoch(a: Assembly, s: TrainState) -> list[Row]:
    """Evaluate on the validation part and let tricks look at the result."""
    s.epoch, s.position, s.order = s.epoch + 1, 0, None
    a.clock.begin_evaluation()
    network = evaluation_network(a, s)
    rows, report = [], Report(network, None)
    if len(a.validation):
        metrics = deciding(evaluate(network, a.validation, a.loss), a.loss, a.monitor)
        report = Report(network, score(metrics, a.monitor))
        s.scores.append(score(metrics, a.monitor))
        rows = [validation_row(s, metrics)]
    now = Moment(a.training, s.step, s.epoch)
    for trick in a.hooks["after_epoch"]:
        at = now.of(f"{trick.name}/epoch")
        s.memory[trick.name], stops = trick.after_epoch(s.memory[trick.name], report, at)
        s.stopped = s.stopped or stops
    a.clock.ends("evaluation")
    return rows
