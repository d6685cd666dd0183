"""The end of a run: what is measured, on what, and how often."""

import json
import subprocess
import sys
import warnings
from dataclasses import replace

import numpy as np
import pytest
import torch

from luthier.api import evaluate as evaluate_calibration
from luthier.api import load, resume, train
from luthier.core.card import TrickCard
from luthier.core.errors import BadInput, LuthierWarning
from luthier.core.files import read_sealed, write_sealed
from luthier.core.rng import generator
from luthier.data import Dataset
from luthier.models.losses import BCE, LOSSES, MSE, CrossEntropy
from luthier.recipe.build import prepare
from luthier.recipe.read import read_recipe
from luthier.report.report import report
from luthier.run.predict import predict_files
from luthier.run.result import KEYS, add_intervals, compute_probabilities, measure_peak_memory
from luthier.sklearn.fitting import fit
from luthier.stats import mean_interval, share_interval
from luthier.study.compare import compare
from luthier.study.verify import fsck
from luthier.testing.material import rows, values
from luthier.training import Evaluation, evaluate
from luthier.training import evaluate as answers_on
from luthier.training.evaluate import quick_metrics
from luthier.training.temperature import fit_temperature
from luthier.training.trick import Trick

CPU = torch.device("cpu")


def test_a_result_says_what_it_is_of(finished):
    result = json.loads((finished.path / "result.json").read_text())
    assert result.keys() >= KEYS
    assert result["recipe_hash"] == finished.recipe.hash()
    assert result["recipe_hash_without_seed"] == finished.recipe.hash(with_seed=False)
    assert result["fingerprint"] == rows(53).fingerprint
    assert (result["seed"], result["epochs"], result["steps"], result["stopped_early"]) == (0, 2, 6, False)
    assert result["parameters"] == 7 * 5 + 5 + 5 * 3 + 3
    assert result["seconds"] > 0
    assert result["examples_per_second"] == pytest.approx(2 * 39 / result["seconds"], rel=0.5)


def test_validation_and_test_are_those_of_the_kept_network(finished):
    made = prepare(finished.recipe, rows(53), CPU)
    for name, part in {"test": made.test, "validation": made.trainer.validation}.items():
        found = evaluate(finished.network, part, finished.recipe.loss).metrics
        told = finished.result[name]
        assert told["n"] == found["n"] == len(part)
        assert told["accuracy"] == found["accuracy"]
        assert told["loss"] == pytest.approx(found["loss"], rel=1e-6)
        interval = share_interval(round(found["accuracy"] * found["n"]), found["n"])
        assert told["interval"] == [interval.low, interval.high]


def test_the_last_validation_is_that_of_the_history(finished):
    last = [row for row in finished.history if row["kind"] == "validation"][-1]
    assert finished.result["validation"]["loss"] == pytest.approx(last["loss"], rel=1e-6)


def test_without_a_validation_part_there_is_no_validation(make_run):
    run = make_run(split={"validation": 0})
    assert run.result["validation"] is None and run.result["test"]["n"] == 11
    assert [row["kind"] for row in run.history] == ["train", "train"]


def test_every_read_of_a_test_part_is_counted(make_run):
    assert [make_run(str(number), seed=number).result["test_reads"] for number in range(3)] == [1, 2, 3]
    longer = resume(make_run("3").path, epochs=3, data=rows(53), quiet=True)
    assert longer.result["test_reads"] == 5
    assert make_run("other", side=9).result["test_reads"] == 1


def test_the_test_part_is_the_same_for_all_seeds_and_the_validation_part_is_not(make_run):
    parts = [prepare(make_run(str(seed), seed=seed).recipe, rows(53), CPU).parts for seed in range(3)]
    assert len({part.test.tobytes() for part in parts}) == 1
    assert len({part.validation.tobytes() for part in parts}) == 3
    for part in parts:
        assert not np.intersect1d(part.test, part.validation).size


def test_peak_memory_is_in_bytes():
    """PyTorch alone takes more than 50 million."""
    assert 50e6 < measure_peak_memory() < 1e12


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere the system counts the process alone")
def test_peak_memory_is_not_that_of_the_process_that_started_this_one():
    held = np.ones(125_000_000)
    code = "import luthier.run.result as result; print(result.measure_peak_memory())"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert int(done.stdout) < held.nbytes


class Unlearn(Trick):
    """Forgets everything after the last epoch but one."""

    name = "unlearn"
    card = TrickCard(summary="Forgets.", source="tests")

    def after_epoch(self, trick_state, report, context):
        if context.epoch == context.training.epochs - 1:
            for one in context.training.network.parameters():
                torch.nn.init.zeros_(one)
        return trick_state, False


def test_a_network_that_was_much_better_before_is_said_so(tmp_path):
    settings = {"epochs": 12, "out": tmp_path / "run", "quiet": True, "batch_size": 16, "learning_rate": 0.02}
    with pytest.warns(
        LuthierWarning, match=r"ends at validation accuracy \d+\.\d+%, but had \d+\.\d+% after epoch \d+; keep"
    ):
        train(rows(301), "mlp", tricks=[Unlearn()], schedule="cosine", **settings)


def test_a_network_that_is_about_as_good_as_ever_is_not(tmp_path):
    """Warnings are errors in these tests."""
    train(rows(301), "mlp", epochs=3, out=tmp_path / "run", quiet=True)


def test_the_result_says_what_was_left_out_of_the_data(tmp_path):
    lines = [f"{k % 7},5,{'' if k == 3 else k % 11},{'ab'[k % 2]}" for k in range(40)]
    (tmp_path / "one.csv").write_text("\n".join(["x,same,gap,label", *lines]))
    with pytest.warns(LuthierWarning, match="column same is left out: it is constant; nothing can be learnt from it"):
        run = train(tmp_path / "one.csv", epochs=1, out=tmp_path / "run", quiet=True)
        page = report(run.path).read_text()
    told = [
        "column same is left out: it is constant; nothing can be learnt from it",
        "column gap is missing in 1 rows, where the mean stands for it",
    ]
    assert run.result["remarks"] == told
    assert all(f"Of the data: {line}." in page for line in told)


def test_answers_that_are_not_finite_are_warned_of(tmp_path):
    data = replace(rows(53), official_test=np.arange(53) >= 42)
    data.inputs[:, 0] *= 1e-3
    data.inputs[50, 0] = 3e38
    with pytest.warns(LuthierWarning, match="^1 of the 11 answers on the test part are not finite, so that most"):
        run = train(data, epochs=1, out=tmp_path / "run", quiet=True)
    assert run.result["test"]["loss"] is None
    assert report(run.path, data=data).is_file(), "and nothing warns"


def train_far(out, *, of_values=False, everywhere=False, **sections):
    """A run with an example so far away in the test part, or in the validation part too, that its answer overflows."""
    data = values(53) if of_values else rows(53)
    marks = np.arange(53)
    data = replace(data, inputs=data.inputs.copy(), official_test=marks >= 42, official_validation=marks < 9)
    data.inputs[:, 0] *= 1e-3
    data.inputs[[50, 3] if everywhere else [50], 0] = 3e38
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        run = train(data, "mlp", epochs=1, out=out, quiet=True, **sections)
    said = [str(one.message) for one in told if "answers on the" in str(one.message)]
    assert len(said) == 1 + everywhere
    return run, data


OVERFLOWING = [
    *({"loss": name} for name, one in LOSSES.members.items() if "classification" in one.tasks),
    *({"loss": name, "training": {"calibration": "temperature"}} for name in ("cross-entropy", "mse", "bce")),
    *({"loss": name, "of_values": True} for name in ("mse", "huber")),
]


@pytest.mark.parametrize("everywhere", [False, True])
@pytest.mark.parametrize("sections", OVERFLOWING)
def test_an_answer_that_overflows_leaves_a_run_to_work_with(tmp_path, sections, everywhere):
    """Its metrics are undefined; its page, evaluation and comparison are there; a prediction of it is refused."""
    run, data = train_far(tmp_path / "run", everywhere=everywhere, **sections)
    test = run.result["test"]
    undefined = [name for name in test["undefined"] if name != "top-5"]
    assert test["n"] == 11 and undefined and all(test[name] is None for name in undefined)
    calibration = run.result["calibration"]
    if calibration and everywhere:
        assert calibration["temperature"] == 1.0 and calibration["test"]["before"]["ece"] is None
    assert report(run.path, data=data).is_file()
    found = evaluate_calibration(run.path, data=data)
    assert {name: found[name] for name in undefined} == dict.fromkeys(undefined)
    (told,) = compare([run.path, run.path])["comparisons"]
    assert not {one["metric"] for one in told["differences"]} & {*undefined}
    np.save(tmp_path / "far.npy", data.inputs[49:51])
    with pytest.raises(BadInput, match="answers must be finite, but 1 are not, such as that to example 1"):
        predict_files(run, [tmp_path / "far.npy"])


SETTINGS = {"epochs": 15, "batch_size": 16, "quiet": True, "split": {"validation": 0.3}}


def doubtful(count=211):
    """Rows of which a fifth has a wrong label: a network that learns them by heart is too certain."""
    data = rows(count)
    wrong = np.arange(count) % 5 == 0
    return Dataset("doubtful", data.inputs, np.where(wrong, (data.labels + 1) % 3, data.labels), data.classes)


DATA = doubtful()


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """The same training without and with calibration."""
    folder = tmp_path_factory.mktemp("runs")
    plain = train(DATA, "mlp", out=folder / "plain", **SETTINGS)
    mended = train(DATA, "mlp", out=folder / "mended", training={"calibration": "temperature"}, **SETTINGS)
    return plain, mended


def test_the_temperature_is_that_of_the_validation_part(made):
    _, mended = made
    part = prepare(mended.recipe, DATA, CPU).trainer.validation
    found = answers_on(mended.network, part, mended.recipe.loss)
    expected = fit_temperature(found.logits.double().softmax(1), found.labels)
    assert mended.temperature == pytest.approx(expected, rel=1e-4) and mended.temperature > 1.1
    assert mended.result["calibration"]["temperature"] == mended.metadata["temperature"]


def test_weights_and_answers_stay_and_probabilities_change(made):
    plain, mended = made
    for name, one in plain.network.state_dict().items():
        assert torch.equal(one, mended.network.state_dict()[name])
    X = DATA.inputs
    assert plain.predict(X) == mended.predict(X)
    logits = mended.network(torch.from_numpy(X)).detach().double()
    np.testing.assert_allclose(mended.predict_proba(X), (logits / mended.temperature).softmax(1), rtol=1e-6)
    assert plain.result["calibration"] is None and plain.temperature == 1


def test_the_result_says_what_it_changed(made):
    plain, mended = made
    told = mended.result["calibration"]
    for part in ("validation", "test"):
        for name in ("ece", "log-loss"):
            assert told[part]["before"][name] == pytest.approx(plain.result[part][name], rel=1e-6)
            assert told[part]["after"][name] == mended.result[part][name]
            assert told[part]["after"]["intervals"][name] == mended.result[part]["intervals"][name]
        assert told[part]["after"]["log-loss"] < told[part]["before"]["log-loss"]
        for name in ("accuracy", "macro-f1", "loss"):
            assert mended.result[part][name] == plain.result[part][name]
    assert mended.result["test_reads"] == plain.result["test_reads"] + 1


def test_it_is_evaluated_as_it_answers(made):
    _, mended = made
    found = evaluate_calibration(mended.path, data=DATA)
    assert found["log-loss"] == pytest.approx(mended.result["test"]["log-loss"], rel=1e-5)
    assert found["log-loss"] != pytest.approx(mended.result["calibration"]["test"]["before"]["log-loss"], rel=1e-3)


def test_fsck_knows_it(made):
    for one in made:
        assert fsck(one.path) == []


def test_fsck_sees_another_temperature(tmp_path):
    run = train(DATA, "mlp", out=tmp_path / "run", training={"calibration": "temperature"}, **SETTINGS)
    result = read_sealed(run.path / "result.json")
    write_sealed(run.path / "result.json", {**result, "calibration": {**result["calibration"], "temperature": 7.0}})
    assert fsck(run.path) == [f"{run.path / 'model.safetensors'} was calibrated in another way than result.json says"]


def test_a_run_that_goes_on_is_calibrated_anew(tmp_path):
    run = train(DATA, "mlp", out=tmp_path / "run", training={"calibration": "temperature"}, **SETTINGS)
    before = run.temperature
    longer = resume(run.path, epochs=40, data=DATA, quiet=True)
    assert longer.temperature != before and fsck(run.path) == []
    assert len(list(run.path.glob("predictions-*.safetensors"))) == 1
    assert (
        load(run.path).temperature == json.loads((run.path / "result.json").read_text())["calibration"]["temperature"]
    )


@pytest.mark.filterwarnings("ignore:no column alone should tell the target")
def test_where_all_is_right_nothing_is_changed_and_said(tmp_path):
    apart = Dataset("apart", rows(90).inputs + 50 * np.eye(7, dtype=np.float32)[np.arange(90) % 3],
                    rows(90).labels, rows(90).classes)  # fmt: skip
    with pytest.warns(
        LuthierWarning, match=r"all \d+ validation examples are answered rightly.*the temperature stays 1"
    ):
        run = train(apart, "mlp", out=tmp_path / "run", training={"calibration": "temperature"}, **SETTINGS)
    assert run.temperature == 1 and run.metadata["temperature"] == 1 and fsck(run.path) == []


def test_it_is_refused_where_nothing_can_be_fitted(tmp_path):
    settings = {"out": tmp_path / "run", "training": {"calibration": "temperature"}}
    with pytest.raises(BadInput) as caught:
        train(values(53), "mlp", **settings)
    assert str(caught.value) == (
        "training.calibration mends probabilities of classes, but values is for regression; take it out"
    )
    with pytest.raises(BadInput) as caught:
        train(DATA, "mlp", split={"validation": 0}, **settings)
    assert str(caught.value) == (
        "training.calibration needs a validation part, but split.validation is 0; set it above 0 or take it out"
    )
    recipe = read_recipe({"model": "mlp", "training": {"calibration": "temperature"}})
    with pytest.raises(BadInput, match=r"training\.calibration is for runs, but got 'temperature' without one"):
        fit(recipe, DATA, CPU)
    assert not (tmp_path / "run").exists()


def of_values(n, outputs=2, spread=1.0):
    truth = torch.randn(n, outputs, generator=generator(0, "truth")) * spread + 1000
    answers = truth + torch.randn(n, outputs, generator=generator(0, "noise"))
    return Evaluation(answers, truth, quick_metrics(answers, truth, torch.zeros(n)))


def of_classes(n=60, classes=7):
    labels = torch.randint(classes, (n,), generator=generator(0, "labels"))
    logits = torch.randn(n, classes, generator=generator(0, "logits")) + 2 * torch.eye(classes)[labels]
    return Evaluation(logits, labels, quick_metrics(logits, labels, torch.full((n,), 1.5)))


def test_every_metric_of_classes_has_an_interval_and_says_how():
    one = of_classes()
    found = add_intervals(one, CrossEntropy())
    names = {"accuracy", "auroc", "ece", "log-loss", "macro-f1", "top-5"}
    assert found.keys() == {*names, "loss", "n", "interval", "intervals", "methods", "undefined"}
    assert found["intervals"].keys() == found["methods"].keys() == names and found["undefined"] == {}
    for name in names - {"ece"}:
        low, high = found["intervals"][name]
        assert 0 <= low < found[name] < high, name
    assert found["interval"] == found["intervals"]["accuracy"] and found["accuracy"] == one.metrics["accuracy"]
    expected = torch.nn.functional.cross_entropy(one.logits.double(), one.labels)
    assert found["log-loss"] == pytest.approx(float(expected), rel=1e-9) and found["loss"] == 1.5


def test_probabilities_are_those_of_the_loss_and_of_the_temperature():
    one = of_classes()
    by_bce = add_intervals(one, BCE())
    assert by_bce["log-loss"] != add_intervals(one, CrossEntropy())["log-loss"]
    warm = compute_probabilities(one.logits, CrossEntropy(), 3.0)
    np.testing.assert_allclose(warm, (one.logits.double() / 3).softmax(1), rtol=1e-9)
    expected = torch.nn.functional.nll_loss(warm.log(), one.labels)
    assert add_intervals(one, CrossEntropy(), 3.0)["log-loss"] == pytest.approx(float(expected), rel=1e-9)


def test_answers_that_are_not_finite_leave_the_accuracy_alone():
    logits = torch.tensor([[torch.inf, 0.0], [torch.inf, 0.0]])
    labels = torch.tensor([0, 1])
    found = add_intervals(Evaluation(logits, labels, quick_metrics(logits, labels, torch.zeros(2))), CrossEntropy())
    assert found["accuracy"] == 0.5 and found["interval"]
    for name in ("auroc", "ece", "log-loss", "macro-f1", "top-5"):
        assert found[name] is found["intervals"][name] is None
        assert found["undefined"][name] == "the network's answers are not all finite"


def test_intervals_go_with_the_errors_of_values():
    one = of_values(200, spread=3.0)
    found = add_intervals(one, MSE())
    assert found.keys() == {"mae", "rmse", "r2", "loss", "n", "intervals", "methods", "undefined"}
    for name, (low, high) in found["intervals"].items():
        assert low < found[name] < high, name
    errors = (one.logits.double() - one.labels.double()).abs().mean(1).tolist()
    expected = mean_interval(errors)
    assert found["intervals"]["mae"] == [expected.low, expected.high]
    assert found["r2"] == pytest.approx(0.9, abs=0.05) and found["rmse"] == pytest.approx(1, abs=0.15)


def test_r2_is_drawn_again_with_the_spread_of_each_draw():
    """Against the plain way: draw the examples, compute r2 anew."""
    one = of_values(100, outputs=1, spread=3.0)
    truth, answers = one.labels[:, 0].double().numpy(), one.logits[:, 0].double().numpy()
    rng = np.random.default_rng(5)
    chosen = rng.integers(100, size=(4000, 100))
    squares = ((truth - answers) ** 2)[chosen].sum(1)
    plain = 1 - squares / (truth[chosen].var(1) * 100)
    low, high = add_intervals(one, MSE())["intervals"]["r2"]
    np.testing.assert_allclose([low, high], np.quantile(plain, (0.025, 0.975)), atol=0.01)


@pytest.mark.parametrize(("n", "given"), [(1, set()), (2, {"mae"}), (19, {"mae"}), (20, {"mae", "rmse", "r2"})])
def test_too_few_examples_have_no_interval(n, given):
    intervals = add_intervals(of_values(n), MSE())["intervals"]
    assert {name for name, one in intervals.items() if one} == given
    assert intervals.keys() == {"mae", "rmse", "r2"}


def test_values_that_never_change_have_no_r2():
    found = add_intervals(of_values(30, spread=0.0), MSE())
    assert found["r2"] is found["intervals"]["r2"] is None and found["intervals"]["rmse"]
    assert found["undefined"] == {"r2": "the true values do not differ"}


def test_a_result_says_what_the_trivial_answer_scores(finished):
    made = prepare(finished.recipe, rows(53), CPU)
    trained, truth = rows(53).labels[made.parts.train], rows(53).labels[made.parts.test]
    shares = np.bincount(trained, minlength=3) / len(trained)
    told = finished.result["test"]["trivial"]
    assert finished.result["trivial"] == shares.tolist()
    assert told["accuracy"] == float((truth == shares.argmax()).mean())
    assert told["log-loss"] == pytest.approx(float(-np.log(shares[truth]).mean()))
    found = evaluate_calibration(finished.path, data=rows(53))
    assert found["trivial"] == told
