"""Distillation, as a toy: an earlier network of the same architecture teaches; its answers come in `aux`."""

import copy
from pathlib import Path

import torch
from safetensors.torch import load_file
from torch import Tensor, nn

from luthier.core.batch import Batch
from luthier.core.card import TrickCard
from luthier.core.declare import Range, hyperparameter
from luthier.training.trick import StepContext, Trick, TrickState


def divergence(logits: Tensor, teacher: Tensor, temperature: float) -> Tensor:
    """Kullback-Leibler divergence of the softened answers, example by example (B,), scaled by temperature squared."""
    own, taught = (logits / temperature).log_softmax(1), (teacher / temperature).log_softmax(1)
    return (taught.exp() * (taught - own)).sum(1) * temperature**2


class Teacher(Trick):
    """Answers once for each training example, at the start; the checkpoint keeps the answers."""

    name = "teacher"
    card = TrickCard(
        summary="Learns from the answers of an earlier network.",
        source="Hinton, Vinyals and Dean, Distilling the knowledge in a neural network, 2015, arXiv 1503.02531",
    )

    path: str = hyperparameter("", description="file with the weights of the teacher")
    weight: float = hyperparameter(1.0, bounds=Range(0), description="weight of the teacher; 0 is none")
    temperature: float = hyperparameter(
        2.0, bounds=Range(0, low_open=True), description="softening of the answers; 1 leaves them"
    )

    def begin(self, network: nn.Module, context: StepContext) -> TrickState:
        if self.weight == 0:
            return {}
        teacher = copy.deepcopy(network).eval()
        teacher.load_state_dict(load_file(Path(self.path)))
        examples = context.training.examples
        with torch.no_grad():
            answers = torch.cat([teacher(batch.inputs) for batch in examples.in_order()])
        table = answers.new_zeros(len(examples.labels), examples.classes)
        table[examples.indices] = answers
        return {"answers": table}

    def edit_batch(self, batch: Batch, trick_state: TrickState, context: StepContext) -> Batch:
        if self.weight == 0:
            return batch
        return batch.replace(aux={**batch.aux, "teacher": trick_state["answers"][batch.index]})

    def edit_loss(
        self, losses: Tensor, batch: Batch, logits: Tensor, trick_state: TrickState, context: StepContext
    ) -> Tensor:
        if self.weight == 0:
            return losses
        return losses + self.weight * divergence(logits, batch.aux["teacher"], self.temperature)
