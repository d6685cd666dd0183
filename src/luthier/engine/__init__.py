"""The engine: one step, one loop, evaluation, checkpoints, history. It knows no trick by name."""

from luthier.engine.assembly import Assembly, Stream
from luthier.engine.evaluate import Evaluation, evaluate, final_network
from luthier.engine.loop import start, train
from luthier.engine.state import TrainState

__all__ = ["Assembly", "Evaluation", "Stream", "TrainState", "evaluate", "final_network", "start", "train"]
