"""What each example does to a figure that is a function of means."""

from collections.abc import Callable

import numpy as np


def jackknife_parts(columns: np.ndarray, figure: Callable[[np.ndarray], np.ndarray]) -> np.ndarray:
    """Numbers of each example whose mean is the figure and whose standard error is that of the figure (n,).

    columns: what is averaged, a row for each of n independent examples (n, C), n at least 2.
    figure: a smooth function from means (R, C) to one number each (R,).
    Source: Tukey, Bias and confidence in not-quite large samples, 1958, without his correction of the bias.

    >>> jackknife_parts(np.array([[1.0], [2.0], [6.0]]), lambda means: means[:, 0]).tolist()
    [1.0, 2.0, 6.0]
    """
    n, total = len(columns), columns.sum(0)
    without = figure((total - columns) / (n - 1))
    return np.asarray(figure(total[None] / n)[0] + (n - 1) * (without.mean() - without))
