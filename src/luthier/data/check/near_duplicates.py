"""Pictures that look alike: a perceptual hash finds the candidates, the pictures themselves decide.

Sources: Zauner, Implementation and benchmarking of perceptual image hash functions, 2010 (the hash: signs of the lowest
frequencies of a cosine transform about their median); Norouzi, Punjani and Fleet, Fast search in Hamming space with
multi-index hashing, 2012 (hashes that differ in fewer bits than there are bands agree in one band).
"""

import math
from collections.abc import Iterator

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from luthier.data.check.finding import Finding, Rule, given_part_numbers, number_parts, of_pairs
from luthier.data.dataset import Dataset

SIDE, LOWEST = 32, 8
"""Pixels that are transformed and frequencies that are kept, a side, as in the source."""


BANDS = 8


FARTHEST = BANDS - 1
"""Bits that the hashes of two candidates may differ in: with 8 bands no pair within 7 bits is missed."""


THUMB = 16


SAME, SIMILAR, CROWD = 0.97, 0.90, 1.5
"""Chosen by eye on CIFAR-10, whose 260 pairs are the same photograph, and MNIST, whose strokes are alike in kind."""


LEAST_CONTRAST, ROUNDING = 1e-3, 1e-5


CHUNK, BLOCK = 4096, 256


def find_alike(pictures: np.ndarray) -> np.ndarray:
    """Find pairs of pictures that are nearly the same (P, 2), each pair once, ascending.

    pictures: (N, H, W, C). A pair counts where the 64-bit hashes differ in at most 7 bits and the pictures, brought
    to 16 x 16 pixels, correlate by at least 0.97: another brightness, contrast, size or compression is seen through,
    another crop is not. It does not count where either has many more companions at a correlation of 0.90: such are
    alike in kind, as straight strokes are. Pictures of one colour look like nothing.

    >>> ramp = np.arange(64, dtype=np.uint8).reshape(1, 8, 8, 1)
    >>> find_alike(np.concatenate([ramp, 2 * ramp + 5, ramp.transpose(0, 2, 1, 3)])).tolist()
    [[0, 1]]
    """
    hashes, thumbs = describe(pictures)
    pairs, closeness = _similar(hashes, thumbs)
    same = closeness >= SAME
    company, crowd = (np.bincount(one.ravel(), minlength=len(pictures)) for one in (pairs[same], pairs))
    alone = crowd <= 1 + CROWD * company
    alike = pairs[same & alone[pairs].all(1)]
    ordered: np.ndarray = alike[np.lexsort(alike.T[::-1])]
    return ordered


def _similar(hashes: np.ndarray, thumbs: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Keep the candidates that correlate by SIMILAR or more (P, 2), and return by how much (P,)."""
    pairs, closeness = [np.zeros((0, 2), np.int64)], [np.zeros(0, np.float32)]
    for candidates in _candidates(hashes, np.flatnonzero(thumbs.any(1))):
        correlations = np.einsum("pd,pd->p", thumbs[candidates[:, 0]], thumbs[candidates[:, 1]])
        pairs.append(candidates[correlations >= SIMILAR])
        closeness.append(correlations[correlations >= SIMILAR])
    return np.concatenate(pairs), np.concatenate(closeness)


def describe(pictures: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Compute a hash (N,), uint64, and a thumbnail (N, 256 C), float32, of each picture.

    A thumbnail has mean 0 and length 1, or is all 0.
    """
    parts = [_describe(pictures[start : start + CHUNK]) for start in range(0, len(pictures), CHUNK)]
    hashes, thumbs = zip(*parts, strict=True)
    return np.concatenate(hashes), np.concatenate(thumbs)


def _describe(pictures: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    planes = torch.tensor(pictures).permute(0, 3, 1, 2).float()
    flat = _scale(planes, THUMB).flatten(1)
    brightest = flat.abs().amax(1, keepdim=True)
    flat -= flat.mean(1, keepdim=True)
    length = flat.norm(dim=1, keepdim=True)
    thumbs = torch.where(length > LEAST_CONTRAST * brightest, flat / length, 0.0)
    return _hashes(_scale(planes.mean(1, keepdim=True), SIDE)[:, 0]), thumbs.numpy()


def _scale(planes: Tensor, side: int) -> Tensor:
    return F.interpolate(planes, (side, side), mode="bilinear", align_corners=False, antialias=True)


def _hashes(grey: Tensor) -> np.ndarray:
    """Compute 64 bits of each picture (N, 32, 32): which low frequencies, the mean left out, exceed their median."""
    basis = make_cosines()
    lowest = (basis @ grey @ basis.T).flatten(1)
    least = ROUNDING * lowest.abs().amax(1, keepdim=True)  # a smooth picture has many frequencies of nothing
    bits = lowest > lowest[:, 1:].median(1, keepdim=True).values + least
    bits[:, 0] = False
    hashes: np.ndarray = np.packbits(bits.numpy(), axis=1).view(np.uint64)[:, 0]
    return hashes


def make_cosines() -> Tensor:
    """Compute the lowest 8 rows of the cosine transform of 32 numbers (8, 32)."""
    frequency, place = torch.arange(LOWEST).float()[:, None], torch.arange(SIDE).float()[None]
    return torch.cos(math.pi / SIDE * frequency * (place + 0.5))


def _candidates(hashes: np.ndarray, members: np.ndarray) -> Iterator[np.ndarray]:
    """Find pairs (P, 2) of members whose hashes are near, by bands and buckets, each pair once, ascending."""
    for band in range(BANDS):
        byte = hashes[members].view(np.uint8).reshape(-1, BANDS)[:, band]
        order = members[np.argsort(byte, kind="stable")]
        for bucket in np.split(order, np.cumsum(np.bincount(byte, minlength=256))[:-1]):
            for pairs in _within_bucket(hashes, bucket):
                apart = hashes[pairs[:, 0]] ^ hashes[pairs[:, 1]]
                yield pairs[apart.view(np.uint8).reshape(-1, BANDS)[:, :band].all(1)]  # no earlier band was equal


def _within_bucket(hashes: np.ndarray, bucket: np.ndarray) -> Iterator[np.ndarray]:
    """Find the near pairs of one bucket, its members in ascending order."""
    for start in range(0, len(bucket), BLOCK):
        rows, later = bucket[start : start + BLOCK], bucket[start:]
        apart = np.bitwise_count(hashes[rows][:, None] ^ hashes[later][None])
        first, second = np.nonzero(np.triu(apart <= FARTHEST, 1))
        if len(first):
            yield np.stack([rows[first], later[second]], 1)


ACROSS = Rule("near-leak", "warn", "look at them: where they are one photograph, the test figures are too good")


WITHIN = Rule("near-duplicates", "note", "look at them, and drop what adds nothing")


UNDIVIDED = Rule(
    "near-duplicates", "warn", "look at them: a drawn split may part them, and its test figures are then too good"
)


def find_near_duplicates(dataset: Dataset) -> list[Finding]:
    """Find near duplicates across given parts, and those within one."""
    if not dataset.is_picture:
        return []
    parts, groups = number_parts(dataset), dataset.duplicates
    one_of_each = np.sort(np.unique(groups * 3 + parts, return_index=True)[1])
    pairs = one_of_each[find_alike(dataset.inputs[one_of_each])]
    pairs = pairs[groups[pairs[:, 0]] != groups[pairs[:, 1]]]
    across = parts[pairs[:, 0]] != parts[pairs[:, 1]]
    return [*_across(dataset, pairs[across]), *_of_one_part(dataset, pairs[~across])]


def _across(dataset: Dataset, pairs: np.ndarray) -> list[Finding]:
    return of_pairs(
        ACROSS, dataset, pairs, f"pictures of different parts should differ, but {len(pairs):,} pairs look alike"
    )


def _of_one_part(dataset: Dataset, pairs: np.ndarray) -> list[Finding]:
    rule, where = (WITHIN, " of one part") if given_part_numbers(dataset) else (UNDIVIDED, "")
    return of_pairs(rule, dataset, pairs, f"pictures should differ, but {len(pairs):,} pairs{where} look alike")
