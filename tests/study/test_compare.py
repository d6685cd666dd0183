"""Comparisons: paired where runs were tested on the same, each figure by hand; else why not."""

import math

import numpy as np
import pytest
from scipy.stats import binomtest, ttest_1samp
from torch.nn.functional import cross_entropy

from luthier.api import train, train_curve, train_folds, train_seeds
from luthier.core.errors import BadInput, DamagedFile
from luthier.core.files import read_sealed, write_sealed
from luthier.data import Dataset
from luthier.run import Run
from luthier.stats import crossed_interval, holm, mean_interval, paired_share_interval, resampled_interval
from luthier.stats.metrics import METRICS
from luthier.stats.metrics.classification import auroc_parts
from luthier.study.compare import compare
from luthier.testing.material import rows, values

NOISE = np.random.default_rng(0).normal(size=(257, 7)).astype(np.float32)
DATA = Dataset("noisy", rows(257).inputs + 4 * NOISE, rows(257).labels, rows(257).classes)
GOOD = {"epochs": 6, "batch_size": 32, "quiet": True}
BAD = {**GOOD, "epochs": 1, "learning_rate": 1e-5}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Two runs, two studies of seeds and two of folds; the second of each is a weak one."""
    root = tmp_path_factory.mktemp("compared")
    for name, settings in {"good": GOOD, "bad": BAD}.items():
        train(DATA, "mlp", out=root / name, **settings)
        train_seeds(DATA, "mlp", seeds=3, out=root / f"{name}-seeds", **settings)
        train_folds(DATA, "mlp", folds=3, out=root / f"{name}-folds", **settings)
    return root


def test_of_a_tuning_study_its_run_is_compared(tmp_path):
    write_sealed(tmp_path / "study.json", {"kind": "tune"})
    with pytest.raises(BadInput, match=rf"{tmp_path} is a tuning study; give its run, {tmp_path}/run$"):
        compare([tmp_path, tmp_path])


def hits(path):
    found = Run(path).test_predictions
    return (found.answers.argmax(1) == found.truth).double().numpy()


def test_two_runs_are_paired_over_examples(folder):
    (found,) = compare([folder / "bad", folder / "good"])["comparisons"]
    assert (found["paired"], found["why_not"], found["over"]) == (True, None, "examples")
    first, second = hits(folder / "bad"), hits(folder / "good")
    only_first, only_second = int(((first == 1) & (second == 0)).sum()), int(((first == 0) & (second == 1)).sum())
    one = found["differences"][0]
    assert (one["metric"], one["better"], one["n"]) == ("accuracy", "higher", len(first))
    assert one["difference"] == pytest.approx(second.mean() - first.mean()) and one["difference"] > 0
    assert (one["only_first"], one["only_second"]) == (only_first, only_second)
    assert one["p"] == one["p_holm"] == pytest.approx(binomtest(only_first, only_first + only_second).pvalue)
    expected = paired_share_interval(only_first, only_second, len(first))
    assert one["interval"] == [expected.low, expected.high]


def metric(found, name):
    """The difference in one metric."""
    (one,) = [one for one in found["differences"] if one["metric"] == name]
    return one


def test_the_log_loss_is_paired_too(folder):
    (found,) = compare([folder / "bad", folder / "good"])["comparisons"]
    each = [
        cross_entropy(one.answers.double(), one.truth, reduction="none").numpy()
        for one in (Run(folder / name).test_predictions for name in ("bad", "good"))
    ]
    expected = mean_interval((each[1] - each[0]).tolist())
    one = metric(found, "log-loss")
    assert (one["better"], one["test"]) == ("lower", "t")
    assert one["p"] == pytest.approx(ttest_1samp(each[1] - each[0], 0).pvalue)
    assert one["difference"] == pytest.approx(expected.estimate, rel=1e-9)
    assert one["interval"] == pytest.approx([expected.low, expected.high], rel=1e-9)


def test_two_studies_are_paired_over_seeds_and_examples(folder):
    (found,) = compare([folder / "bad-seeds", folder / "good-seeds"])["comparisons"]
    per_seed = np.stack([hits(folder / "good-seeds" / f"seed-{k}") - hits(folder / "bad-seeds" / f"seed-{k}")
                         for k in range(3)])  # fmt: skip
    expected, p = crossed_interval(per_seed)
    one = found["differences"][0]
    assert found["over"] == "seeds and examples" and one["n"] == 3
    assert one["difference"] == pytest.approx(per_seed.mean())
    assert one["interval"] == pytest.approx([expected.low, expected.high]) and one["p"] == pytest.approx(p)
    assert one["interval"][1] - one["interval"][0] > 0
    assert not math.isclose(one["p"], ttest_1samp(per_seed.mean(1), 0).pvalue)


def test_two_cross_validations_are_paired_over_folds(folder):
    (found,) = compare([folder / "bad-folds", folder / "good-folds"])["comparisons"]
    accuracies = [[Run(folder / f"{name}-folds" / f"fold-{k}").result["test"]["accuracy"] for k in range(3)]
                  for name in ("bad", "good")]  # fmt: skip
    expected = resampled_interval(np.subtract(accuracies[1], accuracies[0]).tolist(), 1 / 2)
    one = found["differences"][0]
    assert found["over"] == "folds" and one["p"] is None
    assert one["interval"] == pytest.approx([expected.low, expected.high])


def test_the_first_is_compared_with_each_and_claims_are_adjusted(folder, tmp_path):
    train(DATA, "mlp", out=tmp_path / "other", seed=1, **GOOD)
    found = compare([folder / "bad", folder / "good", tmp_path / "other"])
    assert [one["path"] for one in found["subjects"]] == [str(folder / "bad"), str(folder / "good"),
                                                          str(tmp_path / "other")]  # fmt: skip
    accuracies = [one["differences"][0] for one in found["comparisons"]]
    assert [one["p_holm"] for one in accuracies] == holm([one["p"] for one in accuracies])
    assert accuracies[0]["p_holm"] > accuracies[0]["p"] or accuracies[1]["p_holm"] > accuracies[1]["p"]


def test_a_calibrated_run_differs_in_its_probabilities_alone(folder, tmp_path):
    train(DATA, "mlp", out=tmp_path / "mended", training={"calibration": "temperature"}, **GOOD)
    (found,) = compare([folder / "good", tmp_path / "mended"])["comparisons"]
    accuracy, log_loss = metric(found, "accuracy"), metric(found, "log-loss")
    assert (accuracy["difference"], accuracy["p"]) == (0.0, 1.0) and log_loss["difference"] != 0
    alike = metric(found, "macro-f1")
    assert (alike["difference"], alike["interval"], alike["p"]) == (0.0, None, None)
    tests = [Run(path).result["test"]["log-loss"] for path in (folder / "good", tmp_path / "mended")]
    assert log_loss["difference"] == pytest.approx(tests[1] - tests[0])


def test_values_are_compared_by_their_errors(tmp_path):
    for name, epochs in {"short": 1, "long": 8}.items():
        train(values(131, outputs=2), "mlp", epochs=epochs, out=tmp_path / name, quiet=True)
    (found,) = compare([tmp_path / "short", tmp_path / "long"])["comparisons"]
    tests = [Run(tmp_path / name).result["test"] for name in ("short", "long")]
    ways = {"r2": "higher", "mae": "lower", "rmse": "lower"}
    assert [(one["metric"], one["better"]) for one in found["differences"]] == list(ways.items())
    for one in found["differences"]:
        assert one["difference"] == pytest.approx(tests[1][one["metric"]] - tests[0][one["metric"]])
        assert one["interval"][0] < one["difference"] < one["interval"][1] and one["p"] is not None


def test_every_metric_differs_by_what_the_results_say(folder):
    for kind in ("", "-seeds", "-folds"):
        (found,) = compare([folder / f"bad{kind}", folder / f"good{kind}"])["comparisons"]
        assert [one["metric"] for one in found["differences"]] == ["accuracy", "auroc", "log-loss", "macro-f1", "ece"]
        names = {"": [""], "-seeds": ["seed-0", "seed-1", "seed-2"], "-folds": ["fold-0", "fold-1", "fold-2"]}[kind]
        for one in found["differences"]:
            means = [np.mean([Run(folder / f"{which}{kind}" / name).result["test"][one["metric"]] for name in names])
                     for which in ("bad", "good")]  # fmt: skip
            assert one["difference"] == pytest.approx(means[1] - means[0])
            assert (one["interval"] is None) == (one["metric"] == "ece" and kind != "")


def test_the_areas_are_paired_as_delong_does(folder):
    """Against the comparison of every pair, class by class."""
    (found,) = compare([folder / "bad", folder / "good"])["comparisons"]
    runs = [Run(folder / name).test_predictions for name in ("bad", "good")]
    truth = runs[0].truth.numpy()
    first, second = ([areas(one.answers.double().softmax(1).numpy()[:, k], truth == k) for k in np.unique(truth)]
                     for one in runs)  # fmt: skip
    classes, moved = len(first), np.zeros(len(truth))
    for k, ((ours_1, others_1), (ours_2, others_2)) in enumerate(zip(first, second, strict=True)):
        true = truth == np.unique(truth)[k]
        ours, others = ours_2 - ours_1, others_2 - others_1
        moved[true] += (ours - ours.mean()) / len(ours) / classes
        moved[~true] += (others - others.mean()) / len(others) / classes
    half = 1.96 * math.sqrt((moved**2).sum())
    one = metric(found, "auroc")
    assert one["method"] == "DeLong's, paired over examples"
    low, high = one["interval"]
    assert (low + high) / 2 == pytest.approx(one["difference"]) and (high - low) / 2 == pytest.approx(half, rel=0.1)


def areas(scores, true):
    """How often each example of the class, and each of the others, wins."""
    won = (scores[true][:, None] > scores[~true]) + 0.5 * (scores[true][:, None] == scores[~true])
    return won.mean(1), won.mean(0)


def test_the_deciding_metric_is_told_first(folder, tmp_path):
    """Of the first recipe; verdicts are about it."""
    for name, epochs in {"one": 1, "two": 2}.items():
        train(DATA, "mlp", out=tmp_path / name, quiet=True, training={"monitor": "macro-f1", "epochs": epochs})
    (found,) = compare([tmp_path / "one", tmp_path / "two"])["comparisons"]
    assert found["differences"][0]["metric"] == "macro-f1"


@pytest.mark.parametrize("kind", ["macro-f1", "rmse", "r2"])
def test_the_jackknife_agrees_with_drawing_the_examples_again(kind):
    """The standard error of a difference, against 1000 draws of the same examples for both."""
    rng, one = np.random.default_rng(3), METRICS[kind]
    if kind == "macro-f1":
        truth = rng.choice(4, 311, p=[0.5, 0.3, 0.15, 0.05])
        both = [np.eye(4)[np.where(rng.random(311) < share, truth, rng.integers(0, 4, 311))] for share in (0.6, 0.8)]
    else:
        truth = rng.normal(size=(311, 2)) * [1.0, 5.0]
        both = [truth + rng.normal(size=(311, 2)) * noise for noise in (1.0, 1.5)]
    parts = one.parts(both[1], truth) - one.parts(both[0], truth)
    drawn = [rng.integers(0, 311, 311) for _ in range(1000)]
    differences = [one.measure(both[1][k], truth[k]).value - one.measure(both[0][k], truth[k]).value for k in drawn]
    assert parts.mean() == pytest.approx(one.measure(both[1], truth).value - one.measure(both[0], truth).value)
    assert parts.std(ddof=1) / math.sqrt(311) == pytest.approx(np.std(differences), rel=0.12)


def test_a_lone_example_of_a_class_leaves_no_area_to_compare():
    assert auroc_parts(np.eye(3)[[0, 0, 1, 1, 2]], np.array([0, 0, 1, 1, 2])) is None


def reason(*paths):
    (found,) = compare(paths)["comparisons"]
    assert (found["paired"], found["over"], found["differences"]) == (False, None, [])
    return found["why_not"]


def test_why_not(folder, tmp_path):
    train(rows(101), "mlp", out=tmp_path / "data", **GOOD)
    train(values(67), "mlp", out=tmp_path / "values", epochs=1, quiet=True)
    train(DATA, "mlp", out=tmp_path / "split", split="random", **GOOD)
    train_seeds(DATA, "mlp", seeds=2, out=tmp_path / "two", **BAD)
    train_folds(DATA, "mlp", folds=2, out=tmp_path / "two-folds", **BAD)
    run, seeds, folds = folder / "good", folder / "good-seeds", folder / "good-folds"
    assert reason(run, seeds) == "one is a run, the other a study of seeds; compare like with like"
    assert reason(seeds, tmp_path / "two") == "their seeds differ, 0, 1, 2 and 0, 1; train both under the same seeds"
    assert reason(folds, tmp_path / "two-folds").startswith("their seeds differ")
    assert reason(run, tmp_path / "values").startswith("they answer with other classes or values")
    assert reason(run, tmp_path / "data").startswith("their data differ")
    assert reason(run, tmp_path / "split").startswith("their test parts differ, as other folds or splits do")
    assert reason(folds / "fold-0", folds / "fold-1").startswith("their test parts differ")


def test_folds_of_other_numbers_are_not_paired(folder, tmp_path):
    """As many runs under the same seeds, but three folds and two deals of two."""
    train_folds(DATA, "mlp", folds=2, repeats=3, out=tmp_path / "two", **BAD)
    train_folds(DATA, "mlp", folds=3, repeats=2, out=tmp_path / "three", **BAD)
    assert reason(tmp_path / "two", tmp_path / "three") == (
        "they are dealt into different numbers of folds; deal both alike"
    )


def test_a_run_of_an_earlier_version_keeps_no_answers(folder, tmp_path):
    run = train(DATA, "mlp", out=tmp_path / "old", **GOOD)
    (run.path / "predictions.safetensors").unlink()
    result = read_sealed(run.path / "result.json")
    result["sha256"].pop("predictions.safetensors")
    write_sealed(run.path / "result.json", result)
    assert reason(folder / "good", run.path) == (
        f"answers on the test part must be kept, but {run.path} is of an earlier version that kept none; train it anew"
    )


def test_altered_answers_are_damage(folder, tmp_path):
    run = train(DATA, "mlp", out=tmp_path / "torn", **GOOD)
    path = run.path / "predictions.safetensors"
    path.write_bytes(path.read_bytes()[:-1] + b"\x00")
    with pytest.raises(DamagedFile, match="does not match the checksum"):
        compare([folder / "good", run.path])


def test_what_cannot_be_compared_is_refused(folder, tmp_path):
    with pytest.raises(BadInput) as caught:
        compare([folder / "good"])
    assert str(caught.value) == "a comparison needs two runs or studies, but got 1; name another"
    with pytest.raises(BadInput, match="a run is a directory with a recipe"):
        compare([folder / "good", tmp_path])
    train_curve(DATA, "mlp", seeds=2, sizes=[40, 80], out=tmp_path / "curve", **BAD)
    with pytest.raises(BadInput) as caught:
        compare([tmp_path / "curve", folder / "good"])
    assert str(caught.value) == (
        f"compare takes runs and studies of seeds or folds, but {tmp_path / 'curve'} is of the kind learning-curve; "
        "give its runs"
    )
    study = folder / "good-seeds" / "study.json"
    kept = study.read_bytes()
    write_sealed(study, {key: one for key, one in read_sealed(study).items() if key != "runs"})
    with pytest.raises(BadInput, match=r"a comparison needs a finished study, but .* is not; finish it with"):
        compare([folder / "good-seeds", folder / "bad-seeds"])
    study.write_bytes(kept)
