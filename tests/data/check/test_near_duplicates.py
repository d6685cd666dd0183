"""Pictures that look alike, against a plain search through all pairs."""

import io

import numpy as np
import pytest
from PIL import Image
from scipy.fft import dctn

from luthier.data.check import near_duplicates
from luthier.data.check.near_duplicates import SIDE, describe, find_alike, make_cosines


@pytest.fixture
def photos(rng):
    """40 soft pictures of 20 x 24 pixels."""
    coarse = rng.integers(0, 256, (40, 6, 7, 3), np.uint8)
    return np.stack([np.asarray(Image.fromarray(one).resize((24, 20), Image.Resampling.BICUBIC)) for one in coarse])


def compressed(picture):
    file = io.BytesIO()
    Image.fromarray(picture).save(file, "JPEG", quality=85, subsampling=0)
    return np.asarray(Image.open(file))


@pytest.mark.parametrize(
    "change",
    [
        compressed,
        lambda one: (one * 0.7 + 20).astype(np.uint8),
        lambda one: np.asarray(Image.fromarray(one).resize((16, 14)).resize((24, 20), Image.Resampling.BICUBIC)),
    ],
    ids=["compression", "contrast", "size"],
)
def test_the_same_photograph_is_known_again_and_no_other(photos, change):
    changed = np.stack([change(one) for one in photos[:13]])
    found = find_alike(np.concatenate([photos, changed]))
    assert found.tolist() == [[k, 40 + k] for k in range(13)]


def test_different_photographs_are_not_alike(photos):
    assert find_alike(photos).shape == (0, 2)
    assert find_alike(photos[:1]).shape == (0, 2) and find_alike(np.concatenate([photos, photos[:, ::-1]])).shape == (
        0,
        2,
    )


def test_pictures_of_one_colour_look_like_nothing():
    assert find_alike(np.full((5, 8, 8, 1), 200, np.uint8)).shape == (0, 2)


def test_what_is_alike_in_kind_is_no_duplicate(rng):
    """Copies with ever more noise: close neighbours everywhere, so that closeness says nothing."""
    base = rng.normal(size=(1, 16, 16, 1))
    crowd = base + 0.2 * rng.normal(size=(30, 16, 16, 1))
    assert find_alike(crowd.astype(np.float32)).shape == (0, 2)
    pair = np.concatenate([crowd[:1], crowd[:1] + 0.001 * rng.normal(size=(1, 16, 16, 1))])
    assert len(find_alike(pair.astype(np.float32))) == 1


def test_the_transform_is_the_cosine_transform(rng):
    grey = rng.random((SIDE, SIDE))
    basis = make_cosines().double().numpy()
    assert np.allclose(basis @ grey @ basis.T * 4, dctn(grey, type=2)[:8, :8], atol=1e-3)


@pytest.mark.parametrize("block", [3, 256])
def test_candidates_are_all_pairs_within_seven_bits_once(rng, monkeypatch, block):
    monkeypatch.setattr(near_duplicates, "BLOCK", block)
    hashes = rng.integers(0, 2**63, 5, np.uint64).repeat(30)
    for k in range(len(hashes)):
        for bit in rng.integers(0, 64, rng.integers(0, 6)):
            hashes[k] ^= np.uint64(1) << np.uint64(bit)
    members = np.flatnonzero(np.arange(150) % 7)
    found = [tuple(pair) for pairs in near_duplicates._candidates(hashes, members) for pair in pairs.tolist()]
    known = [(i, j) for i in members for j in members if i < j and int(hashes[i] ^ hashes[j]).bit_count() <= 7]
    assert sorted(found) == known and 100 < len(known) < len(members) * (len(members) - 1) / 2


def test_hashes_are_half_ones_and_thumbnails_have_length_one(photos):
    hashes, thumbs = describe(photos)
    assert {int(one).bit_count() for one in hashes} <= {30, 31, 32}
    assert np.allclose((thumbs**2).sum(1), 1, atol=1e-4) and np.allclose(thumbs.mean(1), 0, atol=1e-4)
