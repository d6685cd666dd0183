"""What came last is held out."""

import numpy as np

from luthier.core.card import Card
from luthier.core.errors import BadInput
from luthier.data.dataset import Dataset
from luthier.data.splitting.splitter import Splitter


class Time(Splitter):
    """Tests on the latest examples, chooses on the latest of the rest: how well is the future met?

    Examples of one time stay together, on the later side. A group is as late as its latest example. Nothing is drawn.
    """

    name = "time"
    card = Card(
        summary="The latest examples are the test part, the latest before them the validation part.",
        source="Tashman, Out-of-sample tests of forecasting accuracy: an analysis and review, 2000",
    )

    def check_data(self, dataset: Dataset) -> list[str]:
        problems = []
        if dataset.time is None:
            problems.append(
                f"split.name = 'time' needs the time of each example, but {dataset.name} has none; "
                "pass times= from Python, name the column of a table with data.time, or set split.name = 'stratified'"
            )
        if self.folds is not None:
            problems.append(
                f"split.name = 'time' must leave out what comes last, but folds would train on it ({self.folds} "
                "asked for); take split.folds out or set split.name = 'random'"
            )
        return problems

    def draw_holdout(self, dataset: Dataset, members: np.ndarray, share: float, key: str) -> np.ndarray:
        assert dataset.time is not None
        count = round(len(members) * share)
        if not count:
            return np.zeros(len(members), bool)
        _, group_of = np.unique(dataset.groups[members], return_inverse=True)
        latest = np.full(group_of.max() + 1, -np.inf)
        np.maximum.at(latest, group_of, dataset.time[members])
        when = latest[group_of]
        return np.asarray(when >= np.sort(when)[-count])

    def deal_folds(self, dataset: Dataset, members: np.ndarray, folds: int, key: str) -> np.ndarray:
        raise BadInput(*self.check_data(dataset))
