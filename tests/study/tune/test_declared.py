"""Which declaration a path of a recipe leads to."""

from luthier.models import ARCHITECTURES
from luthier.optim.optimizers import OPTIMIZERS
from luthier.recipe.read import read_recipe
from luthier.recipe.recipe import FAMILIES
from luthier.study.tune.space import find_declarations, find_family, list_paths

RECIPE = read_recipe({"model": "mlp", "optimizer": "momentum"})


def only(path, choices=None):
    ((part, one),) = find_declarations(path, RECIPE, choices or {}).items()
    return part, one.name


def test_a_path_leads_to_the_setting_of_the_recipes_own_part():
    assert only("optimizer.momentum") == ("momentum", "momentum")
    assert only("training.batch_size") == ("training", "batch_size")
    assert only("model.width") == ("mlp", "width")
    assert only("tricks.mixup.alpha") == ("mixup", "alpha")
    assert only("augment.rotation.degrees") == ("rotation", "degrees")


def test_what_does_not_exist_has_no_declaration():
    for path in (
        "model.wdth",
        "optimizer.beta1",
        "momentum",
        "",
        "a.b.c.d",
        "tricks.nothing.alpha",
        "augment.rotation",
    ):
        assert find_declarations(path, RECIPE, {}) == {}, path


def test_members_that_may_be_chosen_are_asked_too():
    found = find_declarations("optimizer.momentum", RECIPE, {"optimizer": ["adamw", "nesterov", "muon"]})
    assert list(found) == ["momentum", "nesterov", "muon"]  # adamw has none


def test_every_path_that_is_proposed_is_declared_or_chooses_a_part():
    known = list_paths(RECIPE, {"optimizer": list(OPTIMIZERS.members)})
    assert len(known) == len(set(known)) and {"optimizer.beta1", "optimizer.name", "model.name"} <= set(known)
    assert all(
        find_family(path) or find_declarations(path, RECIPE, {"optimizer": list(OPTIMIZERS.members)}) for path in known
    )


def test_a_name_chooses_among_a_family():
    assert find_family("model.name") is ARCHITECTURES
    assert find_family("model.width") is None and find_family("training.name") is None
    assert all(find_family(f"{name}.name") is family for name, family in FAMILIES.items())
