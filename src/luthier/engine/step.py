"""The training step: one function on one screen."""

from dataclasses import replace

import torch
from torch import Tensor

from luthier.core.batch import Batch
from luthier.core.rng import seed_global
from luthier.engine.assembly import Assembly
from luthier.engine.batches import next_batch
from luthier.engine.memory import within_memory
from luthier.engine.state import TrainState
from luthier.tricks import Backward, Forward, Moment, Outcome, in_parts


def train_step(a: Assembly, s: TrainState) -> None:
    """Take one batch through augmentation, tricks, network, loss, backward pass and update."""
    a.clock.begin_step()
    now = Moment(a.training, s.step, s.epoch)
    if not a.network.training:  # telling every layer again at each step takes as long as some layers do
        a.network.train()
    seed_global(a.training.seed, "forward", s.step, a.device)
    batch = next_batch(a, s)
    batch = batch.replace(inputs=now.augment(batch.inputs))  # type: ignore[arg-type]  # pictures, or no augmentation
    for trick in a.hooks["edit_batch"]:
        batch = trick.edit_batch(batch, s.memory[trick.name], now.of(trick.name))
    a.clock.ends("data")

    now = with_forward(a, s, now)
    outcome = within_memory(a, s, len(batch), lambda: passes(a, s, now, batch))
    edit_grads(a, s, now)

    set_rate(a, s)
    norm = torch.nn.utils.get_total_norm([p.grad for p in a.parameters.values() if p.grad is not None])
    skip = torch.zeros_like(s.bad) if outcome.skip is None else outcome.skip
    s.bad = s.bad | ~torch.isfinite(torch.where(skip, outcome.mean, outcome.mean + norm))
    s.pending.append(torch.stack((outcome.mean, norm, skip.to(norm))))
    update(a, s.bad | skip)
    if a.sampler.uses_losses:
        s.losses[batch.index] = outcome.losses.to(s.losses)
    for trick in a.hooks["after_step"]:
        s.memory[trick.name] = trick.after_step(s.memory[trick.name], batch, outcome, now.of(trick.name))
    s.step += 1
    s.position += 1
    a.clock.ends("optimizer")


def with_forward(a: Assembly, s: TrainState, now: Moment) -> Moment:
    """Let tricks surround the network; the step and every further pass in it go through what they give."""
    wrapped: Forward = a.network
    for trick in a.hooks["wrap_forward"]:
        wrapped = trick.wrap_forward(wrapped, s.memory[trick.name], now.of(trick.name))
    return replace(now, wrapped=wrapped)


def passes(a: Assembly, s: TrainState, now: Moment, batch: Batch) -> Outcome:
    """Fill empty gradients by forward and backward pass, surrounded by tricks; in parts where memory ran out before."""
    backward = plain_backward(a, s, now)
    if s.micro_batch is not None:
        backward = in_parts(backward, s.micro_batch)
    for trick in a.hooks["wrap_backward"]:
        backward = trick.wrap_backward(backward, s.memory[trick.name], now.of(trick.name))
    for parameter in a.parameters.values():
        parameter.grad = None
    return backward(batch, 1.0)


def plain_backward(a: Assembly, s: TrainState, now: Moment) -> Backward:
    """Forward and backward pass of a batch: the innermost layer that tricks may surround."""

    def backward(batch: Batch, share: float | Tensor) -> Outcome:
        logits = now.logits(batch.inputs)
        losses = a.loss.per_example(logits, batch.target)
        for trick in a.hooks["edit_loss"]:
            stream = f"{trick.name}/{batch.first}" if batch.first else trick.name  # each part of a batch draws anew
            losses = trick.edit_loss(losses, batch, logits, s.memory[trick.name], now.of(stream))
        weight = batch.weight if a.class_weights is None else batch.weight * (batch.target @ a.class_weights)
        mean = (losses * weight).sum() / weight.sum()
        a.clock.ends("forward")
        torch.autograd.backward(mean, torch.ones_like(mean) * share)
        a.clock.ends("backward")
        return Outcome(losses.detach(), mean.detach())

    return backward


def edit_grads(a: Assembly, s: TrainState, now: Moment) -> None:
    """Let tricks change the gradients; a parameter whose gradient they leave out is not updated."""
    if not a.hooks["edit_grads"]:
        return
    grads: dict[str, Tensor] = {name: p.grad for name, p in a.parameters.items() if p.grad is not None}
    for trick in a.hooks["edit_grads"]:
        grads = trick.edit_grads(grads, s.memory[trick.name], now.of(trick.name))
    for name, parameter in a.parameters.items():
        parameter.grad = grads.get(name)


def set_rate(a: Assembly, s: TrainState) -> None:
    """Give each parameter group its learning rate of this step."""
    factor = a.schedule.factor(s.step, a.training.total, s.scores)
    for group, rate in zip(a.optimizer.param_groups, a.rates, strict=True):
        group["lr"] = rate * factor


def update(a: Assembly, closed: Tensor) -> None:
    """Let the optimizer step unless the gate is closed; on the device where the optimizer can, else by waiting."""
    if a.gates_on_device:
        a.optimizer.found_inf = closed.float()  # type: ignore[attr-defined]  # the fused kernels' own way to skip a step
        a.optimizer.step()
    elif not bool(closed):
        a.optimizer.step()
