"""The engine: one step, one loop, evaluation, checkpoints, history. It knows no trick by name."""

from luthier.train.assembly import Assembly, Stream
from luthier.train.evaluate import Evaluation, evaluate, final_network
from luthier.train.loop import start, train
from luthier.train.state import TrainState

__all__ = ["Assembly", "Evaluation", "Stream", "TrainState", "evaluate", "final_network", "start", "train"]
