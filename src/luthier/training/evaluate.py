"""Evaluation: the network as tricks want it evaluated, logits, metrics against the true labels."""

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from luthier.core.rng import fork_rng, seed_global
from luthier.data.loader import DeviceDataset
from luthier.models.losses import Loss
from luthier.stats.metrics import CLASSIFICATION, METRICS, REGRESSION, Metrics, accuracy, compute_metrics
from luthier.training.state import Trainer, TrainState
from luthier.training.trick import StepContext


@dataclass(frozen=True)
class Evaluation:
    """What a network answers on a part: logits (M, K) or values (M, D), the true labels or values, metrics.

    All on the CPU.
    """

    logits: Tensor
    labels: Tensor
    metrics: Metrics


def evaluate(network: nn.Module, part: DeviceDataset, loss: Loss) -> Evaluation:
    """Run a network over a part in evaluation mode; the caller's random state stays untouched."""
    network.eval()
    logits, labels, losses = [], [], []
    with torch.inference_mode(), fork_rng(part.device):
        seed_global(0, "evaluate", 0, part.device)
        for batch in part.in_order():
            answer = network(batch.inputs)
            logits.append(answer)
            labels.append(batch.label)
            losses.append(loss.per_example(answer, batch.target))
    answers, truth = torch.cat(logits).cpu(), torch.cat(labels).cpu()
    return Evaluation(answers, truth, quick_metrics(answers, truth, torch.cat(losses).cpu()))


def quick_metrics(answers: Tensor, truth: Tensor, losses: Tensor) -> Metrics:
    """Compute what every evaluation tells: the accuracy, or the errors of values; the mean loss; and n.

    answers: logits (M, K), or values (M, D). truth: classes (M,), or values (M, D). losses: (M,).
    What is not finite, and what nothing defines, is None.
    """
    n = len(truth)
    rest = {"loss": _finite(losses.double().mean()), "n": n}
    if truth.ndim == 1:
        hits = int((answers.argmax(1) == truth).sum())
        return {"accuracy": accuracy(hits, n).value if n else None, **rest}
    quick = {name: METRICS[name].quick for name in REGRESSION}
    errors = {name: _finite(one(answers.double(), truth.double())) for name, one in quick.items() if one}
    return {**errors, **rest}


def _finite(value: Tensor) -> float | None:
    return float(value) if bool(value.isfinite()) else None


def add_monitor(found: Evaluation, loss: Loss, monitor: str) -> Metrics:
    """Add the metric that decides to those of an evaluation; None where the predictions are not finite.

    loss: says what the logits mean. monitor: its name.
    """
    if monitor in found.metrics:
        return found.metrics
    probabilities = loss.probabilities(found.logits.double()).numpy()
    figures = compute_metrics({monitor: CLASSIFICATION[monitor]}, probabilities, found.labels.numpy())
    return {**found.metrics, monitor: figures[monitor].value}


def choose_network(trainer: Trainer, run_state: TrainState, final: bool = False) -> nn.Module:
    """Let tricks choose the network to evaluate: an average, the best so far, or the trained one itself."""
    now = StepContext(trainer.training, run_state.step, run_state.epoch, final=final)
    network = trainer.network
    for trick in trainer.hooks["eval_model"]:
        context = now.of(f"{trick.name}/eval")
        with context.seed_draws():
            network = trick.eval_model(network, run_state.memory[trick.name], context)
    return network


def choose_final_network(trainer: Trainer, run_state: TrainState) -> nn.Module:
    """Choose the network to keep at the end of training."""
    return choose_network(trainer, run_state, final=True)
