"""The contract of networks for sequences, which read texts too."""

from collections import OrderedDict

from torch import nn

from luthier.core.declare import Range, Search, hyperparameter
from luthier.core.form import Text
from luthier.models.architecture import Architecture, Shape
from luthier.models.modules import WordsAndColumns


class SequenceArchitecture(Architecture):
    """Declares a network that takes what `as_sequences` takes; `build` makes it for examples (T, F)."""

    embedding: int = hyperparameter(
        64,
        bounds=Range(1),
        search=Search(16, 256, log=True),
        description="numbers that stand for a word of a text; data without a text have no use for it",
    )

    def body(self, shape: Shape, outputs: int, text: Text | None = None) -> nn.Module:
        if text is None:
            return self.build(shape, outputs)
        words = WordsAndColumns(text.tokens, self.embedding)
        network = self.build((shape[0] - text.columns, self.embedding + text.columns), outputs)
        return nn.Sequential(OrderedDict(words=words, network=network))
