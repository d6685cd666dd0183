"""The engine: one step, one loop, evaluation, checkpoints, history. It knows no trick by name."""

from luthier.engine.assembly import Stream, Trainer
from luthier.engine.evaluate import Evaluation, evaluate, final_network
from luthier.engine.loop import start, train
from luthier.engine.state import TrainState

__all__ = ["Evaluation", "Stream", "TrainState", "Trainer", "evaluate", "final_network", "start", "train"]
