"""Digests of the examples that a run has seen, by which they are known again in other data."""

from pathlib import Path

import numpy as np
import xxhash
from safetensors import SafetensorError
from safetensors.numpy import load, save

from luthier.core.errors import DamagedFile
from luthier.core.files import sha256
from luthier.data.loader import DeviceDataset
from luthier.data.units import KnownUnits, hold_as_trained
from luthier.recipe.build import Prepared
from luthier.run.directory import RunPaths
from luthier.stats.metrics import Metrics

PARTS = ("train", "validation")

Digests = dict[str, np.ndarray]
"""Of the examples of each part, ascending and each once."""

CHUNK = 4096


def digest_examples(inputs: np.ndarray, units: KnownUnits) -> np.ndarray:
    """Compute 8 bytes for each example (N,), equal where a network gets equal examples.

    inputs: in the form of `Dataset.inputs` and of the network's size. units: those of the network.

    >>> bytes_ = np.array([[[[0]]], [[[51]]]], np.uint8)
    >>> digest_examples(bytes_, "bytes").tolist() == digest_examples(np.float32([[[[0]]], [[[0.2]]]]), "bytes").tolist()
    True
    """
    digests = np.empty(len(inputs), np.uint64)
    for start in range(0, len(inputs), CHUNK):
        part = digests[start : start + CHUNK]
        for chosen, held in hold_as_trained(inputs[start : start + CHUNK], units):
            numbers = (xxhash.xxh3_64_intdigest(one.tobytes()) for one in _unify(held))
            part[chosen] = np.fromiter(numbers, np.uint64, len(held))
    return digests


def _unify(inputs: np.ndarray) -> np.ndarray | list[np.ndarray]:
    """Give equal numbers equal bytes, and cut sequences (N, T, F) at their ends, behind which they are NaN."""
    if inputs.dtype == np.uint8:
        return inputs
    numbers = np.where(np.isnan(inputs), np.float32(np.nan), inputs + np.float32(0))  # -0 equals 0, and so do all NaN
    if inputs.ndim != 3:
        return numbers
    return [one[: np.count_nonzero(~np.isnan(one[:, 0]))] for one in numbers]


def digest_parts(prepared: Prepared) -> bytes:
    """Digest the training and validation part for the file that `read_digests` reads.

    Rows of a table that a new row may well equal by chance are left out.
    """
    trainer, dataset, parts = prepared.trainer, prepared.dataset, prepared.parts
    units: KnownUnits = dataset.units
    digests = {
        name: np.unique(_digest(examples, units)[~dataset.chance_rows[members]])
        for name, examples, members in (
            ("train", trainer.training.examples, parts.train),
            ("validation", trainer.validation, parts.validation),
        )
    }
    return save(digests)


def _digest(examples: DeviceDataset, units: KnownUnits) -> np.ndarray:
    chunks = (examples.store.index_select(0, some).cpu().numpy() for some in examples.indices.split(CHUNK))
    return np.concatenate([digest_examples(chunk, units) for chunk in chunks])


def read_digests(root: Path, result: Metrics) -> Digests | None:
    """Read the digests of a run by part, None where it keeps none, as runs of earlier versions.

    Raises DamagedFile where the file was altered.
    """
    path = RunPaths(root).digests
    expected = result["sha256"].get(path.name)
    if expected is None:
        return None
    if not path.is_file() or sha256(path) != expected:
        raise DamagedFile(f"{path} is missing or does not match the checksum in result.json; restore it")
    try:
        digests = load(path.read_bytes())
    except SafetensorError as error:
        raise DamagedFile(f"{path} is not a safetensors file ({error}); restore it or train anew") from None
    if sorted(digests) != sorted(PARTS):
        raise DamagedFile(f"{path} must hold {' and '.join(PARTS)}; restore it or train anew")
    return digests


def mark_seen(digests: Digests, inputs: np.ndarray, units: KnownUnits) -> tuple[np.ndarray, np.ndarray]:
    """Mark which examples (N,) were trained on, and which were not, but are of the validation part."""
    found = digest_examples(inputs, units)
    trained = np.isin(found, digests["train"])
    return trained, np.isin(found, digests["validation"]) & ~trained
