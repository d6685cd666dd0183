"""The contract: every hook does nothing until it is overridden, and the loop calls only those that are."""

import inspect
import itertools

import pytest
import torch

from luthier.core.card import TrickCard
from luthier.core.errors import BadInput
from luthier.core.rng import generator
from luthier.recipe.read import read_recipe
from luthier.testing.compare import difference
from luthier.testing.material import Shade
from luthier.testing.training import prepared, start_training
from luthier.training.trick import StepContext, Trick, conflicts, sort_tricks

HOOKS = {
    "streams", "setup", "begin", "edit_batch", "edit_loss", "wrap_forward", "wrap_backward", "edit_grads", "after_step",
    "after_epoch", "eval_model", "inference_model",
}  # fmt: skip


class Idle(Trick):
    """Overrides nothing."""

    name = "idle"
    card = TrickCard(summary="Nothing.", source="tests")


def test_hooks_of_the_contract():
    found = {name for name, one in vars(Trick).items() if inspect.isfunction(one) and name[0] != "_"}
    assert found == HOOKS


def test_every_hook_returns_its_value():
    value, memory, now = object(), {"a": 1}, object()
    idle = Idle()
    assert idle.streams() == {}
    assert idle.begin(value, now) == {}
    assert idle.setup(value, now) is value
    assert idle.edit_batch(value, memory, now) is value
    assert idle.edit_loss(value, None, None, memory, now) is value
    assert idle.wrap_forward(value, memory, now) is value
    assert idle.wrap_backward(value, memory, now) is value
    assert idle.edit_grads(value, memory, now) is value
    assert idle.after_step(memory, None, None, now) is memory
    assert idle.after_epoch(memory, None, now) == (memory, False)
    assert idle.eval_model(value, memory, now) is value
    assert idle.inference_model(value) is value


def test_a_trick_that_overrides_nothing_is_never_called():
    with_idle = start_training(lambda: prepared({"tricks": [Idle()]}).trainer)
    assert set(with_idle.trainer.hooks) == HOOKS
    assert not any(with_idle.trainer.hooks.values())
    plain = start_training(lambda: prepared().trainer).advance()
    assert difference(with_idle.advance().tree()["network"], plain.tree()["network"]) is None


def test_only_overridden_hooks_are_called_in_the_order_of_the_tricks():
    called = []

    class First(Idle):
        name = "first"

        def after_step(self, trick_state, batch, outcome, context):
            called.append(("first", context.step))
            return trick_state

    class Second(First):
        name = "second"

        def after_step(self, trick_state, batch, outcome, context):
            called.append(("second", context.step))
            return trick_state

    one = start_training(lambda: prepared({"tricks": [Second(), Idle(), First()]}).trainer)
    assert [trick.name for trick in one.trainer.hooks["after_step"]] == ["first", "second"]
    one.advance(2)
    assert called == [("first", 0), ("second", 0), ("first", 1), ("second", 1)]


def test_memory_goes_in_and_comes_out():
    """Each trick sees its own memory and no other's, and what it returns is what it sees next."""

    class Counts(Idle):
        name = "counts"

        def begin(self, network, context):
            return {"steps": 0, "epochs": []}

        def after_step(self, trick_state, batch, outcome, context):
            return {**trick_state, "steps": trick_state["steps"] + 1}

        def after_epoch(self, trick_state, report, context):
            return {
                **trick_state,
                "epochs": [*trick_state["epochs"], (context.epoch, context.step, report.score)],
            }, False

    one = start_training(lambda: prepared({"tricks": [Counts(), Idle()]}).trainer).advance()
    assert one.state.memory["idle"] == {}
    assert one.state.memory["counts"]["steps"] == 15
    assert [(epoch, step) for epoch, step, _ in one.state.memory["counts"]["epochs"]] == [(1, 5), (2, 10), (3, 15)]
    assert [score for _, _, score in one.state.memory["counts"]["epochs"]] == one.state.scores


def test_setups_draw_from_streams_of_their_own():
    """From the global generators too, which foreign code uses; the caller's state stays."""
    drawn = []

    class First(Idle):
        name = "first"

        def setup(self, value, context):
            drawn.append((self.name, torch.rand(()).item()))
            return value

    class Second(First):
        name = "second"

    before = torch.get_rng_state()
    prepared({"tricks": [First(), Second()]})
    prepared({"tricks": [Second()]})
    assert torch.equal(before, torch.get_rng_state())
    (_, first), (_, second), alone = drawn
    assert alone == ("second", second)
    assert first != second


def test_memories_begin_from_streams_of_their_own():
    class First(Idle):
        name = "first"

        def begin(self, network, context):
            return {"global": torch.rand(()).item(), "own": torch.rand((), generator=context.rng()).item()}

    class Second(First):
        name = "second"

    with torch.random.fork_rng(devices=[]):
        found = []
        for state, tricks in ((1, [First(), Second()]), (2, [Second()])):
            torch.manual_seed(state)
            before = torch.get_rng_state()
            found.append(start_training(lambda t=tricks: prepared({"tricks": t}).trainer).state.memory)
            assert torch.equal(before, torch.get_rng_state())
    assert found[0]["second"] == found[1]["second"]
    assert len({*found[0]["first"].values(), *found[0]["second"].values()}) == 4


def test_draws_of_one_trick_at_one_step_differ_by_hook():
    """What is drawn after an epoch or at the evaluation is not what the next step will draw again."""
    drawn = {}

    class Draws(Idle):
        name = "draws"

        def begin(self, network, context):
            drawn["begin"] = torch.rand((), generator=context.rng()).item()
            return {}

        def setup(self, value, context):
            drawn["setup"] = torch.rand((), generator=context.rng()).item()
            return value

        def edit_batch(self, batch, trick_state, context):
            drawn[f"batch {context.step}"] = torch.rand((), generator=context.rng()).item()
            drawn[f"named {context.step}"] = torch.rand((), generator=context.rng("other")).item()
            return batch

        def after_epoch(self, trick_state, report, context):
            drawn[f"epoch {context.step}"] = torch.rand((), generator=context.rng()).item()
            return trick_state, False

        def eval_model(self, network, trick_state, context):
            drawn[f"eval {context.step}"] = torch.rand((), generator=context.rng()).item()
            return network

    start_training(lambda: prepared({"tricks": [Draws()]}).trainer).advance(11)
    assert len(drawn) == 2 + 2 * 11 + 2 * 2
    assert len(set(drawn.values())) == len(drawn)


@pytest.fixture
def training():
    return prepared({"augment": [Shade()]}).trainer.training


def first(rng):
    return torch.rand((), generator=rng).item()


def test_streams_depend_on_seed_part_name_and_step_alone(training):
    now = StepContext(training, 3, 1, stream="part")
    assert (
        first(now.rng("x"))
        == first(generator(0, "part/x", 3))
        == first(StepContext(training, 3, 2, True, "part").rng("x"))
    )
    others = [now.rng("y"), now.rng(), now.of("other").rng("x"), StepContext(training, 4, 1, stream="part").rng("x")]
    assert len({first(one) for one in [*others, now.rng("x")]}) == 5


def test_a_forward_pass_moves_no_other_draws(training):
    now = StepContext(training, 3, 1, stream="part")
    training.network.train()
    inputs = training.examples.inputs(training.examples.indices[:5])
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(8)
        before = torch.get_rng_state()
        answers = [now.forward(inputs, name) for name in ("a", "a", "b")]
        assert torch.equal(before, torch.get_rng_state())
    masks = training.network.body.mask.drawn
    assert masks[0] == masks[1] != masks[2]
    assert answers[0].requires_grad
    assert not torch.equal(answers[0], answers[2])


def test_the_walk_covers_every_example_once(training):
    batches = list(StepContext(training, 3, 1, stream="part").batches())
    index = torch.cat([batch.index for batch in batches])
    assert sorted(index.tolist()) == training.examples.indices.tolist()
    assert index.tolist() != training.examples.indices.tolist()
    assert [len(batch) for batch in batches] == [9, 9, 8, 8, 8]


def test_the_walk_is_augmented_anew_in_each_batch_and_repeatable(training):
    now = StepContext(training, 3, 1, stream="part")
    first, again = list(now.batches()), list(now.batches())
    factors = []
    for one, other in zip(first, again, strict=True):
        assert torch.equal(one.inputs, other.inputs)
        raw = training.examples.inputs(one.index)
        factors.append(float((one.inputs / raw)[0].nanmedian()))
    assert len(set(factors)) == 5
    assert all(0.5 <= factor <= 1 for factor in factors)
    later = next(StepContext(training, 4, 1, stream="part").batches())
    assert not torch.equal(later.index, first[0].index)


def trick(name, after=(), **conflicting):
    """Make a trick that does nothing under a name."""
    card = TrickCard(summary="Nothing.", source="tests", after=after, conflicts=conflicting)
    return type(name, (Trick,), {"name": name, "card": card, "__module__": __name__})()


def names(*tricks):
    return [one.name for one in sort_tricks(tricks)]


def test_names_decide_where_nothing_else_does():
    tricks = [trick(name) for name in "dbca"]
    assert {tuple(names(*one)) for one in itertools.permutations(tricks)} == {("a", "b", "c", "d")}


def test_after_decides_first():
    tricks = [trick("a", after=("c",)), trick("b"), trick("c", after=("d",)), trick("d")]
    assert {tuple(names(*one)) for one in itertools.permutations(tricks)} == {("b", "d", "c", "a")}


def test_one_that_becomes_free_takes_its_place_by_name():
    tricks = [trick("a", after=("b",)), trick("b"), trick("c")]
    assert {tuple(names(*one)) for one in itertools.permutations(tricks)} == {("b", "a", "c")}


def test_tricks_that_are_not_there_are_not_waited_for():
    assert names(trick("a", after=("absent",)), trick("b")) == ["a", "b"]


def test_a_circle_is_refused():
    tricks = [trick("a", after=("c",)), trick("b", after=("a",)), trick("c", after=("b",))]
    with pytest.raises(BadInput) as caught:
        sort_tricks(tricks)
    circle, remedy = str(caught.value).removeprefix("tricks must not wait for each other, but ").split("; ")
    assert remedy == "mend the cards' `after`"
    found = circle.split(" after ")
    assert found[0] == found[-1]
    assert set(found) == {"a", "b", "c"}


def test_conflicts_say_why():
    tricks = [trick("a", b="both do it"), trick("b"), trick("c", absent="never seen")]
    line = "tricks.a cannot be used beside tricks.b: both do it; take one of them out"
    assert conflicts(tricks) == [line]
    assert conflicts(tricks[1:]) == []


def test_a_trick_given_twice_is_refused():
    """One of the two would be lost in silence."""
    with pytest.raises(BadInput) as caught:
        read_recipe({"tricks": [trick("a"), trick("b"), trick("a")]})
    assert caught.value.problems == ("tricks.a must be given once, but is given 2 times; take one of them out",)


def test_the_same_set_is_the_same_recipe():
    tricks = [trick("b"), trick("a", after=("b",)), trick("c")]
    hashes = {read_recipe({"tricks": list(one)}).hash() for one in itertools.permutations(tricks)}
    assert len(hashes) == 1
