"""Which declaration a path of a recipe leads to."""

from luthier.models import ARCHITECTURES
from luthier.optim.optimizers import OPTIMIZERS
from luthier.recipe.read import read_recipe
from luthier.recipe.recipe import FAMILIES
from luthier.study.tune.space import family_of, look_up, searchable_paths

RECIPE = read_recipe({"model": "mlp", "optimizer": "momentum"})


def only(path, choices=None):
    ((part, one),) = look_up(path, RECIPE, choices or {}).items()
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
        assert look_up(path, RECIPE, {}) == {}, path


def test_members_that_may_be_chosen_are_asked_too():
    found = look_up("optimizer.momentum", RECIPE, {"optimizer": ["adamw", "nesterov", "muon"]})
    assert list(found) == ["momentum", "nesterov", "muon"]  # adamw has none


def test_every_path_that_is_proposed_is_declared_or_chooses_a_part():
    known = searchable_paths(RECIPE, {"optimizer": list(OPTIMIZERS.members)})
    assert len(known) == len(set(known)) and {"optimizer.beta1", "optimizer.name", "model.name"} <= set(known)
    assert all(family_of(path) or look_up(path, RECIPE, {"optimizer": list(OPTIMIZERS.members)}) for path in known)


def test_a_name_chooses_among_a_family():
    assert family_of("model.name") is ARCHITECTURES
    assert family_of("model.width") is None and family_of("training.name") is None
    assert all(family_of(f"{name}.name") is family for name, family in FAMILIES.items())
