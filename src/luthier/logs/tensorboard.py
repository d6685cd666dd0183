"""TensorBoard: event files in the run's own directory, for `tensorboard --logdir runs`."""

from functools import cached_property
from pathlib import Path
from typing import Any

from luthier.logs.names import TENSORBOARD
from luthier.recipe import Recipe


class TensorBoard:
    """Writes event files, from the first numbers on: before them the run's directory must stay empty."""

    def __init__(self, recipe: Recipe, root: Path) -> None:
        self.recipe, self.root, self.first = recipe, root, 0

    @cached_property
    def writer(self) -> Any:
        """What an earlier process wrote from the first step on is not shown any more."""
        from torch.utils.tensorboard import SummaryWriter

        writer = SummaryWriter(str(self.root / TENSORBOARD), purge_step=self.first)
        writer.add_text("recipe", f"```toml\n{self.recipe.to_toml()}```", self.first)
        return writer

    def log(self, numbers: dict[str, float], step: int) -> None:
        self.first = self.first or step
        for name, value in numbers.items():
            self.writer.add_scalar(name, value, step)

    def close(self, finished: bool) -> None:
        if self.first:
            self.writer.close()


open_logger = TensorBoard
