"""Tables, texts and sequences from the file to the answer."""

import json
import shutil
from typing import ClassVar

import numpy as np
import pandas
import pytest
import torch
from torch import nn

import luthier
from luthier.cli import main
from luthier.core.errors import BadInput, LuthierWarning
from luthier.data import DataConfig, load
from luthier.data.split import split
from luthier.report.inspection import describe_network
from luthier.run.predict import predict_files
from luthier.study.verify import fsck

QUICK = {"quiet": True, "epochs": 2}


@pytest.fixture(scope="module")
def flats(tmp_path_factory):
    """A table with every kind of column but text, and a run on it."""
    rng = np.random.default_rng(0)
    city = rng.choice(["Rome", "Oslo", "Bonn"], 150)
    area = rng.random(150) * 100
    price = 3 * area + np.where(city == "Rome", 80, 0) + rng.normal(size=150)
    frame = pandas.DataFrame({"id": range(150), "area": area, "city": city, "rooms": area // 20, "price": price})
    frame.loc[::7, "rooms"] = np.nan
    frame.loc[::9, "city"] = None
    folder = tmp_path_factory.mktemp("flats")
    frame.to_csv(folder / "flats.csv", index=False)
    recipe = {"data": {"target": "price"}, "optimizer": {"learning_rate": 0.01}}
    run = luthier.train(folder / "flats.csv", recipe=recipe, epochs=20, out=folder / "run", quiet=True)
    return run, frame, folder


@pytest.fixture(scope="module")
def reviews(tmp_path_factory):
    """Sentences of chance words and one that says what the reviewer thinks, and a run on them."""
    rng = np.random.default_rng(0)
    filler = "the a film plot actor music was with and story scene very long short".split()
    liked = rng.integers(0, 2, 300)
    lines = []
    for kind in liked:
        words = list(rng.choice(filler, rng.integers(3, 12)))
        words.insert(rng.integers(len(words)), rng.choice([["awful", "poor", "dull"], ["great", "fine", "good"]][kind]))
        lines.append(" ".join(words).capitalize() + ".")
    frame = pandas.DataFrame({"review": lines, "stars": rng.random(300), "label": np.where(liked, "yes", "no")})
    folder = tmp_path_factory.mktemp("reviews")
    frame.to_csv(folder / "reviews.csv", index=False)
    with pytest.warns(LuthierWarning, match="review is read as free text, with 8 words in a value"):
        return luthier.train(folder / "reviews.csv", epochs=8, out=folder / "run", quiet=True), frame, folder


@pytest.fixture(scope="module")
def signals(tmp_path_factory):
    """Sequences of 1 to 8 steps whose sum decides, and a run on them."""
    rng = np.random.default_rng(0)
    listed = [rng.normal(size=(steps, 3)).astype(np.float32) for steps in rng.integers(1, 9, 200)]
    y = np.array([int(one[:, 0].sum() > 0) for one in listed])
    X = np.zeros((200, 8, 3), np.float32)
    for row, one in zip(X, listed, strict=True):
        row[: len(one)] = one
    folder = tmp_path_factory.mktemp("signals")
    np.savez(folder / "signals.npz", X=X, y=y, lengths=[len(one) for one in listed])
    return luthier.train(folder / "signals.npz", epochs=20, out=folder / "run", quiet=True), listed, folder


@pytest.mark.filterwarnings("ignore:flats.csv. column id:luthier.core.errors.LuthierWarning")
class TestTable:
    def test_it_learns_with_the_default_network(self, flats):
        run, _frame, _ = flats
        assert (run.recipe.model.name, run.task, run.form) == ("mlp", "regression", "rows")
        assert run.result["test"]["r2"] > 0.9
        assert run.table.features == (
            "area", "city = Bonn", "city = Oslo", "city = Rome", "city is missing", "rooms", "rooms is missing",
        )  # fmt: skip
        assert dict(run.table.dropped) == {"id": "numbers the rows"}
        assert fsck(run.path) == []

    def test_raw_rows_are_answered_alike_from_every_form(self, flats, tmp_path):
        run, frame, folder = flats
        rows = frame.drop(columns=["price", "id"]).iloc[::-1].head(30)
        rows.to_csv(tmp_path / "new.csv", index=False)
        rows.to_parquet(tmp_path / "new.parquet")
        expected = run.predict(folder / "flats.csv")[:-31:-1]
        np.testing.assert_allclose(run.predict(tmp_path / "new.csv"), expected, rtol=1e-5)
        np.testing.assert_allclose(run.predict(tmp_path / "new.parquet"), expected, rtol=1e-5)
        columns = {name: rows[name].where(rows[name].notna(), None).tolist() for name in rows}
        np.testing.assert_allclose(run.predict(columns), expected, rtol=1e-5)
        answers = predict_files(run, [tmp_path / "new.csv"])
        assert [one["file"] for one in answers] == [f"{tmp_path}/new.csv#{k}" for k in range(30)]
        np.testing.assert_allclose([one["value"] for one in answers], expected, rtol=1e-5)

    def test_evaluation_of_its_own_and_of_other_rows(self, flats, tmp_path):
        run, frame, _folder = flats
        assert luthier.api.evaluate(run.path)["r2"] == run.result["test"]["r2"]
        other = frame.head(40).drop(columns="id")
        other.to_csv(tmp_path / "other.csv", index=False)
        report = luthier.api.evaluate(run.path, data=tmp_path / "other.csv")
        wrong = np.asarray(run.predict(tmp_path / "other.csv")) - other["price"]
        assert (report["part"], report["n"]) == ("all examples", 40)
        assert report["rmse"] == pytest.approx(np.sqrt((wrong**2).mean()), rel=1e-4)

    def test_an_unknown_category_is_told_and_counts_as_none(self, flats):
        run, *_ = flats
        columns = {"area": [50.0, 50.0], "city": ["Lima", "Rome"], "rooms": [2.0, 2.0]}
        with pytest.warns(LuthierWarning, match="column city has categories that the network does not know, Lima"):
            found = run.predict(columns)
        assert found[1] - found[0] > 15

    def test_other_inputs_are_refused(self, flats, tmp_path):
        run, *_ = flats
        with pytest.raises(BadInput, match="the table must have the column city, but has area; add it"):
            run.predict({"area": [1.0]})
        with pytest.raises(
            BadInput, match=r"its 7 numbers a row, each finite in float32 or NaN, but got float64 of shape \(2, 3\)"
        ):
            run.predict(np.zeros((2, 3)))
        (tmp_path / "one.png").write_bytes(b"")
        with pytest.raises(
            BadInput, match=r"this run takes tables, but .*one.png is not a .csv, .data, .tsv, .txt or .parquet file"
        ):
            predict_files(run, [tmp_path / "one.png"])

    def test_changed_data_are_not_gone_on_with(self, flats, tmp_path):
        run, frame, _folder = flats
        shutil.copytree(run.path, tmp_path / "run")
        changed = frame.copy()
        changed.loc[3, "area"] += 1
        changed.to_csv(tmp_path / "flats.csv", index=False)
        with pytest.raises(BadInput, match="the recipe was made for data with fingerprint"):
            luthier.resume(tmp_path / "run", data=tmp_path / "flats.csv", epochs=21, quiet=True)

    def test_more_epochs_read_the_same_columns(self, flats, tmp_path):
        run, *_ = flats
        shutil.copytree(run.path, tmp_path / "run")
        again = luthier.resume(tmp_path / "run", epochs=21, quiet=True)
        assert again.result["epochs"] == 21 and again.table == run.table

    def test_on_the_command_line(self, flats, tmp_path, capsys):
        *_, folder = flats
        path, out = str(folder / "flats.csv"), str(tmp_path / "run")
        with pytest.raises(SystemExit) as caught:
            main(["train", path, "--set", "data.target=price", "--epochs", "1", "--out", out, "--quiet", "--json"])
        assert caught.value.code == 0
        assert json.loads(capsys.readouterr().out)["test"]["n"] == 30
        with pytest.raises(SystemExit) as caught:
            main(["predict", out, path, "--json"])
        assert (caught.value.code, len(json.loads(capsys.readouterr().out)["predictions"])) == (0, 150)


@pytest.fixture
def rng():
    return np.random.default_rng(0)


@pytest.fixture
def visits(rng, tmp_path):
    """A table of patients who come several times, and a further one of other patients, in files."""
    area = rng.random(120)
    frame = pandas.DataFrame(
        {
            "area": area,
            "patient": [f"p{k % 30}" for k in range(120)],
            "day": pandas.date_range("2024-01-01", periods=120).strftime("%Y-%m-%d"),
            "label": np.where((area > 0.5) ^ (np.arange(120) % 7 == 0), "ill", "well"),  # the area does not say all
        }
    )
    frame.to_csv(tmp_path / "visits.csv", index=False)
    frame.assign(area=1 - area, label=frame["label"][::-1].to_numpy())[["label", "area"]].to_csv(
        tmp_path / "more.csv", index=False
    )
    return tmp_path / "visits.csv", frame


class TestParts:
    """Group, time and part columns decide what a training does not see."""

    def test_groups_stay_together_in_folds(self, visits, tmp_path):
        path, frame = visits
        recipe = {"data": {"group": "patient"}, "split": {"name": "group"}}
        study = luthier.api.train_folds(path, folds=3, recipe=recipe, out=tmp_path / "study", **QUICK)
        assert study["folds"] == 3
        dataset = load(path, data_config=DataConfig(group="patient"))
        for fold in range(3):
            run = luthier.load(tmp_path / "study" / f"fold-{fold}")
            parts = split(dataset, run.recipe.seed, run.recipe.split)
            held = [set(frame["patient"][list(part)]) for part in (parts.train, parts.validation, parts.test)]
            assert not (held[0] & held[1] or held[0] & held[2] or held[1] & held[2])
            assert run.result["test"]["n"] == len(parts.test) == 40
            assert run.table.features == ("area", "day")

    def test_the_latest_are_tested_on(self, visits, tmp_path):
        path, _ = visits
        recipe = {"data": {"time": "day"}, "split": {"name": "time"}}
        run = luthier.train(path, recipe=recipe, out=tmp_path / "run", **QUICK)
        parts = split(load(path, data_config=run.recipe.data), 0, run.recipe.split)
        assert parts.test.tolist() == list(range(96, 120)) and run.result["test"]["n"] == 24

    def test_a_column_of_parts_decides(self, visits, tmp_path):
        path, frame = visits
        part = np.array(["train"] * 80 + ["validation"] * 15 + ["test"] * 25)
        frame.drop(columns=["day", "patient"]).assign(fold=part).to_csv(path, index=False)
        recipe = {"data": {"part": "fold"}}
        run = luthier.train(path, recipe=recipe, out=tmp_path / "run", **QUICK)
        assert (run.result["validation"]["n"], run.result["test"]["n"]) == (15, 25)
        assert luthier.api.evaluate(run.path)["accuracy"] == run.result["test"]["accuracy"]
        study = luthier.api.train_folds(path, folds=2, recipe=recipe, out=tmp_path / "study", **QUICK)
        assert study["test"]["n"] == 2

    def test_a_further_table_joins_the_training_part(self, visits, tmp_path):
        path, frame = visits
        alone = frame.drop(columns=["day", "patient"])
        alone.to_csv(path, index=False)
        more = tmp_path / "more.csv"
        one = luthier.train(path, out=tmp_path / "one", **QUICK)
        two = luthier.train(path, extra_data=more, out=tmp_path / "two", **QUICK)
        assert two.result["test"]["n"] == one.result["test"]["n"]
        assert two.recipe.data.extra == str(more)
        parts = [split(load(path, data_config=run.recipe.data), 0, run.recipe.split) for run in (one, two)]
        assert parts[1].train.tolist() == [*parts[0].train.tolist(), *range(120, 240)]
        assert luthier.api.evaluate(two.path)["accuracy"] == two.result["test"]["accuracy"]
        again = luthier.api.train_folds(path, folds=2, extra_data=more, out=tmp_path / "study", **QUICK)
        assert again["test"]["n"] == 2

    def test_values_may_be_whole_in_the_further_table(self, visits, tmp_path):
        path, frame = visits
        table = pandas.DataFrame({"area": frame["area"], "target": frame["area"] * 3})
        table.to_csv(path, index=False)
        table.assign(target=[k % 4 for k in range(120)]).to_csv(tmp_path / "more.csv", index=False)
        assert load(path, extra=tmp_path / "more.csv").extra.sum() == 120


class TestText:
    def test_it_learns_with_the_default_network(self, reviews):
        run, *_ = reviews
        assert (run.recipe.model.name, run.form) == ("gru", "text")
        test = run.result["test"]
        assert test["n"] == 60 and test["interval"][0] > 0.8
        assert fsck(run.path) == []

    def test_raw_sentences_are_answered(self, reviews):
        run, _frame, folder = reviews
        said = ["The story was great and long.", "A dull plot, very long!", "Unheard words, fine scene"]
        assert run.predict({"review": said, "stars": [0.5, None, 0.1]}) == ["yes", "no", "yes"]
        assert luthier.api.evaluate(run.path)["accuracy"] == run.result["test"]["accuracy"]
        whole = luthier.api.evaluate(run.path, data=folder / "reviews.csv")
        assert whole["accuracy"] == run.result["test"]["accuracy"], "its own file stands for its own test part"
        assert len(predict_files(run, [folder / "reviews.csv"])) == 300

    def test_it_can_be_inspected(self, reviews):
        run, *_ = reviews
        assert describe_network(str(run.path))["parameters"] == run.result["parameters"]

    def test_a_text_alone_and_a_module_of_ones_own(self, reviews, tmp_path):
        *_, frame, _folder = reviews
        frame[["review", "label"]].to_csv(tmp_path / "alone.csv", index=False)

        class Mean(nn.Module):
            def __init__(self):
                super().__init__()
                self.words, self.output = nn.Embedding(40, 8), nn.Linear(8, 2)

            def forward(self, x):
                assert x["columns"].shape == (len(x["tokens"]), 0)
                seen = torch.arange(x["tokens"].shape[1]) < x["length"][:, None]
                total = (self.words(x["tokens"].long()) * seen[..., None]).sum(1)
                return self.output(total / x["length"][:, None])

        network = Mean()
        with pytest.warns(LuthierWarning, match="read as free text"):
            run = luthier.train(tmp_path / "alone.csv", network, out=tmp_path / "own", **QUICK)
        assert set(luthier.load(run.path, network).predict({"review": ["A good film"]})) <= {"yes", "no"}
        with pytest.warns(LuthierWarning, match="read as free text"):
            assert luthier.train(tmp_path / "alone.csv", "cnn1d", out=tmp_path / "cnn", **QUICK).form == "text"


class TestSequences:
    def test_they_learn_with_the_default_network(self, signals):
        run, *_ = signals
        assert (run.recipe.model.name, run.form, run.metadata["shape"]) == ("gru", "sequences", [8, 3])
        assert run.result["test"]["accuracy"] > 0.75
        assert fsck(run.path) == []

    def test_answers_from_every_form(self, signals):
        run, listed, folder = signals
        expected = run.predict_proba(listed)
        marked = np.full((200, 9, 3), np.nan)
        for row, one in zip(marked, listed, strict=True):
            row[: len(one)] = one
        np.testing.assert_allclose(run.predict_proba(marked), expected, atol=1e-6)
        answers = predict_files(run, [folder / "signals.npz"])
        np.testing.assert_allclose([one["probability"] for one in answers], expected.max(1), atol=1e-6)

    def test_one_step_and_more_steps_than_ever_are_fine(self, signals):
        run, *_ = signals
        assert run.predict_proba([np.zeros((1, 3)), np.zeros((30, 3))]).shape == (2, 2)

    def test_evaluation_and_inspection(self, signals, tmp_path):
        run, _listed, _folder = signals
        assert luthier.api.evaluate(run.path)["accuracy"] == run.result["test"]["accuracy"]
        other = [np.zeros((12, 3)), np.ones((2, 3))]
        assert luthier.api.evaluate(run.path, data=(other * 2, [0, 1, 0, 1]))["n"] == 4
        assert describe_network(str(run.path))["parameters"] == run.result["parameters"]

    def test_other_inputs_are_refused(self, signals, tmp_path):
        run, *_ = signals
        with pytest.raises(BadInput, match="its steps have 4 features; bring it to that form"):
            run.predict([np.zeros((2, 4))])
        with pytest.raises(
            BadInput, match=r"sequences must be numbers \(N, T, F\) and not empty, but got shape \(4, 3\)"
        ):
            luthier.api.evaluate(run.path, data=(np.zeros((4, 3)), [0, 1, 0, 1]))
        np.savez(tmp_path / "bad.npz", X=np.zeros((2, 5, 3)), lengths=[0, 9])
        with pytest.raises(BadInput) as caught:
            predict_files(run, [tmp_path / "bad.npz"])
        assert [problem.startswith(f"{tmp_path}/bad.npz: ") for problem in caught.value.problems] == [True, True]

    def test_networks_and_settings_for_pictures_are_refused(self, signals, tmp_path):
        *_, folder = signals
        path = folder / "signals.npz"
        with pytest.raises(
            BadInput, match="mlp reads no sequences, but signals holds sequences; choose one of cnn1d, g"
        ):
            luthier.train(path, "mlp", out=tmp_path / "run", **QUICK)
        with pytest.raises(BadInput, match=r"data.size is a side of pictures, but signals holds sequences"):
            luthier.train(path, recipe={"data": {"size": 8}}, out=tmp_path / "run", **QUICK)
        assert not (tmp_path / "run").exists()

    def test_a_module_of_ones_own_gets_them_with_their_lengths(self, signals, tmp_path):
        class Mean(nn.Module):
            def __init__(self):
                super().__init__()
                self.output = nn.Linear(3, 2)

            def forward(self, x):
                return self.output(x["sequence"].sum(1) / x["length"][:, None])

        _, listed, folder = signals
        network = Mean()
        run = luthier.train(folder / "signals.npz", network, out=tmp_path / "run", **QUICK)
        assert luthier.load(run.path, network).predict_proba(listed[:5]).shape == (5, 2)


class TestTokens:
    """Rows of token numbers, for a network that begins with an embedding."""

    RECIPE: ClassVar = {
        "model": {"name": "sequential", "layers": [{"name": "embedding", "tokens": 5, "width": 6}, "gru"]},
        "optimizer": {"learning_rate": 0.01},
    }

    def test_they_reach_the_embedding_as_they_are(self, rng, tmp_path):
        X = rng.integers(0, 5, (200, 6))
        y = (X == 4).any(1).astype(int)
        run = luthier.train((X, y), recipe=self.RECIPE, epochs=30, out=tmp_path / "run", quiet=True)
        assert run.result["test"]["accuracy"] > 0.8
        x = torch.tensor(X[:7]).float()
        assert torch.equal(run.network.standardise(x), x)
        assert run.predict(X[:7]) == [int(run.classes[k]) for k in run.network(x).argmax(1)]
        with pytest.raises(BadInput, match="tokens must be whole numbers from 0 to 4, but 1 are not, such as 5; mend"):
            run.predict(X[:7] + (np.arange(42).reshape(7, 6) == np.flatnonzero(X[:7] == 4)[0]))

    @pytest.mark.parametrize("odd", [-1, 5, 1.5])
    def test_other_numbers_are_refused_before_anything_is_written(self, odd, rng, tmp_path):
        X = rng.integers(0, 5, (60, 6)).astype(float)
        X[59, 3] = odd
        with pytest.raises(BadInput, match=f"tokens must be whole numbers from 0 to 4, but 1 are not, such as {odd}; "):
            luthier.train((X, [0, 1] * 30), recipe=self.RECIPE, out=tmp_path / "run", **QUICK)
        assert not (tmp_path / "run").exists()
