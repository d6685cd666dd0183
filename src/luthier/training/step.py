"""The training step: one function on one screen, and the batches that it is fed."""

from dataclasses import replace
from functools import lru_cache

import torch
from torch import Tensor

from luthier.core.batch import Batch
from luthier.core.rng import generator, seed_global
from luthier.data.loader import count_batches
from luthier.training.out_of_memory import within_memory
from luthier.training.state import Stream, Trainer, TrainState
from luthier.training.trick import Backward, Forward, Outcome, StepContext, in_parts


def train_step(trainer: Trainer, run_state: TrainState) -> None:
    """Take one batch through augmentation, tricks, network, loss, backward pass and update."""
    trainer.clock.begin_step()
    now = StepContext(trainer.training, run_state.step, run_state.epoch)
    if not trainer.network.training:  # telling every layer again at each step takes as long as some layers do
        trainer.network.train()
    seed_global(trainer.training.seed, "forward", run_state.step, trainer.device)
    batch = next_batch(trainer, run_state)
    batch = batch.replace(inputs=now.augment(batch.inputs))  # type: ignore[arg-type]  # pictures, or no augmentation
    for trick in trainer.hooks["edit_batch"]:
        batch = trick.edit_batch(batch, run_state.memory[trick.name], now.of(trick.name))
    batch = weigh_classes(trainer, batch)
    trainer.clock.ends("data")

    now = with_forward(trainer, run_state, now)
    outcome = within_memory(trainer, run_state, len(batch), lambda: passes(trainer, run_state, now, batch))
    edit_grads(trainer, run_state, now)

    set_rate(trainer, run_state)
    norm = torch.nn.utils.get_total_norm([p.grad for p in trainer.parameters.values() if p.grad is not None])
    skip = torch.zeros_like(run_state.bad) if outcome.skip is None else outcome.skip
    run_state.bad = run_state.bad | ~torch.isfinite(torch.where(skip, outcome.mean, outcome.mean + norm))
    run_state.pending.append(torch.stack((outcome.mean, norm, skip.to(norm))))
    update(trainer, run_state.bad | skip)
    if trainer.sampler.uses_losses:
        run_state.losses[batch.index] = outcome.losses.to(run_state.losses)
    for trick in trainer.hooks["after_step"]:
        memory = run_state.memory[trick.name]
        run_state.memory[trick.name] = trick.after_step(memory, batch, outcome, now.of(trick.name))
    run_state.step += 1
    run_state.position += 1
    trainer.clock.ends("optimizer")


def weigh_classes(trainer: Trainer, batch: Batch) -> Batch:
    """Let the class of each example weigh beside its own weight, before a batch is cut: a part counts as it weighs."""
    if trainer.class_weights is None:
        return batch
    return batch.replace(weight=batch.weight * (batch.target @ trainer.class_weights))


def with_forward(trainer: Trainer, run_state: TrainState, now: StepContext) -> StepContext:
    """Let tricks surround the network; the step and every further pass in it go through what they give."""
    wrapped: Forward = trainer.network
    for trick in trainer.hooks["wrap_forward"]:
        wrapped = trick.wrap_forward(wrapped, run_state.memory[trick.name], now.of(trick.name))
    return replace(now, wrapped=wrapped)


def passes(trainer: Trainer, run_state: TrainState, now: StepContext, batch: Batch) -> Outcome:
    """Fill empty gradients by forward and backward pass, surrounded by tricks; in parts where memory ran out before."""
    backward = plain_backward(trainer, run_state, now)
    if run_state.micro_batch is not None:
        backward = in_parts(backward, run_state.micro_batch)
    for trick in trainer.hooks["wrap_backward"]:
        backward = trick.wrap_backward(backward, run_state.memory[trick.name], now.of(trick.name))
    for parameter in trainer.parameters.values():
        parameter.grad = None
    return backward(batch, 1.0)


def plain_backward(trainer: Trainer, run_state: TrainState, now: StepContext) -> Backward:
    """Make the forward and backward pass of a batch: the innermost layer that tricks may surround."""

    def backward(batch: Batch, share: float | Tensor) -> Outcome:
        logits = now.logits(batch.inputs)
        losses = trainer.loss.per_example(logits, batch.target)
        for trick in trainer.hooks["edit_loss"]:
            stream = f"{trick.name}/{batch.first}" if batch.first else trick.name  # each part of a batch draws anew
            losses = trick.edit_loss(losses, batch, logits, run_state.memory[trick.name], now.of(stream))
        mean = (losses * batch.weight).sum() / batch.weight.sum()
        trainer.clock.ends("forward")
        torch.autograd.backward(mean, torch.ones_like(mean) * share)
        trainer.clock.ends("backward")
        return Outcome(losses.detach(), mean.detach())

    return backward


def edit_grads(trainer: Trainer, run_state: TrainState, now: StepContext) -> None:
    """Let tricks change the gradients; a parameter whose gradient they leave out is not updated."""
    if not trainer.hooks["edit_grads"]:
        return
    grads: dict[str, Tensor] = {name: p.grad for name, p in trainer.parameters.items() if p.grad is not None}
    for trick in trainer.hooks["edit_grads"]:
        grads = trick.edit_grads(grads, run_state.memory[trick.name], now.of(trick.name))
    for name, parameter in trainer.parameters.items():
        parameter.grad = grads.get(name)


def set_rate(trainer: Trainer, run_state: TrainState) -> None:
    """Give each parameter group its learning rate of this step."""
    factor = trainer.schedule.factor(run_state.step, trainer.training.total, run_state.scores)
    for group, rate in zip(trainer.optimizer.param_groups, trainer.rates, strict=True):
        group["lr"] = rate * factor


def update(trainer: Trainer, closed: Tensor) -> None:
    """Let the optimizer step unless the gate is closed; on the device where the optimizer can, else by waiting."""
    if trainer.gates_on_device:
        trainer.optimizer.found_inf = closed.float()  # type: ignore[attr-defined]  # the fused kernels' own way to skip a step
        trainer.optimizer.step()
    elif not bool(closed):
        trainer.optimizer.step()


def next_batch(trainer: Trainer, run_state: TrainState) -> Batch:
    """Take the batch at the state's position."""
    assert run_state.order is not None
    start, stop = batch_bounds(len(run_state.order), trainer.training.batch_size, run_state.position)
    batch = trainer.training.examples.batch(run_state.order[start:stop])
    if trainer.sampler.uses_weights:  # they have done their work in the order
        batch = batch.replace(weight=torch.ones_like(batch.weight))
    if not trainer.streams:
        return batch
    seen = run_state.epoch * len(run_state.order) + start
    aux = {name: _take(trainer.training.seed, name, one, seen, stop - start) for name, one in trainer.streams.items()}
    return batch.replace(aux=aux)


def batch_bounds(length: int, size: int, number: int) -> tuple[int, int]:
    """Return the first and last-plus-one place of a batch in an order, as `luthier.data.loader.cut_batches` cuts it.

    >>> [batch_bounds(10, 4, number) for number in range(3)]
    [(0, 4), (4, 7), (7, 10)]
    """
    count = count_batches(length, size)
    base, longer = divmod(length, count)
    start = number * base + min(number, longer)
    return start, start + base + (number < longer)


def _take(seed: int, name: str, stream: Stream, seen: int, examples: int) -> Tensor:
    """Take the inputs of the next ratio x examples of a stream, pass after pass in a new order each."""
    places = range(seen * stream.ratio, (seen + examples) * stream.ratio)
    size = len(stream.examples)
    parts = [
        _order(seed, name, number, size)[max(places.start - number * size, 0) : places.stop - number * size]
        for number in range(places.start // size, -(-places.stop // size))
    ]
    chosen = torch.cat(parts).to(stream.examples.device)
    return stream.examples.inputs(stream.examples.indices[chosen])


@lru_cache(maxsize=8)
def _order(seed: int, name: str, number: int, size: int) -> Tensor:
    return torch.randperm(size, generator=generator(seed, f"stream/{name}", number))
