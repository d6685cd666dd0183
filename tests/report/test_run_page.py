"""The page of a run on pictures, beside what an evaluation finds."""

import html
import re
import shutil

import numpy as np
import pytest

import luthier
from luthier.api import evaluate
from luthier.core.errors import Diverged
from luthier.report.report import report
from luthier.testing.material import rows, values


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


def page_of(path, data):
    return html.unescape(report(path, data=data).read_text())


def test_an_unfinished_run_has_no_empty_sections(run, data, tmp_path):
    """Nothing but what there was before the first step."""
    (tmp_path / "run").mkdir()
    for name in ("recipe.toml", "environment.json"):
        shutil.copy(run / name, tmp_path / "run")
    (tmp_path / "run" / "history.jsonl").touch()
    page = page_of(tmp_path / "run", data=data)
    assert "The run is not finished; go on with: luthier resume" in page
    headings = re.findall(r"<h2>(.*?)</h2>", page)
    assert headings == ["What was trained on what", "What the network sees", "How to repeat it"]


def test_a_diverged_run_says_what_happened(data, tmp_path):
    """To go on with it would only meet the same numbers again."""
    how = {"optimizer": "sgd", "learning_rate": 1e5, "epochs": 3, "batch_size": 16, "quiet": True}
    with pytest.raises(Diverged) as caught:
        luthier.train(data, "lenet5", out=tmp_path / "run", **how)
    page = page_of(tmp_path / "run", data=data)
    assert f"The training came to nothing: {caught.value}" in page and "is not finished" not in page
    assert luthier.load(tmp_path / "run").history[-1]["kind"] == "diverged"


def test_a_calibrated_run_says_by_how_much(tmp_path):
    noisy = rows(211).inputs + 4 * np.random.default_rng(0).normal(size=(211, 7)).astype(np.float32)
    how = {"epochs": 9, "quiet": True, "training": {"calibration": "temperature"}}
    made = luthier.train((noisy, rows(211).labels), "mlp", out=tmp_path / "run", **how)
    found = made.result["calibration"]
    before = 100 * found["test"]["before"]["ece"]
    page = page_of(made.path, data=(noisy, rows(211).labels))
    assert f"tempered by {found['temperature']:.4g}, fitted on the validation part" in page
    assert f"before that the error was {before:.2f} percentage points" in page


def test_answers_of_values_are_points_of_their_own(tmp_path):
    made = values(131)
    path = luthier.train((made.inputs, made.labels), "mlp", out=tmp_path / "run", epochs=1, quiet=True).path
    page = page_of(path, data=(made.inputs, made.labels))
    drawn = page.partition("Answers by true value")[2].partition("</svg>")[0]
    assert 'class="c0 unjoined"' in drawn and drawn.count("<circle") == 26 and "1 value<" in page
