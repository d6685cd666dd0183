"""The engine: one step, one loop, evaluation, checkpoints, history. It knows no trick by name."""

from luthier.training.evaluate import Evaluation, choose_final_network, evaluate
from luthier.training.loop import start, train
from luthier.training.state import Stream, Trainer, TrainState

__all__ = ["Evaluation", "Stream", "TrainState", "Trainer", "choose_final_network", "evaluate", "start", "train"]
