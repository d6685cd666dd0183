"""Loss: what training makes small."""

from luthier.stats.measures.metric import CLASSES, VALUES, Metric

LOSS = Metric(
    summary="Mean of the recipe's loss over examples, without the penalties that training adds.",
    source="Bottou, Curtis and Nocedal, Optimization methods for large-scale machine learning, 2018",
    tasks=(CLASSES, VALUES),
    better="lower",
)
