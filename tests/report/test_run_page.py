"""The page of a run on pictures, beside what an evaluation finds."""

import re

import numpy as np

import luthier
from luthier.api import evaluate
from luthier.reporting import report


def test_the_counts_are_those_of_an_evaluation(run, data):
    found = evaluate(run, data=data)
    matrix = re.search(r'<table class="matrix">.*?</table>', report(run, data=data).read_text(), re.DOTALL)[0]
    counts = [int(one) for one in re.findall(r"<td[^>]*>(\d+)</td>", matrix)]
    assert counts == [n for row in found["confusion"] for n in row]


def test_there_is_a_picture_of_every_case_sample_and_filter(run, data):
    found, page = evaluate(run, data=data), report(run, data=data).read_text()
    wrong = sum(n for i, row in enumerate(found["confusion"]) for j, n in enumerate(row) if i != j)
    assert page.count("<img ") == min(wrong, 16) + min(found["n"], 16) + 3 * (1 + 3) + 6
    assert "What the network sees" in page and "Filters of the first convolution" in page
    assert page.count('src="data:image/png;base64,') == page.count("<img ")


def test_the_largest_pictures_make_no_large_page(tmp_path):
    """Noise in colour, which nothing packs, of more classes than are shown."""
    noise = np.random.default_rng(0).integers(0, 256, (500, 64, 64, 3), dtype=np.uint8)
    data = (noise, np.arange(500) % 25)
    how = {"augment": {"rotation": {"degrees": 20}}, "epochs": 1, "quiet": True}
    path = luthier.train(data, "softmax-regression", out=tmp_path / "run", **how).path
    assert 1_000_000 < report(path, data=data).stat().st_size < 3_000_000
