"""The end of a run: the final network, the one read of the test part, the model file, the result."""

import json
import re
import resource
import sys
import warnings
from pathlib import Path

from safetensors.torch import save as save_tensors

from luthier.build import Prepared
from luthier.core.errors import LuthierWarning
from luthier.core.files import sha256, write_atomic, write_sealed
from luthier.data.check import leaked
from luthier.data.split import counted_as
from luthier.engine import Assembly, TrainState, evaluate, final_network
from luthier.ledger import count_test_read
from luthier.models.metrics import Metrics
from luthier.run.intervals import with_interval
from luthier.run.paths import Paths
from luthier.stats import share_interval

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


def finish(prepared: Prepared, paths: Paths, state: TrainState, seconds: float) -> Metrics:
    """Choose the final network, read the test part once, write the model and then the result."""
    a = prepared.assembly
    network = final_network(a, state)
    validation = with_interval(evaluate(network, a.validation, a.loss), a.loss) if len(a.validation) else None
    reads = count_test_read(counted_as(prepared.dataset, prepared.recipe.split), str(paths.root))
    test = with_interval(evaluate(network, prepared.test, a.loss), a.loss)
    _warn_of_decline(a, state, validation)
    tensors = {name: one.detach().to("cpu", copy=True).contiguous() for name, one in network.state_dict().items()}
    digest = write_atomic(paths.model, save_tensors(tensors, metadata=_metadata(prepared)))
    examples = state.step * len(a.training.examples) / a.steps_per_epoch
    result = {
        "format": FORMAT,
        "recipe_hash": prepared.recipe.hash(),
        "recipe_hash_without_seed": prepared.recipe.hash(with_seed=False),
        "fingerprint": prepared.dataset.fingerprint,
        "seed": prepared.recipe.seed,
        "parameters": sum(one.numel() for one in network.parameters()),
        "epochs": state.epoch,
        "steps": state.step,
        "stopped_early": state.stopped,
        "seconds": round(seconds, 3),
        "examples_per_second": round(examples / seconds, 1),
        "peak_memory_bytes": peak_memory(),
        "validation": validation,
        "test": test,
        "test_reads": reads,
        "leaks": leaked(prepared.dataset),
        "sha256": {**_checksums(paths), paths.model.name: digest},
    }
    write_sealed(paths.result, result)
    return result


def _warn_of_decline(a: Assembly, state: TrainState, validation: Metrics | None) -> None:
    """Say that an earlier network was better, beyond what chance makes of so few examples."""
    if validation is None or a.monitor != "accuracy":
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


def _checksums(paths: Paths) -> dict[str, str]:
    """SHA-256 of the files that the result rests on, by name."""
    return {path.name: sha256(path) for path in (paths.recipe, paths.environment, paths.history)}


def _metadata(prepared: Prepared) -> dict[str, str]:
    """What a model file must know to be used without the data.

    One entry of the safetensors header: several would be written in an order of chance, and equal runs would differ.
    """
    values = {
        "format": FORMAT,
        "classes": list(prepared.dataset.classes),
        "outputs": prepared.dataset.outputs,
        "shape": list(prepared.shape),
        "recipe_hash": prepared.recipe.hash(),
    }
    if prepared.dataset.table:
        values["table"] = prepared.dataset.table.dump()
    return {METADATA: json.dumps(values, sort_keys=True)}


def peak_memory() -> int:
    """Largest resident size of this process so far, in bytes (POSIX)."""
    status = Path("/proc/self/status")  # what rusage says counts the parent of a process on Linux
    found = re.search(r"^VmHWM:\s*(\d+) kB", status.read_text(), re.MULTILINE) if status.is_file() else None
    peak = int(found[1]) if found else resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024
