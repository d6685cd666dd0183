"""luthier mislabelled, and what it says of a study and of a run."""

import numpy as np

from luthier.testing.material import rows

WRONG = np.arange(0, 211, 20)


def test_planted_errors_come_first(luthier, here):
    data = rows(211)
    data.labels[WRONG] = (data.labels[WRONG] + 1) % 3
    np.savez("planted.npz", X=data.inputs, y=data.labels)
    settings = ["--set", "optimizer.learning_rate=0.01", "--epochs", 10, "--model", "mlp", "--quiet"]
    luthier("train", "planted.npz", "--folds", 2, "--out", "study", *settings)
    done = luthier("mislabelled", "study", "--top", 4, "--out", "page.html", "--json")
    assert done.status == 0 and done.json["examples"] == done.json["fresh"] == 211
    assert len(done.json["mislabelled"]) == 4 <= done.json["doubtful"] and done.json["page"] == "page.html"
    assert {one["example"] for one in done.json["mislabelled"]} <= {*WRONG.tolist()}
    assert "Doubtful labels of" in (here / "page.html").read_text()
    done = luthier("mislabelled", "study/fold-0")
    assert done.status == 0 and "were judged by a network trained on them" in done.out
