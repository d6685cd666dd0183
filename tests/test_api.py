"""The Python face: what may be given as data, model and recipe, and what wins."""

import re
import warnings
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

import luthier
from luthier.api import evaluate, load, resume, train
from luthier.cli import main
from luthier.core.card import Card, TrickCard
from luthier.core.declare import Range, hyperparameter
from luthier.core.errors import BadInput
from luthier.core.files import write_sealed
from luthier.data import DataArguments, Dataset
from luthier.data import load as load_data
from luthier.models import MLP
from luthier.models.activations import Activation
from luthier.optim.optimizers import AdamW, Momentum
from luthier.recipe.read import read_draft, read_recipe
from luthier.recipe.resolve import decide, load_and_resolve, merge_values
from luthier.run import Run
from luthier.run.directory import new_directory
from luthier.study.verify import fsck
from luthier.testing.compare import difference
from luthier.testing.material import SmallNet, pictures, rows
from luthier.training.trick import Trick
from luthier.training.tricks import EarlyStopping

X, Y = rows(53).inputs, rows(53).labels


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "run"


def small(data, model="mlp", **settings) -> Run:
    return train(data, model, **{"epochs": 1, "quiet": True, **settings})


def make_recipe(data, dataset, *given):
    """The recipe that `train` follows, by the values that are given and the data that are read."""
    return decide(read_draft(*merge_values(DataArguments(data), *given)), dataset)


def refused(out, data, model="mlp", **settings) -> list[str]:
    """The problems; and nothing was written."""
    with pytest.raises(BadInput) as caught:
        small(data, model, out=out, **settings)
    assert not out.exists()
    return list(caught.value.problems)


def test_the_package_offers_the_same_functions():
    assert (luthier.train, luthier.load, luthier.resume, luthier.Run) == (train, load, resume, Run)
    assert issubclass(luthier.BadInput, ValueError)


@pytest.mark.parametrize(
    "data",
    [
        (X, Y),
        (X.tolist(), Y.tolist()),
        (X.astype(np.float64), Y.astype(np.int8)),
        (torch.tensor(X), torch.tensor(Y)),
        (X, np.array(["p", "q", "r"], object)[Y]),
        (X, Y == 0),
        Dataset("mine", X, Y, ("p", "q", "r")),
    ],
    ids=["arrays", "lists", "other types", "tensors", "objects", "bools", "a Dataset"],
)
def test_data_come_in_many_forms(out, data):
    run = small(data, out=out)
    assert run.recipe.data.source == "arrays"
    assert run.result["test"]["n"] == 11 and len(run.classes) in (2, 3)


@pytest.mark.parametrize("kind", [bool, np.uint8, np.int64, np.uint16, np.float16, np.float32, np.float64])
def test_pictures_of_any_type_train(out, kind):
    inputs = (pictures(61).inputs > 127).astype(kind)
    run = small((inputs, pictures(61).labels), out=out)
    assert run.predict_proba(inputs[:5]).shape == (5, 3)


def test_pictures_of_one_pixel_and_hundreds_of_classes_train(out, tmp_path):
    one = small((np.arange(60, dtype=np.uint8).reshape(60, 1, 1), np.arange(60) % 2), None, out=out)
    assert one.recipe.model.name == "lenet5" and one.recipe.data.size == 28
    many = small((np.random.default_rng(0).random((1000, 3)), np.arange(1000) % 200), out=tmp_path / "many")
    assert many.predict_proba(np.zeros((5, 3))).shape == (5, 200)


def test_a_run_is_at_its_place_and_opens_again(out):
    run = small((X, Y), out=str(out))
    assert run.path == out
    assert load(out).result == load(str(out)).result == run.result


def test_without_a_place_a_new_one_is_made_under_runs(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    one, other = small((X, Y)), small((X, Y))
    assert {one.path.parent, other.path.parent} == {Path("runs")} and one.path != other.path
    assert re.fullmatch(r"\d{8}-\d{6}-arrays-mlp(-\d+)?", one.path.name)
    path = new_directory(read_recipe({"data": {"source": f"/a/näin{'x' * 250}.npz"}, "model": "mlp"}))
    assert path.is_dir() and path.name.endswith(f"-näin{'x' * 36}-mlp")


def test_a_new_place_is_new_to_all_who_ask_at_once(tmp_path):
    recipe = read_recipe({"model": "mlp"})
    with ThreadPoolExecutor(7) as pool:
        found = list(pool.map(lambda _: new_directory(recipe, tmp_path / "runs"), range(29)))
    assert len(set(found)) == 29 and all(path.is_dir() for path in found)


@pytest.mark.parametrize(("kind", "remedy"), [("tune", "study.tune.resume_tune"), ("seeds", "api.resume_study")])
def test_a_study_is_no_run_to_go_on_with(tmp_path, kind, remedy):
    write_sealed(tmp_path / "study.json", {"kind": kind})
    with pytest.raises(BadInput, match=rf"is a study; go on with luthier\.{remedy}\("):
        resume(tmp_path)


def test_a_place_where_nothing_can_be_made_is_refused(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("runs").touch()
    with pytest.raises(BadInput) as caught:
        small((X, Y))
    assert str(caught.value) == "runs must be a directory to write in, but is not (File exists); use --out"


def test_everybodys_settings_have_short_names(out):
    run = small((X, Y), out=out, epochs=3, batch_size=7, learning_rate=0.5, weight_decay=0.25, seed=5)
    recipe = run.recipe
    assert (recipe.training.epochs, recipe.training.batch_size, recipe.seed) == (3, 7, 5)
    assert (recipe.optimizer.learning_rate, recipe.optimizer.weight_decay) == (0.5, 0.25)


def test_numbers_of_numpy_are_numbers(out):
    run = small((X, Y), out=out, epochs=np.int64(2), seed=np.uint8(3), learning_rate=np.float32(0.5))
    assert (run.recipe.training.epochs, run.recipe.seed, run.recipe.optimizer.learning_rate) == (2, 3, 0.5)
    assert type(run.recipe.training.epochs) is type(run.recipe.seed) is int


def test_what_is_given_beside_a_recipe_wins():
    base = {"seed": 3, "training": {"epochs": 9, "batch_size": 8}, "optimizer": {"name": "sgd", "learning_rate": 0.5}}
    data = rows(53)
    given = make_recipe((X, Y), data, "mlp", base, {"epochs": 2, "learning_rate": 0.125, "seed": 4})
    assert (given.seed, given.training.epochs, given.training.batch_size) == (4, 2, 8)
    assert (given.optimizer.name, given.optimizer.learning_rate) == ("sgd", 0.125)
    assert make_recipe((X, Y), data, MLP(width=3), {"model": "lenet5"}).model == MLP(width=3)
    assert make_recipe((X, Y), data, None, {"model": {"width": 3}}).model == MLP(width=3)
    assert make_recipe((X, Y), data, None, {}, {"optimizer": "momentum", "learning_rate": 0.5}).optimizer == Momentum(
        learning_rate=0.5
    )


def test_a_recipe_comes_in_many_forms(tmp_path):
    values = {"model": {"name": "mlp", "width": 11}, "training": {"epochs": 3}}
    recipe = read_recipe(values)
    path = tmp_path / "recipe.toml"
    path.write_text(recipe.to_toml())
    assert {make_recipe((X, Y), rows(53), None, form).hash() for form in (values, recipe, path, str(path))} == {
        recipe.hash()
    }


def test_a_recipe_in_no_known_form_is_refused():
    with pytest.raises(BadInput) as caught:
        make_recipe((X, Y), rows(53), None, [1])
    assert str(caught.value) == (
        "recipe must be a Recipe, a dict or the path of a TOML file, but got [1]; pass one of these"
    )


def test_a_recipe_holds_a_path_in_full(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    np.savez("here.npz", X=X, y=Y)
    assert make_recipe("here.npz", rows(53)).data.source == str(tmp_path / "here.npz")
    assert make_recipe(Path("here.npz"), rows(53)).data.source == str(tmp_path / "here.npz")
    assert make_recipe("digits", rows(53)).data.source == "digits"
    assert make_recipe(load_data("digits"), rows(53)).data.source == "digits"


def test_a_path_that_is_no_text_is_refused_before_anything(out, tmp_path):
    path = str(tmp_path) + "/\udcff.npz"
    np.savez(path, X=X, y=Y)
    assert refused(out, path) == [
        f"a path must be Unicode to stand in a recipe, but got {path!r}; rename the file or folder"
    ]


def test_equal_data_elsewhere_are_the_same_recipe(tmp_path):
    hashes = set()
    for name in ("one.npz", "other.npz"):
        np.savez(tmp_path / name, X=X, y=Y)
        hashes.add(small(tmp_path / name, out=tmp_path / f"of {name}").recipe.hash())
    assert len(hashes) == 1
    assert small((X + 1, Y), out=tmp_path / "third").recipe.hash() not in hashes


def test_an_own_module_starts_from_its_weights_and_is_not_changed(out):
    module = SmallNet()
    before = {name: one.clone() for name, one in module.state_dict().items()}
    run = small(pictures(61), module, out=out, learning_rate=0.05)
    assert difference(dict(module.state_dict()), before) is None
    assert difference(dict(run.network.body.state_dict()), before) is not None
    again = small(pictures(61), SmallNet(), out=out.with_name("again"), learning_rate=0.05)
    assert difference(dict(run.network.state_dict()), dict(again.network.state_dict())) is None
    assert resume(out, data=pictures(61), model=module, epochs=2, quiet=True).result["epochs"] == 2


def test_what_was_passed_beside_the_data_is_passed_again(out):
    groups = [f"g{number // 3}" for number in range(len(Y))]
    known = {"groups": groups, "extra_data": (X[:5] + 1, Y[:5])}
    small((X, Y), out=out, **known)
    with pytest.raises(BadInput):
        resume(out, data=(X, Y), epochs=2, quiet=True)
    further = resume(out, data=(X, Y), epochs=2, quiet=True, **known)
    assert further.result["epochs"] == 2


class Doubling(Trick):
    """Doubles every loss."""

    name = "doubling"
    card = TrickCard(summary="Doubles every loss.", source="This test")

    factor: float = hyperparameter(2.0, bounds=Range(0), description="factor on every loss")

    def edit_loss(self, losses, batch, logits, trick_state, context):
        return losses * self.factor


class Heavy(Momentum):
    name = "heavy"


def test_own_parts_act_and_are_found_by_their_classes(out):
    plain = small((X, Y), out=out.with_name("plain"))
    run = small((X, Y), out=out, tricks=[Doubling(factor=3.0)], optimizer=Heavy(), learning_rate=0.125)
    assert run.recipe.tricks == (Doubling(factor=3.0),) and run.recipe.optimizer == Heavy(learning_rate=0.125)
    assert run.history[0]["loss"] > 2 * plain.history[0]["loss"]
    own = (Doubling, Heavy)
    assert load(out, own=own).recipe == run.recipe
    assert evaluate(out, data=(X, Y), own=own)["accuracy"] == run.result["test"]["accuracy"]
    assert resume(out, data=(X, Y), own=own, epochs=2, quiet=True).recipe.tricks == (Doubling(factor=3.0),)
    assert fsck(out, own) == []
    with pytest.raises(BadInput, match=r"tricks\.doubling\.name must be the name of a known trick, but got 'doubling'"):
        resume(out, data=(X, Y))


def test_own_parts_survive_settings_laid_over_them():
    recipe = read_recipe({"optimizer": Heavy(momentum=0.5), "model": "mlp"})
    found, _ = load_and_resolve(DataArguments((X, Y)), None, recipe, {"learning_rate": 0.25})
    assert found.optimizer == Heavy(momentum=0.5, learning_rate=0.25)


def test_parts_may_be_objects_or_names(out):
    run = small((X, Y), MLP(depth=1, width=3), out=out, optimizer=AdamW(beta1=0.5), tricks=["early-stopping"])
    assert run.recipe.model == MLP(depth=1, width=3) and run.recipe.optimizer == AdamW(beta1=0.5)
    assert run.recipe.tricks == (EarlyStopping(),)


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        ("digit", "data must be a known name or an existing path, but got 'digit'; "
                  "did you mean 'digits'? known: cifar10, digits, fashion-mnist, kmnist, mnist"),
        ((X, Y[:-1]), "X and y must have equal lengths, but got 53 and 52; pass one label per example"),
        ((X, [None, *Y[1:]]), "labels must not be missing, but 1 are, such as rows 0; drop such rows"),
        ((X, Y - 1), "labels must not be negative, but 18 are, such as -1 in row 0; "
                     "number classes from 0 or use strings"),
        ((X * [1, 1, 1, 1, 1, 1, np.inf], Y),
         "X must be finite in float32, but 53 examples are not, such as 0, 1, 2, 3, 4, ...; mend or drop them"),
        ((X, Y * 0), "training needs at least 2 classes, but got 1 (0); add examples of another class"),
        ((X, [7] + [8] * 52), "every class needs at least 2 training examples, but too few are in 7 (1); "
                              "add examples or drop the class"),
        ((X[:0], Y[:0]), "X must be (N, F), (N, H, W), (N, H, W, C) or (N, C, H, W) and not empty, "
                         "but got shape (0, 7); reshape it"),
        ({"X": X}, "columns must be one value a row, but X has shape (53, 7); pass a list or an array (N,)"),
        (None, "data must be a name, a path, columns by name or a pair of arrays (X, y), but got NoneType; "
               "pass one of these"),
        ((np.ones_like(X), Y), "a run needs a test part, but arrays leaves it none of its 53 examples; "
                     "give at least 3 that differ to a class"),
    ],
)  # fmt: skip
def test_data_that_cannot_be_used_are_refused_before_anything_is_written(out, data, problem):
    assert problem in refused(out, data)


@pytest.mark.parametrize(
    ("settings", "problem"),
    [
        ({"epoch": 3}, "epoch is not a section that exists; known: augment, data, initialiser, loss, model, optimizer, "
                       "sampling, schedule, seed, split, training, tricks"),
        ({"epochs": 0}, "training.epochs must be a whole number at least 1, but got 0; "
                        "how often each example is seen (default 20)"),
        ({"device": "gpu"}, "device must be one of auto, cpu, cuda, mps, but got 'gpu'; choose one with --device"),
        ({"model": "lenet5"}, "lenet5 needs pictures, but an example has shape (7,); use --model mlp for rows"),
        ({"tricks": "early-stopping"},
         "tricks must be a table of parts, but got 'early-stopping'; write [tricks.NAME]"),
        ({"optimizer": 3, "learning_rate": 0.1},
         "optimizer.learning_rate must lead through tables, but optimizer is 3; set that first"),
        ({"recipe": {"data": 3}}, "data must be a table of settings, but got 3; write [data] and its keys"),
    ],
)  # fmt: skip
def test_settings_that_cannot_be_followed_are_refused_before_anything_is_written(out, settings, problem):
    assert refused(out, (X, Y), **settings) == [problem]


def test_a_module_that_does_not_fit_is_refused_before_anything_is_written(out):
    (problem,) = refused(out, (X, Y), nn.Linear(7, 4))
    assert problem.startswith(
        "the network must answer with one number per class or value, shape (2, 3) for two examples"
    )


@pytest.mark.parametrize("switch", [torch.no_grad, torch.inference_mode, lambda: torch.device("meta")])
def test_what_the_caller_has_switched_changes_nothing(tmp_path, switch):
    data = rows(53)
    plain = train(data, "mlp", epochs=1, out=tmp_path / "plain", quiet=True)
    with switch():
        run = train(data, "mlp", epochs=1, out=tmp_path / "switched", quiet=True)
        answers = load(run.path).predict_proba(data.inputs)
    assert run.result["test"] == plain.result["test"]
    np.testing.assert_array_equal(answers, plain.predict_proba(data.inputs))


def test_an_output_directory_that_cannot_be_used_is_refused_before_the_data_are_read(tmp_path):
    (tmp_path / "mine").write_text("notes")
    with pytest.raises(BadInput, match="the output directory must be new or empty"):
        train("no such data", out=tmp_path)
    with pytest.raises(BadInput, match="the output directory must be a directory"):
        train("no such data", out=tmp_path / "mine")


def test_one_answer_for_several_values_is_refused(out):
    """The layer of the user's units would spread it over them."""
    y = np.stack([X[:, 0], -X[:, 1]], 1)
    (problem,) = refused(out, (X, y), nn.Linear(X.shape[1], 1))
    assert problem.startswith("the network must answer with one number per class or value, shape (2, 2) for two")
    assert problem.endswith("but gave (2, 1); change its last layer")


def test_weights_that_leave_nothing_to_train_on(out):
    (problem,) = refused(out, (X, Y), weights=np.r_[np.zeros(52), 1.0])
    assert "give more examples a weight above 0" in problem


@pytest.mark.parametrize("name", ["half \ud800", "\udfff"])
def test_half_a_surrogate_pair_is_no_name(out, name):
    labels = np.where(Y == 0, name, "other")
    assert refused(out, (X, labels)) == [f"class names must be Unicode texts, but got {name!a}; mend the label"]


class Cube(Activation):
    name = "cube"
    card = Card(summary="The cube.", source="the tests of Luthier")

    def build(self) -> nn.Module:
        return nn.Softplus()


def test_a_part_of_ones_own_inside_a_part(out, capsys):
    run = small((X, Y), MLP(activation=Cube()), out=out)
    assert load(out, own=[Cube]).predict(X) == run.predict(X)
    assert evaluate(out, data=(X, Y), own=[Cube])["n"] == run.result["test"]["n"]
    assert resume(out, data=(X, Y), own=[Cube], epochs=2, quiet=True).recipe.model == MLP(activation=Cube())
    for command in (["evaluate", str(out)], ["predict", str(out), "x.npy"]):
        with warnings.catch_warnings(), pytest.raises(SystemExit):
            main(command)
        (line,) = capsys.readouterr().err.splitlines()
        assert line.endswith(f"if it is a part of your own, use Python: luthier.load({str(out)!r}, own=[ITS CLASS])")
