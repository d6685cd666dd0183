"""Temperature scaling: probabilities as certain as the network is right."""

import math

import torch
from torch import Tensor

BOUNDS = (0.01, 100.0)
"""Where the temperature is looked for: below the first every answer is certain, above the second all classes alike."""


def apply_temperature(probabilities: Tensor, temperature: float) -> Tensor:
    """Raise probabilities (B, K) to the power of 1 / temperature and let rows sum to 1 again.

    After a softmax this divides the logits by the temperature: above 1 it makes answers less certain, below 1 more; the
    order of the classes stays. 1 changes nothing.
    Source: Guo, Pleiss, Sun and Weinberger, On calibration of modern neural networks, 2017.

    >>> apply_temperature(torch.tensor([[0.8, 0.2]]), 2.0)
    tensor([[0.6667, 0.3333]])
    """
    if temperature == 1:
        return probabilities
    return (_log(probabilities) / temperature).softmax(1)


def fit_temperature(probabilities: Tensor, labels: Tensor) -> float | None:
    """Find the temperature with the least log-loss, from 0.01 to 100.

    probabilities: (M, K), of examples that were not trained on. labels: (M,).
    Returns None where every example is answered rightly: then colder would always be better, and none is the best.

    >>> probabilities = torch.tensor([[0.9, 0.1]] * 4, dtype=torch.float64)
    >>> warm = fit_temperature(probabilities, torch.tensor([0, 0, 0, 1]))
    >>> [round(one, 3) for one in apply_temperature(probabilities, warm)[0].tolist()]
    [0.75, 0.25]
    """
    from scipy.optimize import minimize_scalar

    logs = _log(probabilities.double())
    if bool((logs.argmax(1) == labels).all()):
        return None

    def loss(log_temperature: float) -> float:
        return float(torch.nn.functional.cross_entropy(logs / math.exp(log_temperature), labels))

    low, high = map(math.log, BOUNDS)
    return math.exp(minimize_scalar(loss, bounds=(low, high), method="bounded", options={"xatol": 1e-6}).x)


def _log(probabilities: Tensor) -> Tensor:
    return probabilities.clamp(min=torch.finfo(probabilities.dtype).tiny).log()
