"""Recipes from text: files that may be anything, and PATH=VALUE settings."""

import os
import pickle
from functools import reduce
from itertools import permutations
from pathlib import Path

import pytest

from luthier.core.errors import BadInput
from luthier.recipe.read import read_recipe
from luthier.recipe.values import LARGEST_FILE, read_toml, toml_value, with_setting, with_value


class Payload:
    """Touches a file where it is unpickled."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self):
        return os.mknod, (str(self.path),)


def refusal(path: Path) -> str:
    with pytest.raises(BadInput) as caught:
        read_toml(path)
    return str(caught.value)


@pytest.mark.parametrize("content", [b"model =", b"\xff\xfe", b"a = 1\na = 2"])
def test_a_file_must_be_toml(tmp_path, content):
    path = tmp_path / "recipe.toml"
    path.write_bytes(content)
    message = refusal(path)
    assert message.startswith(f"a recipe must be a readable TOML file, but {path} is not (")
    assert message.endswith("); mend it")


@pytest.mark.parametrize("text", ["seed = 1" + "0" * 5000, "[a]\nb = [1, -" + "9" * 4301 + "]"])
def test_more_digits_than_python_reads_are_no_crash(tmp_path, text):
    path = tmp_path / "recipe.toml"
    path.write_text(text)
    assert refusal(path) == (
        f"a recipe must be a readable TOML file, but {path} is not (it holds a whole number of more than 4,300 "
        f"digits); "
        "mend it"
    )


@pytest.mark.parametrize(
    ("number", "said"),
    [
        ("0x" + "f" * 5000, "a whole number of 6,021 digits"),
        ("0b1" + "0" * 63, str(1 << 63)),
        ("1" * 4300, "1" * 300 + "..."),
    ],
)
def test_whole_numbers_of_more_than_64_bits_are_none_of_toml(tmp_path, number, said):
    path = tmp_path / "recipe.toml"
    path.write_text(f"[training]\nepochs = {number}")
    assert refusal(path) == (
        f"whole numbers in a recipe must have at most 64 bits, but {path} holds training.epochs = {said}; mend it"
    )


def test_a_setting_of_more_digits_than_python_reads_is_a_text():
    assert toml_value("1" * 5000) == "1" * 5000 and toml_value("0x" + "f" * 5000) == 16**5000 - 1


def test_nested_beyond_reason_is_no_crash(tmp_path):
    path = tmp_path / "deep.toml"
    path.write_text("a = " + "[" * 100_000)
    assert refusal(path).startswith(f"a recipe must be a readable TOML file, but {path} is not (")


def test_a_missing_file_and_a_folder_are_named(tmp_path):
    missing = tmp_path / "missing.toml"
    assert refusal(missing) == (
        f"a recipe must be a readable TOML file, but {missing} is not "
        f"([Errno 2] No such file or directory: '{missing}'); mend it"
    )
    assert refusal(tmp_path).startswith(f"a recipe must be a readable TOML file, but {tmp_path} is not ([Errno 21] ")


def test_the_largest_file_is_read_and_one_byte_more_is_not(tmp_path):
    path = tmp_path / "recipe.toml"
    path.write_text("seed = 3\n".ljust(LARGEST_FILE, "#"))
    assert read_toml(path) == {"seed": 3}
    path.write_text("seed = 3\n".ljust(LARGEST_FILE + 1, "#"))
    assert refusal(path) == f"a recipe must be at most 1048576 bytes, but {path} is larger; is it a recipe?"


def test_a_device_without_end_is_not_read_to_its_end():
    assert (
        refusal(Path("/dev/zero")) == "a recipe must be at most 1048576 bytes, but /dev/zero is larger; is it a recipe?"
    )


def test_a_pickle_is_never_loaded(tmp_path):
    mark, path = tmp_path / "loaded", tmp_path / "recipe.toml"
    content = pickle.dumps(Payload(mark))
    path.write_bytes(content)
    assert refusal(path).startswith(f"a recipe must be a readable TOML file, but {path} is not (")
    assert not mark.exists()
    pickle.loads(content)
    assert mark.exists(), "the payload must bite, or its silence says nothing"


@pytest.mark.parametrize(
    ("assignment", "values"),
    [
        ("seed=3", {"seed": 3}),
        ("optimizer.learning_rate=1e-3", {"optimizer": {"learning_rate": 0.001}}),
        (" optimizer.learning_rate = 0.5 ", {"optimizer": {"learning_rate": 0.5}}),
        ("model=mlp", {"model": "mlp"}),
        ('model="mlp"', {"model": "mlp"}),
        ("data.source=/a/b=c.npz", {"data": {"source": "/a/b=c.npz"}}),
        ("tricks.early-stopping.patience=7", {"tricks": {"early-stopping": {"patience": 7}}}),
        ("tricks={}", {"tricks": {}}),
        ("a.b=true", {"a": {"b": True}}),
        ("data.source=", {"data": {"source": ""}}),
        ("data.target=2020", {"data": {"target": "2020"}}),
        ('data.target="2020"', {"data": {"target": "2020"}}),
        ("data.group = true", {"data": {"group": "true"}}),
        ("data.time=2020-01-31", {"data": {"time": "2020-01-31"}}),
        ("data.size=28", {"data": {"size": 28}}),
        ("a='''", {"a": "'''"}),
        ("a=1\nb=2", {"a": "1\nb=2"}),
    ],
)
def test_a_setting_is_a_path_and_a_toml_value_or_text(assignment, values):
    assert with_setting({}, assignment) == values


@pytest.mark.parametrize("assignment", ["", "=", "=3", "seed", ".=1", "a..b=1", ".a=1", "a.=1"])
def test_a_setting_without_path_or_value_is_refused(assignment):
    with pytest.raises(BadInput) as caught:
        with_setting({}, assignment)
    assert str(caught.value) == (
        f"--set needs PATH=VALUE, but got {assignment!r}; write for example --set optimizer.learning_rate=0.01"
    )


def test_a_setting_changes_its_leaf_and_nothing_else():
    values = {"model": {"name": "mlp", "width": 3}, "seed": 5}
    assert with_setting(values, "model.width=11") == {"model": {"name": "mlp", "width": 11}, "seed": 5}
    assert values == {"model": {"name": "mlp", "width": 3}, "seed": 5}


def test_a_setting_below_a_name_keeps_the_name():
    assert with_value({"model": "mlp"}, "model.depth", 3) == {"model": {"name": "mlp", "depth": 3}}


NESTED = {"model": {"name": "mlp", "activation": {"name": "leaky-relu", "slope": 0.2}}}


@pytest.mark.parametrize(
    "assignments", [*permutations(["model=mlp", "model.activation=leaky-relu", "model.activation.slope=0.2"])]
)
def test_a_part_inside_a_part_may_be_set_in_any_order(assignments):
    assert reduce(with_setting, assignments, {}) == NESTED


def test_a_new_name_takes_the_place_of_a_named_part_whole():
    assert with_value(NESTED, "model.activation", "relu") == {"model": {"name": "mlp", "activation": "relu"}}
    assert with_value(NESTED, "model", "gru") == {"model": "gru"}


@pytest.mark.parametrize(("below", "path"), [({"data": "digits"}, "data.size"), ({"training": [1]}, "training.epochs")])
def test_a_setting_must_lead_through_tables(below, path):
    section, value = next(iter(below.items()))
    with pytest.raises(BadInput) as caught:
        with_value(below, path, 3)
    assert str(caught.value) == f"{path} must lead through tables, but {section} is {value!r}; set that first"


def test_values_that_are_no_toml_are_texts():
    assert [toml_value(text) for text in ("3", "3.5", "x y", "[1", "true", "tru")] == [3, 3.5, "x y", "[1", True, "tru"]


def test_what_a_setting_places_is_judged_with_the_rest():
    with pytest.raises(BadInput) as caught:
        read_recipe(with_setting(with_setting({"seed": "x"}, "augment.x.y=1"), "a.b.c=1"))
    assert [problem.split(" ")[0] for problem in caught.value.problems] == ["a", "seed", "augment.x.name"]
