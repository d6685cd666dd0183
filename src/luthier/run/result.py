"""The end of a run: the final network, the one read of the test part, calibration, intervals, the result."""

import json
import re
import resource
import sys
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors import SafetensorError
from safetensors.torch import load, save
from safetensors.torch import save as save_tensors
from torch import Tensor, nn

from luthier.core.errors import DamagedFile, LuthierWarning
from luthier.core.files import sha256, write_atomic, write_sealed
from luthier.data.check import count_leaks
from luthier.data.check.target_leaks import find_target_leaks
from luthier.data.split import name_test_reads
from luthier.data.units import measure_range
from luthier.models.losses import Loss
from luthier.recipe.build import Prepared
from luthier.run.diagnosis import diagnose, find_never_predicted
from luthier.run.digests import digest_parts
from luthier.run.directory import RunPaths
from luthier.run.history import read_rows
from luthier.run.provenance import count_test_read
from luthier.stats import share_interval
from luthier.stats.metrics import (
    CLASSIFICATION,
    REGRESSION,
    Metrics,
    MetricValue,
    accuracy,
    compute_metrics,
    confusion_matrix,
    learn_trivial,
    score_trivial,
)
from luthier.training import Evaluation, Trainer, TrainState, choose_final_network, evaluate
from luthier.training.temperature import apply_temperature, fit_temperature

TOLD = ("ece", "log-loss")


def fit_calibration(validation: Evaluation, loss: Loss) -> float:
    """Fit the temperature on the validation part; 1, which changes nothing, with a warning where none is best."""
    probabilities = compute_probabilities(validation.logits, loss)
    if not bool(probabilities.isfinite().all()):  # as `_warn_of_answers` says
        return 1.0
    temperature = fit_temperature(probabilities, validation.labels)
    if temperature is None:
        warnings.warn(
            f"all {len(validation.labels)} validation examples are answered rightly, which says nothing about how "
            "certain answers should be: the temperature stays 1; raise split.validation for more of them",
            LuthierWarning,
            stacklevel=2,
        )
    return temperature or 1.0


def describe_calibration(
    temperature: float, parts: dict[str, tuple[Evaluation, Metrics]], loss: Loss
) -> dict[str, Any]:
    """Describe a calibration for the result: errors before and after, optimistic on the part that it was fitted on.

    parts: what was answered on each part, and the metrics after the calibration.
    """
    changes = {
        name: {"before": _errors(add_intervals(evaluation, loss)), "after": _errors(after)}
        for name, (evaluation, after) in parts.items()
    }
    return {"temperature": temperature, **changes}


def _errors(metrics: Metrics) -> dict[str, Any]:
    return {**{name: metrics[name] for name in TOLD}, "intervals": {name: metrics["intervals"][name] for name in TOLD}}


def add_intervals(evaluation: Evaluation, loss: Loss, temperature: float = 1.0) -> Metrics:
    """Add the further metrics of the predictions, and the interval of each metric.

    loss: says what the logits mean. temperature: of the calibration, above 0; 1 where there is none.
    The further keys: `intervals` and `methods` by metric, where there are too few examples for one the interval is
    None; `undefined`, why a metric is None; and for classes `interval`, that of the accuracy.
    """
    if "accuracy" not in evaluation.metrics:
        return {
            **evaluation.metrics,
            **_to_dict(compute_metrics(REGRESSION, _array(evaluation.logits), _array(evaluation.labels))),
        }
    n = evaluation.metrics["n"]
    probabilities = _array(compute_probabilities(evaluation.logits, loss, temperature))
    figures = compute_metrics(CLASSIFICATION, probabilities, evaluation.labels.numpy())
    told = _to_dict({"accuracy": accuracy(round(evaluation.metrics["accuracy"] * n), n), **figures})
    return {**evaluation.metrics, **told, "interval": told["intervals"]["accuracy"]}


def compute_probabilities(logits: Tensor, loss: Loss, temperature: float = 1.0) -> Tensor:
    """Compute the probability of each class (M, K) in double precision, so that none is lost beside another."""
    return apply_temperature(loss.probabilities(logits.double()), temperature)


def _array(tensor: Tensor) -> np.ndarray:
    return tensor.double().numpy()


def _to_dict(figures: dict[str, MetricValue]) -> dict[str, Any]:
    return {
        **{name: value.value for name, value in figures.items()},
        "intervals": {name: list(value.interval) if value.interval else None for name, value in figures.items()},
        "methods": {name: value.method for name, value in figures.items()},
        "undefined": {name: value.undefined for name, value in figures.items() if value.undefined},
    }


NAMES = ("answers", "index", "truth")


@dataclass(frozen=True)
class Predictions:
    """Predictions on a part: logits (M, K) before any calibration, or values (M, D).

    index: number of each example in its data (M,). truth: its class (M,) or values (M, D).
    """

    answers: Tensor
    index: Tensor
    truth: Tensor

    def content(self) -> bytes:
        """Return the content of the file that `read_predictions` reads."""
        return save({name: getattr(self, name).cpu().contiguous() for name in NAMES})


def read_predictions(path: Path) -> Predictions:
    """Read the predictions of a run; raise DamagedFile where the file does not hold them."""
    try:
        tensors = load(path.read_bytes())
    except (SafetensorError, OSError) as error:
        raise DamagedFile(f"{path} is not a safetensors file ({error}); restore it or train anew") from None
    if sorted(tensors) != sorted(NAMES) or len({len(tensor) for tensor in tensors.values()}) != 1:
        raise DamagedFile(f"{path} must hold {', '.join(NAMES)}, one row for each example; restore it or train anew")
    return Predictions(**tensors)


def is_same_part(one: Predictions, other: Predictions) -> bool:
    """Return whether two runs predicted the same examples, true classes or values included."""
    return torch.equal(one.index, other.index) and torch.equal(one.truth, other.truth)


FORMAT = 1


METADATA = "luthier"


KEYS = {
    "epochs",
    "examples_per_second",
    "fingerprint",
    "parameters",
    "recipe_hash",
    "seconds",
    "seed",
    "sha256",
    "steps",
    "test",
    "test_reads",
    "validation",
}
"""What every result has; later formats may add to it."""


def finish_run(prepared: Prepared, paths: RunPaths, state: TrainState, seconds: float) -> Metrics:
    """Choose the final network, read the test part once, write model and predictions, and then the result."""
    trainer = prepared.trainer
    network = choose_final_network(trainer, state)
    parts = {"validation": evaluate(network, trainer.validation, trainer.loss)} if len(trainer.validation) else {}
    calibrated = prepared.recipe.training.calibration != "none"
    temperature = fit_calibration(parts["validation"], trainer.loss) if calibrated else 1.0
    reads = count_test_read(name_test_reads(prepared.dataset, prepared.recipe.split), str(paths.root))
    parts["test"] = evaluate(network, prepared.test, trainer.loss)
    trivial = learn_trivial(trainer.training.examples.own_labels().cpu().numpy(), len(prepared.dataset.classes))
    metrics = {
        name: {
            **add_intervals(evaluation, trainer.loss, temperature),
            "trivial": score_trivial(trivial, evaluation.labels.numpy()),
        }
        for name, evaluation in parts.items()
    }
    _warn_of_decline(trainer, state, metrics.get("validation"))
    _warn_of_answers(parts)
    metadata = _metadata(prepared, temperature if calibrated else None)
    examples = state.step * len(trainer.training.examples) / trainer.steps_per_epoch
    result = {
        "format": FORMAT,
        "recipe_hash": prepared.recipe.hash(),
        "recipe_hash_without_seed": prepared.recipe.hash(with_seed=False),
        "fingerprint": prepared.dataset.fingerprint,
        "seed": prepared.recipe.seed,
        "parameters": sum(parameter.numel() for parameter in network.parameters()),
        "epochs": state.epoch,
        "steps": state.step,
        "stopped_early": state.stopped,
        "micro_batch": state.micro_batch,
        "seconds": round(seconds, 3),
        "examples_per_second": round(examples / seconds, 1),
        "peak_memory_bytes": measure_peak_memory(),
        "diagnosis": diagnose(
            read_rows(paths.history), metrics, _find_never(prepared, parts["test"]), stopped=state.stopped
        ),
        "validation": metrics.get("validation"),
        "test": metrics["test"],
        "test_reads": reads,
        "trivial": trivial.tolist(),
        "calibration": describe_calibration(temperature, {n: (parts[n], metrics[n]) for n in parts}, trainer.loss)
        if calibrated
        else None,
        "leaks": count_leaks(prepared.dataset),
        "remarks": [*prepared.dataset.remarks, *(one.line for one in find_target_leaks(prepared.dataset))],
        "drawn_by": prepared.dataset.drawn_by,
        "sha256": {
            **_checksums(paths),
            paths.model.name: write_atomic(paths.model, save_tensors(_tensors(network), metadata=metadata)),
            paths.predictions.name: write_atomic(paths.predictions, _answers(prepared, parts["test"]).content()),
            paths.digests.name: write_atomic(paths.digests, digest_parts(prepared)),
        },
    }
    write_sealed(paths.result, result)
    return result


def _tensors(network: nn.Module) -> dict[str, Tensor]:
    return {name: tensor.detach().to("cpu", copy=True).contiguous() for name, tensor in network.state_dict().items()}


def _answers(prepared: Prepared, test: Evaluation) -> Predictions:
    return Predictions(test.logits, torch.from_numpy(prepared.parts.test), test.labels)


def _find_never(prepared: Prepared, test: Evaluation) -> list[str]:
    classes = prepared.dataset.classes
    if not classes or not bool(test.logits.isfinite().all()):
        return []
    return find_never_predicted(confusion_matrix(_array(test.logits), test.labels.numpy()), classes)


def _warn_of_decline(trainer: Trainer, state: TrainState, validation: Metrics | None) -> None:
    """Warn that an earlier network was better by more than chance explains on so few examples."""
    if validation is None or trainer.monitor != "accuracy":
        return
    n, best, last = validation["n"], max(state.scores), validation["accuracy"]
    if share_interval(round(last * n), n).high < share_interval(round(best * n), n).low:
        warnings.warn(
            f"the network ends at validation accuracy {last:.2%}, but had {best:.2%} after epoch "
            f"{state.scores.index(best) + 1}; keep the best with tricks.early-stopping, train for fewer epochs, "
            "or lower optimizer.learning_rate",
            LuthierWarning,
            stacklevel=2,
        )


def _checksums(paths: RunPaths) -> dict[str, str]:
    """Compute the SHA-256 of the files that the result rests on, by name."""
    return {path.name: sha256(path) for path in (paths.recipe, paths.environment, paths.history)}


def _warn_of_answers(parts: Mapping[str, Evaluation]) -> None:
    """Warn that a network overflowed, as on a value that is far from all that it was trained on."""
    for name, part in parts.items():
        bad = int((~part.logits.isfinite()).any(1).sum())
        if bad:
            warnings.warn(
                f"{bad} of the {len(part.logits)} answers on the {name} part are not finite, so that most of its "
                "metrics are undefined; look for values of another size with luthier check, and mend them",
                LuthierWarning,
                stacklevel=2,
            )


def _metadata(prepared: Prepared, temperature: float | None) -> dict[str, str]:
    """Return what a model file must hold to be used without the data. temperature: None where it is not calibrated.

    One entry of the safetensors header: several would be written in an order of chance, and equal runs would differ.
    """
    values = {
        "format": FORMAT,
        "classes": list(prepared.dataset.classes),
        "outputs": prepared.dataset.outputs,
        "shape": list(prepared.shape),
        "recipe_hash": prepared.recipe.hash(),
    }
    if temperature is not None:
        values["temperature"] = temperature
    if prepared.dataset.table:
        values["table"] = prepared.dataset.table.dump()
    if prepared.dataset.is_picture:
        values["units"] = prepared.dataset.units
    if prepared.dataset.is_picture and prepared.dataset.units == "plain":
        values["range"] = measure_range(prepared.dataset.inputs[prepared.parts.train], "plain")
    if prepared.dataset.label_kind != "text":
        values["labels"] = prepared.dataset.label_kind
    return {METADATA: json.dumps(values, sort_keys=True)}


def measure_peak_memory() -> int:
    """Return the largest resident size of this process so far, in bytes (POSIX)."""
    status = Path("/proc/self/status")  # what rusage says counts the parent of a process on Linux
    found = re.search(r"^VmHWM:\s*(\d+) kB", status.read_text(), re.MULTILINE) if status.is_file() else None
    peak = int(found[1]) if found else resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024
